"""Turns logits into calibrated probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Scaling:
    """Temperature and shift of one head: probabilities are ``link(logits / temperature + shift)``.

    Source: Guo et al. 2017, On Calibration of Modern Neural Networks (temperature scaling); Platt 1999 for the
    multi-label heads, where the shift is fitted too.
    """

    temperature: float = 1.0
    shift: float = 0.0


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """Row-wise softmax of ``logits / temperature``; same shape."""
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(axis=-1, keepdims=True)
    exponents = np.exp(scaled)
    result: Floats = exponents / exponents.sum(axis=-1, keepdims=True)
    return result


def sigmoid(logits: Floats, scaling: Scaling = Scaling()) -> Floats:
    """Element-wise probability of ``logits / temperature + shift``."""
    result: Floats = np.exp(-np.logaddexp(0, -(logits.astype(np.float64) / scaling.temperature + scaling.shift)))
    return result


def probabilities(
    logits: Mapping[str, Floats], scalings: Mapping[str, Scaling], multi_label: frozenset[str]
) -> dict[str, Floats]:
    """Calibrated probabilities of every head; a head without a scaling keeps temperature 1."""
    out = {}
    for head, values in logits.items():
        scaling = scalings.get(head, Scaling())
        out[head] = sigmoid(values, scaling) if head in multi_label else softmax(values, scaling.temperature)
    return out


def expected_calibration_error(confidence: Floats, correct: NDArray[np.bool_], bins: int = 15) -> float:
    """Mean distance between confidence and accuracy over equal-width bins, weighted by their size; in [0, 1]."""
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for b in range(bins):
        mask = index == b
        if mask.any():
            error += float(mask.mean() * abs(confidence[mask].mean() - correct[mask].mean()))
    return error
