"""Words: a text cut into words that know their place, their sentence and their clause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

_WORD = re.compile(
    r"(?P<holder>\[[A-Z][A-Z_]{1,20}(?::\w{1,8})?\])|(?P<number>\d+(?:[.,/:]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:[-'’`][^\W\d_]+)*)(?P<twice>[2²](?!\d))?|(?P<sign>[🔥⚡💥])"
    r"|(?P<hard>[.!?;\n…])|(?P<soft>[,:()–—-])"
)
_PLAIN = str.maketrans("èéêëÈÉÊËåÅ’`", "eeeeEEEEaA''")  # Javanese is written with and without its accents
_ABBREVIATION = re.compile(  # its point ends no sentence
    "rp|tgl|no|nmr|jl|jln|gg|kec|kab|ds|dk|dr|drs|bp|bpk|sdr|an|yth|hal|lap|gol|kel|prov|telp|hp|wa|idpel|rt|rw"
)
_LONG = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text.

    Attributes:
        words: Lower case, elongation removed, "mati2" as "mati-mati"; numbers and placeholders are words too.
        starts, ends: Range of code points of the text, word by word.
        sentence, clause: Number of the sentence and of the clause, word by word.
    """

    words: Sequence[str] = field(repr=False)
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)
    sentence: Sequence[int] = field(repr=False)
    clause: Sequence[int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.words)


@lru_cache(maxsize=256)  # extraction, hazards and Ombudsman rules read the same text one after another
def split_words(text: str) -> Words:
    """The words of ``text``, with their sentences and clauses."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    sentences: list[int] = []
    clauses: list[int] = []
    sentence = clause = 0
    for match in _WORD.finditer(text):
        kind = match.lastgroup
        if match[0] == "." and words and ends[-1] == match.start() and _ABBREVIATION.fullmatch(words[-1]):
            continue
        if kind == "hard":
            sentence += 1
            clause += 1
            continue
        if kind == "soft":
            clause += 1
            continue
        if match["word"]:
            word = match["word"].translate(_PLAIN).lower()
            if len(word) > 2:
                word = _LONG.sub(r"\1", word)
            if match["twice"]:
                word = f"{word}-{word}"
        else:
            word = match[0].lower().replace(",", ".")
        words.append(word)
        starts.append(match.start())
        ends.append(match.end())
        sentences.append(sentence)
        clauses.append(clause)
    return Words(words, starts, ends, sentences, clauses)
