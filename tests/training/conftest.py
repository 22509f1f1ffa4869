"""Tiny checkpoints made on the spot: nothing is downloaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the training extra is not installed")

WORDS = {
    "gangguan.padam_area": ["padam", "sak RT peteng", "satu kampung gelap", "oglangan", "mati kabeh"],
    "tagihan.lonjakan": ["tagihan naik", "bayar larang", "rekening mahal", "boros tenan", "naik dua kali"],
    "tarif.diskon": ["diskon", "potongan setengah", "stimulus token", "rabat listrik", "kapan diskon"],
    "layanan.aplikasi": ["aplikasi error", "tidak bisa login", "otp ora mlebu", "app lemot", "layar putih"],
}
PLACES = ["Kutoarjo", "Sleman", "Slawi", "Kudus", "Wates", "Pedan", "Cepu", "Kroya"]


def write_wordpiece_checkpoint(folder: Path, width: int, layers: int, heads: int, vocabulary: int = 800) -> Path:
    """A randomly initialised BERT with a WordPiece tokenizer, in the layout of a hub checkpoint."""
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    lines = [f"{word} {place}" for words in WORDS.values() for word in words for place in PLACES]
    trainer = BertWordPieceTokenizer(lowercase=True)
    trainer.train_from_iterator(lines, vocab_size=vocabulary, min_frequency=1, show_progress=False)
    folder.mkdir(parents=True)
    trainer.save_model(str(folder))
    BertTokenizerFast(vocab=str(folder / "vocab.txt"), do_lower_case=True).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=max(vocabulary, trainer.get_vocab_size()), hidden_size=width, num_hidden_layers=layers,
        num_attention_heads=heads, intermediate_size=4 * width, type_vocab_size=2, max_position_embeddings=512,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return folder


def write_corpus(path: Path, repeats: int, offset: int = 0) -> Path:
    """Labelled messages of four topics that a small model can learn; ``offset`` gives other texts."""
    rows = [
        {"id": f"{topic}-{i}-{offset}",
         "text": f"{words[i % len(words)]} ing {PLACES[(i + offset) % 8]} nomer {i + offset}",
         "channel": "wa", "dialect": "mix", "topic": topic, "secondary": [], "intent": "keluhan",
         "urgency": "tinggi" if topic.startswith("gangguan") else "normal", "forms": [], "ombudsman": "tidak"}
        for topic, words in WORDS.items()
        for i in range(repeats)
    ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wordpiece_checkpoint(tmp_path_factory.mktemp("checkpoint") / "bert", width=64, layers=2, heads=2)


@pytest.fixture
def recipe(tmp_path: Path, tiny_checkpoint: Path) -> Path:
    write_corpus(tmp_path / "train.jsonl", repeats=40)
    write_corpus(tmp_path / "held.jsonl", repeats=10, offset=1_000)
    path = tmp_path / "recipe.yaml"
    path.write_text(
        f"""
name: tiny
encoder: {tiny_checkpoint}
keyword_features: 2000
data: {{train: [train.jsonl], dev: {{held: [held.jsonl]}}}}
fit: {{epochs: 6, batch_size: 16, encoder_rate: 5.0e-4, head_rate: 2.0e-2, max_tokens: 32}}
""",
        encoding="utf-8",
    )
    return path
