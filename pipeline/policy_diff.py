"""Diff: what a change of policy would do to messages that were already judged.

The judgement is made once and routed twice, so the difference is the policy's alone: queues, copies, actions,
deadlines. What a policy changes before the judgement (cue words, hazard rules, limits) does not show here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.errors import SapaError
from pipeline.messages import Hazard, Judgement, Message, Place, Route
from pipeline.policy import Policy
from pipeline.route import route

FIELDS = ("action", "queue", "copies", "unit", "perwakilan", "first_answer", "done", "tmp_indicator")


@dataclass(frozen=True, slots=True)
class Judged:
    """What ``route`` reads of one message."""

    judgement: Judgement
    place: Place
    message: Message
    hazard: Hazard | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one message's route. None where there is no value, or no route at all."""

    id: str
    field: str
    before: str | None
    after: str | None


def diff(old: Policy, new: Policy, judged: Iterable[Judged]) -> list[Change]:
    """Every field that the two policies set differently, in the order of the messages and of ``FIELDS``.

    A message that only one policy can route gives one change of the field ``error`` besides those of its route.
    """
    return [change for item in judged for change in _changes(item, _row(item, old), _row(item, new))]


def _changes(item: Judged, before: dict[str, str | None], after: dict[str, str | None]) -> Iterable[Change]:
    for name in (*FIELDS, "error"):
        if before.get(name) != after.get(name):
            yield Change(item.message.id, name, before.get(name), after.get(name))


def _row(item: Judged, policy: Policy) -> dict[str, str | None]:
    try:
        return _fields(route(item.judgement, item.place, item.message, policy, item.hazard))
    except SapaError as error:  # a policy that cannot route one message is a finding, not the end of the comparison
        return {"error": str(error)}


def _fields(result: Route) -> dict[str, str | None]:
    return {
        "action": result.action,
        "queue": result.queue,
        "copies": " ".join(result.copies),
        "unit": result.unit,
        "perwakilan": result.perwakilan,
        "first_answer": result.deadlines.first_answer.isoformat(),
        "done": result.deadlines.done.isoformat(),
        "tmp_indicator": result.tmp_indicator,
    }
