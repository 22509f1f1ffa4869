"""Changes that must not change the topic: what each does to a text, and how failures are counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.keywords import KeywordClassifier
from models.labels import Labels
from pipeline.errors import InvalidInput
from pipeline.messages import Entity
from pipeline.policy import Policy
from pipeline.prepare import Preparer, TextPreparer
from training.behaviour import Change, behaviour_figures, changed, load_behaviour
from training.data import Example
from training.decisions import answer

TESTS = {test.id: test for test in load_behaviour()}


def _entity(kind: str, text: str, word: str) -> Entity:
    start = text.index(word)
    return Entity(kind, start, start + len(word), word, personal=False)


@pytest.mark.parametrize(
    ("test", "text", "entities", "expected"),
    [
        ("capitals", "token saya", (), "TOKEN SAYA"),
        ("emoji", "token saya", (), "token saya 🙏"),
        ("ngoko", "Listrik belum nyala, kenapa?", (), "Listrik durung nyala, ngopo?"),
        ("ngoko", "SUDAH mati", (), "WIS mati"),  # capitals are kept
        ("ngoko", "sudahlah", (), "sudahlah"),  # whole words only
        ("ngapak", "rumah saya", (), "umah inyong"),
        ("amounts", "bayar Rp150.000 tgl 3", [("amount", "Rp150.000")], "bayar Rp260.000 tgl 3"),  # only the amount
        ("amounts", "bayar lima ribu", [("amount", "lima ribu")], "bayar lima ribu"),  # no digit to change
        ("places", "mati di Slawi", [("place", "Slawi")], "mati di Kudus"),
        ("places", "mati di slawi", [("place", "slawi")], "mati di kudus"),
        ("places", "mati di Kudus", [("place", "Kudus")], "mati di Klaten"),  # never the same place
    ],
)
def test_a_change_does_what_it_says(
    test: str, text: str, entities: Sequence[tuple[str, str]], expected: str
) -> None:
    found = [_entity(kind, text, word) for kind, word in entities]
    assert changed(TESTS[test], text, found, 0) == expected


@given(st.text(max_size=200), st.integers(0, 1_000))
def test_typos_are_few_and_the_same_at_every_run(text: str, number: int) -> None:
    once = changed(TESTS["typos"], text, (), number)
    assert once == changed(TESTS["typos"], text, (), number)
    words = text.split()
    assert abs(len(once) - len(text)) <= max(1, len(text) // 5)
    assert len(once.split()) == len(words)


def test_typos_leave_short_words_and_numbers_alone() -> None:
    assert changed(TESTS["typos"], "min 0812345678901 mati", (), 3) == "min 0812345678901 mati"
    assert changed(TESTS["typos"], "pemadaman", (), 3) != "pemadaman"


def test_of_two_entities_that_overlap_one_is_changed() -> None:
    text = "di Kec. Wedi sekarang"
    both = [_entity("place", text, "Kec. Wedi"), _entity("place", text, "Wedi")]
    assert changed(TESTS["places"], text, both, 0) == "di Kec. Kudus sekarang"


def test_a_model_that_reads_capitals_only_fails_the_test_of_capitals(
    keyword_model: KeywordClassifier, labels: Labels, policy: Policy
) -> None:
    texts = [text for topic in policy.taxonomy.topics[:6] for text in topic.examples]
    examples = [
        Example(str(i), text, policy.taxonomy.topics[i // 2].id, (), None, None, None, None, "wa", None, "s")
        for i, text in enumerate(texts)
    ]

    class Shouted(KeywordClassifier):
        def classify(self, texts: Sequence[str]) -> list[object]:  # type: ignore[override]
            return super().classify(["token ditolak gagal" if text.isupper() else text for text in texts])

    model = Shouted(
        keyword_model.vocabulary, labels, keyword_model.weights, keyword_model.biases, {}, "shouted", degraded=False
    )
    read = TextPreparer().model_text
    answers = answer(model, examples, [read(text) for text in texts], policy, Preparer())
    test = Change(id="shout", kind="upper", title="x", about="x", source="written for Sapa")
    calm = Change(id="calm", kind="append", title="x", about="x", texts=(" ...",), source="written for Sapa")
    figures = behaviour_figures([test, calm], model, lambda text: text, examples, answers.results)
    assert figures["shout"]["failures"]["value"] == 1.0
    assert figures["shout"]["failures"]["of"] == len(texts)
    assert figures["calm"]["failures"]["value"] == 0.0


def test_a_test_without_what_it_needs_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "behaviour.yaml"
    path.write_text(
        "tests: [{id: a, kind: words, title: A, about: A, source: written for Sapa}]", encoding="utf-8"
    )
    with pytest.raises(InvalidInput, match="test a: kind words needs its texts or words"):
        load_behaviour(path)
