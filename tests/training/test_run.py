"""The whole path on a tiny checkpoint: fine-tune, calibrate, export, quantise, seal, open, score."""

from pathlib import Path

import numpy as np
import pytest

from models.bundle import open_bundle
from models.runtime import EncoderClassifier
from pipeline.errors import InvalidInput
from tests.training.conftest import write_corpus, write_wordpiece_checkpoint
from training.commands import evaluate, train
from training.recipe import load_recipe

pytestmark = pytest.mark.filterwarnings("default")  # torch's exporter and Trainer warn of their own deprecations


def test_a_recipe_becomes_a_bundle_that_serves_what_was_trained(recipe: Path, tmp_path: Path) -> None:
    metrics = train(recipe, tmp_path / "bundle", tmp_path / "work")
    assert metrics["shipped (int8)"]["held"]["topic"]["accuracy"] >= 0.9
    bundle = open_bundle(tmp_path / "bundle")
    int8, safe = EncoderClassifier(bundle, graph="int8"), EncoderClassifier(bundle, graph="safe")
    texts = ["sak rt peteng ing Sleman", "tagihan naik ing Kudus nomer 3"]
    for quick, exact in zip(int8.classify(texts), safe.classify(texts), strict=True):
        assert list(quick.topic.values()) == pytest.approx(list(exact.topic.values()), abs=0.08)
    assert set(evaluate(tmp_path / "bundle", [tmp_path / "held.jsonl"])) == {"encoder", "keywords"}


def test_a_text_scores_the_same_alone_and_among_others(recipe: Path, tmp_path: Path) -> None:
    train(recipe, tmp_path / "bundle", tmp_path / "work")
    model = EncoderClassifier(open_bundle(tmp_path / "bundle"), graph="int8")
    texts = [f"{'listrik padam ' * (i % 5 + 1)}nomer {i}" for i in range(40)]
    together = model.logits(texts)["topic"]
    alone = np.concatenate([model.logits([text])["topic"] for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_the_same_code_trains_an_indobert_checkpoint(tmp_path: Path) -> None:
    """IndoBERT-base: BERT with WordPiece, 768 wide, 12 heads, 3,072 inside. Two of its layers keep the test short."""
    checkpoint = write_wordpiece_checkpoint(tmp_path / "indobert", width=768, layers=12, heads=12)
    write_corpus(tmp_path / "train.jsonl", repeats=16)
    write_corpus(tmp_path / "held.jsonl", repeats=6, offset=1_000)
    path = tmp_path / "recipe.yaml"
    path.write_text(
        f"name: indobert\nencoder: {checkpoint}\nlayers: 2\nkeyword_features: 1000\n"
        "data: {train: [train.jsonl], dev: {held: [held.jsonl]}}\n"
        "fit: {epochs: 8, batch_size: 16, encoder_rate: 1.0e-4, head_rate: 1.0e-2, max_tokens: 32}\n",
        encoding="utf-8",
    )
    train(path, tmp_path / "bundle", tmp_path / "work")
    bundle = open_bundle(tmp_path / "bundle")
    assert (bundle.details["encoder"]["type"], bundle.details["encoder"]["width"]) == ("bert", 768)
    scores = EncoderClassifier(bundle).classify(["tagihan naik ing Kudus nomer 7"])[0]
    assert max(scores.topic, key=scores.topic.__getitem__) == "tagihan.lonjakan"


def test_an_unknown_key_of_a_recipe_is_refused_with_the_valid_ones(recipe: Path) -> None:
    recipe.write_text(recipe.read_text(encoding="utf-8") + "\nlearning_rate: 3\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"learning_rate.*keys are \['data', 'encoder'"):
        load_recipe(recipe)
