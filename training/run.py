"""From a recipe to a sealed bundle: read, prepare, fine-tune, calibrate, evaluate, export, gate, seal."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle, seal
from models.calibration import Scaling, probabilities
from models.labels import HEADS, MULTI_LABEL, Labels, to_scores
from models.pool import opinion, pooled
from models.runtime import SELF_TEST, EncoderClassifier, truncate
from pipeline.errors import BundleError
from pipeline.messages import Scores
from pipeline.prepare import TextPreparer
from training.calibrate import fit_pool, fit_scalings
from training.card import model_card
from training.data import Example, join_labels, read_examples, without_leaks
from training.evaluate import evaluate
from training.export import to_onnx, write_quantised
from training.keywords import fit_keywords, with_scalings
from training.recipe import Recipe
from training.targets import encode_targets
from training.train import fine_tune, predict

logger = logging.getLogger("sapa.training")

Pairs = list[tuple[Example, str]]
SELF_TEST_SIZE = 32
RANGE_SAMPLES = 400
"""Training texts on which the ranges of the int8 activations are measured."""
SELF_TEST_TOLERANCE = 0.06
"""Mean over the stored examples of the largest change of a topic's probability; 0.02 is usual, see experiments."""
INT8_MARGIN = 0.01
"""Topic accuracy that int8 may cost over all evaluation sets; more and the bundle is not sealed."""


@dataclass(frozen=True)
class Material:
    """Prepared data of one run.

    Attributes:
        own: Training pairs of the recipe's own corpus: texts that may ship.
        train: ``own`` and the private ones, without what is held out.
        dev: Named evaluation sets.
    """

    own: Pairs
    train: Pairs
    dev: Mapping[str, Pairs]

    @property
    def held(self) -> Pairs:
        """All evaluation sets together."""
        return [pair for pairs in self.dev.values() for pair in pairs]


def read_material(recipe: Recipe, labels: Labels) -> Material:
    """Examples of every part with the text a model sees; nothing held out is also trained on."""
    preparer = TextPreparer()

    def pairs(patterns: Iterable[str]) -> Pairs:
        files = recipe.files(patterns)
        return [(e, preparer.model_text(e.text)) for e in read_examples(files, labels)] if files else []

    dev = {name: pairs(patterns) for name, patterns in recipe.data.dev.items()}
    held = [text for part in dev.values() for _, text in part]
    own = without_leaks(pairs(recipe.data.train), held)
    joined = join_labels(recipe.files(recipe.data.labels), recipe.files(recipe.data.private_texts), labels)
    private = pairs(recipe.data.private_train) + [(e, preparer.model_text(e.text)) for e in joined]
    return Material(own=own, train=without_leaks([*own, *private], held), dev=dev)


def run(recipe: Recipe, labels: Labels, taxonomy_version: str, out: Path, work: Path) -> tuple[Bundle, dict[str, Any]]:
    """A sealed bundle at ``out`` and its figures by evaluation set and model.

    Args:
        work: Checkpoints; a killed run goes on from here.

    Errors:
        InvalidInput: the recipe or the data. BundleError: the int8 gate, or sealing.
    """
    material = read_material(recipe, labels)
    held = _texts(material.held)
    logger.info("training on %d messages, %d held out", len(material.train), len(held))
    targets = _stack([encode_targets(example, labels) for example, _ in material.held])
    keywords = fit_keywords(material.train, labels, recipe.keyword_features, recipe.name)
    keywords = with_scalings(keywords, fit_scalings(keywords.logits(held), targets))
    model, tokenizer = fine_tune(
        recipe.encoder_source(), recipe.layers, recipe.fit, labels, material.train, work, recipe.seed
    )
    logits = predict(model, tokenizer, held, recipe.fit.max_tokens)
    scalings = fit_scalings(logits, targets)
    pool = fit_pool({h: opinion(h, v, scalings[h]) for h, v in logits.items()}, keywords.opinions(held), targets)
    logger.info("shares of the keyword model: %s", pool.weights)

    def encoder_alone(texts: Sequence[str]) -> list[Scores]:
        logits = predict(model, tokenizer, texts, recipe.fit.max_tokens)
        return to_scores(labels, probabilities(logits, scalings, MULTI_LABEL))

    def both(texts: Sequence[str]) -> list[Scores]:
        logits = predict(model, tokenizer, texts, recipe.fit.max_tokens)
        mine = {h: opinion(h, v, scalings[h]) for h, v in logits.items()}
        return to_scores(
            labels, probabilities(pooled(mine, keywords.opinions(texts), pool.weights), pool.scalings, MULTI_LABEL)
        )

    metrics = {
        "keywords": _figures(keywords.classify, material, labels),
        "encoder": _figures(encoder_alone, material, labels),
        "pooled": _figures(both, material, labels),
    }
    samples = material.train[:: max(1, len(material.train) // RANGE_SAMPLES)]
    details = {
        "name": recipe.name, "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "taxonomy_version": taxonomy_version, "labels": labels.as_dict(), "max_tokens": recipe.fit.max_tokens,
        "pad_token": tokenizer.pad_token_id, "scalings": _pairs(scalings),
        "pool": {"weights": pool.weights, "scalings": _pairs(pool.scalings)},
        "encoder": {"origin": recipe.encoder, "layers": model.encoder.config.num_hidden_layers,
                    "width": model.encoder.config.hidden_size, "type": model.encoder.config.model_type},
        "training": recipe.model_dump(mode="json", include={"name", "layers", "seed", "fit", "keyword_features"})
        | {"messages": len(material.train), "own_messages": len(material.own)},
    }  # fmt: skip

    def write(folder: Path) -> None:
        ids = [truncate(i, recipe.fit.max_tokens) for i in tokenizer(_texts(samples))["input_ids"]]
        write_quantised(to_onnx(model), folder, ids)
        tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
        keywords.save(folder)
        stored = _texts(material.own or material.train)[:: max(1, len(material.own) // SELF_TEST_SIZE)][:SELF_TEST_SIZE]
        topic = np.array([[s.topic[t] for t in labels.topics] for s in encoder_alone(stored)])
        test = {"texts": stored, "topic": topic.round(4).tolist(), "tolerance": SELF_TEST_TOLERANCE}
        (folder / SELF_TEST).write_text(json.dumps(test, ensure_ascii=False), encoding="utf-8")
        (folder / "metrics.json").write_text(json.dumps(metrics, indent=1), encoding="utf-8")
        (folder / "model_card.md").write_text(model_card(details, metrics), encoding="utf-8")

    draft = seal(work / "draft" / datetime.now(UTC).strftime("%Y%m%d%H%M%S"), details, write)
    metrics["shipped (int8)"] = _figures(EncoderClassifier(draft, graph="int8").classify, material, labels)
    lost = _right(metrics["pooled"]) - _right(metrics["shipped (int8)"])
    if lost > INT8_MARGIN:
        raise BundleError(
            f"int8 costs {lost:.3f} of topic accuracy on what is held out; at most {INT8_MARGIN} is allowed"
        )
    return seal(out, details, write), metrics


def _figures(classify: Callable[[Sequence[str]], list[Scores]], material: Material, labels: Labels) -> dict[str, Any]:
    return {
        name: evaluate(classify(_texts(pairs)), [example for example, _ in pairs], labels)
        for name, pairs in material.dev.items()
    }


def _pairs(scalings: Mapping[str, Scaling]) -> dict[str, list[float]]:
    return {head: [scaling.temperature, scaling.shift] for head, scaling in scalings.items()}


def _right(figures: Mapping[str, Any]) -> float:
    """Topic accuracy over all sets together."""
    sets = figures.values()
    return float(sum(s["topic"]["accuracy"] * s["messages"] for s in sets) / sum(s["messages"] for s in sets))


def _texts(pairs: Pairs) -> list[str]:
    return [text for _, text in pairs]


def _stack(targets: Sequence[dict[str, Any]]) -> dict[str, NDArray[np.integer]]:
    return {head: np.array([t[head] for t in targets]) for head in HEADS}
