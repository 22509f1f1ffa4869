"""The keyword model: TF-IDF on words, stems and character n-grams, one linear layer a head.

It is at once the baseline to beat, the degraded mode when the encoder fails, and the test double. It needs numpy and
PySastrawi only; ``training.keywords`` fits it.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

from models.calibration import Scaling, probabilities
from models.labels import HEADS, MULTI_LABEL, Labels, to_scores
from models.pool import opinion
from pipeline.messages import Scores

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*|[!?]")
MAX_WORDS = 400
"""Words read of one message: enough for a page, and a bound on hostile input."""


@lru_cache(maxsize=1)
def _stemmer() -> object:
    return StemmerFactory().create_stemmer(isDev=False)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The Indonesian stem of a lower-case word (Sastrawi, Nazief-Adriani); the word itself when it has none."""
    return str(_stemmer().stem(word)) or word if 3 < len(word) < 25 else word  # type: ignore[attr-defined]


def features(text: str, stems: bool = True) -> Counter[str]:
    """Feature counts of a prepared text: words and word pairs, stems, character 3- to 5-grams inside words."""
    words = [w.casefold() for w in _WORD.findall(text)[:MAX_WORDS]]
    found: Counter[str] = Counter()
    for word in words:
        found[f"w {word}"] += 1
        if stems and (root := stem(word)) != word:
            found[f"s {root}"] += 1
        padded = f"_{word[:24]}_"
        for size in (3, 4, 5):
            for at in range(len(padded) - size + 1):
                found[f"c {padded[at : at + size]}"] += 1
    for first, second in pairwise(words):
        found[f"b {first} {second}"] += 1
    return found


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Feature to column, with inverse document frequencies (columns,)."""

    columns: Mapping[str, int]
    idf: NDArray[np.float32]

    def vector(self, text: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Column indices and L2-normalised TF-IDF weights of a text; both empty if no feature is known."""
        counts = {self.columns[f]: n for f, n in features(text).items() if f in self.columns}
        index = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        weight = np.fromiter((1 + math.log(n) for n in counts.values()), dtype=np.float32, count=len(counts))
        weight *= self.idf[index]
        norm = float(np.linalg.norm(weight))
        return index, weight / norm if norm else weight


class KeywordClassifier:
    """Scores texts by keywords. Implements ``pipeline.classify.Classifier``.

    Args:
        weights: Head to (columns, labels).
        biases: Head to (labels,).
        degraded: What its scores say of themselves: True as a fallback, False as a model of its own.
    """

    def __init__(
        self, vocabulary: Vocabulary, labels: Labels, weights: Mapping[str, NDArray[np.float32]],
        biases: Mapping[str, NDArray[np.float32]], scalings: Mapping[str, Scaling], version: str, degraded: bool = True,
    ) -> None:  # fmt: skip
        self.vocabulary = vocabulary
        self.labels = labels
        self.weights = weights
        self.biases = biases
        self.scalings = scalings
        self.degraded = degraded
        self._version = version

    @property
    def version(self) -> str:
        """Version of the bundle it came in."""
        return self._version

    @property
    def topics(self) -> Sequence[str]:
        """Topic labels."""
        return self.labels.topics

    def logits(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Logits of every head; head to (texts, labels)."""
        vectors = [self.vocabulary.vector(text) for text in texts]
        return {
            head: np.stack([weight @ self.weights[head][index] + self.biases[head] for index, weight in vectors])
            for head in HEADS
        }

    def opinions(self, texts: Sequence[str]) -> dict[str, NDArray[np.floating]]:
        """What it brings to a pool, see ``models.pool.opinion``; head to (texts, labels)."""
        return {h: opinion(h, v, self.scalings.get(h, Scaling())) for h, v in self.logits(texts).items()}

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Scores of ``texts``; item i belongs to text i."""
        if not texts:
            return []
        return to_scores(self.labels, probabilities(self.logits(texts), self.scalings, MULTI_LABEL), self.degraded)

    def save(self, folder: Path) -> None:
        """Writes ``keywords.json`` and ``keywords.safetensors`` (int8, one scale a label)."""
        order = sorted(self.vocabulary.columns, key=self.vocabulary.columns.__getitem__)
        scalings = {head: [s.temperature, s.shift] for head, s in self.scalings.items()}
        content = {"features": order, "scalings": scalings}
        (folder / "keywords.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        tensors = {"idf": self.vocabulary.idf.astype(np.float16)}
        for head in HEADS:
            scale = np.maximum(np.abs(self.weights[head]).max(axis=0), 1e-9) / 127
            tensors[f"{head}.weight"] = np.rint(self.weights[head] / scale).astype(np.int8)
            tensors[f"{head}.scale"] = scale.astype(np.float32)
            tensors[f"{head}.bias"] = self.biases[head].astype(np.float32)
        save_file(tensors, folder / "keywords.safetensors")

    @classmethod
    def load(cls, folder: Path, labels: Labels, version: str, degraded: bool = True) -> KeywordClassifier:
        """The keyword model of a bundle folder, verified by the caller."""
        content = json.loads((folder / "keywords.json").read_text(encoding="utf-8"))
        tensors = load_file(folder / "keywords.safetensors")
        columns = {feature: i for i, feature in enumerate(content["features"])}
        return cls(
            Vocabulary(columns, tensors["idf"].astype(np.float32)),
            labels,
            {head: tensors[f"{head}.weight"] * tensors[f"{head}.scale"] for head in HEADS},
            {head: tensors[f"{head}.bias"] for head in HEADS},
            {head: Scaling(*pair) for head, pair in content["scalings"].items()},
            version,
            degraded,
        )
