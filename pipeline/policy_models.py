"""The shape of the policy files: one pydantic model a file, unknown keys refused, every block with its source.

Nothing here decides; ``pipeline.policy`` loads and cross-checks, ``pipeline.route`` reads. The shape of clocks.yaml is
in ``pipeline.clock``, beside the arithmetic that gives it its meaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

SOURCE_MARK = re.compile(r"https?://\S|\[(?:V|V-weak|M-high|M-med|M-low|P)\b|written for Sapa|measured \d{4}-\d\d-\d\d")
_SLUG = r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$"


def _marked(source: str) -> str:
    if not SOURCE_MARK.search(source):
        raise ValueError(
            "a source is a web address, a mark such as [M-high] or [P], 'written for Sapa', or 'measured' and a date"
        )
    return source


def _day(value: Any) -> Any:
    """Alone, pydantic would read the number 2025 as a second of 1970."""
    if not isinstance(value, (str, date)):
        raise ValueError("a day is written as 2025-02-28")
    return value


def _quoted(value: Any) -> Any:
    """YAML 1.1 reads a bare 16:00 as the number 960, which would pass as sixteen minutes past midnight."""
    if not isinstance(value, (str, time)):
        raise ValueError('a time of day is written in quotes, such as "07:30"')
    return value


Source = Annotated[str, AfterValidator(_marked)]
Slug = Annotated[str, Field(pattern=_SLUG)]
Topic = Annotated[str, Field(pattern=r"^[a-z0-9_]+(?:\.[a-z0-9_]+)?$")]
Probability = Annotated[float, Field(ge=0, le=1)]
Day = Annotated[date, BeforeValidator(_day)]
TimeOfDay = Annotated[time, BeforeValidator(_quoted)]
Text = Annotated[str, Field(min_length=1)]


class Strict(BaseModel):
    """Frozen; an unknown key is refused and the valid ones are named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := sorted(str(key) for key in data if key not in cls.model_fields)):
            raise ValueError(f"unknown key {', '.join(unknown)}; valid keys: {', '.join(cls.model_fields)}")
        return data


class Sourced(Strict):
    """Says where it was read."""

    source: Source


class Dated(Sourced):
    """In force from ``valid_from`` to ``valid_to``, both days included; no end when ``valid_to`` is None."""

    valid_from: Day
    valid_to: Day | None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"valid_from {self.valid_from} is after valid_to {self.valid_to}")
        return self

    def in_force(self, day: date) -> bool:
        """Whether ``day`` lies in the validity."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


# --- taxonomy.yaml


class Label(Sourced):
    """One label of a head. ``code`` is the name the law or the utility gives it."""

    id: Slug
    title: Text
    description: Text
    code: str | None = None


class TopicLabel(Sourced):
    """One topic. ``outside_scope`` marks the topic of messages that are not the utility's matter."""

    id: Topic
    title: Text
    description: Text
    default_urgency: Slug
    examples: tuple[Text, ...] = Field(min_length=2)
    outside_scope: bool = False

    @property
    def domain(self) -> str:
        """The part before the dot."""
        return self.id.partition(".")[0]


class Taxonomy(Strict):
    """taxonomy.yaml. ``urgencies`` run from the most to the least urgent, ``ombudsman`` in the order of its tests."""

    version: Text
    topics: tuple[TopicLabel, ...] = Field(min_length=1)
    intents: tuple[Label, ...] = Field(min_length=1)
    urgencies: tuple[Label, ...] = Field(min_length=1)
    forms: tuple[Label, ...]
    ombudsman: tuple[Label, ...] = Field(min_length=1)


# --- routing.yaml, tmp.yaml


class When(Strict):
    """Conditions that all have to hold; a list holds when one of its entries does. No condition always holds.

    Attributes:
        topic: Topic ids, or a whole domain such as ``bahaya.*``.
        forms, secondary: One of these is among the message's; ``secondary`` may name a domain too.
        outside: The place is outside the region.
        unit_known, dcc_known: The UP3, the control centre of the zone is known.
    """

    topic: frozenset[str] | None = None
    urgency: frozenset[str] | None = None
    intent: frozenset[str] | None = None
    ombudsman: frozenset[str] | None = None
    action: frozenset[str] | None = None
    channel: frozenset[str] | None = None
    forms: frozenset[str] | None = None
    has_forms: bool | None = None
    secondary: frozenset[str] | None = None
    outside: bool | None = None
    unit_known: bool | None = None
    dcc_known: bool | None = None


class QueueKind(Sourced):
    """A queue, or one for each ``{unit}``, ``{dcc}`` or ``{perwakilan}``.

    Attributes:
        kind: ``work``, ``duty`` (staffed around the clock), ``review``, ``ask`` (for the address), ``forward``,
            ``liaison`` (with the Ombudsman; never the only place of a message).
    """

    queue: Annotated[str, Field(pattern=r"^[a-z0-9{}-]+$")]
    kind: Annotated[str, Field(pattern="^(work|duty|review|ask|forward|liaison)$")]
    title: Text


class TopicRoute(Sourced):
    """Where a topic goes. ``confidential`` keeps it from every queue of a unit, the accused one among them."""

    queue: Text
    copies: tuple[Text, ...] = ()
    confidential: bool = False


class Rule(Sourced):
    """Something that holds for some messages; its id becomes a reason."""

    id: Slug
    when: When


class QueueRule(Rule):
    """Another queue than the topic's. ``topic_copies``: the topic's own queue and copies stay, as copies."""

    queue: Text
    copies: tuple[Text, ...] = ()
    topic_copies: bool = False


class CopyRule(Rule):
    """More copies."""

    copies: tuple[Text, ...] = Field(min_length=1)


class Routing(Strict):
    """routing.yaml: of ``queue_rules`` the first that holds decides, of ``copy_rules`` all that hold add.

    Attributes:
        without_unit: Queue when the chosen one needs a unit or zone that is not known.
        default_perwakilan: Ombudsman office when the place is unknown but the Ombudsman has to be answered.
        perwakilan_for: Ombudsman statuses for which an office must be named.
    """

    without_unit: Text
    default_perwakilan: Text
    perwakilan_for: frozenset[str]
    queues: tuple[QueueKind, ...]
    topics: Mapping[str, TopicRoute]
    queue_rules: tuple[QueueRule, ...]
    copy_rules: tuple[CopyRule, ...]


class Indicator(Dated):
    """One of the 13 indicators of service level (TMP)."""

    id: Slug
    title: Text
    unit: Text
    compensated: bool


class TmpRule(Rule):
    """Which indicator a message touches."""

    indicator: Text


class CompensationStep(Dated):
    """Percent of the capacity charge or minimum bill owed up to ``up_to_hours`` over target (None: beyond all)."""

    up_to_hours: Annotated[float, Field(gt=0)] | None
    percent: Annotated[int, Field(gt=0)]


class Tmp(Strict):
    """tmp.yaml: of ``rules`` the first that holds decides."""

    indicators: tuple[Indicator, ...]
    rules: tuple[TmpRule, ...]
    outage_compensation: tuple[CompensationStep, ...]


# --- thresholds.yaml


class TopicThresholds(Sourced):
    """On the calibrated score: from ``auto_at`` without a person, from ``suggest_at`` confirmed by one."""

    auto_at: Probability
    suggest_at: Probability


class DecisionThresholds(Sourced):
    """For every topic alike.

    Attributes:
        margin_at: Least distance of the best topic's score to the second's for ``auto``.
        secondary_at: Least probability of a secondary topic.
        outside_scope_at: Least score at which a message may be answered "not ours" without a reviewer.
    """

    margin_at: Probability
    secondary_at: Probability
    outside_scope_at: Probability


class HazardThresholds(Sourced):
    """Least probability at which the model alone raises the urgency to the highest.

    Attributes:
        darurat_alone: No hazard rule spoke.
        darurat_with_tinggi_rule: A rule found something that may fall.
        darurat_when_cleared: An exception cleared a cue.
    """

    darurat_alone: Probability
    darurat_with_tinggi_rule: Probability
    darurat_when_cleared: Probability


class OmbudsmanThresholds(Sourced):
    """Least probability of a status; below 0.5 because a missed report costs more than a needless one."""

    resmi_at: Probability
    antrean_at: Probability
    pantau_at: Probability


class FormThresholds(Sourced):
    """Least probability of a maladministration form; ``overrides`` by form."""

    default_at: Probability
    overrides: Mapping[str, Probability] = Field(default_factory=dict)


class Limits(Sourced):
    """Size of what is read."""

    max_characters: Annotated[int, Field(gt=0)]


class Thresholds(Dated):
    """thresholds.yaml."""

    limits: Limits
    default: TopicThresholds
    topics: Mapping[str, TopicThresholds]
    decision: DecisionThresholds
    hazard: HazardThresholds
    ombudsman: OmbudsmanThresholds
    forms: FormThresholds


# --- programmes.yaml, channels.yaml, units.yaml


class Programme(Dated):
    """A discount or promotion; ``aliases`` are what customers write."""

    id: Slug
    name: Text
    aliases: tuple[Text, ...]
    topic: Topic
    note: str | None = None


class Programmes(Strict):
    """programmes.yaml."""

    programmes: tuple[Programme, ...]


class Channels(Strict):
    """channels.yaml."""

    channels: tuple[Label, ...] = Field(min_length=1)


class Unit(BaseModel):
    """What routing needs of a UP3; other keys of units.yaml belong to the place resolver."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    slug: Slug
    name: Text
    dcc: Slug | None = Field(default=None, validation_alias=AliasChoices("dcc", "zone"))
    perwakilan: Slug | None = None
    source: str


class Units(BaseModel):
    """units.yaml, tolerantly."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    units: tuple[Unit, ...] = Field(min_length=1)
