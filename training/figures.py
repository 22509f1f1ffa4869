"""The figures of one model on one labelled set, with the detail that the report shows.

A figure is ``{"value", "low", "high"}``. Intervals are 95%: percentile bootstrap over messages for everything made of a
confusion matrix, Wilson's for plain shares, which stays honest at none and at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.calibration import expected_calibration_error
from models.labels import Labels
from pipeline.messages import Scores
from training.data import Example
from training.evaluate import RESAMPLES, automation_rate, interval

QUALITIES = (0.95, 0.97, 0.99)
RELIABILITY_BINS = 10
CURVE_POINTS = 200
LENGTHS = ((8, "1-8"), (25, "9-25"), (80, "26-80"))
"""Upper bound in words, and the name of the slice; longer messages are in a last one."""
_WILSON_Z = 1.959964  # 97.5% of the normal distribution; Wilson 1927, JASA 22(158)

Ints = NDArray[np.int64]
Floats = NDArray[np.floating]
Figure = dict[str, Any]


def share(count: int, size: int) -> Figure:
    """``count`` of ``size`` with Wilson's interval; the value is None when there is nothing to count."""
    if size == 0:
        return {"value": None, "low": None, "high": None, "count": 0, "of": 0}
    p, z2 = count / size, _WILSON_Z**2
    centre, spread = p + z2 / (2 * size), _WILSON_Z * math.sqrt(p * (1 - p) / size + z2 / (4 * size**2))
    low, high = ((centre + sign * spread) / (1 + z2 / size) for sign in (-1, 1))
    return {"value": p, "low": max(0.0, min(low, p)), "high": min(1.0, max(high, p)), "count": count, "of": size}


def domain(topic: str) -> str:
    """The part of a topic before the dot."""
    return topic.partition(".")[0]


def chosen(values: Mapping[str, float]) -> str:
    """The most probable label; ties by name, as the flow breaks them."""
    return min(values, key=lambda label: (-values[label], label))


def topic_figures(scores: Sequence[Scores], examples: Sequence[Example], labels: Labels) -> dict[str, Any]:
    """Everything about the primary topic; ``scores[i]`` belongs to ``examples[i]``."""
    size = len(labels.topics)
    index = {topic: i for i, topic in enumerate(labels.topics)}
    truth = np.array([index[e.topic] for e in examples])
    guess = np.array([index[chosen(s.topic)] for s in scores])
    confidence = np.array([max(s.topic.values()) for s in scores])
    right = truth == guess
    table = _tables(truth[None], guess[None], size)
    rows = np.random.default_rng(0).integers(0, len(truth), (RESAMPLES, len(truth)))
    drawn = _tables(truth[rows], guess[rows], size)
    domains = np.array([domain(t) for t in labels.topics])
    same = domains[:, None] == domains[None, :]
    either = sum(g in (e.topic, *e.secondary) for g, e in zip((labels.topics[g] for g in guess), examples, strict=True))
    return {
        "accuracy": _figure(_accuracy, table, drawn),
        "macro_f1": _figure(lambda t: np.nanmean(_rates(t)[2], axis=-1), table, drawn),
        "domain_accuracy": _figure(lambda t: (t * same).sum((1, 2)) / t.sum((1, 2)), table, drawn),
        "accuracy_with_second": share(either, len(examples)),
        "ece": _resampled(lambda r: expected_calibration_error(confidence[r], right[r]), len(truth)),
        "automation": {f"{q:.2f}": _automation(confidence, right, q) for q in QUALITIES},
        "per_topic": _per_topic(table, drawn, labels.topics),
        "confusion": {"topics": list(labels.topics), "rows": table[0].tolist()},
        "reliability": _reliability(confidence, right),
        "risk_coverage": _risk_coverage(confidence, right),
        "slices": _slices(truth, guess, examples, size),
    }


def label_figures(truth: Sequence[str | None], guess: Sequence[str | None], names: Sequence[str]) -> dict[str, Any]:
    """Accuracy, and recall and precision by label, of a single-label axis; messages without a label do not count."""
    pairs = [(t, g) for t, g in zip(truth, guess, strict=True) if t is not None]
    figures: dict[str, Any] = {"accuracy": share(sum(t == g for t, g in pairs), len(pairs)), "per_label": {}}
    for name in names:
        found = detection([t == name for t, _ in pairs], [g == name for _, g in pairs])
        if found["recall"]["of"]:
            figures["per_label"][name] = found
    return figures


def form_figures(
    truth: Sequence[tuple[str, ...] | None], guess: Sequence[Sequence[str]], names: Sequence[str]
) -> dict[str, Any]:
    """Micro-averaged and by form; messages that were not labelled for forms do not count."""
    pairs = [(t, g) for t, g in zip(truth, guess, strict=True) if t is not None]
    flat = [(name in t, name in g) for t, g in pairs for name in names]
    micro = detection([t for t, _ in flat], [g for _, g in flat])
    by_form = {name: detection([name in t for t, _ in pairs], [name in g for _, g in pairs]) for name in names}
    precision, recall = micro["precision"], micro["recall"]
    both = precision["of"] + recall["of"]
    per_label = {name: found for name, found in by_form.items() if found["recall"]["of"]}
    return {**micro, "f1": 2 * recall["count"] / both if both else None, "per_label": per_label}


def detection(truth: Sequence[bool], found: Sequence[bool]) -> dict[str, Figure]:
    """Recall and precision of a yes-or-no finding."""
    both = sum(t and f for t, f in zip(truth, found, strict=True))
    return {"recall": share(both, sum(truth)), "precision": share(both, sum(found))}


def threshold_curve(truth: Sequence[bool], probability: Sequence[float]) -> list[dict[str, float | None]]:
    """Recall and precision of ``probability >= threshold`` at thresholds 0.02, 0.04 ... 0.98."""
    curve = []
    for threshold in np.arange(0.02, 0.99, 0.02).round(2).tolist():
        found = detection(truth, [p >= threshold for p in probability])
        curve.append({"threshold": threshold} | {key: found[key]["value"] for key in ("recall", "precision")})
    return curve


def _tables(truth: Ints, guess: Ints, size: int) -> Ints:
    """Confusion matrices (draws, size, size), truth in rows, of (draws, messages)."""
    flat = truth * size + guess
    return np.stack([np.bincount(row, minlength=size * size).reshape(size, size) for row in flat])


def _accuracy(tables: Ints) -> Floats:
    result: Floats = np.trace(tables, axis1=1, axis2=2) / tables.sum((1, 2))
    return result


def _rates(tables: Ints) -> tuple[Floats, Floats, Floats]:
    """Precision, recall and F1, each (draws, topics); not a number for topics that do not occur in the truth."""
    hits = np.diagonal(tables, axis1=1, axis2=2).astype(float)
    support, named = tables.sum(2), tables.sum(1)
    hits[support == 0] = np.nan
    return hits / np.maximum(named, 1), hits / np.maximum(support, 1), 2 * hits / np.maximum(support + named, 1)


def _figure(statistic: Callable[[Ints], Floats], table: Ints, drawn: Ints) -> Figure:
    low, high = np.nanpercentile(statistic(drawn), [2.5, 97.5])
    return {"value": float(statistic(table)[0]), "low": float(low), "high": float(high)}


def _resampled(statistic: Callable[[Ints], float], size: int) -> Figure:
    low, high = interval(statistic, size)
    return {"value": statistic(np.arange(size)), "low": low, "high": high}


def _automation(confidence: Floats, right: NDArray[np.bool_], quality: float) -> Figure:
    figure = _resampled(lambda rows: automation_rate(confidence[rows], right[rows], quality), len(right))
    count = round(figure["value"] * len(right))
    lowest = np.sort(confidence)[::-1][count - 1] if count else None
    return figure | {"confidence_from": None if lowest is None else float(lowest)}


def _per_topic(table: Ints, drawn: Ints, topics: Sequence[str]) -> dict[str, Any]:
    support = table[0].sum(1)
    present = np.flatnonzero(support).tolist()
    out: dict[str, Any] = {topics[t]: {"support": int(support[t])} for t in present}
    for name, whole, many in zip(("precision", "recall", "f1"), _rates(table), _rates(drawn), strict=True):
        low, high = np.nanpercentile(many[:, present], [2.5, 97.5], axis=0)
        for t, least, most in zip(present, low, high, strict=True):
            out[topics[t]][name] = {"value": float(whole[0, t]), "low": float(least), "high": float(most)}
    return out


def _reliability(confidence: Floats, right: NDArray[np.bool_]) -> list[dict[str, Any]]:
    bins = np.minimum((confidence * RELIABILITY_BINS).astype(int), RELIABILITY_BINS - 1)
    return [
        {
            "from": b / RELIABILITY_BINS,
            "to": (b + 1) / RELIABILITY_BINS,
            "confidence": float(confidence[bins == b].mean()),
            "right": share(int(right[bins == b].sum()), int((bins == b).sum())),
        }
        for b in np.unique(bins).tolist()
    ]


def _risk_coverage(confidence: Floats, right: NDArray[np.bool_]) -> list[list[float]]:
    """Points (share of messages taken, most confident first; share of these that are right), at most CURVE_POINTS."""
    order = np.argsort(-confidence, kind="stable")
    running = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    at = np.unique(np.linspace(0, len(order) - 1, min(CURVE_POINTS, len(order))).round().astype(int))
    return [[float((i + 1) / len(order)), float(running[i])] for i in at]


def length_slice(text: str) -> str:
    """Name of the length slice of a text, by its words."""
    words = len(text.split())
    return next((name for most, name in LENGTHS if words <= most), f"{LENGTHS[-1][0] + 1}+")


def _slices(truth: Ints, guess: Ints, examples: Sequence[Example], size: int) -> dict[str, Any]:
    keys: Mapping[str, Callable[[Example], str | None]] = {
        "channel": lambda e: e.channel, "dialect": lambda e: e.dialect, "length": lambda e: length_slice(e.text),
        "source": lambda e: e.source,
    }  # fmt: skip
    out: dict[str, Any] = {}
    for axis, key in keys.items():
        values = np.array([key(e) or "" for e in examples])
        order = np.unique(values)
        if axis == "length":
            order = np.array([n for n in (*(n for _, n in LENGTHS), f"{LENGTHS[-1][0] + 1}+") if n in order])
        out[axis] = {}
        for name in order.tolist():
            rows = np.flatnonzero(values == name)
            table = _tables(truth[rows][None], guess[rows][None], size)
            out[axis][name] = {
                "accuracy": share(int((truth[rows] == guess[rows]).sum()), len(rows)),
                "macro_f1": float(np.nanmean(_rates(table)[2])),
            }
    return out
