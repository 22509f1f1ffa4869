"""The bodies of the HTTP service: what may come in, and what goes out as the OpenAPI document describes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_BATCH = 64
"""Messages of one batch: more belong into a file for ``sapa classify --input``."""

EXAMPLE_TEXT = "Pak, lampu mati satu gang sejak magrib di Karangklesem Purwokerto, sudah lapor 123 belum ada petugas."
EXAMPLE_REQUEST: dict[str, Any] = {
    "id": "wa-20260309-0001",
    "text": EXAMPLE_TEXT,
    "channel": "wa",
    "received_at": "2026-03-09T18:40:00+07:00",
}
EXAMPLE_DECISION: dict[str, Any] = {
    "id": "wa-20260309-0001",
    "topic": "gangguan.padam_area",
    "score": 0.9412,
    "alternatives": [{"topic": "gangguan.padam_area", "score": 0.9412}, {"topic": "layanan.pengaduan", "score": 0.03}],
    "secondary": [],
    "intent": "gangguan",
    "urgency": "tinggi",
    "forms": [],
    "ombudsman": "tidak",
    "perwakilan": "jateng",
    "action": "auto",
    "queue": "dcc-purwokerto",
    "copies": ["up3-purwokerto-jaringan"],
    "unit": "purwokerto",
    "place": {
        "name": "Karangklesem", "level": "desa", "kabupaten": "Kab. Banyumas", "outside": False, "candidates": [],
        "hint": "purwokerto",
    },
    "deadlines": {"first_answer": "2026-03-09T19:40:00+07:00", "done": "2026-03-10T18:40:00+07:00"},
    "tmp_indicator": "lama_gangguan",
    "entities": [{"type": "place", "start": 42, "end": 54, "value": "Karangklesem"}],
    "redacted": EXAMPLE_TEXT,
    "language": "id",
    "reasons": ["score_auto", "queue_of_topic", "place_resolved"],
    "degraded": False,
    "versions": {"bundle": "sapa-3f2a9c1b04d7", "policy": "9b1d44e0c7aa", "taxonomy": "1", "prepare": "1"},
    "timings_ms": {"prepare": 1.2, "infer": 6.1, "route": 0.1},
}  # fmt: skip
EXAMPLE_REJECTED: dict[str, Any] = {
    "id": "wa-20260309-0002",
    "error": {"code": "empty_text", "detail": "the text is empty"},
}


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MessageIn(_In):
    """One message of a customer."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE_REQUEST]})

    id: Annotated[str | None, Field(description="Returned as given; at most 200 characters.")] = None
    text: Annotated[str, Field(description="The message, at most 20,000 characters unless the policy says otherwise.")]
    channel: Annotated[str | None, Field(description="One of the policy's channels; none means lainnya.")] = None
    received_at: Annotated[
        str | None,
        Field(
            description="When the utility learned of it, RFC 3339 with offset; deadlines run from here. None: now.",
            json_schema_extra={"format": "date-time"},
        ),
    ] = None


class BatchIn(_In):
    """Up to 64 messages."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"messages": [EXAMPLE_REQUEST]}]})

    messages: Annotated[list[MessageIn], Field(min_length=1, max_length=MAX_BATCH)]


class Alternative(_Out):
    """Another topic and its probability."""

    topic: str
    score: Annotated[float, Field(ge=0, le=1)]


class PlaceOut(_Out):
    """Where the matter is; ``candidates``: units that remain possible, ``hint``: what the customer number suggests."""

    name: str | None
    level: str | None
    kabupaten: str | None
    outside: bool
    candidates: list[str]
    hint: str | None


class DeadlinesOut(_Out):
    """When the customer must have an answer, and when the matter must be done."""

    first_answer: Annotated[str, Field(json_schema_extra={"format": "date-time"})]
    done: Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class EntityOut(_Out):
    """A span of the received text, in code points; personal data is masked in ``value``."""

    type: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    value: str


class DecisionOut(_Out):
    """One decision."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE_DECISION]})

    id: str
    topic: str
    score: Annotated[float, Field(ge=0, le=1, description="Calibrated probability of the topic.")]
    alternatives: list[Alternative]
    secondary: list[str]
    intent: str
    urgency: str
    forms: Annotated[list[str], Field(description="Forms of maladministration that the message tells of.")]
    ombudsman: str
    perwakilan: Annotated[str | None, Field(description="Office of the Ombudsman, where one has to be answered.")]
    action: Literal["auto", "suggest", "review"]
    queue: str
    copies: list[str]
    unit: str | None
    place: PlaceOut
    deadlines: DeadlinesOut
    tmp_indicator: str | None
    entities: list[EntityOut]
    redacted: Annotated[str, Field(description="The text with personal data replaced.")]
    language: str
    reasons: list[str]
    degraded: Annotated[bool, Field(description="The fallback decided, because the encoder could not.")]
    versions: dict[str, str]
    timings_ms: dict[str, float]


class RejectionDetail(_Out):
    """Why a message was not decided."""

    code: str
    detail: str


class RejectedOut(_Out):
    """A message that could not be decided, in its place."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE_REJECTED]})

    id: str | None
    error: RejectionDetail


class BatchOut(_Out):
    """One result a message, in order."""

    results: list[DecisionOut | RejectedOut]


class LabelOut(_Out):
    """One label; ``code`` is the name the law or the utility gives it."""

    id: str
    title: str
    description: str
    source: str
    code: str | None = None


class TopicOut(_Out):
    """One topic."""

    id: str
    title: str
    description: str
    source: str
    default_urgency: str
    examples: list[str]
    outside_scope: bool


class TaxonomyOut(_Out):
    """Topics and the labels of every head."""

    version: str
    topics: list[TopicOut]
    intents: list[LabelOut]
    urgencies: list[LabelOut]
    forms: list[LabelOut]
    ombudsman: list[LabelOut]


class PolicyFile(_Out):
    """A file in force."""

    name: str
    sha256: str


class QueueOut(_Out):
    """A queue that messages may go to."""

    name: str
    kind: str
    title: str


class ThresholdsOut(_Out):
    """From which probability a topic is routed by itself, and from which it is suggested to a person."""

    auto_at: float
    suggest_at: float


class PolicyOut(_Out):
    """The policy in force."""

    version: str
    taxonomy_version: str
    files: list[PolicyFile]
    channels: list[str]
    queues: list[QueueOut]
    thresholds: dict[str, ThresholdsOut]


class Status(_Out):
    """Whether the service runs or is ready."""

    status: Literal["ok"]


class Limits(_Out):
    """What the service accepts."""

    max_body_bytes: int
    max_batch_body_bytes: int
    max_batch_messages: int
    max_characters: int
    workers: int
    max_waiting: int


class InfoOut(_Out):
    """What runs."""

    sapa: str
    versions: dict[str, str]
    graph: Annotated[str, Field(description="Graph of the encoder in use, or keywords.")]
    degraded: Annotated[bool, Field(description="The keyword model decides because the encoder did not start.")]
    limits: Limits


class FieldError(_Out):
    """One field that is wrong."""

    pointer: Annotated[str, Field(description="JSON Pointer into the request's body.")]
    detail: str


class Problem(_Out):
    """An error, RFC 9457. ``detail`` never repeats the customer's text."""

    type: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    title: str
    status: int
    detail: str
    instance: Annotated[str, Field(description="Names this occurrence; holds the request id.")]
    errors: list[FieldError] | None = None
    retry_after_s: int | None = None
