"""Labelled messages: read, checked against the taxonomy, prepared as serving prepares them."""

from __future__ import annotations

import difflib
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.labels import Labels
from pipeline.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message.

    Attributes:
        forms: None if the message was not labelled for them; the same holds for the other heads.
        source: Collection or file it comes from: what reports slice by.
    """

    id: str
    text: str = field(repr=False)
    topic: str
    secondary: tuple[str, ...]
    intent: str | None
    urgency: str | None
    forms: tuple[str, ...] | None
    ombudsman: str | None
    channel: str
    dialect: str | None
    source: str


def read_examples(paths: Iterable[Path], labels: Labels) -> list[Example]:
    """All examples of the files, in order.

    Errors:
        InvalidInput: naming file and line, for broken JSON, a missing field, or a label outside the taxonomy (with
            the nearest names). An empty file is an error too.
    """
    examples: list[Example] = []
    for path in paths:
        before = len(examples)
        examples += _read_file(path, labels)
        if len(examples) == before:
            raise InvalidInput(f"{path} holds no labelled message")
    return examples


def join_labels(label_files: Iterable[Path], text_files: Iterable[Path], labels: Labels) -> list[Example]:
    """Examples of labels that stand without their texts, found by ``id`` among unlabelled messages.

    Errors: ``InvalidInput`` as ``read_examples``; a label whose text is not among the messages is left out.
    """
    texts = {row["id"]: row for path in text_files for _, row in _rows(path) if "id" in row}
    return [
        _example(texts[row["id"]] | row, f"{path.name} line {number}", path.stem, labels)
        for path in label_files
        for number, row in _rows(path)
        if row.get("id") in texts
    ]


def _read_file(path: Path, labels: Labels) -> Iterator[Example]:
    for number, row in _rows(path):
        yield _example({"id": f"{path.stem}-{number}"} | row, f"{path.name} line {number}", path.stem, labels)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and JSON object of every line that is not blank."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    row = json.loads(line)
                except json.JSONDecodeError as error:
                    raise InvalidInput(f"{path.name} line {number}: not JSON at column {error.colno}") from None
                if not isinstance(row, dict):
                    raise InvalidInput(f"{path.name} line {number}: not a JSON object")
                yield number, row


def _example(row: Mapping[str, Any], where: str, source: str, labels: Labels) -> Example:
    missing = [key for key in ("text", "topic") if not isinstance(row.get(key), str)]
    if missing:
        raise InvalidInput(f"{where}: missing {', '.join(missing)}")
    for head, values in (
        ("topic", [row["topic"], *row.get("secondary", [])]), ("intent", [row.get("intent")]),
        ("urgency", [row.get("urgency")]), ("forms", row.get("forms") or []), ("ombudsman", [row.get("ombudsman")]),
    ):  # fmt: skip
        for value in values:
            _check_label(value, labels.of(head), head, where)
    return Example(
        id=str(row["id"]),
        text=row["text"],
        topic=row["topic"],
        secondary=tuple(row.get("secondary", [])),
        intent=row.get("intent"),
        urgency=row.get("urgency"),
        forms=tuple(row["forms"]) if row.get("forms") is not None else None,
        ombudsman=row.get("ombudsman"),
        channel=row.get("channel", "lainnya"),
        dialect=row.get("dialect"),
        source=row.get("source") or source,
    )


def _check_label(value: str | None, known: Sequence[str], head: str, where: str) -> None:
    if value is not None and value not in known:
        near = difflib.get_close_matches(value, known, n=3, cutoff=0.3)
        raise InvalidInput(f"{where}: unknown {head} {value!r}; nearest: {', '.join(near) or 'none'}")


def text_hash(model_text: str) -> str:
    """Hash of a prepared text: equal for messages that a model cannot tell apart."""
    return hashlib.sha256(model_text.casefold().encode()).hexdigest()[:16]


def without_leaks(train: Sequence[tuple[Example, str]], held: Iterable[str]) -> list[tuple[Example, str]]:
    """The training pairs (example, prepared text) whose prepared text is in no held-out set; exact duplicates once."""
    seen = {text_hash(text) for text in held}
    kept = []
    for example, text in train:
        key = text_hash(text)
        if key not in seen:
            seen.add(key)
            kept.append((example, text))
    return kept
