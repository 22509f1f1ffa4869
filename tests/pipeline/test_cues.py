"""Cues find what their line says, in the sentence and within the reach it says, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cues import Cues, CueSet
from pipeline.errors import PolicyError
from pipeline.words import split_words


def cue_set(cues: str, **near: dict[str, int]) -> CueSet:
    return CueSet.model_validate({"cues": cues, "source": "written for Sapa", **near})


def found(text: str, cues: str, **sets: str) -> list[str]:
    words = split_words(text)
    spans = Cues({"x": cue_set(cues), **{name: cue_set(line) for name, line in sets.items()}}).find(words)["x"]
    return [" ".join(words.words[start:end]) for start, end in spans]


@pytest.mark.parametrize(
    ("text", "cues", "expected", "reason"),
    [
        ("Kabelnya putus", "kabel*", ["kabelnya"], "beginning, capitals"),
        ("rumahnya", "*nya", ["rumahnya"], "end"),
        ("kabel", "kabe", [], "a word is whole"),
        ("ombusdman", "~ombudsman", ["ombusdman"], "two letters changed places"),
        ("ombudsma", "~ombudsman", ["ombudsma"], "a letter missing"),
        ("omnibus", "~ombudsman", [], "another word"),
        ("kabel jatuh", "kabel jatuh|putus", ["kabel jatuh"], "one of two"),
        ("kabel, jatuh", "kabel jatuh", ["kabel jatuh"], "a comma does not part"),
        ("ganti kabel. jatuh", "kabel jatuh", [], "a full stop does"),
        ("kabel di depan rumah jatuh", "kabel _3 jatuh", ["kabel di depan rumah jatuh"], "three words between"),
        ("kabel di depan rumah kami jatuh", "kabel _3 jatuh", [], "four are too many"),
        ("kabel. Tadi jatuh", "kabel __3 jatuh", ["kabel tadi jatuh"], "two underscores leave the sentence"),
        ("kabel sudah jatuh", "kabel ?sudah jatuh", ["kabel sudah jatuh"], "optional, there"),
        ("kabel jatuh", "kabel ?sudah jatuh", ["kabel jatuh"], "optional, absent"),
        ("lapor 4 kali", "lapor # kali", ["lapor 4 kali"], "a number"),
        ("matiii lagiii", "mati lagi", ["mati lagi"], "elongation"),
        ("mati2 terus", "mati-mati", ["mati-mati"], "a digit doubles"),
        ("mléyot", "mleyot", ["mleyot"], "accents"),
        ("Rp. 500.000", "rp #", ["rp 500.000"], "the point of an abbreviation ends no sentence"),
    ],
)
def test_a_cue_is_found_where_its_line_says(text: str, cues: str, expected: list[str], reason: str) -> None:
    assert found(text, cues) == expected, reason


def test_a_set_may_stand_in_another() -> None:
    assert found("wayer abang pedhot", "@kawat _1 pedhot", kawat="kabel*, wayer*") == ["wayer abang pedhot"]


def test_a_span_beside_another_set_is_dropped() -> None:
    cues = Cues({"api": cue_set("api", not_after={"tidak": 1}), "tidak": cue_set("tidak, ora")})
    assert not cues.find(split_words("tidak ada api"))["api"]
    assert cues.find(split_words("ora mambu nanging metu api"))["api"]  # too far
    assert cues.find(split_words("tidak apa-apa, api"))["api"]  # another clause


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        ({"a": cue_set("@b")}, "unknown sets: b"),
        ({"a": cue_set("@b"), "b": cue_set("@a")}, "circle"),
        ({"a": cue_set("_3 kabel")}, "begins with a word"),
        ({"a": cue_set("?ada kabel")}, "begins with a word"),
    ],
)
def test_a_cue_that_cannot_be_meant_is_refused(sets: dict[str, CueSet], said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        Cues(sets)


@given(st.text(max_size=300))
@settings(max_examples=80)
def test_words_know_their_place(text: str) -> None:
    words = split_words(text)
    assert len(words.words) == len(words.starts) == len(words.ends) == len(words.sentence) == len(words.clause)
    assert all(0 <= start < end <= len(text) for start, end in zip(words.starts, words.ends, strict=True))
    assert list(words.sentence) == sorted(words.sentence)
    assert list(words.clause) == sorted(words.clause)
