"""Dates: days and months as customers name them, resolved by the day the message came.

"2 Maret", "4, 11, dan 18 November", "tgl 14", "21/8", "sejak Juli", "Senin", "kemarin". A date without its year is the
last such day; a message that names its own "now" ("sekarang 9 Mei") is measured from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from pipeline.policy_models import Sourced
from pipeline.words import Words


class CalendarWords(Sourced):
    """Names of months, weekdays, days gone by, and the words beside them.

    Attributes:
        doubtful: Names that are other words as well; a month only beside a day, a year or a word for month.
        ago: Words for so many days ago.
        year_words: Words before a year told alone.
        now: Words before the date that the writer calls the present.
        address: Words after which "3/2" is no date.
    """

    months: Mapping[str, int]
    doubtful: frozenset[str]
    weekdays: Mapping[str, int]
    ago: Mapping[str, int]
    day_words: frozenset[str]
    month_words: frozenset[str]
    year_words: frozenset[str]
    now: frozenset[str]
    address: frozenset[str]
    joining: frozenset[str]


class Dated(NamedTuple):
    """A date at words ``start:end``; ``exact`` is False where only the month or the weekday is told."""

    start: int
    end: int
    day: date
    exact: bool
    present: bool


class _Told(NamedTuple):
    start: int
    end: int
    day: int | None
    month: int | None
    year: int | None
    back: int | None  # days ago


class Dates:
    """Finds dates by a policy's words."""

    def __init__(self, words: CalendarWords) -> None:
        self._words = words

    def find(self, words: Words, today: date) -> list[Dated]:
        """The dates of a text in order, resolved to the last such day not after the writer's present."""
        told = self._share_months(self._tell(words), words)
        present = today
        for item in told:
            if self._present(item, words) and (day := _resolve(item, today, last=True)):
                present = day
        found = []
        for item in told:
            now = self._present(item, words)
            day = _resolve(item, today if now else present, last=now)
            if day is not None:
                found.append(Dated(item.start, item.end, day, item.day is not None or item.back is not None, now))
        return found

    def _present(self, item: _Told, words: Words) -> bool:
        before = words.words[max(0, item.start - 3) : item.start]
        return item.month is not None and bool(self._words.now.intersection(before))

    def _tell(self, words: Words) -> list[_Told]:
        told: list[_Told] = []
        i = 0
        while i < len(words):
            item = self._at(words, i)
            if item is None:
                i += 1
            else:
                told.append(item)
                i = item.end
        return told

    def _at(self, words: Words, i: int) -> _Told | None:
        known = self._words
        word = words.words[i]
        if word in known.ago:
            return _Told(i, i + 1, None, None, None, known.ago[word])
        if word in known.weekdays:
            return _Told(i, i + 1, None, None, None, -1 - known.weekdays[word])
        if word[0].isdigit():
            return self._from_number(words, i)
        if word in known.months:
            beside = words.words[i - 1] if i else ""
            year = _year(words, i + 1)
            if word in known.doubtful and not (year or beside in known.month_words):
                return None
            return _Told(i, i + 1 + bool(year), None, known.months[word], year, None)
        return None

    def _from_number(self, words: Words, i: int) -> _Told | None:
        known = self._words
        word = words.words[i]
        beside = words.words[i - 1] if i else ""
        if "/" in word:
            parts = word.split("/") if len(word) <= 10 else []
            if beside in known.address or len(parts) not in (2, 3) or not all(part.isdecimal() for part in parts):
                return None
            day, month = int(parts[0]), int(parts[1])
            year = int(parts[2]) % 100 + 2000 if len(parts) == 3 else None
            valid = 1 <= day <= 31 and 1 <= month <= 12 and word not in ("1/2", "24/7")
            return _Told(i, i + 1, day, month, year, None) if valid else None
        if (year := _year(words, i)) is not None:
            return _Told(i, i + 1, None, None, year, None) if beside in known.year_words else None
        if len(word) > 2 or not word.isdecimal() or not 1 <= int(word) <= 31:
            return None
        following = words.words[i + 1] if i + 1 < len(words) else ""
        skip = 1 if following in known.month_words else 0
        month_name = words.words[i + 1 + skip] if i + 1 + skip < len(words) else ""
        if month_name in known.months:
            year = _year(words, i + 2 + skip)
            return _Told(i, i + 2 + skip + bool(year), int(word), known.months[month_name], year, None)
        if beside in known.day_words:
            return _Told(i, i + 1, int(word), None, None, None)
        return None

    def _share_months(self, told: list[_Told], words: Words) -> list[_Told]:
        """Bare days before a full date take its month: "4, 11, dan 18 November"."""
        found: list[_Told] = []
        for item in told:
            shared: list[_Told] = []
            if item.day is not None and item.month is not None and "/" not in words.words[item.start]:
                shared = [
                    _Told(at, at + 1, int(words.words[at]), item.month, item.year, None)
                    for at in self._days_before(item.start, words)
                ]
            while shared and found and found[-1].start >= shared[-1].start:
                found.pop()  # the bare day had been read without its month
            found += [*reversed(shared), item]
        return found

    def _days_before(self, start: int, words: Words) -> Iterator[int]:
        """Places of bare days right before the word ``start``, joined by commas or "and"."""
        at = start - 1
        while at >= 0 and words.sentence[at] == words.sentence[start]:
            word = words.words[at]
            if len(word) <= 2 and word.isdecimal() and 1 <= int(word) <= 31:
                yield at
            elif word not in self._words.joining:
                break
            at -= 1


def _year(words: Words, i: int) -> int | None:
    word = words.words[i] if i < len(words) else ""
    return int(word) if len(word) == 4 and word.isdecimal() and word.startswith(("19", "20")) else None


def _resolve(item: _Told, present: date, *, last: bool) -> date | None:
    """The day meant, not after ``present``; ``last``: the last day of a month told alone, else its first."""
    if item.back is not None:
        days = item.back if item.back >= 0 else (present.weekday() + 1 + item.back) % 7
        return present - timedelta(days=days)
    month, year = item.month, item.year
    if year is not None and month is None:
        month = 7 if year < present.year else 1
    if month is None:
        month, year = present.month, present.year
        if item.day is not None and item.day > present.day:
            month, year = (month - 1, year) if month > 1 else (12, year - 1)
    elif year is None:
        day = item.day if item.day is not None else 1
        year = present.year - ((month, day) > (present.month, present.day))
    day = item.day if item.day is not None else (15 if last else 1)
    try:
        resolved = date(year, month, day)
    except ValueError:
        return None
    return min(resolved, present) if item.day is None and last else resolved
