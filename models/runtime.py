"""Runs the exported encoder with ONNX Runtime: length-sorted batches, one padded matrix a batch.

Two graphs share one file of 8-bit weights: ``encoder.onnx`` multiplies in int8 with activation ranges measured
beforehand, so a text's scores do not depend on its batch mates; ``encoder.safe.onnx`` widens the weights to fp32.
At opening, stored examples decide: a processor whose int8 kernels disagree with the stored scores gets the safe graph.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.bundle import Bundle
from models.calibration import probabilities, softmax
from models.keywords import KeywordClassifier
from models.labels import HEADS, MULTI_LABEL, to_scores
from models.pool import opinion, pooled
from pipeline.errors import BundleError, TemporaryError
from pipeline.messages import Scores

logger = logging.getLogger("sapa.runtime")

INT8_GRAPH, SAFE_GRAPH, SELF_TEST = "encoder.onnx", "encoder.safe.onnx", "selftest.json"
BATCH_TOKENS = 512
BATCH_ITEMS = 16
"""Padded tokens and messages of one batch: larger ones were slower on two cores (``docs/experiments.md``)."""


def truncate(ids: list[int], limit: int) -> list[int]:
    """Head and tail of a long message: the first three quarters of the limit and the last quarter."""
    if len(ids) <= limit:
        return ids
    tail = limit // 4
    return ids[: limit - tail] + ids[-tail:]


def length_batches(lengths: Sequence[int], tokens: int = BATCH_TOKENS, items: int = BATCH_ITEMS) -> list[list[int]]:
    """Indices grouped by length, shortest first; each group pads to at most ``tokens`` and has at most ``items``."""
    batches: list[list[int]] = []
    current: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if current and (len(current) == items or (len(current) + 1) * lengths[index] > tokens):
            batches.append(current)
            current = []
        current.append(index)
    return [*batches, current] if current else batches


class EncoderClassifier:
    """Scores texts with the encoder, pooled with the bundle's keyword model if the bundle says so.

    Implements ``pipeline.classify.Classifier``.

    Args:
        threads: Threads of one inference; 0 leaves it to ONNX Runtime.
        graph: ``auto`` (int8 if the self-test passes, else safe), ``int8`` or ``safe``.

    Raises:
        BundleError: the graph cannot be loaded, or neither graph gives the stored scores.
    """

    def __init__(self, bundle: Bundle, threads: int = 0, graph: str = "auto") -> None:
        self.bundle = bundle
        self.labels = bundle.labels
        try:
            self._tokenizer = Tokenizer.from_file(str(bundle.folder / "tokenizer.json"))
        except Exception as error:  # the tokenizers library raises bare Exception
            raise BundleError(f"{bundle.version}: the tokenizer cannot be loaded") from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._pad = int(bundle.details["pad_token"])
        self._keywords = None
        if bundle.pool is not None:
            self._keywords = KeywordClassifier.load(bundle.folder, bundle.labels, bundle.version)
        choices = {"auto": (INT8_GRAPH, SAFE_GRAPH), "int8": (INT8_GRAPH,), "safe": (SAFE_GRAPH,)}[graph]
        for name in choices:
            self._session = _open_session(bundle.folder / name, threads)
            self.graph = name
            if (gap := self._self_test()) is None:
                break
            logger.warning("self-test of %s failed: scores differ by %.3f", name, gap)
        else:
            raise BundleError(
                f"{bundle.version}: the stored self-test fails on this processor with {', '.join(choices)}"
            )

    @property
    def version(self) -> str:
        """Version of the bundle."""
        return self.bundle.version

    @property
    def topics(self) -> Sequence[str]:
        """Topic labels."""
        return self.labels.topics

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, truncated to the bundle's length."""
        limit = self.bundle.max_tokens
        return [truncate(e.ids, limit) for e in self._tokenizer.encode_batch(list(texts))]

    def logits(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Logits of every head; head to (texts, labels), row i belongs to text i."""
        ids = self.token_ids(texts)
        out = {head: np.empty((len(texts), len(self.labels.of(head))), dtype=np.float32) for head in HEADS}
        for batch in length_batches([len(i) for i in ids]):
            width = len(ids[batch[-1]])
            matrix = np.full((len(batch), width), self._pad, dtype=np.int64)
            mask = np.zeros((len(batch), width), dtype=np.int64)
            for row, index in enumerate(batch):
                matrix[row, : len(ids[index])] = ids[index]
                mask[row, : len(ids[index])] = 1
            try:
                results = self._session.run(list(HEADS), {"input_ids": matrix, "attention_mask": mask})
            except Exception as error:  # ONNX Runtime's errors share no public base class
                raise TemporaryError(f"inference failed on a batch of {len(batch)} x {width} tokens") from error
            for head, values in zip(HEADS, results, strict=True):
                out[head][batch] = values
        return out

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Scores of ``texts``; item i belongs to text i."""
        if not texts:
            return []
        logits, scalings = self.logits(texts), self.bundle.scalings
        if self._keywords is not None and self.bundle.pool is not None:
            mine = {head: opinion(head, values, scalings[head]) for head, values in logits.items()}
            logits, scalings = (
                pooled(mine, self._keywords.opinions(texts), self.bundle.pool.weights),
                self.bundle.pool.scalings,
            )
        return to_scores(self.labels, probabilities(logits, scalings, MULTI_LABEL))

    def _self_test(self) -> float | None:
        """None if the stored examples score as at sealing, else by how much they differ.

        The difference is the mean over the examples of the largest change of a topic's probability: int8 on a sound
        processor moves single examples, kernels that saturate move all.
        """
        stored: Mapping[str, Any] = json.loads((self.bundle.folder / SELF_TEST).read_text(encoding="utf-8"))
        got = softmax(self.logits(stored["texts"])["topic"], self.bundle.scalings["topic"].temperature)
        error = float(np.abs(got - np.array(stored["topic"])).max(axis=1).mean())
        return None if error <= stored["tolerance"] else error


def _open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning threads burn the core that the HTTP server needs between two messages.
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if threads != 1 else "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no public base class
        raise BundleError(f"{path.parent.name}/{path.name} cannot be loaded by ONNX Runtime") from error
