import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.messages import Aligned
from pipeline.normalise import clean, normalise, spell

_TEXT = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from("aAbiou2²43 \n\t&;lt<>gamp#xﬁ\u200b\u0301\u00a0İ!?.")),
    max_size=80,
)


@given(_TEXT)
def test_cleaning_and_spelling_are_idempotent(text: str) -> None:
    once = clean(text).text
    assert clean(once).text == once
    assert spell(spell(once)) == spell(once)
    assert normalise(normalise(text)) == normalise(text)


@given(_TEXT)
def test_every_cleaned_code_point_knows_where_it_came_from(text: str) -> None:
    aligned = clean(text)
    last = 0
    for i in range(len(aligned.text)):
        start, end = aligned.span(i, i + 1)
        assert 0 <= start <= end <= len(text)
        assert start >= last
        last = start


@given(st.text(alphabet="abc", min_size=3, max_size=12), st.integers(0, 3), st.integers(0, 3))
def test_an_edit_maps_back_to_what_it_replaced(text: str, start: int, length: int) -> None:
    end = min(len(text), start + length)
    edited = Aligned(text).replace([(start, end, "[X]")])
    assert edited.text == text[:start] + "[X]" + text[end:]
    if start < end:
        assert edited.span(start, start + 3) == (start, end)
    if end < len(text):
        assert edited.span(start + 3, start + 4) == (end, end + 1)


@pytest.mark.parametrize(
    ("received", "read"),
    [
        ("LISTRIK  mattiiii!!!!!", "listrik matti!!"),
        ("lampu mati2 terus", "lampu mati-mati terus"),  # reduplication
        ("kadang2nya", "kadang-kadangnya"),
        ("l4mpu p4d4m", "lampu padam"),  # digits inside words
        ("daya 900w, 2x, jam7, R1M, B2", "daya 900w, 2x, jam7, r1m, b2"),  # not digits inside words
        ("lapor 3x", "lapor 3x"),
        ("５２１２", "5212"),  # full-width digits
        ("ℌ𝔞𝔩𝔬", "halo"),  # letters dressed up
        ("a&amp;lt;b", "a<b"),  # escaped twice
        ("a&amp;#38;amp; b &nbsp;c &tidak; d", "a& b c &tidak; d"),  # a chain, a space, no entity
        ("satu<br/>dua", "satu\ndua"),
        ("pa\u200bdam", "padam"),  # zero-width space inside a word
        ("lihat https://x.id/a?b=1 ya", "lihat tautan ya"),
        ("x < 3 dan y > 2", "x < 3 dan y > 2"),  # not a tag
        ("\x00\x07tes", "tes"),
    ],
)
def test_what_people_type_becomes_what_they_meant(received: str, read: str) -> None:
    assert normalise(received) == read


def test_hostile_input_takes_linear_time() -> None:
    for text in (
        "a2" * 250_000,
        "&amp;" * 100_000,
        "&" + "amp;" * 200_000,
        "<b" * 250_000,
        "é" * 250_000,
        " \n" * 250_000,
        "l4" * 200_000 + "l",
    ):
        start = time.perf_counter()
        normalise(text)
        assert time.perf_counter() - start < 8
