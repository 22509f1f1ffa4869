"""Fits the keyword model of ``models.keywords`` with scikit-learn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from models.calibration import Scaling
from models.keywords import KeywordClassifier, Vocabulary, features
from models.labels import HEADS, MULTI_LABEL, Labels
from training.data import Example
from training.targets import IGNORED, encode_targets

_STRENGTH = 8.0  # inverse regularisation; chosen among 2, 8, 32 by 5-fold accuracy on the training data


def fit_keywords(
    train: Sequence[tuple[Example, str]], labels: Labels, columns: int, version: str, degraded: bool = True
) -> KeywordClassifier:
    """A keyword model of at most ``columns`` features (those in most documents, seen in at least two)."""
    counted = [features(text) for _, text in train]
    vocabulary = _vocabulary(counted, columns)
    empty = KeywordClassifier(vocabulary, labels, {}, {}, {}, version, degraded)
    matrix = _matrix(empty.vocabulary, [text for _, text in train])
    targets = [encode_targets(example, labels) for example, _ in train]
    weights: dict[str, NDArray[np.float32]] = {}
    biases: dict[str, NDArray[np.float32]] = {}
    for head in HEADS:
        target = np.array([t[head] for t in targets])
        fit = _fit_many if head in MULTI_LABEL else _fit_one
        weights[head], biases[head] = fit(matrix, target, len(labels.of(head)))
    return KeywordClassifier(vocabulary, labels, weights, biases, {}, version, degraded)


def with_scalings(model: KeywordClassifier, scalings: Mapping[str, Scaling]) -> KeywordClassifier:
    """The same model with these calibrations."""
    return KeywordClassifier(
        model.vocabulary, model.labels, model.weights, model.biases, scalings, model.version, model.degraded
    )


def _vocabulary(counted: Sequence[Counter[str]], columns: int) -> Vocabulary:
    documents: Counter[str] = Counter()
    for counts in counted:
        documents.update(counts.keys())
    ranked = sorted((f for f, n in documents.items() if n >= 2), key=lambda f: (-documents[f], f))[:columns]
    idf = np.log((1 + len(counted)) / (1 + np.array([documents[f] for f in ranked]))) + 1
    return Vocabulary({f: i for i, f in enumerate(ranked)}, idf.astype(np.float32))


def _matrix(vocabulary: Vocabulary, texts: Sequence[str]) -> csr_matrix:
    vectors = [vocabulary.vector(text) for text in texts]
    pointers = np.cumsum([0, *(len(i) for i, _ in vectors)])
    return csr_matrix(
        (np.concatenate([w for _, w in vectors]), np.concatenate([i for i, _ in vectors]), pointers),
        shape=(len(texts), len(vocabulary.columns)),
    )


def _logistic(matrix: csr_matrix, target: NDArray[np.int64]) -> LogisticRegression:
    return LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=200, tol=1e-3).fit(matrix, target)


def _fit_one(
    matrix: csr_matrix, target: NDArray[np.int64], count: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    known = np.flatnonzero(target != IGNORED)
    weight = np.zeros((matrix.shape[1], count), dtype=np.float32)
    bias = np.full(count, -20.0, dtype=np.float32)  # a label without examples is never chosen
    present = np.unique(target[known])
    if len(present) == 1:
        bias[present[0]] = 0.0
    if len(present) < 2:
        return weight, bias
    model = _logistic(matrix[known], target[known])
    rows, intercepts = model.coef_, model.intercept_
    if len(present) == 2:
        rows, intercepts = np.stack([-rows[0], rows[0]]) / 2, np.array([-intercepts[0], intercepts[0]]) / 2
    weight[:, present] = rows.T
    bias[present] = intercepts
    return weight, bias


def _fit_many(
    matrix: csr_matrix, target: NDArray[np.int64], count: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    weight = np.zeros((matrix.shape[1], count), dtype=np.float32)
    bias = np.full(count, -20.0, dtype=np.float32)
    known = np.flatnonzero(target[:, 0] != IGNORED)
    for label in range(count):
        answers = target[known, label].astype(int)
        if 0 < answers.sum() < len(answers):
            model = _logistic(matrix[known], answers)
            weight[:, label], bias[label] = model.coef_[0], model.intercept_[0]
    return weight, bias
