"""Fixtures for all packages: a keyword model made of the taxonomy's own examples, and a sealed bundle that holds it."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

from models.bundle import seal
from models.keywords import KeywordClassifier, Vocabulary, features
from models.labels import HEADS, Labels
from pipeline.policy import Policy

# A slow machine is no defect: what must be quick is measured where it matters.
settings.register_profile("sapa", deadline=None)
settings.load_profile("sapa")


# A runner in the background ignores SIGINT, and so would every process that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The embedded policy."""
    return Policy.load()


@pytest.fixture(scope="session")
def labels(policy: Policy) -> Labels:
    """The label sets of the embedded policy."""
    return Labels(tuple(policy.topics), policy.intents, policy.urgencies, policy.forms, policy.ombudsman_statuses)


@pytest.fixture(scope="session")
def keyword_model(policy: Policy, labels: Labels) -> KeywordClassifier:
    """A keyword model whose topics are the centroids of the taxonomy's examples; the other heads are constant."""
    texts = {topic.id: " ".join((topic.title, *topic.examples)) for topic in policy.taxonomy.topics}
    counted: Counter[str] = Counter()
    for text in texts.values():
        counted.update(features(text, stems=False).keys())
    names = sorted(counted)
    idf = np.log(len(texts) / np.array([counted[name] for name in names])) + 1
    vocabulary = Vocabulary({name: at for at, name in enumerate(names)}, idf.astype(np.float32))
    topic = np.zeros((len(names), len(labels.topics)), np.float32)
    for column, label in enumerate(labels.topics):
        index, weight = vocabulary.vector(texts[label])
        topic[index, column] = 20 * weight
    weights = {head: np.zeros((len(names), len(labels.of(head))), np.float32) for head in HEADS} | {"topic": topic}
    biases = {head: _prefer(labels, head) for head in HEADS}
    return KeywordClassifier(vocabulary, labels, weights, biases, {}, "tiny-keywords", degraded=False)


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory, keyword_model: KeywordClassifier, labels: Labels) -> Path:
    """A sealed bundle without an encoder: what is left when only the keyword model runs."""
    folder = tmp_path_factory.mktemp("bundles") / "tiny"
    details = {"name": "tiny", "labels": labels.as_dict(), "max_tokens": 16, "scalings": {}, "pad_token": 0}
    seal(folder, details, keyword_model.save)
    return folder


def _prefer(labels: Labels, head: str) -> NDArray[np.float32]:
    """Scores that favour the label of an ordinary message; none of the multi-label heads."""
    if head in ("topic", "secondary", "forms"):
        return np.full(len(labels.of(head)), 0.0 if head == "topic" else -6.0, np.float32)
    usual = {"intent": "keluhan", "urgency": "normal", "ombudsman": "tidak"}[head]
    return np.array([4.0 if label == usual else 0.0 for label in labels.of(head)], np.float32)
