"""Proof of a policy: every combination of what rules look at leads to exactly one declared queue, and no rule is dead.

Topics, places, urgencies and intents are enumerated in full. Of the rest (Ombudsman status, action, forms, secondary
topics, channel) one value stands for all that no rule tells apart. The units stand in for one another in the rules,
which cannot name one; their queues are then looked up one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise, product
from typing import Any

from pydantic import BaseModel

from pipeline.clock import ClockRule, due
from pipeline.policy import ACTIONS, PLACEHOLDER, Policy, cross_check
from pipeline.policy_models import SOURCE_MARK, Dated, Rule, Sourced, When
from pipeline.route import Assignment, Case, assign, matches

_UNIT, _DCC, _OFFICE = "{unit}", "{dcc}", "{perwakilan}"
# A Monday morning, a Friday before closing, a Sunday night before a holiday: where clocks of two kinds may cross.
_MOMENTS = ((2026, 3, 9, 2, 0), (2026, 3, 13, 8, 50), (2026, 5, 30, 20, 0))


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was proven. ``problems``: in plain words, none when all holds; ``counts``: how many were looked at."""

    problems: tuple[str, ...]
    counts: Mapping[str, int]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def check(policy: Policy, model_topics: Sequence[str] | None = None) -> CheckReport:
    """Proves the policy, and that it fits a model's topics where they are given. Takes a few seconds."""
    problems = list(dict.fromkeys([*cross_check(policy), *_units(policy), *_thresholds(policy), *_clocks(policy)]))
    counts: dict[str, int] = {"topics": len(policy.topics), "units": len(policy.units), "queues": len(policy.queues)}
    if model_topics is not None:
        problems += _model(policy, model_topics)
    if not problems:  # what follows reads the policy as route() does, and stands on the above
        for more, name, count in (_routes(policy), _others(policy), _sources(policy)):
            problems += more
            counts[name] = count
    return CheckReport(tuple(problems), counts)


def _units(policy: Policy) -> Iterator[str]:
    for unit in policy.units.values():
        if not unit.dcc:
            yield f"unit {unit.slug} has no dcc: its hazards would go to nobody near"
        if not unit.perwakilan:
            yield f"unit {unit.slug} has no perwakilan"
        if not SOURCE_MARK.search(unit.source):
            yield f"unit {unit.slug}: its source is neither a web address nor a mark"


def _thresholds(policy: Policy) -> Iterator[str]:
    for topic, at in [("default", policy.thresholds.default), *policy.thresholds.topics.items()]:
        if at.suggest_at > at.auto_at:
            yield f"thresholds of {topic}: suggest_at {at.suggest_at} is above auto_at {at.auto_at}"


def _clocks(policy: Policy) -> Iterator[str]:
    calendar = policy.clocks.calendar
    by_topic: dict[str, list[Any]] = {}
    for clock in sorted(policy.clocks.topics, key=lambda clock: clock.valid_from):
        by_topic.setdefault(clock.topic, []).append(clock)
        for urgency, pace in clock.urgency.items():
            where = f"clock of {clock.topic}, {urgency}"
            if urgency == policy.urgencies[0] and not (pace.first_answer.always_runs and pace.done.always_runs):
                yield f"{where}: stands still at night; use minutes or days"
            for moment in (datetime(*parts, tzinfo=UTC) for parts in _MOMENTS):
                if due(moment, pace.first_answer, calendar).at > due(moment, pace.done, calendar).at:
                    yield f"{where}: the first answer may be due after the end"
    for topic, clocks in by_topic.items():
        for one, next_one in pairwise(clocks):
            if one.valid_to is None or next_one.valid_from <= one.valid_to:
                yield f"clocks of {topic}: two are in force on {next_one.valid_from}"


def _model(policy: Policy, model_topics: Sequence[str]) -> Iterator[str]:
    if missing := sorted(set(model_topics) - set(policy.topics)):
        yield f"the model knows topics that the policy does not: {', '.join(missing)}"
    if missing := sorted(set(policy.topics) - set(model_topics)):
        yield f"the policy knows topics that the model does not: {', '.join(missing)}"


def _routes(policy: Policy) -> tuple[list[str], str, int]:
    routing = policy.routing
    dead_queue = {rule.id for rule in routing.queue_rules}
    dead_copy = {rule.id for rule in routing.copy_rules}
    idle = {kind.queue for kind in routing.queues}
    found: dict[str, None] = {}
    kinds: dict[str, str | None] = {}
    count = 0
    rules: tuple[Rule, ...] = (*routing.queue_rules, *routing.copy_rules)
    for case in _cases(policy, [rule.when for rule in rules]):
        result = assign(case, policy)
        dead_queue.discard(result.queue_rule or "")
        dead_copy.difference_update(result.copy_rules)
        idle.difference_update((result.queue, *result.copies))
        for problem in _case_problems(case, result, policy, kinds):
            found.setdefault(problem)
        count += len(policy.units) if case.unit else len(policy.dccs) if case.dcc else 1
    found |= dict.fromkeys(f"queue rule {rule} never decides: no case is left for it" for rule in sorted(dead_queue))
    found |= dict.fromkeys(f"copy rule {rule} never holds" for rule in sorted(dead_copy))
    found |= dict.fromkeys(f"queue {queue} is declared but never used" for queue in sorted(idle))
    return list(found), "combinations_routed", count


def _case_problems(case: Case, result: Assignment, policy: Policy, kinds: dict[str, str | None]) -> Iterator[str]:
    """Problems of one case. ``kinds`` remembers the kind of each queue between cases."""
    queues = (result.queue, *result.copies)
    for queue in queues:
        if queue not in kinds:
            kinds[queue] = _kind(queue, policy)
        if kinds[queue] is None:
            yield f"queue {queue} is not declared"
            return
    where = f"topic {case.topic}, urgency {case.urgency}, Ombudsman {case.ombudsman}"
    if kinds[result.queue] == "liaison":
        yield f"{where}: the Ombudsman liaison {result.queue} replaces the operational queue"
    if case.urgency == policy.urgencies[0] and kinds[result.queue] != "duty":
        yield f"{where}: {result.queue} is not staffed around the clock"
    if case.ombudsman in policy.routing.perwakilan_for and all(kinds[copy] != "liaison" for copy in result.copies):
        yield f"{where}: no Ombudsman liaison gets a copy"
    if policy.route_for(case.topic).confidential and any(_UNIT in queue for queue in queues):
        yield f"{where}: a confidential report reaches a unit"


def _kind(queue: str, policy: Policy) -> str | None:
    """Kind of a queue or of a template all of whose queues are declared; None if one is not."""
    if not PLACEHOLDER.search(queue):
        return policy.queues[queue].kind if queue in policy.queues else None
    names = [
        queue.replace(_UNIT, unit.slug).replace(_DCC, unit.dcc or "").replace(_OFFICE, unit.perwakilan or "")
        for unit in policy.units.values()
    ]
    return policy.queues[names[0]].kind if all(name in policy.queues for name in names) else None


def _others(policy: Policy) -> tuple[list[str], str, int]:
    """The rules of tmp.yaml (first match) and of clocks.yaml (all matches): none is dead."""
    dead = {rule.id for rule in policy.tmp.rules}
    count = 0
    for case in _cases(policy, [rule.when for rule in policy.tmp.rules]):
        dead.discard(next((rule.id for rule in policy.tmp.rules if matches(rule.when, case)), ""))
        count += 1
    problems = [f"rule {rule} of tmp.yaml never decides" for rule in sorted(dead)]
    waiting: list[ClockRule] = list(policy.clocks.rules)
    for case in _cases(policy, [rule.when for rule in policy.clocks.rules]):
        waiting = [rule for rule in waiting if not matches(rule.when, case)]
        count += 1
    return problems + [f"clock rule {rule.id} never holds" for rule in waiting], "combinations_timed", count


def _cases(policy: Policy, whens: Sequence[When]) -> Iterator[Case]:
    """Cases in which places are placeholders: a unit, a zone without its unit, no place, outside."""
    needing = policy.routing.perwakilan_for
    statuses = _told_apart(policy.ombudsman_statuses, [needing, *(when.ombudsman for when in whens)])
    actions = _told_apart(ACTIONS, [when.action for when in whens])
    places = ((_UNIT, _DCC, False), (None, _DCC, False), (None, None, False), (None, None, True))
    for topic, urgency, intent, ombudsman, action, (unit, dcc, outside), (forms, secondary, channel) in product(
        policy.topics, policy.urgencies, policy.intents, statuses, actions, places, _extras(policy, whens)
    ):
        office = policy.routing.default_perwakilan if ombudsman in needing else None
        yield Case(
            topic, urgency, intent, ombudsman, action, forms, secondary, channel,
            unit, dcc, _OFFICE if unit else office, outside,
        )  # fmt: skip


def _extras(policy: Policy, whens: Sequence[When]) -> list[tuple[tuple[str, ...], tuple[str, ...], str | None]]:
    """Forms, secondary topics and channel: none, each that a rule names alone, and what each rule needs together."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...], str | None], None] = {((), (), None): None}
    if any(when.has_forms for when in whens):
        found.setdefault((policy.forms[:1], (), None))
    for when in whens:
        forms = tuple(sorted(when.forms or ()))[:1]
        secondary = _topics_in(policy, when.secondary or ())[:1]
        channel = min(when.channel) if when.channel else None
        for extra in ((forms, (), None), ((), secondary, None), ((), (), channel), (forms, secondary, channel)):
            found.setdefault(extra)
    return list(found)


def _topics_in(policy: Policy, entries: Iterable[str]) -> tuple[str, ...]:
    wanted = set(entries)
    return tuple(topic for topic in policy.topics if topic in wanted or f"{topic.partition('.')[0]}.*" in wanted)


def _told_apart(values: Sequence[str], conditions: Iterable[frozenset[str] | None]) -> list[str]:
    used = [condition for condition in conditions if condition is not None]
    groups: dict[tuple[bool, ...], str] = {}
    for value in values:
        groups.setdefault(tuple(value in condition for condition in used), value)
    return list(groups.values())


def _sources(policy: Policy) -> tuple[list[str], str, int]:
    problems: list[str] = []
    numbers = 0
    for name in ("taxonomy", "routing", "tmp", "clocks", "thresholds", "programmes"):
        for where, sourced, dated in _numbers(getattr(policy, name), name, False, False):
            numbers += 1
            if not sourced:
                problems.append(f"the number {where} has no source")
            elif not dated:
                problems.append(f"the number {where} has no validity dates")
    return problems, "numbers_sourced", numbers


def _numbers(value: Any, where: str, sourced: bool, dated: bool) -> Iterator[tuple[str, bool, bool]]:
    """Every number of the policy with whether it, or a block around it, has a source and validity dates."""
    if isinstance(value, bool):
        return
    if isinstance(value, (int, float)):
        yield where, sourced, dated
    elif isinstance(value, BaseModel):
        sourced, dated = sourced or isinstance(value, Sourced), dated or isinstance(value, Dated)
        for name in type(value).model_fields:
            yield from _numbers(getattr(value, name), f"{where}.{name}", sourced, dated)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _numbers(item, f"{where}.{key}", sourced, dated)
    elif isinstance(value, (tuple, frozenset)):
        for item in value:
            yield from _numbers(item, where, sourced, dated)
