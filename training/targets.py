"""What each head should answer for an example."""

from __future__ import annotations

from typing import Any

from models.labels import Labels
from training.data import Example

IGNORED = -100
"""Marks an example without a label for a head; it does not count there."""


def encode_targets(example: Example, labels: Labels) -> dict[str, Any]:
    """Targets of one example: an index for a single-label head, 0/1 values for a multi-label one; -100 if none."""

    def index(head: str, value: str | None) -> int:
        return labels.of(head).index(value) if value is not None else IGNORED

    about = {example.topic, *example.secondary}
    forms = (
        [float(f in example.forms) for f in labels.forms]
        if example.forms is not None
        else [float(IGNORED)] * len(labels.forms)
    )
    return {
        "topic": index("topic", example.topic),
        "secondary": [float(t in about) for t in labels.topics],
        "intent": index("intent", example.intent),
        "urgency": index("urgency", example.urgency),
        "forms": forms,
        "ombudsman": index("ombudsman", example.ombudsman),
    }
