"""Hazards: does a message tell of danger to life, and what does that make of its urgency?

The rules are tuned for recall: a danger missed costs more than a needless call. A rule is cue sets that occur near one
another with no exception that clears them (solved, hypothetical, a figure of speech, a private appliance, ...). What an
exception clears, a sure model may still call ``darurat``. Words are in ``policy/hazards.yaml``, numbers in
``policy/thresholds.yaml``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from pipeline.cues import LONGEST, Cues, CueSet, Found, Span, read_policy
from pipeline.errors import PolicyError
from pipeline.messages import Aligned, Hazard
from pipeline.policy_models import HazardThresholds, Sourced, Strict
from pipeline.words import split_words

URGENCIES = ("darurat", "tinggi", "normal", "rendah")
POLICY = Path(__file__).parent / "policy"


class _Exception(Sourced):
    """Clears a cue if one of ``any`` (and one of ``also``) occurs and none of ``unless``.

    Attributes:
        within: Greatest number of words between it and the rule's match; the whole message if absent.
        before: As ``within``, but it must stand before the match, in the same sentence.
    """

    id: str
    any: tuple[str, ...]
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    within: int | None = None
    before: int | None = None


class _Rule(Sourced):
    """Fires where one set of each group of ``all`` occurs, each ``within`` so many words of the first group's span."""

    id: str
    level: Literal["darurat", "tinggi"]
    all: tuple[tuple[str, ...], ...] = Field(min_length=1)
    within: int = 0
    unless: tuple[str, ...] = ()


class _HazardPolicy(Strict):
    sets: Mapping[str, CueSet]
    exceptions: tuple[_Exception, ...]
    rules: tuple[_Rule, ...]


class HazardRules:
    """The hazard rules of a policy folder (``hazards.yaml``). Errors: ``PolicyError``."""

    def __init__(self, policy: Path = POLICY) -> None:
        loaded = read_policy(policy, "hazards.yaml", _HazardPolicy)
        self._cues = Cues(loaded.sets)
        self._exceptions = {exception.id: exception for exception in loaded.exceptions}
        self._rules = sorted(loaded.rules, key=lambda rule: URGENCIES.index(rule.level))
        self._check(loaded)

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """Ids of the rules, in the order in which they are tried."""
        return tuple(rule.id for rule in self._rules)

    def find(self, text: Aligned | str) -> Hazard:
        """The first rule that fires, ``darurat`` before ``tinggi``; else which exception cleared the first cue."""
        found = self._cues.find(split_words(text if isinstance(text, str) else text.text))
        cleared: str | None = None
        for rule in self._rules:
            for match in _matches(rule, found):
                exception = self._cleared_by(rule, match, found)
                if exception is None:
                    return Hazard(rule.level, rule.id, cleared if rule.level != "darurat" else None)
                cleared = cleared or exception
        return Hazard(None, None, cleared)

    def _cleared_by(self, rule: _Rule, match: Sequence[Span], found: Found) -> str | None:
        for name in rule.unless:
            exception = self._exceptions[name]
            if exception.also and not found.any(exception.also):
                continue
            if not found.any(exception.any) or found.any(exception.unless):
                continue
            if exception.within is None and exception.before is None:
                return name
            if any(_beside(exception, span, found) for span in match):
                return name
        return None

    def _check(self, loaded: _HazardPolicy) -> None:
        named = {name for rule in loaded.rules for group in rule.all for name in group}
        named |= {name for item in loaded.exceptions for name in (*item.any, *item.also, *item.unless)}
        unknown = sorted(named - loaded.sets.keys())
        if unknown:
            raise PolicyError(f"hazards.yaml: unknown sets: {', '.join(unknown)}")
        unknown = sorted({name for rule in loaded.rules for name in rule.unless} - self._exceptions.keys())
        if unknown:
            raise PolicyError(f"hazards.yaml: unknown exceptions: {', '.join(unknown)}")


def _beside(exception: _Exception, span: Span, found: Found) -> bool:
    if exception.before is not None:
        sentence = found.words.sentence
        return any(
            found.close(span, name, before=exception.before, after=-1, within=sentence) for name in exception.any
        )
    reach = exception.within or 0
    return any(found.close(span, name, before=reach, after=reach) for name in exception.any)


def _matches(rule: _Rule, found: Found) -> list[tuple[Span, ...]]:
    """Every span of the first group that has each other group near, with the nearest spans of those."""
    matches = []
    for name in rule.all[0]:
        for span in found[name]:
            others = [_nearest(span, group, rule.within, found) for group in rule.all[1:]]
            if None not in others:
                matches.append((span, *(other for other in others if other)))
    return sorted(matches)


def _nearest(span: Span, group: Sequence[str], within: int, found: Found) -> Span | None:
    best: Span | None = None
    best_distance = within + 1
    for name in group:
        spans = found[name]
        for at in range(bisect_left(spans, (span[0] - within - LONGEST, 0)), len(spans)):
            start, end = spans[at]
            distance = max(start - span[1], span[0] - end, 0)
            if distance < best_distance and (start, end) != span:
                best, best_distance = (start, end), distance
            if start > span[1] + within:
                break
    return best


def judge_urgency(
    scores_urgency: Mapping[str, float], hazard: Hazard, thresholds: HazardThresholds
) -> tuple[str, tuple[str, ...]]:
    """The urgency and the machine codes of its reasons: the rules raise it, they never lower it.

    A ``darurat`` rule decides. Otherwise the model does if it is sure enough, and how sure depends on the rules.
    """
    darurat = scores_urgency.get("darurat", 0.0)
    because: tuple[str, ...] = ()
    if hazard.level == "darurat":
        return "darurat", (f"hazard_rule:{hazard.rule}",)
    if hazard.cleared_by is not None:
        needed, because = thresholds.darurat_when_cleared, (f"hazard_cleared:{hazard.cleared_by}",)
    elif hazard.level == "tinggi":
        needed, because = thresholds.darurat_with_tinggi_rule, (f"hazard_rule:{hazard.rule}",)
    else:
        needed = thresholds.darurat_alone
    if darurat >= needed:
        return "darurat", (*because, "urgency_model")
    best = max((label for label in URGENCIES if label != "darurat"), key=lambda label: scores_urgency.get(label, 0.0))
    if hazard.level == "tinggi" and best in URGENCIES[2:]:
        return "tinggi", because
    return best, (*because, "urgency_model")
