"""Files are read row by row whatever is broken in them, and written whole or not at all."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InvalidInput
from pipeline.flow import Flow
from pipeline.messages import Message, Rejected
from serve import reading
from serve.intake import Row
from serve.reading import chunks, read_file, read_rows
from serve.records import Columns, MissingColumn, Source, format_of
from serve.writing import as_object, columns, open_writer
from tests.serve.conftest import CANARY

NOW = datetime(2026, 3, 9, 1, 15, tzinfo=UTC)


def rows_of(data: bytes, kind: str = "jsonl", names: Columns | None = None) -> list[Row | Rejected]:
    stream = io.BytesIO(data)
    return list(read_rows(Source(stream, "input", None, stream), kind, names or Columns()))


def told(rows: Iterable[Row | Rejected]) -> list[object]:
    """Text of each row, or the code of its rejection."""
    return [row.code if isinstance(row, Rejected) else row.text for row in rows]


# --- formats


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jsonl", "jsonl"),
        ("a.CSV", "csv"),
        ("a.tsv", "csv"),
        ("a.jsonl.gz", "jsonl"),
        ("a.parquet", "parquet"),
        ("-", "jsonl"),
    ],
)
def test_the_suffix_tells_the_format(name: str, kind: str) -> None:
    assert format_of(Path(name), None) == kind


def test_a_named_format_wins_over_the_suffix() -> None:
    assert format_of(Path("a.txt"), "csv") == "csv"


@pytest.mark.parametrize(("name", "named"), [("a.xlsx", None), ("a", None), ("a.csv", "excel")])
def test_an_unknown_format_is_refused_with_the_valid_ones(name: str, named: str | None) -> None:
    with pytest.raises(InvalidInput, match="csv"):
        format_of(Path(name), named)


# --- JSONL


def test_broken_lines_are_rejected_in_place_and_the_others_go_on() -> None:
    data = b"\n".join(
        [
            b'\xef\xbb\xbf{"text": "satu"}',  # a byte order mark, as Windows editors write
            b"",  # a blank line is no row
            b'{"text": "rusak \xff"}',
            b'{"text": "dua"',
            b'["text"]',
            b"null",
            b'{"text": "\\ud800"}',  # half of a surrogate pair
            b'{"text": "a\x00b"}',  # a raw NUL is not JSON
            b'{"text": "a\\u0000b"}',  # an escaped one is
            b'{"text": NaN}',
            b"[" * 100_000,
            b'{"id": ' + b"9" * 5000 + b', "text": "angka"}',
            b'{"text": "tiga"}\r',
        ]
    )
    rows = rows_of(data)
    bad = "invalid_json"
    assert told(rows) == ["satu", "invalid_utf8", bad, bad, bad, bad, bad, "a\x00b", bad, bad, bad, "tiga"]
    assert [row.detail.partition(":")[0] for row in rows if isinstance(row, Rejected)][:3] == [
        "line 3",
        "line 4",
        "line 5",
    ]


def test_a_rejection_repeats_nothing_of_the_line() -> None:
    lines = [
        f'{{"text": "{CANARY}'.encode(),
        f'{{"{CANARY}": nul}}'.encode(),
        f'"{CANARY}"'.encode(),
        CANARY.encode() + b"\xff",
    ]
    for row in rows_of(b"\n".join(lines)):
        assert isinstance(row, Rejected)
        assert CANARY not in row.detail


def test_a_line_of_fifty_megabytes_is_rejected_without_being_held() -> None:
    class Endless(io.RawIOBase):
        """Fifty megabytes of one line, then a good one, made as they are asked for."""

        left = 50_000_000
        largest = 0

        def readline(self, size: int | None = -1) -> bytes:  # type: ignore[override]
            assert size is not None
            assert size > 0
            if self.left > 0:
                taken = min(size, self.left)
                self.left -= taken
                self.largest = max(self.largest, taken)
                return b"a" * taken if self.left else b"a" * (taken - 1) + b"\n"
            if self.left == 0:
                self.left = -1
                return b'{"text": "sesudah"}\n'
            return b""

    stream = Endless()
    rows = list(read_rows(Source(stream, "input", None, stream), "jsonl", Columns()))  # type: ignore[arg-type]
    assert told(rows) == ["text_too_long", "sesudah"]
    assert stream.largest <= reading.MAX_LINE_BYTES + 1


@pytest.mark.parametrize("data", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a_file_without_rows_is_an_error(data: bytes, kind: str) -> None:
    with pytest.raises(InvalidInput, match="holds no message"):
        rows_of(data, kind)


def test_utf_16_is_named_as_such() -> None:
    with pytest.raises(InvalidInput, match="UTF-16"):
        rows_of('{"text": "halo"}'.encode("utf-16"))


def test_other_columns_may_be_named() -> None:
    names = Columns(text="pesan", id="nomor", channel="kanal")
    (row,) = rows_of(b'{"pesan": "halo", "nomor": 5, "kanal": "wa", "text": "lain"}', names=names)
    assert isinstance(row, Row)
    assert (row.text, row.id, row.channel) == ("halo", 5, "wa")


# --- CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(delimiter: str) -> None:
    data = delimiter.join(("id", "text")) + "\n" + delimiter.join(("7", "halo")) + "\n"
    (row,) = rows_of(data.encode(), "csv")
    assert isinstance(row, Row)
    assert (row.id, row.text) == ("7", "halo")


def test_quoted_fields_may_hold_line_breaks_quotes_and_delimiters() -> None:
    data = b'\xef\xbb\xbfid,text\r\n1,"baris satu\r\nbaris ""dua"", selesai"\r\n\r\n2,halo\r\n'
    rows = rows_of(data, "csv")
    assert told(rows) == ['baris satu\r\nbaris "dua", selesai', "halo"]
    assert [row.where for row in rows if isinstance(row, Row)] == ["lines 2 to 3", "line 5"]


def test_broken_csv_rows_are_rejected_in_place_and_the_others_go_on() -> None:
    data = b"\n".join(
        [
            b"id,text,channel",
            b"1,satu,wa",
            b"2,tanpa, kutip, koma,wa",  # more fields than the header names: the text was cut
            b"3,rusak \xff,wa",
            b'4,"dua"x,wa',
            b"5",  # no text at all
            b"6,tiga",
            b'7,"tidak ditutup,wa',
            b"8,ikut tertelan,wa",
        ]
    )
    rows = rows_of(data, "csv")
    assert told(rows) == ["satu", "invalid_field", "invalid_utf8", "invalid_field", None, "tiga", "invalid_field"]
    assert isinstance(rows[2], Rejected)
    assert rows[2].id == "3"
    assert isinstance(rows[-1], Rejected)
    assert rows[-1].detail.startswith("lines 8 to 9: a quoted field does not end")


def test_a_quoted_field_beyond_the_limit_is_one_rejection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_LINE_BYTES", 100)
    data = b'text\n"' + b"a" * 60 + b"\n" + b"b" * 60 + b'"\nsesudah\n' + b"c" * 200 + b"\nakhir\n"
    assert [code for code in told(rows_of(data, "csv")) if code != "invalid_field"] == [
        "sesudah",
        "text_too_long",
        "akhir",
    ]


def test_a_csv_without_the_text_column_names_the_columns_found() -> None:
    with pytest.raises(MissingColumn, match="nomor, pesan"):
        rows_of(b"nomor;pesan\n1;halo\n", "csv")


def test_a_column_named_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="text twice"):
        rows_of(b"text,text\na,b\n", "csv")


# --- Parquet


def parquet(**arrays: pa.Array) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(arrays), sink)
    return sink.getvalue()


def test_parquet_columns_of_every_usual_type_are_read() -> None:
    jakarta = timezone(timedelta(hours=7))
    data = parquet(
        id=pa.array([1, 2], pa.int32()),
        text=pa.array(["satu", None]).dictionary_encode(),
        channel=pa.array(["wa", "email"], pa.large_string()),
        received_at=pa.array([NOW.astimezone(jakarta), None], pa.timestamp("ns", "Asia/Jakarta")),
        other=pa.array([[1], [2]]),
    )
    first, second = rows_of(data, "parquet")
    assert isinstance(first, Row)
    assert (first.id, first.text, first.channel, first.received_at) == (1, "satu", "wa", NOW)
    assert isinstance(second, Row)
    assert second.text is None


def test_one_text_that_is_not_utf_8_leaves_the_other_rows_alone() -> None:
    raw = pa.array([b"satu", b"\xff", b"tiga"], pa.binary())
    broken = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    assert told(rows_of(parquet(text=broken), "parquet")) == ["satu", "invalid_utf8", "tiga"]


def test_parquet_without_the_text_column_or_without_sense_is_refused() -> None:
    with pytest.raises(MissingColumn, match="pesan"):
        rows_of(parquet(pesan=pa.array(["halo"])), "parquet")
    with pytest.raises(InvalidInput, match="Parquet"):
        rows_of(b"not parquet at all", "parquet")
    with pytest.raises(InvalidInput, match="holds no message"):
        rows_of(parquet(text=pa.array([], pa.string())), "parquet")


# --- compression


def test_gzip_is_read_and_its_damage_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    whole = gzip.compress(b'{"text": "halo"}\n' * 1000)
    path.write_bytes(whole)
    assert len(list(read_file(path, "jsonl", Columns()))) == 1000
    for damaged in (whole[:-20], b"not gzip", whole[:30] + b"\x00" * 20 + whole[50:]):
        path.write_bytes(damaged)
        with pytest.raises(InvalidInput, match="damaged"):
            list(read_file(path, "jsonl", Columns()))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        list(read_file(tmp_path / "nowhere.jsonl", "jsonl", Columns()))


# --- properties

PLAIN = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00\r"), max_size=40)


@given(st.lists(PLAIN, min_size=1, max_size=30))
def test_whatever_csv_writes_is_read_back_in_order(texts: list[str]) -> None:
    written = io.StringIO(newline="")
    table = csv.writer(written, lineterminator="\n")
    table.writerows([["id", "text"], *([str(n), text] for n, text in enumerate(texts))])
    assert told(rows_of(written.getvalue().encode(), "csv")) == texts


@given(st.lists(st.one_of(st.binary(max_size=40), PLAIN.map(lambda t: json.dumps({"text": t}).encode())), max_size=30))
def test_every_line_that_is_not_blank_gives_one_row(lines: list[bytes]) -> None:
    lines = [line.replace(b"\n", b"") for line in lines]
    if lines and lines[0].startswith((b"\xff\xfe", b"\xfe\xff")):
        lines[0] = b"x"  # a whole file of another encoding is another test
    expected = sum(bool(line.removeprefix(b"\xef\xbb\xbf" if n == 0 else b"").strip()) for n, line in enumerate(lines))
    if expected:
        assert len(rows_of(b"\n".join(lines))) == expected


@given(st.lists(st.text(max_size=20)), st.integers(1, 7), st.integers(1, 50))
def test_chunks_keep_order_and_lose_nothing(texts: list[str], size: int, characters: int) -> None:
    rows = [Row(n, f"line {n}", text=text) for n, text in enumerate(texts)]
    parts = list(chunks(rows, size, characters))
    assert [row for part in parts for row in part] == rows
    assert all(0 < len(part) <= size for part in parts)
    assert all(sum(len(str(row.text)) for row in part[:-1]) < characters for part in parts)  # type: ignore[union-attr]


# --- writing


@pytest.fixture(scope="module")
def results(flow: Flow) -> list[object]:
    """Two decisions with a rejection between."""
    first, second = flow.run(
        [
            Message("=1+1", "=lampu mati satu gang, meter 14012345678", "wa", NOW),
            Message("b", "token 50 ewu cepet entek", "wa", NOW),
        ]
    )
    return [first, Rejected(None, "invalid_json", "line 2: not a JSON object"), second]


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.csv", "out.csv.gz", "out.parquet"])
def test_every_format_holds_every_result_in_order(name: str, results: list[object], tmp_path: Path) -> None:
    path = tmp_path / name
    with open_writer(path, format_of(path, None), timings=True) as writer:
        writer.write(results[:2])  # type: ignore[arg-type]
        writer.write(results[2:])  # type: ignore[arg-type]
    if name.endswith("parquet"):
        rows = pq.read_table(path).to_pylist()
    else:
        text = (gzip.decompress(path.read_bytes()) if name.endswith("gz") else path.read_bytes()).decode()
        rows = (
            list(csv.DictReader(io.StringIO(text)))
            if "csv" in name
            else [json.loads(line) for line in text.splitlines()]
        )
    assert [row["id"] or None for row in rows] == ["=1+1", None, "b"]
    if "jsonl" in name:
        assert rows == [as_object(result) for result in results]  # type: ignore[arg-type]
    else:
        assert rows[1]["error_code"] == "invalid_json"
        assert json.loads(rows[0]["versions"]) == as_object(results[0])["versions"]  # type: ignore[arg-type]
        assert tuple(rows[0]) == columns(timings=True)
    assert list(tmp_path.iterdir()) == [path]


def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(results: list[object], tmp_path: Path) -> None:
    with open_writer(tmp_path / "a.csv", "csv", timings=False) as writer:
        writer.write(results)  # type: ignore[arg-type]
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        assert next(csv.DictReader(file))["redacted"].startswith("'=lampu")


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.csv.gz", "a.parquet"])
def test_without_timings_the_same_results_give_the_same_bytes(name: str, flow: Flow, tmp_path: Path) -> None:
    written = []
    for _ in range(2):
        with open_writer(tmp_path / name, format_of(Path(name), None), timings=False, force=True) as writer:
            writer.write(flow.run([Message("a", "lampu mati satu gang", "wa", NOW)]))
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_a_failure_leaves_neither_a_file_nor_its_beginning(tmp_path: Path, results: list[object]) -> None:
    def fail() -> None:
        with open_writer(tmp_path / "a.jsonl", "jsonl", timings=True) as writer:
            writer.write(results)  # type: ignore[arg-type]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_kept_until_the_new_one_is_whole(tmp_path: Path, results: list[object]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("old")
    with pytest.raises(InvalidInput, match="--force"), open_writer(path, "jsonl", timings=True):
        pytest.fail("must not be opened")
    with open_writer(path, "jsonl", timings=True, force=True) as writer:
        writer.write(results)  # type: ignore[arg-type]
        assert path.read_text() == "old"
    assert len(path.read_text(encoding="utf-8").splitlines()) == 3


@pytest.mark.parametrize("name", ["nowhere/a.jsonl", "."])
def test_a_place_that_cannot_be_written_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput), open_writer(tmp_path / name, "jsonl", timings=True):
        pytest.fail("must not be opened")


def test_parquet_needs_a_file() -> None:
    with pytest.raises(InvalidInput, match="--output"), open_writer(Path("-"), "parquet", timings=True):
        pytest.fail("must not be opened")
    assert not sys.stdout.closed
