"""What a model gets right, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, precision_recall_fscore_support

from models.calibration import expected_calibration_error
from models.labels import Labels
from pipeline.messages import Scores
from training.data import Example

RESAMPLES = 1_000


def interval(values: Callable[[NDArray[np.int64]], float], size: int, seed: int = 0) -> tuple[float, float]:
    """The 95% percentile bootstrap interval of a statistic of row indices."""
    source = np.random.default_rng(seed)
    drawn = [values(source.integers(0, size, size)) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def macro_f1(truth: NDArray[np.int64], guess: NDArray[np.int64]) -> float:
    """Mean F1 over the labels that occur in ``truth``."""
    return float(f1_score(truth, guess, labels=np.unique(truth), average="macro", zero_division=0))


def evaluate(scores: Sequence[Scores], examples: Sequence[Example], labels: Labels) -> dict[str, Any]:
    """Figures of one model on one labelled set.

    Returns:
        ``topic`` (accuracy, macro-F1, domain accuracy, accuracy counting a labelled second topic, ECE, automation rate
        at 90, 95 and 99% right; each accuracy with its interval), ``intent``, ``urgency``, ``ombudsman`` (accuracy and
        recall, precision of the case labels), ``forms`` (micro F1), ``per_topic``.
    """
    index = {t: i for i, t in enumerate(labels.topics)}
    truth = np.array([index[e.topic] for e in examples])
    guess = np.array([index[max(s.topic, key=s.topic.__getitem__)] for s in scores])
    confidence = np.array([max(s.topic.values()) for s in scores])
    right = truth == guess
    either = np.array([labels.topics[g] in (e.topic, *e.secondary) for g, e in zip(guess, examples, strict=True)])
    domains = np.array([t.split(".")[0] for t in labels.topics])
    same_domain = domains[truth] == domains[guess]
    size = len(examples)
    topic = {
        "accuracy": float(right.mean()),
        "accuracy_interval": interval(lambda rows: float(right[rows].mean()), size),
        "macro_f1": macro_f1(truth, guess),
        "macro_f1_interval": interval(lambda rows: macro_f1(truth[rows], guess[rows]), size),
        "accuracy_with_second": float(either.mean()),
        "domain_accuracy": float(same_domain.mean()),
        "ece": expected_calibration_error(confidence, right),
        "automation": {f"{q:.2f}": automation_rate(confidence, right, q) for q in (0.90, 0.95, 0.99)},
    }
    report: dict[str, Any] = {"messages": size, "topic": topic}
    for head in ("intent", "urgency", "ombudsman"):
        report[head] = _single(head, scores, examples)
    report["forms"] = _forms(scores, examples, labels)
    report["per_topic"] = _per_topic(truth, guess, labels.topics)
    return report


def automation_rate(confidence: NDArray[np.floating], right: NDArray[np.bool_], quality: float) -> float:
    """Largest share of messages, most confident first, of which at least ``quality`` are right."""
    order = np.argsort(-confidence, kind="stable")
    running = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(running >= quality)
    return float((good[-1] + 1) / len(order)) if len(good) else 0.0


def _single(head: str, scores: Sequence[Scores], examples: Sequence[Example]) -> dict[str, Any]:
    pairs = []
    for score, example in zip(scores, examples, strict=True):
        label, values = getattr(example, head), getattr(score, head)
        if label is not None:
            pairs.append((label, max(values, key=values.__getitem__)))
    if not pairs:
        return {}
    truth, guess = (list(side) for side in zip(*pairs, strict=True))
    names = sorted(set(truth))
    precision, recall, _, support = precision_recall_fscore_support(truth, guess, labels=names, zero_division=0)
    return {
        "accuracy": float(np.mean([t == g for t, g in pairs])),
        "per_label": {
            n: {"precision": float(p), "recall": float(r), "support": int(s)}
            for n, p, r, s in zip(names, precision, recall, support, strict=True)
        },
    }


def _forms(scores: Sequence[Scores], examples: Sequence[Example], labels: Labels, at: float = 0.5) -> dict[str, float]:
    rows = [(s.forms, e.forms) for s, e in zip(scores, examples, strict=True) if e.forms is not None]
    if not rows or not labels.forms:
        return {}
    truth = np.array([[f in t for f in labels.forms] for _, t in rows])
    guess = np.array([[s[f] >= at for f in labels.forms] for s, _ in rows])
    return {"micro_f1": float(f1_score(truth, guess, average="micro", zero_division=0)), "support": int(truth.sum())}


def _per_topic(
    truth: NDArray[np.int64], guess: NDArray[np.int64], topics: Sequence[str]
) -> Mapping[str, Mapping[str, float]]:
    present = np.unique(truth)
    precision, recall, f1, support = precision_recall_fscore_support(truth, guess, labels=present, zero_division=0)
    return {
        topics[t]: {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(s)}
        for t, p, r, f, s in zip(present, precision, recall, f1, support, strict=True)
    }
