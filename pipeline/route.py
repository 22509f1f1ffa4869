"""Route: from a judgement and a place to queue, copies, Ombudsman office and deadlines. Pure; by the policy alone.

The action (``auto``, ``suggest``, ``review``) comes from the thresholds. The queue is the first queue rule that holds,
else the topic's own. Copies are those of the topic, of that rule and of every copy rule that holds. Deadlines are the
earliest of all clocks that hold. Every rule and threshold that decided leaves a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from pipeline.clock import Span, TopicClock, due, local
from pipeline.errors import PolicyError
from pipeline.messages import Deadlines, Hazard, Judgement, Message, Place, Route
from pipeline.policy import Policy
from pipeline.policy_models import When


@dataclass(frozen=True, slots=True)
class Case:
    """What rules may look at. ``dcc`` and ``perwakilan`` may be known without ``unit``, when all candidates agree."""

    topic: str
    urgency: str
    intent: str
    ombudsman: str
    action: str
    forms: tuple[str, ...] = ()
    secondary: tuple[str, ...] = ()
    channel: str | None = None
    unit: str | None = None
    dcc: str | None = None
    perwakilan: str | None = None
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """Queue and copies of a case, and the rules that decided. ``queue_rule`` is None for the topic's own queue."""

    queue: str
    copies: tuple[str, ...]
    queue_rule: str | None
    copy_rules: tuple[str, ...]
    reasons: tuple[str, ...]


def route(judgement: Judgement, place: Place, message: Message, policy: Policy, hazard: Hazard | None = None) -> Route:
    """Where the message goes.

    The urgency is the more urgent of the judgement's and the hazard rules'.
    Errors: ``PolicyError`` for a topic, urgency or unit that the policy does not know; ``InvalidMessage`` for a time
    of receipt without an offset.
    """
    found = hazard.level if hazard is not None else None
    urgency = policy.more_urgent(judgement.urgency, found or judgement.urgency)
    reasons = [f"hazard_rule:{hazard.rule}"] if hazard is not None and urgency != judgement.urgency else []
    action, why = decide(judgement, policy)
    reasons += why
    unit, dcc, perwakilan, why = locate(place, judgement.ombudsman, policy)
    reasons += why
    case = Case(
        topic=judgement.topic,
        urgency=urgency,
        intent=judgement.intent,
        ombudsman=judgement.ombudsman,
        action=action,
        forms=judgement.forms,
        secondary=judgement.secondary,
        channel=message.channel,
        unit=unit,
        dcc=dcc,
        perwakilan=perwakilan,
        outside=place.outside,
    )
    assignment = assign(case, policy)
    reasons += assignment.reasons
    deadlines, why = set_deadlines(case, message.received_at, policy)
    reasons += why
    return Route(
        action=action,
        queue=assignment.queue,
        copies=assignment.copies,
        unit=unit,
        perwakilan=perwakilan,
        deadlines=deadlines,
        tmp_indicator=tmp_indicator(case, policy),
        reasons=tuple(dict.fromkeys(reasons)),
    )


def decide(judgement: Judgement, policy: Policy) -> tuple[str, list[str]]:
    """The action and its reasons. A score on a threshold has reached it; the margin is to the best other topic."""
    at = policy.thresholds_for(judgement.topic)
    decision = policy.thresholds.decision
    topic = policy.topics.get(judgement.topic)
    if not judgement.score >= at.suggest_at:  # also true for NaN
        return "review", ["score_below_suggest"]
    if topic is not None and topic.outside_scope and judgement.score < decision.outside_scope_at:
        return "review", ["outside_scope_unsure"]
    second = max((score for other, score in judgement.alternatives if other != judgement.topic), default=0.0)
    doubts = []
    if judgement.score < at.auto_at:
        doubts.append("score_below_auto")
    if round(judgement.score - second, 9) < decision.margin_at:  # 0.7 - 0.55 is a little less than 0.15
        doubts.append("margin_small")
    if judgement.degraded:
        doubts.append("degraded")
    return ("suggest", doubts) if doubts else ("auto", ["score_auto"])


def locate(place: Place, ombudsman: str, policy: Policy) -> tuple[str | None, str | None, str | None, list[str]]:
    """Unit, control centre, Ombudsman office, reasons.

    A centre or an office that all candidate units share is known although the unit is not. A place outside the region
    has neither. Errors: ``PolicyError`` for a unit that the policy does not know.
    """
    named = [] if place.outside else ([place.unit] if place.unit else list(place.candidates))
    if unknown := [slug for slug in named if slug not in policy.units]:
        raise PolicyError(f"unit {', '.join(unknown)} is not in the policy; known: {', '.join(policy.units)}")
    units = [policy.units[slug] for slug in named]
    dcc = _shared(unit.dcc for unit in units)
    perwakilan = place.province if place.province in policy.perwakilan else _shared(unit.perwakilan for unit in units)
    reasons = []
    if dcc is not None and place.unit is None:
        reasons.append("dcc_of_candidates")
    if perwakilan is None and ombudsman in policy.routing.perwakilan_for:
        perwakilan = policy.routing.default_perwakilan
        reasons.append("perwakilan_default")
    return (place.unit if named else None), dcc, perwakilan, reasons


def assign(case: Case, policy: Policy) -> Assignment:
    """Queue and copies; the queue is exactly one, declared, and never among the copies."""
    own = policy.route_for(case.topic)
    rule = next((rule for rule in policy.routing.queue_rules if matches(rule.when, case)), None)
    if rule is None:
        wanted, copies, reasons = own.queue, list(own.copies), ["queue_of_topic"]
    else:
        wanted, copies, reasons = rule.queue, list(rule.copies), [f"queue_rule:{rule.id}"]
        if rule.topic_copies:
            copies += (own.queue, *own.copies)
    queue = _fill(wanted, case)
    if queue is None:
        queue = policy.routing.without_unit
        reasons.append("queue_without_unit")
    more = [rule for rule in policy.routing.copy_rules if matches(rule.when, case)]
    for copy_rule in more:
        copies += copy_rule.copies
        reasons.append(f"copy_rule:{copy_rule.id}")
    if own.confidential:
        copies = [copy for copy in copies if "{unit}" not in copy]
        reasons.append("confidential")
    filled = dict.fromkeys(name for copy in copies if (name := _fill(copy, case)) is not None and name != queue)
    return Assignment(
        queue=queue,
        copies=tuple(filled),
        queue_rule=None if rule is None else rule.id,
        copy_rules=tuple(copy_rule.id for copy_rule in more),
        reasons=tuple(reasons),
    )


def matches(when: When, case: Case) -> bool:
    """Whether every condition given holds."""
    return (
        (when.topic is None or _covers(when.topic, case.topic))
        and (when.urgency is None or case.urgency in when.urgency)
        and (when.intent is None or case.intent in when.intent)
        and (when.ombudsman is None or case.ombudsman in when.ombudsman)
        and (when.action is None or case.action in when.action)
        and (when.channel is None or case.channel in when.channel)
        and (when.forms is None or not when.forms.isdisjoint(case.forms))
        and (when.has_forms is None or bool(case.forms) == when.has_forms)
        and (when.secondary is None or any(_covers(when.secondary, topic) for topic in case.secondary))
        and (when.outside is None or case.outside == when.outside)
        and (when.unit_known is None or (case.unit is not None) == when.unit_known)
        and (when.dcc_known is None or (case.dcc is not None) == when.dcc_known)
    )


def set_deadlines(case: Case, received_at: datetime, policy: Policy) -> tuple[Deadlines, list[str]]:
    """The earliest first answer and end of all clocks that hold, and what decided them.

    A first answer is never due after the end. Before the first clock of a topic, and after its last, the nearest
    earlier one counts, else the first. Errors: as ``route``.
    """
    day = local(received_at, policy.clocks.calendar).date()
    clock, why = _clock_of(case.topic, day, policy)
    pace = clock.urgency[case.urgency]
    answers: list[tuple[Span, str | None]] = [(pace.first_answer, None)]
    ends: list[tuple[Span, str | None]] = [(pace.done, None)]
    for rule in policy.clocks.rules:
        if rule.in_force(day) and matches(rule.when, case):
            answers += [(rule.first_answer, rule.id)] if rule.first_answer else []
            ends += [(rule.done, rule.id)] if rule.done else []
    first_answer, why_first = _earliest(answers, received_at, policy)
    done, why_done = _earliest(ends, received_at, policy)
    return Deadlines(min(first_answer, done), done), [*why, *why_first, *why_done]


def tmp_indicator(case: Case, policy: Policy) -> str | None:
    """The service-level indicator that the message touches, or None."""
    return next((rule.indicator for rule in policy.tmp.rules if matches(rule.when, case)), None)


def _clock_of(topic: str, day: date, policy: Policy) -> tuple[TopicClock, list[str]]:
    own = sorted((clock for clock in policy.clocks.topics if clock.topic == topic), key=lambda clock: clock.valid_from)
    if not own:
        raise PolicyError(f"topic {topic} has no clock in the policy")
    begun = [clock for clock in own if clock.valid_from <= day]
    if begun and begun[-1].in_force(day):
        return begun[-1], []
    return (begun or own[:1])[-1], ["clock_outside_validity"]


def _earliest(
    spans: Iterable[tuple[Span, str | None]], received_at: datetime, policy: Policy
) -> tuple[datetime, list[str]]:
    ends = [(due(received_at, span, policy.clocks.calendar), rule) for span, rule in spans]
    moment, rule = min(ends, key=lambda end: end[0].at)
    reasons = [] if rule is None else [f"clock_rule:{rule}"]
    if not all(end.years_known for end, _ in ends):
        reasons.append("calendar_year_unknown")
    return moment.at, reasons


def _covers(entries: Iterable[str], topic: str) -> bool:
    return topic in entries or f"{topic.partition('.')[0]}.*" in entries


def _shared(values: Iterable[str | None]) -> str | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _fill(template: str, case: Case) -> str | None:
    for name, value in (("{unit}", case.unit), ("{dcc}", case.dcc), ("{perwakilan}", case.perwakilan)):
        if name in template:
            if value is None:
                return None
            template = template.replace(name, value)
    return template
