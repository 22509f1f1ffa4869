"""The other commands, in processes of their own: policy, bundle, info, the doors to training, and help."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipeline.policy import EMBEDDED, Policy
from tests.serve.conftest import ROOT, Sapa

NOW = "2026-03-09T08:15:00+07:00"


def test_help_is_in_plain_words_and_names_every_command(sapa: Sapa) -> None:
    done = sapa("--help")
    assert done.returncode == 0
    for word in ("classify", "policy", "serve", "bundle", "info", "bench", "train", "evaluate"):
        assert word in done.stdout.decode()
    assert sapa().stdout == done.stdout


@pytest.mark.parametrize("command", ["classify", "serve", "info", "bench", "train", "evaluate", "policy", "bundle"])
def test_every_command_has_help(sapa: Sapa, command: str) -> None:
    done = sapa(command, "--help")
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_command_that_does_not_exist_is_told_in_one_line(sapa: Sapa) -> None:
    done = sapa("clasify")
    assert done.returncode == 2
    assert done.stderr.decode().count("\n") == 1
    assert b"classify" in done.stderr


def test_help_loads_no_model_and_no_server() -> None:
    heavy = ("onnxruntime", "uvicorn", "torch", "pyarrow")
    code = f"import sys; import serve.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, timeout=60, check=True)
    assert done.stdout.strip() == b"[]"


# --- policy


def test_the_embedded_policy_is_proven_and_fits_the_bundle(sapa: Sapa) -> None:
    done = sapa("policy", "check")
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().splitlines()[-1] == f"policy {Policy.load().version}: holds"


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A policy folder whose one file asks for more certainty of every topic."""
    folder = tmp_path / "policy"
    folder.mkdir()
    thresholds = yaml.safe_load((EMBEDDED / "thresholds.yaml").read_text(encoding="utf-8"))
    thresholds["default"]["auto_at"] = thresholds["default"]["suggest_at"] = 1.0
    for topic in thresholds["topics"].values():
        topic["auto_at"] = topic["suggest_at"] = 1.0
    (folder / "thresholds.yaml").write_text(yaml.safe_dump(thresholds), encoding="utf-8")
    return folder


def test_a_policy_that_does_not_hold_is_told_line_by_line(sapa: Sapa, changed: Path) -> None:
    thresholds = yaml.safe_load((changed / "thresholds.yaml").read_text(encoding="utf-8"))
    thresholds["default"]["auto_at"] = 0.1
    (changed / "thresholds.yaml").write_text(yaml.safe_dump(thresholds), encoding="utf-8")
    done = sapa("policy", "check", "--policy", changed)
    assert done.returncode == 1
    assert b"sapa: thresholds of default: suggest_at 1.0 is above auto_at 0.1" in done.stderr


def test_a_policy_with_an_unknown_key_is_refused_with_the_valid_ones(sapa: Sapa, changed: Path) -> None:
    with (changed / "thresholds.yaml").open("a", encoding="utf-8") as file:
        file.write("autoat: 1\n")
    done = sapa("policy", "check", "--policy", changed)
    assert done.returncode == 1
    assert b"unknown key autoat; valid keys: " in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_a_diff_shows_what_a_change_would_do(sapa: Sapa, changed: Path, tmp_path: Path) -> None:
    rows = [{"id": "a", "text": "lampu mati satu gang sejak magrib, sak RT peteng kabeh"}, {"id": "b", "text": "halo"}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = sapa("policy", "diff", "-", changed, "--on", tmp_path / "in.jsonl", "--now", NOW)
    assert done.returncode == 0, done.stderr.decode()
    lines = [line.split() for line in done.stdout.decode().splitlines()]
    assert ["a", "action"] in [line[:2] for line in lines]
    assert lines[[line[:2] for line in lines].index(["a", "action"])][-1] == "review"
    same = sapa("policy", "diff", "-", "-", "--on", tmp_path / "in.jsonl", "--now", NOW)
    assert (same.returncode, same.stdout) == (0, b"")
    assert b"0 of 2 decisions differ" in same.stderr


def test_a_diff_shows_changes_of_the_rules_before_routing_too(sapa: Sapa, changed: Path, tmp_path: Path) -> None:
    cautious = tmp_path / "cautious"
    cautious.mkdir()
    rules = (changed / "thresholds.yaml").read_text(encoding="utf-8")
    (cautious / "thresholds.yaml").write_text(rules.replace("max_characters: 20000", "max_characters: 10"))
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "a", "text": "lampu mati satu gang"}) + "\n")
    done = sapa("policy", "diff", changed, cautious, "--on", tmp_path / "in.jsonl", "--now", NOW)
    assert b"text_too_long" in done.stdout
    assert b"1 of 1 decisions differ" in done.stderr


def test_an_exported_policy_is_the_embedded_one(sapa: Sapa, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    assert sapa("policy", "export", folder).returncode == 0
    assert Policy.load(folder).version == Policy.load().version
    again = sapa("policy", "export", folder)
    assert again.returncode == 2
    assert b"exists" in again.stderr


def test_an_override_decides_and_has_a_version_of_its_own(sapa: Sapa, changed: Path) -> None:
    text = "lampu mati satu gang sejak magrib"
    plain, strict = (json.loads(sapa("classify", text, *more).stdout) for more in ([], ["--policy", changed]))
    assert plain["topic"] == strict["topic"]
    assert strict["action"] == "review"
    assert plain["versions"]["policy"] != strict["versions"]["policy"]


# --- bundle


def test_info_tells_versions_and_what_runs(sapa: Sapa, tiny_bundle: Path) -> None:
    info = json.loads(sapa("info").stdout)
    assert info["bundle_folder"] == str(tiny_bundle)
    assert info["graph"] == "keywords"
    assert info["policy"] == Policy.load().version


def test_an_altered_byte_is_found(sapa: Sapa, tiny_bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in tiny_bundle.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    with (copy / "keywords.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    for command in (["bundle", "verify", copy], ["classify", "halo", "--bundle", copy]):
        done = sapa(*command)
        assert done.returncode == 1
        assert b"keywords.safetensors was altered" in done.stderr


def test_an_encoder_that_does_not_start_gives_way_to_the_keywords(sapa: Sapa) -> None:
    done = sapa("classify", "lampu mati satu gang", env={"SAPA_CLASSIFIER": "encoder"})
    assert done.returncode == 0
    assert json.loads(done.stdout)["degraded"] is True
    assert done.stderr.startswith(b"sapa: warning: the encoder does not start, the keyword model decides: ")
    assert done.stderr.count(b"\n") == 1


# --- training


def test_training_without_its_recipe_is_told_in_one_line(sapa: Sapa, tmp_path: Path) -> None:
    done = sapa("train", tmp_path / "nowhere.yaml", "--out", tmp_path / "out")
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert b"nowhere.yaml" in done.stderr
