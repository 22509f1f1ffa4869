"""The language guess tells Indonesian, Javanese, ngapak, their mixture and English apart."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import PolicyError
from pipeline.language import LANGUAGES, POLICY, LanguageGuess

GUESS = LanguageGuess()


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [
        ("Mohon info kapan listrik di kampung kami nyala kembali, sudah dua jam", "id", "plain Indonesian"),
        ("tokennya ga bisa masuk nih min, udah dicoba berkali2", "id", "chat spelling"),
        ("listrike mati wiwit mau, sak RT peteng kabeh, kapan urip maneh", "jv", "ngoko"),
        ("Nuwun sewu, griya kula pejah piyambak wiwit enjing wau, nyuwun dipunpriksa", "jv", "krama"),
        ("nyong wis mbayar deneng listrike urung urip bae, kepriwe kiye", "ngapak", "markers of Banyumas"),
        ("laka lampune kabeh, koen pada turu apa, priben kiye", "ngapak", "markers of Tegal"),
        (
            "mas listrik rumah saya mati dari tadi pagi, tulung dicek nggih, kulo sampun telpon",
            "mix",
            "both halves",
        ),
        ("Dear PLN, our house has been without power since yesterday, please help", "en", "English"),
        ("", "other", "nothing to read"),
        ("[NAMA] [IDPEL] 081 5500", "other", "placeholders and numbers tell nothing"),
        ("🔥🔥⚡", "other", "signs are no words"),
    ],
)
def test_the_language_is_guessed(text: str, language: str, reason: str) -> None:
    assert GUESS.guess(text) == language, reason


@pytest.mark.parametrize("text", ["LISTRIKE MATI MANEH KI PIYE TO", "listrike mati manehhh ki piyeee to"])
def test_capitals_and_elongation_do_not_change_the_guess(text: str) -> None:
    assert GUESS.guess(text) == "jv"


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_text_gets_one_of_the_languages(text: str) -> None:
    assert GUESS.guess(text) in LANGUAGES


@given(st.text(max_size=100))
@settings(max_examples=40, deadline=None)
def test_saying_it_twice_does_not_change_the_guess(text: str) -> None:
    assert GUESS.guess(text) == GUESS.guess(f"{text}\n{text}")


def test_word_lists_of_other_languages_are_refused(tmp_path: Path) -> None:
    shutil.copytree(POLICY, tmp_path / "policy")
    file = tmp_path / "policy" / "language.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("  en:\n", "  nl:\n", 1), encoding="utf-8")
    with pytest.raises(PolicyError, match="id, jv, ngapak, en"):
        LanguageGuess(tmp_path / "policy")


def test_a_missing_file_is_a_policy_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"language\.yaml cannot be read"):
        LanguageGuess(tmp_path)
