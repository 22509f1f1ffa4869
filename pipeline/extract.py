"""Extract: what a message states, as facts that rules may read and people may check.

Entities are spans of the received text with a canonical value. The facts about earlier contacts, waits and the
Ombudsman are read by cues (``policy/extraction.yaml``) and are meant to be right when they speak, not to find every
telling: the classifier reads the same text. Not covered: what is told only by a picture, or by earlier messages.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from pipeline.cues import Cues, CueSet, read_policy
from pipeline.dates import CalendarWords, Dates
from pipeline.history import History
from pipeline.measure import MeasureWords, Quantities, Quantity, iso_duration
from pipeline.messages import Aligned, Entity, Facts
from pipeline.policy_models import Programmes, Sourced
from pipeline.words import Words, split_words

POLICY = Path(__file__).parent / "policy"


class _Displays(Sourced):
    """Texts of a meter's display; ``common`` ones count only in capitals or near one of ``near``."""

    words: Mapping[str, str]
    common: frozenset[str]
    near: frozenset[str]


class _Codes(Sourced):
    """Numbers with a form of their own: the names of the regular expressions are the entity types."""

    report_number: tuple[str, ...]
    tariff: tuple[str, ...]


class _ExtractionPolicy(MeasureWords):
    calendar: CalendarWords
    displays: _Displays
    codes: _Codes
    sets: Mapping[str, CueSet]


class Extractor:
    """Reads facts by ``extraction.yaml`` and the programmes' aliases of a policy folder. Errors: ``PolicyError``."""

    def __init__(self, policy: Path = POLICY) -> None:
        loaded = read_policy(policy, "extraction.yaml", _ExtractionPolicy)
        self._quantities = Quantities(loaded)
        self._dates = Dates(loaded.calendar)
        self._displays = loaded.displays
        self._codes = {
            kind: re.compile("|".join(f"(?:{pattern})" for pattern in getattr(loaded.codes, kind)), re.IGNORECASE)
            for kind in ("report_number", "tariff")
        }
        self._history = History(Cues(loaded.sets))
        self._programmes = Cues(_programme_sets(policy))

    def extract(self, text: Aligned, received_at: datetime) -> Facts:
        """The facts of a cleaned and redacted text; spans are those of the received text.

        Args:
            received_at: What "two weeks ago" and a date without a year are measured from.
        """
        words = split_words(text.text)
        quantities = self._quantities.find(words)
        dates = self._dates.find(words, received_at.date())
        codes = [
            (kind, match.start(), match.end())
            for kind in self._codes
            for match in self._codes[kind].finditer(text.text)
        ]
        reports = {text.text[start:end].lower() for kind, start, end in codes if kind == "report_number"}
        told = self._history.read(words, quantities, dates, len(reports), received_at.date())
        entities = [_entity(text, kind, start, end, text.text[start:end].upper()) for kind, start, end in codes]
        taken = sorted((start, end) for _, start, end in codes)
        for kind, first, last, value in (
            *(_shown(quantity) for quantity in quantities if quantity.type != "count"),
            *(("date", item.start, item.end, item.day.isoformat()) for item in dates),
            *(("meter_display", at, at + 1, value) for at, value in self._shown_by_meter(words, text.text)),
            *self._named(words),
        ):
            start, end = words.starts[first], words.ends[last - 1]
            if not _overlaps(taken, start, end):
                entities.append(_entity(text, kind, start, end, value))
        entities.sort(key=lambda entity: (entity.start, entity.end, entity.type))
        return Facts(entities=tuple(entities), **told)

    def _shown_by_meter(self, words: Words, text: str) -> Iterator[tuple[int, str]]:
        known = self._displays
        for at, word in enumerate(words.words):
            value = known.words.get(word)
            if value is None:
                continue
            shouted = text[words.starts[at] : words.ends[at]].isupper() and not _all_shouted(text)
            if word not in known.common or shouted or known.near.intersection(words.words[max(0, at - 3) : at + 3]):
                yield at, value

    def _named(self, words: Words) -> Iterator[tuple[str, int, int, str]]:
        for name, spans in self._programmes.find(words).items():
            start, end = spans[0]
            yield "programme", start, end, name


def _programme_sets(policy: Path) -> dict[str, CueSet]:
    programmes = read_policy(policy, "programmes.yaml", Programmes).programmes
    return {
        entry.id: CueSet(
            cues=tuple(" ".join(split_words(alias).words) for alias in entry.aliases if split_words(alias).words),
            source=entry.source,
        )
        for entry in programmes
        if entry.aliases
    }


def _overlaps(taken: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    at = bisect_left(taken, (end, 0))  # the first that begins at or after the end
    return at > 0 and taken[at - 1][1] > start


def _all_shouted(text: str) -> bool:
    """Whether capitals mean nothing here: most letters are capitals."""
    letters = [char for char in text[:2000] if char.isalpha()]
    return sum(char.isupper() for char in letters) * 2 > len(letters)


def _shown(quantity: Quantity) -> tuple[str, int, int, str]:
    if quantity.type == "duration":
        value = iso_duration(quantity.value)
    elif quantity.type == "clock":
        value = f"{int(quantity.value) // 60:02d}:{int(quantity.value) % 60:02d}"
    else:
        value = f"{quantity.value:g}" if quantity.value < 1e6 else str(round(quantity.value))
    return quantity.type, quantity.start, quantity.end, value


def _entity(text: Aligned, kind: str, start: int, end: int, value: str) -> Entity:
    received_start, received_end = text.span(start, end)
    return Entity(type=kind, start=received_start, end=received_end, value=value, personal=False)
