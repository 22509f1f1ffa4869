"""Numerals: numbers as customers write them, in digits and in Indonesian, Javanese and ngapak words.

"1.218.000", "dua puluh lima", "satu setengah juta", "selawe ewu", "kalih atus seket ewu". A number is read from words
(``pipeline.words``); what it counts is for the caller.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.policy_models import Sourced
from pipeline.words import Words

_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3}){1,4}")
_LONGEST = 12  # words of the longest number read


class NumberWords(Sourced):
    """Words of numbers.

    Attributes:
        small: Words with a value of their own below 1,000 ("telu", "selawe", "satus").
        teens: Words that add ten or twenty ("belas", "likur").
        tens, hundreds: Words that multiply the word before by 10, by 100.
        scales: Words that multiply all before ("ewu", "juta").
        scaled: Words that are one of a scale ("sewu", "sejuta").
        half: Words for a half.
    """

    small: Mapping[str, int]
    teens: Mapping[str, int]
    tens: frozenset[str]
    hundreds: frozenset[str]
    scales: Mapping[str, int]
    scaled: Mapping[str, int]
    half: frozenset[str]


class Number(NamedTuple):
    """A number, the word after it, and whether it was written in digits."""

    value: float
    end: int
    digits: bool


def plain(word: str) -> float | None:
    """The value of a word in digits: points group thousands or mark decimals; None if it is no number."""
    if not word[:1].isdigit():
        return None
    if _GROUPED.fullmatch(word):
        return float(word.replace(".", ""))
    if "/" in word or ":" in word:
        return 0.5 if word == "1/2" else None
    head, _, tail = word.partition(".")
    if len(head) > 15 or not (head + tail).isdecimal():
        return None
    return float(f"{head}.{tail}") if tail else float(head)


class Numerals:
    """Reads numbers by a policy's words."""

    def __init__(self, words: NumberWords) -> None:
        self._words = words

    def read(self, words: Words, i: int) -> Number | None:
        """The longest number that begins at word ``i``, within its clause."""
        reading = _Reading()
        at = i
        while at < min(len(words), i + _LONGEST) and words.clause[at] == words.clause[i]:
            following = words.words[at + 1] if at + 1 < len(words) else ""
            if not self._take(reading, words.words[at], following):
                break
            at += 1
        return Number(reading.value, at, reading.digits) if at > i else None

    def _take(self, so_far: _Reading, word: str, following: str) -> bool:
        """Whether ``word`` goes on the number; if so it is added."""
        known = self._words
        value = plain(word)
        if value is not None:
            if so_far.last is not None or so_far.group:
                return False
            so_far.last, so_far.digits = value, True
        elif (small := known.small.get(word)) is not None:
            return so_far.add(small)
        elif word in known.scaled and so_far.last is None and not so_far.group:
            so_far.total += known.scaled[word]
        elif word in known.half and following not in known.small:
            so_far.last = (so_far.last or 0) + 0.5
        elif word in known.scales and (so_far.last is not None or so_far.group):
            so_far.total += (so_far.group + (so_far.last or 0)) * known.scales[word]
            so_far.group, so_far.last = 0, None
        elif so_far.last is None or so_far.last >= 10:
            return False
        elif word in known.teens:
            so_far.group, so_far.last = so_far.group + so_far.last + known.teens[word], None
        elif word in known.tens or word in known.hundreds:
            so_far.group, so_far.last = so_far.group + so_far.last * (10 if word in known.tens else 100), None
        else:
            return False
        return True


@dataclass(slots=True)
class _Reading:
    """A number half read: ``last`` may still be multiplied, ``group`` is below 1,000, ``total`` is done."""

    total: float = 0.0
    group: float = 0.0
    last: float | None = None
    digits: bool = False

    @property
    def value(self) -> float:
        return self.total + self.group + (self.last or 0)

    def add(self, small: int) -> bool:
        """Whether a word of its own value fits here: "seket lima", "satus seket", not "lima seket"."""
        if self.last is not None:
            return False
        if small < 10:
            if self.group % 10:
                return False
            self.last = small
        elif small < 100:
            if self.group % 100:
                return False
            self.group += small
        else:
            if self.group:
                return False
            self.group = small
        return True
