"""Judge: the model's scores and the rules' findings become one verdict."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.hazards import HazardRules, judge_urgency
from pipeline.messages import Judgement, Prepared, Scores
from pipeline.ombudsman import OmbudsmanRules
from pipeline.policy import EMBEDDED, Policy

ALTERNATIVES = 3
SECONDARY = 2


class Judge:
    """Joins scores and rules by the policy's thresholds.

    Args:
        folder: Where the files of the rules are: that of the policy's files in force.

    Raises:
        PolicyError: a rule file is wrong.
    """

    def __init__(self, policy: Policy, folder: Path = EMBEDDED) -> None:
        self._policy = policy
        self._hazards = HazardRules(folder)
        self._ombudsman = OmbudsmanRules(folder)

    def judge(self, item: Prepared, scores: Scores) -> Judgement:
        """The verdict on one prepared message."""
        thresholds = self._policy.thresholds
        ranked = _ranked(scores.topic)
        topic, score = ranked[0]
        text = item.redacted.clean
        urgency, why_urgent = judge_urgency(scores.urgency, self._hazards.find(text), thresholds.hazard)
        if self._policy.topics[topic].outside_scope and urgency != self._policy.urgencies[0]:
            urgency = self._policy.urgencies[-1]
        verdict = self._ombudsman.judge(
            scores, item.facts, text, topic=topic, urgency=urgency,
            ombudsman_at=thresholds.ombudsman, forms_at=thresholds.forms,
        )  # fmt: skip
        further = [t for t, p in _ranked(scores.secondary) if t != topic and p >= thresholds.decision.secondary_at]
        return Judgement(
            topic=topic,
            score=score,
            alternatives=tuple(ranked[:ALTERNATIVES]),
            secondary=tuple(further[:SECONDARY]),
            intent=_ranked(scores.intent)[0][0],
            urgency=urgency,
            forms=verdict.forms,
            ombudsman=verdict.status,
            degraded=scores.degraded,
            reasons=(*why_urgent, *verdict.reasons, *(("degraded",) if scores.degraded else ())),
        )


def _ranked(scores: Mapping[str, float]) -> list[tuple[str, float]]:
    """Labels by falling score, ties by name."""
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
