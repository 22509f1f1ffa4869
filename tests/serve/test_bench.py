"""The bench measures: its figures are there, plausible, and those of processes of their own."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline.errors import InvalidInput, TemporaryError
from serve.bench import BASELINE_VOCABULARY, built_in_texts, compare, measure_baseline
from tests.serve.conftest import Sapa


def test_it_measures_the_flow_and_prints_json(sapa: Sapa) -> None:
    done = sapa("bench", "--seconds", "0.2", "--no-baseline", "--json")
    assert done.returncode == 0, done.stderr.decode()
    report = json.loads(done.stdout)
    figures = report["sapa"]
    assert figures["graph"] == "keywords"
    assert 0 < figures["inference_ms"]["p50"] < figures["single_ms"]["p50"] <= figures["single_ms"]["p99"]
    assert figures["messages_per_s"] > 0
    assert 20 < figures["peak_mib"] < 2000
    assert "baseline" not in report


def test_it_prints_a_table_for_messages_of_a_file(sapa: Sapa, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "lampu mati"}\n{"text": ""}\nbroken\n{"text": "token cepet entek"}\n')
    done = sapa("bench", "--messages", tmp_path / "in.jsonl", "--seconds", "0.1", "--no-baseline")
    assert done.returncode == 0, done.stderr.decode()
    assert b"one message, p50 ms" in done.stdout
    assert b"2 messages of 13.5 characters" in done.stdout


def test_without_examples_of_its_own_the_taxonomys_are_used(tiny_bundle: Path) -> None:
    assert len(built_in_texts(tiny_bundle)) >= 2 * 38


def test_a_measurement_that_dies_is_told(tmp_path: Path) -> None:
    with pytest.raises(TemporaryError, match="is no bundle"):
        compare(["halo"], 0.1, {"bundle": str(tmp_path)}, baseline=False)
    with pytest.raises(InvalidInput, match="no message"):
        compare([], 0.1, {}, baseline=False)


@pytest.mark.skipif(find_spec("torch") is None or find_spec("transformers") is None, reason="needs the train extra")
def test_the_baseline_is_a_bert_of_the_size_named() -> None:
    figures = measure_baseline(["lampu mati satu gang", "token cepet entek"], 0.1, layers=1)
    assert figures["single_ms"]["p50"] > 0
    assert figures["messages_per_s"] > 0
    assert figures["batch"] in (1, 32)
    assert BASELINE_VOCABULARY == 30_521
