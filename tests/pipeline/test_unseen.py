"""Personal data and places in messages by a writer who saw none of the rules: floors, and the figures with ``-s``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipeline.locate import Locator
from pipeline.normalise import clean
from pipeline.redact import Redactor

FOLDER = Path(__file__).parent.parent / "unseen"


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


def test_personal_data_is_found_and_look_alike_numbers_stay() -> None:
    redactor, items, found, clean_rows, untouched = Redactor(), 0, 0, 0, 0
    for row in _rows("pii.jsonl"):
        text = row["text"]
        entities = redactor.redact(clean(text), text).entities
        covered = {i for e in entities for i in range(e.start, e.end)}
        if not row["entities"]:
            clean_rows += 1
            untouched += not entities
        for item in row["entities"]:
            items += 1
            start = text.index(item["value"])
            letters = [i for i in range(start, start + len(item["value"])) if text[i].isalnum()]
            found += covered.issuperset(letters)
    print(f"personal data: {found} of {items} found; {untouched} of {clean_rows} clean messages untouched")
    assert found >= 0.94 * items
    assert untouched >= 0.95 * clean_rows


def test_places_are_resolved_or_asked_and_hardly_ever_wrong() -> None:
    redactor, locator, rows = Redactor(), Locator(), _rows("places.jsonl")
    right = wrong = 0
    for row in rows:
        redacted = redactor.redact(clean(row["text"]), row["text"])
        place, _ = locator.locate(redacted.clean, redacted.idpel_prefix)
        right += place.unit == row["unit"]
        wrong += place.unit not in (None, row["unit"])
    print(f"places: {right} of {len(rows)} right; {wrong} confidently wrong")
    assert right >= 0.94 * len(rows)
    assert wrong <= 3
