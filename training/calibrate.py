"""Fits temperatures and shifts on held-out logits, by negative log-likelihood."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.calibration import Scaling, sigmoid, softmax
from models.labels import HEADS, MULTI_LABEL
from models.pool import Pool, pooled
from training.targets import IGNORED

_TINY = 1e-9
_SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


def fit_scalings(
    logits: Mapping[str, NDArray[np.floating]], targets: Mapping[str, NDArray[np.integer]]
) -> dict[str, Scaling]:
    """One scaling a head; ``targets`` as ``targets.encode_targets`` gives them, stacked."""
    return {
        head: _platt(logits[head], targets[head]) if head in MULTI_LABEL else _temperature(logits[head], targets[head])
        for head in HEADS
    }


def fit_pool(
    encoder: Mapping[str, NDArray[np.floating]], keywords: Mapping[str, NDArray[np.floating]],
    targets: Mapping[str, NDArray[np.integer]],
) -> Pool:  # fmt: skip
    """The shares and scalings that make the held-out labels most likely; arguments as ``models.pool.pooled``."""
    shares: dict[str, float] = {}
    for head in HEADS:
        losses = {
            share: _best_loss(head, (1 - share) * encoder[head] + share * keywords[head], targets[head])
            for share in _SHARES
        }
        shares[head] = min(losses, key=losses.__getitem__)
    return Pool(shares, fit_scalings(pooled(encoder, keywords, shares), targets))


def _best_loss(head: str, logits: NDArray[np.floating], target: NDArray[np.integer]) -> float:
    multi = head in MULTI_LABEL
    known = np.flatnonzero((target[:, 0] if multi else target) != IGNORED)
    if len(known) == 0:
        return 0.0
    scaling = _platt(logits, target) if multi else _temperature(logits, target)
    if multi:
        p, t = sigmoid(logits[known], scaling), target[known]
        return float(-(t * np.log(p + _TINY) + (1 - t) * np.log(1 - p + _TINY)).mean())
    chosen = softmax(logits[known], scaling.temperature)[np.arange(len(known)), target[known]]
    return float(-np.log(chosen + _TINY).mean())


def _temperature(logits: NDArray[np.floating], target: NDArray[np.integer]) -> Scaling:
    known = np.flatnonzero(target != IGNORED)
    if len(known) == 0:
        return Scaling()

    def loss(log_temperature: NDArray[np.floating]) -> float:
        chosen = softmax(logits[known], float(np.exp(log_temperature[0])))[np.arange(len(known)), target[known]]
        return float(-np.log(chosen + _TINY).mean())

    return Scaling(float(np.exp(minimize(loss, [0.0], method="Nelder-Mead").x[0])))


def _platt(logits: NDArray[np.floating], target: NDArray[np.integer]) -> Scaling:
    known = np.flatnonzero(target[:, 0] != IGNORED)
    if len(known) == 0:
        return Scaling()

    def loss(x: NDArray[np.floating]) -> float:
        p = sigmoid(logits[known], Scaling(float(np.exp(x[0])), float(x[1])))
        t = target[known]
        return float(-(t * np.log(p + _TINY) + (1 - t) * np.log(1 - p + _TINY)).mean())

    best = minimize(loss, [0.0, 0.0], method="Nelder-Mead").x
    return Scaling(float(np.exp(best[0])), float(best[1]))
