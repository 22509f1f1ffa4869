"""Measure: quantities in a text, each a number with what it counts.

Power, money, lengths of time, clock times, kilowatt-hours, meter readings and counts ("4x", "ping telu"). What a
quantity means for the matter is for ``pipeline.history``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import Field

from pipeline.numerals import Number, NumberWords, Numerals
from pipeline.policy_models import Sourced, Strict
from pipeline.words import Words


class DurationWords(Sourced):
    """Units of time: ``hours`` of one unit, words that mean one unit, named spans, words for working days."""

    hours: Mapping[str, float]
    one: Mapping[str, float]
    named: Mapping[str, float]
    working: frozenset[str]


class PowerWords(Sourced):
    """Steps of power in VA, breakers in ampere, and the words around them."""

    va: frozenset[int]
    ampere: Mapping[int, int]
    unit: frozenset[str]
    kilo: frozenset[str]
    ampere_unit: frozenset[str]
    cue: frozenset[str]


class AmountWords(Sourced):
    """Words before and after a sum of money, and the scales that make a number one."""

    before: frozenset[str]
    after: frozenset[str]
    scales: frozenset[str]
    scaled: frozenset[str]


class MeasureWords(Strict):
    """All that ``Quantities`` reads by."""

    numbers: NumberWords
    durations: DurationWords
    power: PowerWords
    amount: AmountWords
    kwh_unit: frozenset[str]
    stand_words: frozenset[str]
    clock_words: frozenset[str]
    kali: frozenset[str] = Field(description="times")


class Quantity(NamedTuple):
    """A quantity at words ``start:end``.

    ``value``: VA, rupiah, hours, kWh, reading, times, or minutes of the day, by ``type``.
    """

    type: str
    start: int
    end: int
    value: float


LONGEST_HOURS = 100 * 8760  # more is no length of time
MOST_UNITS = 400  # nor is "450 sasi": a class of power before a month
WORKING_DAY = 1.4  # calendar days, five working days being a week


class Quantities:
    """Finds quantities by a policy's words."""

    def __init__(self, words: MeasureWords) -> None:
        self._words = words
        self._numerals = Numerals(words.numbers)
        known = words.numbers
        self._first = {*known.small, *known.scaled, *known.half}

    def number(self, words: Words, i: int) -> Number | None:
        """The number that begins at word ``i``."""
        word = words.words[i]
        return self._numerals.read(words, i) if word[:1].isdigit() or word in self._first else None

    def find(self, words: Words) -> list[Quantity]:
        """The quantities of a text in order; a number is read once."""
        found: list[Quantity] = []
        i = 0
        while i < len(words):
            quantity = self._at(words, i)
            if quantity is None:
                number = self.number(words, i)
                i = number.end if number else i + 1
            else:
                found.append(quantity)
                i = quantity.end
        return found

    def _at(self, words: Words, i: int) -> Quantity | None:
        word = words.words[i]
        durations = self._words.durations
        if word in durations.one:
            return Quantity("duration", i, i + 1, durations.one[word])
        if word in durations.named:
            return Quantity("duration", i, i + 1, durations.named[word])
        if word in self._words.clock_words and (clock := self._clock(words, i)):
            return clock
        if word in self._words.kali and (number := self._after(words, i)):
            return Quantity("count", i, number.end, number.value)
        number = self.number(words, i)
        if number is None:
            return None
        for read in (self._duration, self._count, self._kwh, self._power, self._amount):
            if quantity := read(words, i, number):
                return quantity
        return None

    def _after(self, words: Words, i: int) -> Number | None:
        """The number right after word ``i``, in the same sentence."""
        if i + 1 < len(words) and words.sentence[i + 1] == words.sentence[i]:
            return self.number(words, i + 1)
        return None

    def _next(self, words: Words, number: Number) -> str:
        """The word right after a number, in the same clause."""
        at = number.end
        return words.words[at] if at < len(words) and words.clause[at] == words.clause[at - 1] else ""

    def _duration(self, words: Words, i: int, number: Number) -> Quantity | None:
        hours = self._words.durations.hours.get(self._next(words, number))
        if hours is None or number.value * hours > LONGEST_HOURS or number.value > MOST_UNITS:
            return None
        end = number.end + 1
        value = number.value * hours
        if end < len(words) and words.words[end] in self._words.durations.working:
            value, end = value * WORKING_DAY, end + 1
        return Quantity("duration", i, end, value)

    def _count(self, words: Words, i: int, number: Number) -> Quantity | None:
        if self._next(words, number) in self._words.kali and number.value == int(number.value):
            return Quantity("count", i, number.end + 1, number.value)
        return None

    def _kwh(self, words: Words, i: int, number: Number) -> Quantity | None:
        if self._next(words, number) in self._words.kwh_unit:
            return Quantity("kwh", i, number.end + 1, number.value)
        if number.digits and i and words.words[i - 1] in self._words.stand_words:
            return Quantity("stand", i, number.end, number.value)
        return None

    def _power(self, words: Words, i: int, number: Number) -> Quantity | None:
        known = self._words.power
        unit = self._next(words, number)
        if unit in known.kilo:
            return Quantity("power_va", i, number.end + 1, round(number.value * 1000))
        if unit in known.ampere_unit and number.value in known.ampere:
            return Quantity("power_va", i, number.end + 1, known.ampere[int(number.value)])
        if number.value not in known.va:
            return None
        if unit in known.unit:
            return Quantity("power_va", i, number.end + 1, number.value)
        before = words.words[max(0, i - 3) : i]
        if known.cue.intersection(before) and not self._words.amount.before.intersection(before[-1:]):
            return Quantity("power_va", i, number.end, number.value)
        return None

    def _amount(self, words: Words, i: int, number: Number) -> Quantity | None:
        known = self._words.amount
        before = words.words[i - 1] if i else ""
        read = words.words[i : number.end]
        scaled = read[-1] in known.scales or read[-1] in known.scaled
        scaled = scaled or any(word in known.scales for word in read[:-1])
        large = number.digits and number.value >= 1000 and "." in read[0]
        marked = before in ("rp", "idr") or self._next(words, number) in known.after
        if marked or scaled or (large and known.before.intersection(words.words[max(0, i - 3) : i])):
            end = number.end + (self._next(words, number) in known.after)
            return Quantity("amount", i - (before in ("rp", "idr")), end, number.value)
        return None

    def _clock(self, words: Words, i: int) -> Quantity | None:
        if i and words.words[i - 1][:1].isdigit() and words.sentence[i - 1] == words.sentence[i]:
            return None  # "3 jam 20 menit" is a length of time
        at = i + 1
        if at >= len(words) or words.sentence[at] != words.sentence[i]:
            return None
        half = words.words[at] in self._words.numbers.half or words.words[at] == "1/2"
        minutes = _minutes(words.words[at])
        if minutes is not None and not half:
            return Quantity("clock", i, at + 1, minutes)
        number = self.number(words, at + half) if at + half < len(words) else None
        if number is None or not 0 <= number.value <= 24:
            return None
        return Quantity("clock", i, number.end, number.value * 60 - 30 * half)


def _minutes(word: str) -> float | None:
    """Minutes of the day of "18.30", "18:30", "7"; None if it is no clock time."""
    hours, _, minutes = word.replace(":", ".").partition(".")
    if not (hours.isdecimal() and len(hours) <= 2 and (not minutes or (minutes.isdecimal() and len(minutes) == 2))):
        return None
    value = int(hours) * 60 + int(minutes or 0)
    return value if value <= 24 * 60 and int(minutes or 0) < 60 else None


def iso_duration(hours: float) -> str:
    """ISO 8601: days from one day on ("P21D"), else hours or minutes ("PT5H", "PT30M")."""
    if hours >= 24:
        return f"P{round(hours / 24)}D"
    return f"PT{round(hours)}H" if hours >= 1 else f"PT{round(hours * 60)}M"


def moments(quantities: list[Quantity], kind: str) -> Iterator[Quantity]:
    """Those of one type."""
    return (quantity for quantity in quantities if quantity.type == kind)
