"""The heads and their labels: what a model's outputs mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.messages import Scores

HEADS = ("topic", "secondary", "intent", "urgency", "forms", "ombudsman")
MULTI_LABEL = frozenset({"secondary", "forms"})


@dataclass(frozen=True, slots=True)
class Labels:
    """The label sets of every head, in the order of the model's outputs."""

    topics: tuple[str, ...]
    intents: tuple[str, ...]
    urgencies: tuple[str, ...]
    forms: tuple[str, ...]
    ombudsman: tuple[str, ...]

    def of(self, head: str) -> tuple[str, ...]:
        """Labels of a head; ``secondary`` shares those of ``topic``."""
        names = {"topic": "topics", "secondary": "topics", "intent": "intents", "urgency": "urgencies"}
        labels: tuple[str, ...] = getattr(self, names.get(head, head))
        return labels

    def as_dict(self) -> dict[str, list[str]]:
        """JSON form; ``Labels.from_dict`` reads it."""
        return {key: list(value) for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, content: Mapping[str, Sequence[str]]) -> Labels:
        """The labels of a bundle's JSON."""
        return cls(**{key: tuple(value) for key, value in content.items()})


def to_scores(
    labels: Labels, probabilities: Mapping[str, NDArray[np.floating]], degraded: bool = False
) -> list[Scores]:
    """One ``Scores`` a row; ``probabilities`` maps each head to (rows, labels)."""
    names = {head: labels.of(head) for head in HEADS}
    rows = len(probabilities["topic"])
    lists = {head: probabilities[head].tolist() for head in HEADS}
    return [
        Scores(**{head: dict(zip(names[head], lists[head][row], strict=True)) for head in HEADS}, degraded=degraded)
        for row in range(rows)
    ]
