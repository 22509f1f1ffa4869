"""The gate: may a new bundle take the place of the old one? Margins are data in ``gate.yaml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from pydantic import Field

from models.labels import Labels
from pipeline.classify import Classifier
from pipeline.policy import Policy
from pipeline.policy_models import Probability, Sourced, Strict
from pipeline.prepare import Preparer
from training.costs import load_checked
from training.data import Example
from training.decisions import answer, hazard_figures, ombudsman_figures
from training.figures import topic_figures

GATE = Path(__file__).parent / "gate.yaml"
_ROUNDS = 3
_SPEED_TEXTS = 128


class _Topics(Sourced):
    support_at_least: int = Field(ge=1)
    f1_may_fall: Probability


class _Recall(Sourced):
    recall_at_least: Probability
    support_at_least: int = Field(ge=1)


class _Calibration(Sourced):
    ece_may_rise: Probability


class _Speed(Sourced):
    share_kept_at_least: Probability


class Margins(Strict):
    """gate.yaml: what a new bundle may lose against the old one, and what it must reach by itself."""

    topics: _Topics
    hazard: _Recall
    ombudsman: _Recall
    calibration: _Calibration
    speed: _Speed


@dataclass(frozen=True, slots=True)
class Found:
    """``count`` of ``size`` were found."""

    count: int
    size: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What the gate looks at.

    Attributes:
        f1: By topic that occurs in the data.
        support: Messages of each topic.
        hazard, ombudsman: By the whole flow's decision.
    """

    version: str
    f1: Mapping[str, float]
    support: Mapping[str, int]
    hazard: Found
    ombudsman: Found
    ece: float
    messages_per_s: float


def load_margins(path: Path = GATE) -> Margins:
    """The margins at ``path``. Errors: ``InvalidInput`` names the keys that are wrong."""
    return load_checked(path, Margins)


def refusals(new: Measured, old: Measured, margins: Margins) -> list[str]:
    """Why ``new`` may not take the place of ``old``, one line a reason; none if it may. Exactly a margin is allowed."""
    reasons = []
    allowed = margins.topics.f1_may_fall
    for topic, support in new.support.items():
        fall = old.f1[topic] - new.f1[topic]
        if support >= margins.topics.support_at_least and _above(fall, allowed):
            reasons.append(
                f"{topic}: F1 falls from {old.f1[topic]:.3f} to {new.f1[topic]:.3f} on {support} messages, "
                f"by {fall:.3f}; at most {allowed} is allowed"
            )
    for name, found, floor in (
        ("hazard", new.hazard, margins.hazard), ("Ombudsman", new.ombudsman, margins.ombudsman),
    ):  # fmt: skip
        if found.size < floor.support_at_least:
            reasons.append(
                f"{name} recall is not shown: {found.size} such messages, at least {floor.support_at_least} are needed"
            )
        elif _above(floor.recall_at_least, found.count / found.size):
            reasons.append(
                f"{name} recall is {found.count / found.size:.3f} ({found.count} of {found.size}), "
                f"at least {floor.recall_at_least} is needed"
            )
    if _above(new.ece - old.ece, margins.calibration.ece_may_rise):
        reasons.append(
            f"calibration error rises from {old.ece:.3f} to {new.ece:.3f}; by at most "
            f"{margins.calibration.ece_may_rise} is allowed"
        )
    if _above(margins.speed.share_kept_at_least * old.messages_per_s, new.messages_per_s):
        reasons.append(
            f"speed falls from {old.messages_per_s:.0f} to {new.messages_per_s:.0f} messages/s; at least "
            f"{margins.speed.share_kept_at_least:.0%} of it must be kept"
        )
    return reasons


def measure(
    classifiers: Sequence[Classifier], examples: Sequence[Example], texts: Sequence[str], labels: Labels, policy: Policy
) -> list[Measured]:
    """What the gate looks at, of each classifier on the same messages; ``texts`` are the prepared ones."""
    preparer = Preparer()
    speeds = messages_per_s(classifiers, texts)
    out = []
    for classifier, speed in zip(classifiers, speeds, strict=True):
        answers = answer(classifier, examples, texts, policy, preparer)
        topic = topic_figures(answers.scores, examples, labels)
        hazard = hazard_figures(answers, examples, policy)["flow"]["recall"]
        ombudsman = ombudsman_figures(answers, examples, policy)["flow"]["recall"]
        out.append(
            Measured(
                version=classifier.version,
                f1={t: f["f1"]["value"] for t, f in topic["per_topic"].items()},
                support={t: f["support"] for t, f in topic["per_topic"].items()},
                hazard=Found(hazard["count"], hazard["of"]),
                ombudsman=Found(ombudsman["count"], ombudsman["of"]),
                ece=topic["ece"]["value"],
                messages_per_s=speed,
            )
        )
    return out


def messages_per_s(classifiers: Sequence[Classifier], texts: Sequence[str]) -> list[float]:
    """Speed of each classifier, the best of rounds that take turns: a busy machine then slows all of them."""
    sample = texts[:: max(1, len(texts) // _SPEED_TEXTS)][:_SPEED_TEXTS]
    best = [0.0] * len(classifiers)
    for _ in range(_ROUNDS):
        for at, classifier in enumerate(classifiers):
            start = perf_counter()
            classifier.classify(sample)
            best[at] = max(best[at], len(sample) / (perf_counter() - start))
    return best


def as_lines(new: Measured, old: Measured) -> list[str]:
    """What was compared, for a person to read."""
    def recall(found: Found) -> str:
        return f"{found.count}/{found.size}"

    rows = [
        ("", "old", "new"),
        ("bundle", old.version, new.version),
        ("messages", str(sum(old.support.values())), str(sum(new.support.values()))),
        ("mean F1 of topics", *(f"{sum(m.f1.values()) / len(m.f1):.3f}" for m in (old, new))),
        ("hazards found", recall(old.hazard), recall(new.hazard)),
        ("Ombudsman found", recall(old.ombudsman), recall(new.ombudsman)),
        ("calibration error", f"{old.ece:.3f}", f"{new.ece:.3f}"),
        ("messages/s", f"{old.messages_per_s:.0f}", f"{new.messages_per_s:.0f}"),
    ]
    width = max(len(old.version), 8)
    return [f"{name:<18} {left:<{width}} {right}" for name, left, right in rows]


def _above(value: float, limit: float) -> bool:
    return value > limit + 1e-9  # a fall of exactly the margin is no fall by more than it
