"""Diff: what a change of policy does to decisions. Both policies decide the same messages; here the results meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.messages import Decision, Rejected


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one message's decision. None where there is no value, or no decision at all."""

    id: str | None
    field: str
    before: str | None
    after: str | None


def diff(before: Decision | Rejected, after: Decision | Rejected) -> list[Change]:
    """Every field that differs between two results for one message; ``error`` is the code of a rejection."""
    old, new = _fields(before), _fields(after)
    names = dict.fromkeys((*old, *new))
    return [Change(before.id, n, old.get(n), new.get(n)) for n in names if old.get(n) != new.get(n)]


def _fields(result: Decision | Rejected) -> Mapping[str, str | None]:
    """What a policy may change, as it may be shown: no text, and of personal data the types alone."""
    if isinstance(result, Rejected):
        return {"error": result.code}
    return {
        "topic": result.topic,
        "secondary": " ".join(result.secondary),
        "intent": result.intent,
        "urgency": result.urgency,
        "forms": " ".join(result.forms),
        "ombudsman": result.ombudsman,
        "perwakilan": result.perwakilan,
        "action": result.action,
        "queue": result.queue,
        "copies": " ".join(result.copies),
        "unit": result.unit,
        "place": result.place.reason,
        "first_answer": result.deadlines.first_answer.isoformat(),
        "done": result.deadlines.done.isoformat(),
        "tmp_indicator": result.tmp_indicator,
        "personal_data": " ".join(entity.type for entity in result.entities if entity.personal),
    }
