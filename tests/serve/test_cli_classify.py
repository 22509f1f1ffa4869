"""``sapa classify`` in a process of its own, as people use it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.flow import Flow
from serve.commands.classify import CHUNK_ROWS
from tests.serve.conftest import CANARY, ROOT, Sapa

NOW = "2026-03-09T08:15:00+07:00"


def objects(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.decode().splitlines()]


def jsonl(*rows: object) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def the_line(done: subprocess.CompletedProcess[bytes]) -> str:
    """The one line that a failure is told in."""
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("sapa: ")
    return lines[0]


def test_one_text_gives_one_decision(sapa: Sapa) -> None:
    done = sapa("classify", "lampu mati satu gang sejak magrib", "--now", NOW, "--channel", "wa")
    assert (done.returncode, done.stderr) == (0, b"")
    decision = json.loads(done.stdout)
    assert decision["id"] == "1"
    assert decision["topic"] == "gangguan.padam_area"
    assert decision["redacted"] == "lampu mati satu gang sejak magrib"
    assert decision["timings_ms"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty_text"), (" \t\n", "empty_text"), (b"padam \xff", "invalid_utf8"), ("x" * 100_000, "text_too_long")],
)
def test_one_text_that_cannot_be_decided_is_rejected_with_exit_code_3(sapa: Sapa, text: str | bytes, code: str) -> None:
    done = sapa("classify", text)
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["code"] == code
    assert code in the_line(done)


def test_a_person_at_a_terminal_gets_the_decision_in_words_too(environment: dict[str, str]) -> None:
    main, child = pty.openpty()
    command = [sys.executable, "-m", "serve.cli", "classify", "lampu mati satu gang sejak magrib"]
    env = environment | {"TERM": "xterm", "COLUMNS": "200"}
    with subprocess.Popen(command, stdout=child, stderr=subprocess.PIPE, cwd=ROOT, env=env) as process:
        os.close(child)
        shown = b""
        with os.fdopen(main, "rb", 0) as terminal:
            try:
                while piece := terminal.read(1000):
                    shown += piece
            except OSError:  # how Linux says that the other end is closed
                pass
        assert process.stderr is not None
        words = process.stderr.read().decode()
    assert b"gangguan.padam_area" in shown
    assert "gangguan.padam_area" in words
    assert "done by" in words


BAD_ROWS = b"\n".join(
    [
        b'{"id": "a", "text": "lampu mati satu gang"}',
        b'{"id": "b", "text": ""}',
        b'{"id": "c", "text": "' + b"x" * 1_000_000 + b'"}',
        b'{"id": "d", "text": "\xff"}',
        b'{"id": "e", "text": "putus"',
        b'{"id": "f"}',
        b'{"id": "a", "text": "token"}',
        b'{"id": "g", "text": "token", "channel": "fax"}',
        b'{"id": "h", "text": 5}',
        b'{"text": "\\u0000"}',
        b'{"id": "i", "text": "token 50 ewu\\u0000 cepet entek", "extra": 1}',
    ]
)


def test_bad_rows_are_rejected_in_their_place_and_nothing_is_lost(sapa: Sapa, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(BAD_ROWS)
    done = sapa("classify", "--input", tmp_path / "in.jsonl", "--output", tmp_path / "out.jsonl")
    assert done.returncode == 3
    results = objects((tmp_path / "out.jsonl").read_bytes())
    assert [(r["id"], r.get("error", {}).get("code")) for r in results] == [
        ("a", None), ("b", "empty_text"), ("c", "text_too_long"), (None, "invalid_utf8"), (None, "invalid_json"),
        ("f", "missing_text"), ("a", "duplicate_id"), ("g", "unknown_channel"), ("h", "invalid_field"),
        ("10", "empty_text"), ("i", None),
    ]  # fmt: skip
    assert "line 4" in results[3]["error"]["detail"]
    assert "wa, chat" in results[7]["error"]["detail"]
    assert "2 decided, 9 rejected" in the_line(done)


def test_output_goes_to_standard_output_and_input_comes_from_standard_input(sapa: Sapa) -> None:
    done = sapa("classify", "--input", "-", stdin=jsonl({"text": "lampu mati"}, {"text": "token"}))
    assert done.returncode == 0
    assert [result["id"] for result in objects(done.stdout)] == ["1", "2"]


def test_csv_in_parquet_out_with_columns_of_other_names(sapa: Sapa, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text('nomor;pesan;kanal\n17;"lampu mati;\nsatu gang";wa\n18;;wa\n', encoding="utf-8")
    done = sapa(
        "classify", "--input", tmp_path / "in.csv", "--output", tmp_path / "out.parquet", "--text-column", "pesan",
        "--id-column", "nomor", "--channel-column", "kanal",
    )  # fmt: skip
    assert done.returncode == 3
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [(row["id"], row["error_code"]) for row in rows] == [("17", None), ("18", "empty_text")]
    assert rows[0]["redacted"] == "lampu mati;\nsatu gang"
    assert json.loads(rows[0]["place"])["outside"] is False


def test_parquet_in_csv_out_compressed(sapa: Sapa, tmp_path: Path) -> None:
    import pyarrow as pa

    pq.write_table(pa.table({"text": ["lampu mati", "token"]}), tmp_path / "in.parquet")
    assert sapa("classify", "-i", tmp_path / "in.parquet", "-o", tmp_path / "out.csv.gz").returncode == 0
    text = gzip.decompress((tmp_path / "out.csv.gz").read_bytes()).decode()
    assert [row["id"] for row in csv.DictReader(io.StringIO(text))] == ["1", "2"]


def test_more_rows_than_a_chunk_keep_their_order(sapa: Sapa, tmp_path: Path) -> None:
    count = 2 * CHUNK_ROWS + 3
    (tmp_path / "in.jsonl").write_bytes(jsonl(*({"id": f"n{n}", "text": "token"} for n in range(count))))
    done = sapa("classify", "-i", tmp_path / "in.jsonl")
    assert [result["id"] for result in objects(done.stdout)] == [f"n{n}" for n in range(count)]


def test_the_same_input_and_time_give_the_same_bytes(sapa: Sapa, tmp_path: Path) -> None:
    rows = jsonl({"text": "lampu mati"}, {"text": "token", "received_at": "2026-03-01T00:00:00Z"}, {"text": ""})
    once, twice = (sapa("classify", "-i", "-", "--now", NOW, "--no-timings", stdin=rows).stdout for _ in range(2))
    assert once == twice
    assert b"timings_ms" not in once


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "words"),
    [
        ([], b"", 2, "--input FILE"),
        (["text", "--input", "-"], b"", 2, "--input FILE"),
        (["text", "--now", "kemarin"], b"", 2, "RFC 3339"),
        (["text", "--channel", "fax"], b"", 2, "wa, chat"),
        (["text", "--nope"], b"", 2, "--nope"),
        (["text", "--bundle", "/nowhere"], b"", 1, "/nowhere is no bundle"),
        (["text", "--policy", "/nowhere"], b"", 1, "/nowhere does not exist"),
        (["--input", "nowhere.jsonl"], b"", 1, "nowhere.jsonl cannot be read: No such file"),
        (["--input", "setup.cfg"], b"", 2, "suffix"),
        (["--input", "-", "--input-format", "excel"], b"", 2, "jsonl, csv, parquet"),
        (["--input", "-", "--input-format", "parquet"], b"", 2, "from a file only"),
        (["--input", "-", "--output-format", "parquet"], b"{}", 1, "--output"),
        (["--input", "-"], b"", 1, "standard input holds no message"),
        (["--input", "-", "--input-format", "csv"], b"id,pesan\n1,halo\n", 2, "columns found: id, pesan; name it with"),
        (["--input", "-", "--output", "/nowhere/out.jsonl"], b"{}", 1, "/nowhere/out.jsonl cannot be written"),
        (["--input", "-", "--output", "."], b"{}", 2, "suffix"),
    ],
)
def test_a_mistake_is_told_in_one_line(sapa: Sapa, arguments: list[str], stdin: bytes, code: int, words: str) -> None:
    done = sapa("classify", *arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (code, b"")
    assert words in the_line(done)


def test_a_file_that_is_there_is_not_written_over_without_force(sapa: Sapa, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("old")
    refused = sapa("classify", "-i", "-", "-o", out, stdin=jsonl({"text": "token"}))
    assert refused.returncode == 1
    assert "--force" in the_line(refused)
    assert out.read_text() == "old"
    assert sapa("classify", "-i", "-", "-o", out, "--force", stdin=jsonl({"text": "token"})).returncode == 0
    assert objects(out.read_bytes())[0]["id"] == "1"
    same = sapa("classify", "-i", out, "-o", out, "--force")
    assert same.returncode == 2
    assert "the same file" in the_line(same)


def test_an_unknown_setting_is_refused_with_the_nearest(sapa: Sapa) -> None:
    done = sapa("classify", "halo", env={"SAPA_CLASIFIER": "keywords"})
    assert done.returncode == 2
    assert "did you mean SAPA_CLASSIFIER" in the_line(done)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_leaves_nothing_behind(
    environment: dict[str, str], tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    command = [sys.executable, "-m", "serve.cli", "classify", "-i", "-", "-o", str(tmp_path / "out.jsonl")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) as process:  # type: ignore[call-overload]
        process.stdin.write(jsonl({"text": "token"}))
        process.stdin.flush()
        until = time.monotonic() + 30
        while not list(tmp_path.iterdir()) and time.monotonic() < until:
            time.sleep(0.05)
        assert [path.name.startswith(".out.jsonl.") for path in tmp_path.iterdir()] == [True]
        process.send_signal(sent)
        assert process.wait(30) == code
        assert b"Traceback" not in process.stderr.read()
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_leaves_is_no_traceback(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "serve.cli", "classify", "-i", "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) as process:  # type: ignore[call-overload]
        process.stdout.close()
        process.stdin.write(jsonl(*({"text": "token"} for _ in range(600))))
        process.stdin.close()
        assert process.wait(60) == 1
        assert b"Traceback" not in process.stderr.read()


def test_no_word_of_a_message_reaches_standard_error(sapa: Sapa) -> None:
    rows = [{"text": f"{CANARY} padam"}, {"text": CANARY, "channel": CANARY}, {"text": CANARY, "received_at": CANARY}]
    rows += [{"text": CANARY * 5000}, {"id": [CANARY], "text": CANARY}]
    done = sapa("classify", "-i", "-", stdin=jsonl(*rows) + CANARY.encode() + b"\n", env={"SAPA_LOG_LEVEL": "debug"})
    assert done.returncode == 3
    assert CANARY not in done.stderr.decode()
    errors = [result["error"] for result in objects(done.stdout) if "error" in result]
    assert len(errors) == 5
    assert CANARY not in json.dumps(errors)


VALUES = st.one_of(st.none(), st.integers(), st.booleans(), st.text(st.characters(exclude_categories=("Cs",))))
ROWS = st.one_of(
    st.fixed_dictionaries({}, optional={"id": VALUES, "text": VALUES, "channel": st.sampled_from(["wa", "fax", ""])}),
    st.binary(min_size=1, max_size=20),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, min_size=1, max_size=20))
def test_as_many_results_as_rows_whatever_they_hold(flow: Flow, rows: list[Any]) -> None:
    from pipeline.messages import Decision, Rejected
    from serve.intake import Intake, decide
    from serve.reading import read_rows
    from serve.records import Columns, Source

    lines = [row.replace(b"\n", b"") if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    lines = [line for line in lines if line.strip() and not line.startswith((b"\xff", b"\xfe", b"\xef"))] or [b"{}"]
    stream = io.BytesIO(b"\n".join(lines))
    intake = Intake(flow.policy.channels)
    found = [
        r if isinstance(r, Rejected) else intake.accept(r)
        for r in read_rows(Source(stream, "", None, stream), "jsonl", Columns())
    ]
    results = decide(flow, found)
    decided = [result.id for result in results if isinstance(result, Decision)]
    rejected = [result for result in results if isinstance(result, Rejected)]
    assert len(lines) == len(decided) + len(rejected)
    assert len(set(decided)) == len(decided)
