import json
from pathlib import Path

import pytest

from models.labels import Labels
from pipeline.errors import InvalidInput
from training.data import Example, read_examples, without_leaks

LABELS = Labels(("tarif.diskon", "tarif.info"), ("keluhan",), ("normal",), ("tidak_patut",), ("tidak",))


def _write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows), encoding="utf-8")
    return path


def test_topic_alone_is_enough(tmp_path: Path) -> None:
    (example,) = read_examples([_write(tmp_path / "a.jsonl", {"text": "apa", "topic": "tarif.info"})], LABELS)
    assert (example.intent, example.forms, example.source) == (None, None, "a")


def test_an_unknown_label_is_refused_with_the_nearest_names(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.jsonl", {"text": "x", "topic": "tarif.info"}, {"text": "x", "topic": "tarif.diskn"})
    with pytest.raises(InvalidInput, match=r"a\.jsonl line 2: unknown topic 'tarif.diskn'; nearest: tarif.diskon"):
        read_examples([path], LABELS)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{broken", "line 1: not JSON at column 2"),
        ({"topic": "tarif.info"}, "line 1: missing text"),
        ({"text": 3, "topic": "tarif.info"}, "line 1: missing text"),
        ({"text": "x", "topic": "tarif.info", "forms": ["marah"]}, "unknown forms 'marah'"),
        ("", "holds no labelled message"),
    ],
)
def test_bad_rows_are_named_by_line_and_never_quoted(tmp_path: Path, row: object, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_examples([_write(tmp_path / "a.jsonl", row)], LABELS)


def test_nothing_held_out_is_trained_on_and_duplicates_count_once() -> None:
    def pair(text: str) -> tuple[Example, str]:
        return Example("x", text, "tarif.info", (), None, None, None, None, "wa", None, "s"), text

    kept = without_leaks([pair("satu"), pair("dua"), pair("SATU"), pair("tiga")], ["Dua"])
    assert [text for _, text in kept] == ["satu", "tiga"]
