"""Files of records: which formats there are, and the source that a reader reads from."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import InvalidInput

FORMATS = ("jsonl", "csv", "parquet")
_SUFFIXES = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
    ".jsonl.gz": "jsonl", ".ndjson.gz": "jsonl", ".csv.gz": "csv", ".tsv.gz": "csv",
}  # fmt: skip
STANDARD = Path("-")
"""Standard input or output."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns (of the keys, in JSON) that are read; others are left alone."""

    text: str = "text"
    id: str = "id"
    channel: str = "channel"
    received_at: str = "received_at"

    @property
    def names(self) -> tuple[str, ...]:
        """The four names, the text's first."""
        return (self.text, self.id, self.channel, self.received_at)


class MissingColumn(InvalidInput):
    """The input has no column for the text: the option that names it has to be set."""

    def __init__(self, column: str, found: list[str]) -> None:
        shown = ", ".join(name[:60] for name in found[:30]) or "none"
        super().__init__(f"there is no column {column!r}; columns found: {shown}")


def format_of(path: Path, named: str | None) -> str:
    """The format that the operator named, else the one of the suffix; JSONL for standard input and output.

    Errors: ``InvalidInput`` names the valid ones.
    """
    if named is not None:
        if named not in FORMATS:
            raise InvalidInput(f"unknown format {named!r}; valid formats: {', '.join(FORMATS)}")
        return named
    if path == STANDARD:
        return "jsonl"
    name = path.name.lower()
    for suffix, found in _SUFFIXES.items():
        if name.endswith(suffix):
            return found
    raise InvalidInput(f"{path.name} has no known suffix; name the format, or use one of {', '.join(_SUFFIXES)}")


@dataclass(frozen=True, slots=True)
class Source:
    """An open input.

    Attributes:
        stream: The bytes, decompressed.
        name: How the input is called in messages.
        size: Bytes on disk, or None where that is not known.
    """

    stream: BinaryIO
    name: str
    size: int | None
    _raw: BinaryIO

    def position(self) -> int:
        """Bytes read from the disk so far; against ``size`` it tells the progress."""
        return self._raw.tell() if self.size is not None else 0


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """The file at ``path``, or standard input for ``-``; ``.gz`` is decompressed on the way.

    Errors: ``InvalidInput`` if it is not there or may not be read.
    """
    if path == STANDARD:
        yield Source(sys.stdin.buffer, "standard input", None, sys.stdin.buffer)
        return
    try:
        raw = path.open("rb")
        size = path.stat().st_size if path.is_file() else None
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error
    with raw:
        if path.name.lower().endswith(".gz"):
            unpacked = io.BufferedReader(gzip.GzipFile(fileobj=raw), 1 << 20)
            yield Source(unpacked, path.name, size, raw)
        else:
            yield Source(raw, path.name, size, raw)
