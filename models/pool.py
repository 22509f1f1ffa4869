"""Pools the encoder's and the keyword model's opinions: a weighted mean of their log-probabilities, head by head.

The two err on different messages; pooled they are right more often than either (``docs/experiments.md``).
Source: logarithmic opinion pool, Heskes 1998. Weights and the scalings of the pooled scores are fitted on held-out
messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration import Scaling, softmax
from models.labels import MULTI_LABEL

Floats = NDArray[np.floating]
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Pool:
    """How two models are pooled.

    Attributes:
        weights: Head to the keyword model's share, in [0, 1].
        scalings: Head to the calibration of the pooled scores.
    """

    weights: Mapping[str, float]
    scalings: Mapping[str, Scaling]


def opinion(head: str, logits: Floats, scaling: Scaling) -> Floats:
    """Calibrated log-probabilities of a single-label head, log-odds of a multi-label one; same shape as ``logits``."""
    if head in MULTI_LABEL:
        result: Floats = logits / scaling.temperature + scaling.shift
        return result
    logs: Floats = np.log(softmax(logits, scaling.temperature) + _TINY)
    return logs


def pooled(
    encoder: Mapping[str, Floats], keywords: Mapping[str, Floats], weights: Mapping[str, float]
) -> dict[str, Floats]:
    """Logits of the pool from the two ``opinion``s of every head."""
    return {head: (1 - weights[head]) * encoder[head] + weights[head] * keywords[head] for head in encoder}
