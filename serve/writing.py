"""Writing: results as JSONL, CSV or Parquet, whole or not at all."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from pipeline.errors import InvalidInput
from pipeline.messages import Decision, Rejected
from serve.records import STANDARD

FLAT = (
    "id", "topic", "score", "intent", "urgency", "ombudsman", "perwakilan", "action", "queue", "unit", "tmp_indicator",
    "language", "degraded", "redacted",
)  # fmt: skip
"""Keys of a decision that fill a column as they are."""
DEADLINES = ("first_answer", "done")
"""Keys of ``deadlines``, a column each."""
NESTED = (
    "alternatives", "secondary", "forms", "copies", "place", "entities", "reasons", "versions", "timings_ms",
)  # fmt: skip
"""Keys of a decision that fill a column as JSON."""
ERRORS = ("error_code", "error_detail")
_PARQUET_ROWS = 4096
"""Rows of a Parquet row group: a few megabytes held until they are written."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def columns(timings: bool) -> tuple[str, ...]:
    """Names of the columns of a table, in order."""
    nested = NESTED if timings else tuple(name for name in NESTED if name != "timings_ms")
    return (*FLAT, *DEADLINES, *nested, *ERRORS)


def as_object(result: Decision | Rejected, timings: bool = True) -> dict[str, Any]:
    """The JSON object of a result; without ``timings_ms``, which no two runs share, if not ``timings``."""
    content = result.as_dict()
    if not timings:
        content.pop("timings_ms", None)
    return content


def as_row(result: Decision | Rejected, timings: bool = True) -> dict[str, Any]:
    """The flat row of a result: nested keys as JSON, None where there is nothing."""
    row: dict[str, Any] = dict.fromkeys(columns(timings))
    if isinstance(result, Rejected):
        return row | {"id": result.id, "error_code": result.code, "error_detail": result.detail}
    content = as_object(result, timings)
    row |= {name: content[name] for name in FLAT}
    row |= {name: content["deadlines"][name] for name in DEADLINES}
    return row | {name: _json(content[name]) for name in NESTED if name in content}


class Writer(Protocol):
    """Writes results one chunk after the other."""

    def write(self, results: Sequence[Decision | Rejected]) -> None:
        """Adds the results."""

    def close(self) -> None:
        """Writes what is still held."""


class JsonlWriter:
    """One JSON object a line."""

    def __init__(self, stream: BinaryIO, timings: bool) -> None:
        self._stream = stream
        self._timings = timings

    def write(self, results: Sequence[Decision | Rejected]) -> None:
        """Adds the results."""
        self._stream.write("".join(f"{_json(as_object(r, self._timings))}\n" for r in results).encode())
        self._stream.flush()

    def close(self) -> None:
        """Nothing is held."""


class CsvWriter:
    """A table with a header. A text that a spreadsheet would run as a formula gets an apostrophe in front."""

    def __init__(self, stream: BinaryIO, timings: bool) -> None:
        self._stream = stream
        self._timings = timings
        self._chunk = io.StringIO(newline="")
        self._table = csv.DictWriter(self._chunk, columns(timings), lineterminator="\n")
        self._table.writeheader()

    def write(self, results: Sequence[Decision | Rejected]) -> None:
        """Adds the results."""
        for result in results:
            row = as_row(result, self._timings)
            if row["redacted"] and row["redacted"].startswith(_FORMULA):
                row["redacted"] = f"'{row['redacted']}"
            self._table.writerow(row)
        self._stream.write(self._chunk.getvalue().encode())
        self._stream.flush()
        self._chunk.seek(0)
        self._chunk.truncate()

    def close(self) -> None:
        """Nothing is held."""


class ParquetWriter:
    """A table with fixed types: the same schema whatever the rows hold."""

    def __init__(self, stream: BinaryIO, timings: bool) -> None:
        import pyarrow as pa  # type: ignore[import-untyped]
        import pyarrow.parquet as pq  # type: ignore[import-untyped]

        types = {"score": pa.float64(), "degraded": pa.bool_()}
        self._schema = pa.schema([(name, types.get(name, pa.string())) for name in columns(timings)])
        self._writer = pq.ParquetWriter(stream, self._schema, compression="zstd")
        self._timings = timings
        self._held: list[dict[str, Any]] = []

    def write(self, results: Sequence[Decision | Rejected]) -> None:
        """Adds the results."""
        self._held += [as_row(result, self._timings) for result in results]
        if len(self._held) >= _PARQUET_ROWS:
            self._flush()

    def close(self) -> None:
        """Writes the last row group and the footer."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._held:
            self._writer.write_table(pa.Table.from_pylist(self._held, self._schema))
            self._held.clear()


@contextmanager
def open_writer(path: Path, kind: str, timings: bool, force: bool = False) -> Iterator[Writer]:
    """A writer to ``path``, or to standard output for ``-``.

    The file appears at the end under its name, complete; if the body fails, nothing is left.

    Errors:
        InvalidInput: the file is there and ``force`` is not set, or it cannot be written.
    """
    writers: dict[str, Callable[[BinaryIO, bool], Writer]]
    writers = {"jsonl": JsonlWriter, "csv": CsvWriter, "parquet": ParquetWriter}
    make = writers[kind]
    if path == STANDARD:
        if kind == "parquet":
            raise InvalidInput("Parquet is written to a file only; name one with --output")
        writer = make(sys.stdout.buffer, timings)
        yield writer
        writer.close()
        return
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder")
    if path.exists() and not force:
        raise InvalidInput(f"{path} exists; use --force to replace it")
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        file = partial.open("xb")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}") from error
    try:
        with file:
            # No name and no time in the gzip header: the same results give the same bytes.
            packed = gzip.GzipFile("", "wb", fileobj=file, mtime=0) if path.name.lower().endswith(".gz") else None
            writer = make(packed or file, timings)  # type: ignore[arg-type]
            yield writer
            writer.close()
            if packed is not None:
                packed.close()
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
