from pathlib import Path

import pytest

from models.keywords import KeywordClassifier, features, stem
from models.labels import Labels
from training.data import Example
from training.keywords import fit_keywords

LABELS = Labels(
    ("gangguan.padam", "tagihan.naik", "lain"), ("keluhan",), ("normal", "tinggi"), ("penundaan",), ("tidak",)
)


def _example(text: str, topic: str, urgency: str = "normal", forms: tuple[str, ...] = ()) -> tuple[Example, str]:
    return Example("x", text, topic, (), "keluhan", urgency, forms, "tidak", "wa", "id", "own"), text


TRAIN = [
    _example("listrik padam dari pagi", "gangguan.padam", "tinggi"),
    _example("rumah padam total", "gangguan.padam", "tinggi"),
    _example("lampu padam lagi", "gangguan.padam", "tinggi"),
    _example("tagihan bulan ini naik", "tagihan.naik", forms=("penundaan",)),
    _example("kok tagihan saya naik terus", "tagihan.naik"),
    _example("tagihannya naik dua kali", "tagihan.naik", forms=("penundaan",)),
]


@pytest.fixture(scope="module")
def model() -> KeywordClassifier:
    return fit_keywords(TRAIN, LABELS, 2_000, "test")


def test_stems_join_forms_of_one_word() -> None:
    assert stem("tagihannya") == stem("tagihan") == "tagih"
    assert "s tagih" in features("tagihannya mahal")


def test_it_learns_what_the_words_say(model: KeywordClassifier) -> None:
    first, second = model.classify(["padam semua", "tagihan naik lagi"])
    assert max(first.topic, key=first.topic.__getitem__) == "gangguan.padam"
    assert max(second.topic, key=second.topic.__getitem__) == "tagihan.naik"


def test_its_scores_are_probabilities_and_say_that_they_are_degraded(model: KeywordClassifier) -> None:
    for scores in model.classify(["padam", "", "xyzzy 123"]):
        assert scores.degraded
        assert sum(scores.topic.values()) == pytest.approx(1.0)
        assert all(0 <= p <= 1 for p in scores.forms.values())


def test_a_label_without_examples_is_never_chosen(model: KeywordClassifier) -> None:
    assert all(scores.topic["lain"] < 1e-3 for scores in model.classify(["padam", "naik", "apa saja"]))


def test_the_same_scores_come_back_from_disk(model: KeywordClassifier, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = KeywordClassifier.load(tmp_path, LABELS, "test")
    for before, after in zip(model.classify(["tagihan padam"]), loaded.classify(["tagihan padam"]), strict=True):
        assert after.topic == pytest.approx(before.topic, abs=0.01)


def test_no_texts_give_no_scores(model: KeywordClassifier) -> None:
    assert model.classify([]) == []
