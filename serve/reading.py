"""Reading: rows of a file, one after the other, in bounded memory. What is broken is a ``Rejected`` in its place."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from pydantic_core import from_json

from pipeline.errors import InvalidInput
from pipeline.messages import Rejected
from serve.intake import Row
from serve.records import Columns, MissingColumn, Source, open_source

MAX_LINE_BYTES = 4 * 2**20
"""Longest line read whole, longest field of a CSV: the longest message, escaped, and room beside it."""
_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")
_UNDECODED = re.compile("[\udc80-\udcff]")  # what surrogateescape makes of bytes that are not UTF-8
_DELIMITERS = (",", ";", "\t", "|")


def read_rows(source: Source, kind: str, columns: Columns) -> Iterator[Row | Rejected]:
    """Every row, in order; blank lines are no rows.

    Errors:
        MissingColumn: a CSV or Parquet file has no column for the text.
        InvalidInput: the file as a whole cannot be read, or holds no row.
    """
    read = {"jsonl": _read_jsonl, "csv": _read_csv, "parquet": _read_parquet}[kind]
    number = 0
    try:
        for number, row in enumerate(read(source.stream, columns), start=1):
            yield row if isinstance(row, Rejected) else _numbered(row, number)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InvalidInput(f"{source.name}: the compressed data is damaged or ends early") from error
    if number == 0:
        raise InvalidInput(f"{source.name} holds no message")


def read_file(path: Path, kind: str, columns: Columns) -> Iterator[Row | Rejected]:
    """``read_rows`` of the file at ``path``, opened and closed on the way."""
    with open_source(path) as source:
        yield from read_rows(source, kind, columns)


def _numbered(row: Row, number: int) -> Row:
    return Row(number, row.where, row.id, row.text, row.channel, row.received_at)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Line number and bytes of each line; None in place of a line longer than ``MAX_LINE_BYTES``, which is skipped."""
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number == 1:
            if line.startswith(_WIDE_BOMS):
                raise InvalidInput("the file is UTF-16; save it as UTF-8")
            line = line.removeprefix(_BOM)
        if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            while (rest := stream.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield number, None
        else:
            yield number, line


def _too_long(where: str) -> Rejected:
    return Rejected(None, "text_too_long", f"{where}: more than {MAX_LINE_BYTES} bytes")


# --- JSONL


def _read_jsonl(stream: BinaryIO, columns: Columns) -> Iterator[Row | Rejected]:
    for number, line in _lines(stream):
        where = f"line {number}"
        if line is None:
            yield _too_long(where)
        elif line.strip():
            yield _json_row(line, where, columns)


def _json_row(line: bytes, where: str, columns: Columns) -> Row | Rejected:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        return Rejected(None, "invalid_utf8", f"{where}: byte {error.start + 1} is not UTF-8")
    try:
        content = from_json(text, allow_inf_nan=False, cache_strings="keys")
    except ValueError as error:
        # The parser counts from the start of the string it is given; its words quote nothing of it.
        return Rejected(None, "invalid_json", f"{where}: {str(error).replace(' at line 1 column', ' at column')}")
    if not isinstance(content, dict):
        return Rejected(None, "invalid_json", f"{where}: not a JSON object")
    return _row(where, content, columns)


def _row(where: str, content: Mapping[str, object], columns: Columns) -> Row:
    return Row(
        0, where, content.get(columns.id), content.get(columns.text), content.get(columns.channel),
        content.get(columns.received_at),
    )  # fmt: skip


# --- CSV


class _CsvLines:
    """Decoded lines for ``csv.reader``, which may ask for several a record; remembers which ones it took."""

    def __init__(self, stream: BinaryIO) -> None:
        self._lines = _lines(stream)
        self.last = 0
        self.cut = False

    def __iter__(self) -> Iterator[str]:
        for number, line in self._lines:
            self.last = number
            self.cut = self.cut or line is None
            yield "\n" if line is None else line.decode("utf-8", "surrogateescape")


def _read_csv(stream: BinaryIO, columns: Columns) -> Iterator[Row | Rejected]:
    lines = _CsvLines(stream)
    feed = iter(lines)
    first = next((line for line in feed if line.strip() or lines.cut), None)
    if first is None:
        return
    if lines.cut or _UNDECODED.search(first):
        raise InvalidInput("the first line is no CSV header in UTF-8")
    delimiter, header = _header(first, columns)
    places = {name: header.index(name) for name in columns.names if name in header}
    csv.field_size_limit(MAX_LINE_BYTES)
    records = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        start = lines.last + 1
        lines.cut = False
        try:
            record = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            yield Rejected(None, "invalid_field", f"{_where(start, lines.last)}: {_plain(error)}")
            continue
        where = _where(start, lines.last)
        if lines.cut:
            yield _too_long(where)
        elif record:
            yield _csv_row(record, where, header, places, columns)


def _csv_row(
    record: Sequence[str], where: str, header: Sequence[str], places: Mapping[str, int], columns: Columns
) -> Row | Rejected:
    if len(record) > len(header):
        detail = f"{where}: {len(record)} fields, the header names {len(header)}; quote texts that hold the delimiter"
        return Rejected(None, "invalid_field", detail)
    found = {name: record[place] for name, place in places.items() if place < len(record)}
    if any(_UNDECODED.search(value) for value in found.values()):
        identity = found.get(columns.id) or None
        known = identity if identity and not _UNDECODED.search(identity) else None
        return Rejected(known, "invalid_utf8", f"{where}: not UTF-8")
    return _row(where, found, columns)


def _header(line: str, columns: Columns) -> tuple[str, list[str]]:
    """Delimiter and names: the first delimiter that yields the text's column."""
    splits = [(delimiter, _names(line, delimiter)) for delimiter in _DELIMITERS]
    for delimiter, names in splits:
        if columns.text in names:
            if repeated := sorted({name for name in columns.names if names.count(name) > 1}):
                raise InvalidInput(f"the header names the column {', '.join(repeated)} twice")
            return delimiter, names
    raise MissingColumn(columns.text, max((names for _, names in splits), key=len))


def _names(line: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([line], delimiter=delimiter))]
    except (csv.Error, StopIteration):
        return []


def _where(first: int, last: int) -> str:
    return f"line {first}" if first == last else f"lines {first} to {last}"


def _plain(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end" in text or "field limit" in text:
        return "a quoted field does not end; is a quote not closed?"
    return f"broken CSV, {text}"


# --- Parquet


def _read_parquet(stream: BinaryIO, columns: Columns) -> Iterator[Row | Rejected]:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    try:
        file = pq.ParquetFile(stream)
        names = file.schema_arrow.names
        if columns.text not in names:
            raise MissingColumn(columns.text, names)
        wanted = [name for name in columns.names if name in names]
        number = 0
        for batch in file.iter_batches(batch_size=256, columns=wanted):
            values = {name: _parquet_values(batch.column(name)) for name in wanted}
            for at in range(batch.num_rows):
                number += 1
                found = {name: column[at] for name, column in values.items()}
                bad = [name for name, value in found.items() if isinstance(value, UnicodeDecodeError)]
                if bad:
                    yield Rejected(None, "invalid_utf8", f"row {number}: {', '.join(bad)}: not UTF-8")
                else:
                    yield _row(f"row {number}", found, columns)
    except pa.ArrowException as error:
        raise InvalidInput(f"not a readable Parquet file ({type(error).__name__})") from error


def _parquet_values(array: Any) -> list[object]:
    """Python values of a column; texts one by one, so that one that is not UTF-8 leaves the others alone."""
    import pyarrow as pa

    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return [_decoded(value) for value in array.cast(pa.large_binary()).to_pylist()]
    if pa.types.is_timestamp(array.type):
        return list(array.cast(pa.timestamp("us", array.type.tz), safe=False).to_pylist())
    return list(array.to_pylist())


def _decoded(value: bytes | None) -> object:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError as error:
        return error


def chunks(rows: Iterable[Row | Rejected], size: int, characters: int) -> Iterator[list[Row | Rejected]]:
    """Rows in lists of at most ``size``, closed early once their texts have ``characters`` together."""
    chunk: list[Row | Rejected] = []
    held = 0
    for row in rows:
        chunk.append(row)
        held += len(row.text) if isinstance(row, Row) and isinstance(row.text, str) else 0
        if len(chunk) == size or held >= characters:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk
