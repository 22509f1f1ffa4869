"""One frozen type per stage. Fields that hold a customer's words are kept out of every ``repr``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """A message as received.

    Attributes:
        received_at: When the utility learned of it; with an offset. Deadlines run from here.
    """

    id: str
    text: str = field(repr=False)
    channel: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Aligned:
    """A text derived from the received one, each code point knowing where it came from.

    Attributes:
        starts, ends: For code point i of ``text``, the half-open range of the received text it stands for.
            None means the identity.
    """

    text: str = field(repr=False)
    starts: Sequence[int] | None = field(default=None, repr=False)
    ends: Sequence[int] | None = field(default=None, repr=False)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The range of the received text behind ``text[start:end]`` (``start < end``)."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def replace(self, edits: Sequence[tuple[int, int, str]]) -> Aligned:
        """A new text with ``(start, end, replacement)`` applied; edits are sorted and do not overlap."""
        if not edits:
            return self
        starts = self.starts if self.starts is not None else range(len(self.text))
        ends = self.ends if self.ends is not None else range(1, len(self.text) + 1)
        out: list[str] = []
        new_starts: list[int] = []
        new_ends: list[int] = []
        at = 0
        for start, end, replacement in edits:
            out += (self.text[at:start], replacement)
            new_starts += starts[at:start]
            new_ends += ends[at:start]
            if start < end:
                new_starts += [starts[start]] * len(replacement)
                new_ends += [ends[end - 1]] * len(replacement)
            elif replacement:
                here = starts[start] if start < len(self.text) else (ends[-1] if self.text else 0)
                new_starts += [here] * len(replacement)
                new_ends += [here] * len(replacement)
            at = end
        out.append(self.text[at:])
        new_starts += starts[at:]
        new_ends += ends[at:]
        return Aligned("".join(out), new_starts, new_ends)

    def sub(self, pattern: re.Pattern[str], replacement: str | Callable[[re.Match[str]], str]) -> Aligned:
        """``pattern.sub`` that keeps the alignment; each match becomes one edit."""
        edits = []
        for match in pattern.finditer(self.text):
            new = replacement(match) if callable(replacement) else match.expand(replacement)
            if new != match.group():
                edits.append((match.start(), match.end(), new))
        return self.replace(edits)


@dataclass(frozen=True, slots=True)
class Entity:
    """A span of the received text with a meaning.

    Attributes:
        type: Such as ``IDPEL`` (personal data) or ``power_va`` (a fact).
        start, end: Half-open range of code points of the received text.
        value: What may be shown: masked for personal data, canonical for facts ("1300").
        personal: True if the span is personal data and was replaced in the redacted texts.
    """

    type: str
    start: int
    end: int
    value: str
    personal: bool


@dataclass(frozen=True, slots=True)
class Redacted:
    """A message without its personal data.

    Attributes:
        received: The received text with each span replaced by its placeholder: what may be stored and shown.
        clean: The cleaned text with the same replacements, aligned to the received text: what later stages read.
        entities: The personal data found, in order of position.
        idpel_prefix: First five digits of the first customer number: a hint to the unit that created it, or None.
    """

    received: str = field(repr=False)
    clean: Aligned = field(repr=False)
    entities: tuple[Entity, ...]
    idpel_prefix: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the matter is.

    Attributes:
        name: Most exact name resolved, such as "Kutoarjo"; None when no place is named.
        level: ``desa``, ``kecamatan``, ``kabupaten``, ``provinsi``; None when unknown.
        kabupaten: Kabupaten or kota as the policy spells it ("Kab. Purworejo"); None when open.
        unit: UP3 slug, or None when it must be asked.
        province: ``jateng``, ``diy``, ``lain`` (outside the region), or None when unknown.
        outside: True when the place named is outside the utility's region.
        reason: Machine code: ``place_resolved``, ``place_ambiguous``, ``place_missing``, ``place_outside``, ...
        candidates: Unit slugs that remain possible when ``unit`` is None.
        hint: UP3 slug suggested by the customer number's prefix; a hint only.
    """

    name: str | None
    level: str | None
    kabupaten: str | None
    unit: str | None
    province: str | None
    outside: bool
    reason: str
    candidates: tuple[str, ...] = ()
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the message states, as the rules read it.

    Attributes:
        entities: Facts with their spans (``power_va``, ``tariff``, ``amount``, ``duration``, ``report_number``,
            ``meter_display``, ``programme``, ``date``, ``place``, ...).
        contacts: Number of earlier contacts in the matter that are told; 0 if none.
        waiting_days: Longest wait since a contact or a promise that is told, in days; 0 if none.
        broken_promise: A promised time that has passed is told.
        money_asked: Staff asked for money outside the bill.
        ombudsman: How the Ombudsman occurs: ``none``, ``mention``, ``threat``, ``filed``, ``letter``.
        other_body: Another body is named (YLKI, LP2K, BPSK, LAPOR!, media).
        in_court: The matter is before a court.
        too_old: The matter is older than two years (UU 37/2008 Ps 36).
    """

    entities: tuple[Entity, ...] = ()
    contacts: int = 0
    waiting_days: int = 0
    broken_promise: bool = False
    money_asked: bool = False
    ombudsman: str = "none"
    other_body: bool = False
    in_court: bool = False
    too_old: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message that a classifier can read.

    Attributes:
        model_text: What the encoder and the keyword model see: redacted, normalised, not stemmed.
    """

    message: Message
    redacted: Redacted
    facts: Facts
    place: Place
    place_entities: tuple[Entity, ...]
    language: str
    model_text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Scores:
    """Calibrated probabilities of every head; label to probability.

    Attributes:
        topic, intent, urgency, ombudsman: Each sums to 1.
        secondary, forms: Independent probabilities in [0, 1].
        degraded: True when a fallback produced them.
    """

    topic: Mapping[str, float]
    secondary: Mapping[str, float]
    intent: Mapping[str, float]
    urgency: Mapping[str, float]
    forms: Mapping[str, float]
    ombudsman: Mapping[str, float]
    degraded: bool = False


@dataclass(frozen=True, slots=True)
class Hazard:
    """What the hazard rules found.

    Attributes:
        level: ``darurat``, ``tinggi`` or None.
        rule: Id of the rule that decided, or None.
        cleared_by: Id of the exception that cleared a cue (solved, hypothetical, idiom, private appliance), or None.
    """

    level: str | None
    rule: str | None
    cleared_by: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The model's and the rules' verdict on one message, before routing."""

    topic: str
    score: float
    alternatives: tuple[tuple[str, float], ...]
    secondary: tuple[str, ...]
    intent: str
    urgency: str
    forms: tuple[str, ...]
    ombudsman: str
    degraded: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When the customer must have an answer, and when the matter must be done; with offset."""

    first_answer: datetime
    done: datetime


@dataclass(frozen=True, slots=True)
class Route:
    """Where the message goes, by the policy alone."""

    action: str
    queue: str
    copies: tuple[str, ...]
    unit: str | None
    perwakilan: str | None
    deadlines: Deadlines
    tmp_indicator: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The contract: one decision a message. ``as_dict`` gives the JSON object."""

    id: str
    topic: str
    score: float
    alternatives: tuple[tuple[str, float], ...]
    secondary: tuple[str, ...]
    intent: str
    urgency: str
    forms: tuple[str, ...]
    ombudsman: str
    perwakilan: str | None
    action: str
    queue: str
    copies: tuple[str, ...]
    unit: str | None
    place: Place
    deadlines: Deadlines
    tmp_indicator: str | None
    entities: tuple[Entity, ...]
    redacted: str = field(repr=False)
    language: str
    reasons: tuple[str, ...]
    degraded: bool
    versions: Mapping[str, str]
    timings_ms: Mapping[str, float]

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of the decision, keys in contract order."""
        return {
            "id": self.id,
            "topic": self.topic,
            "score": round(self.score, 4),
            "alternatives": [{"topic": t, "score": round(s, 4)} for t, s in self.alternatives],
            "secondary": list(self.secondary),
            "intent": self.intent,
            "urgency": self.urgency,
            "forms": list(self.forms),
            "ombudsman": self.ombudsman,
            "perwakilan": self.perwakilan,
            "action": self.action,
            "queue": self.queue,
            "copies": list(self.copies),
            "unit": self.unit,
            "place": {
                "name": self.place.name,
                "level": self.place.level,
                "kabupaten": self.place.kabupaten,
                "outside": self.place.outside,
                "candidates": list(self.place.candidates),
                "hint": self.place.hint,
            },
            "deadlines": {
                "first_answer": self.deadlines.first_answer.isoformat(),
                "done": self.deadlines.done.isoformat(),
            },
            "tmp_indicator": self.tmp_indicator,
            "entities": [{"type": e.type, "start": e.start, "end": e.end, "value": e.value} for e in self.entities],
            "redacted": self.redacted,
            "language": self.language,
            "reasons": list(self.reasons),
            "degraded": self.degraded,
            "versions": dict(self.versions),
            "timings_ms": {k: round(v, 3) for k, v in self.timings_ms.items()},
        }


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that cannot be decided, in its place in the output.

    Attributes:
        code: One of ``errors.REJECTION_CODES``.
        detail: Numbers and names only, never the text.
    """

    id: str | None
    code: str
    detail: str

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of the rejection."""
        return {"id": self.id, "error": {"code": self.code, "detail": self.detail}}
