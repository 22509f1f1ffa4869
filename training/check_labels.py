"""Likely label errors: messages whose topic a keyword model, fitted on the other messages, does not believe.

Confident learning (Northcutt, Jiang, Chuang 2021, JAIR 70; cleanlab) on out-of-fold probabilities. The features and
weights are those of ``models.keywords``; only the topic is fitted, since all six heads in five folds take minutes.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence

import numpy as np
from cleanlab.filter import find_label_issues
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from models.keywords import features
from training.check_rows import Finding, Row

_FOLDS = 5
_COLUMNS = 20_000  # 0.80 right out of fold on 10,000 messages; 8,000 give 0.75
_STEPS = 40  # bounds the time; accuracy on 10,000 messages no longer rises after 25
_LEAST = 100  # with fewer messages the probabilities say nothing


def find_label_errors(rows: Sequence[Row], texts: Sequence[str]) -> list[Finding]:
    """Warnings, least believed first. A message whose second topic is the suggested one is left out.

    Topics with fewer messages than there are folds are not judged; nor is anything below ``_LEAST`` messages.
    """
    support = Counter(row.topic for row in rows)
    topics = sorted(topic for topic, count in support.items() if count >= _FOLDS)
    judged = [i for i, row in enumerate(rows) if row.topic in topics]
    if len(judged) < _LEAST or len(topics) < 2:
        return []
    given = np.array([topics.index(rows[i].topic) for i in judged])
    believed = _out_of_fold([texts[i] for i in judged], given)
    doubtful = find_label_issues(given, believed, return_indices_ranked_by="self_confidence", n_jobs=1)
    found = []
    for at in doubtful.tolist():
        row, likely = rows[judged[at]], int(believed[at].argmax())
        if topics[likely] in (row.topic, *row.secondary):
            continue
        found.append(
            Finding(
                "warning",
                "label_error",
                f"{row.topic}, perhaps {topics[likely]} ({believed[at, likely]:.2f})",
                **row.where,
                more={
                    "given": row.topic,
                    "given_confidence": round(float(believed[at, given[at]]), 4),
                    "suggested": topics[likely],
                    "confidence": round(float(believed[at, likely]), 4),
                },
            )
        )
    return found


def _out_of_fold(texts: Sequence[str], given: NDArray[np.int64]) -> NDArray[np.float64]:
    """Probabilities (texts, topics), each text's by a model that has not seen it."""
    counted = [list(features(text).elements()) for text in texts]
    believed = np.zeros((len(texts), int(given.max()) + 1))
    for seen, unseen in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(counted, given):
        weigh = TfidfVectorizer(
            analyzer=_as_it_is, sublinear_tf=True, min_df=2, max_features=_COLUMNS, dtype=np.float32
        )
        matrix = weigh.fit_transform([counted[i] for i in seen])
        model = LogisticRegression(C=8.0, class_weight="balanced", max_iter=_STEPS, tol=1e-3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the number of steps is bounded on purpose
            model.fit(matrix, given[seen])
        believed[unseen] = model.predict_proba(weigh.transform([counted[i] for i in unseen]))
    return believed


def _as_it_is(counted: list[str]) -> list[str]:
    return counted
