"""Wiring chooses by the settings alone, and refuses what does not fit together."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.bundle import seal
from models.keywords import KeywordClassifier
from models.labels import Labels
from pipeline.errors import BundleError, PolicyError
from pipeline.messages import Decision, Message
from pipeline.policy import EMBEDDED
from serve.settings import Settings
from serve.wiring import Assembly, assemble


def decided(assembly: Assembly) -> Decision:
    (result,) = assembly.flow.run([Message("a", "lampu mati satu gang", "wa", datetime(2026, 3, 9, tzinfo=UTC))])
    assert isinstance(result, Decision)
    return result


def test_the_keyword_model_that_was_asked_for_is_not_degraded(tiny_bundle: Path) -> None:
    assembly = assemble(Settings(bundle=tiny_bundle, classifier="keywords"))
    assert (assembly.graph, assembly.degraded) == ("keywords", None)
    assert decided(assembly).degraded is False


def test_the_keyword_model_that_stands_in_says_so(tiny_bundle: Path, caplog: pytest.LogCaptureFixture) -> None:
    assembly = assemble(Settings(bundle=tiny_bundle, classifier="encoder"))
    assert assembly.graph == "keywords"
    assert assembly.degraded is not None
    assert decided(assembly).degraded is True
    assert decided(assembly).action != "auto"
    assert "the keyword model decides" in caplog.text


def test_labels_that_differ_are_named_from_both_sides(
    tmp_path: Path, keyword_model: KeywordClassifier, labels: Labels
) -> None:
    other = labels.as_dict()
    other["topics"] = ["cuaca.hujan", *other["topics"][1:]]
    other["urgencies"] = other["urgencies"][:-1]
    details = {"name": "other", "labels": other, "max_tokens": 16, "scalings": {}, "pad_token": 0}
    seal(tmp_path / "other", details, keyword_model.save)
    with pytest.raises(BundleError) as caught:
        assemble(Settings(bundle=tmp_path / "other", classifier="keywords"))
    words = str(caught.value)
    assert f"topics: only the model knows cuaca.hujan, only the policy knows {labels.topics[0]}" in words
    assert f"urgencies: only the policy knows {labels.urgencies[-1]}" in words


def test_one_file_of_ones_own_replaces_one_file(tmp_path: Path, tiny_bundle: Path) -> None:
    shutil.copy(EMBEDDED / "redaction.yaml", tmp_path)
    with (tmp_path / "redaction.yaml").open("a", encoding="utf-8") as file:
        file.write("# a word of our own\n")
    own = assemble(Settings(bundle=tiny_bundle, classifier="keywords", policy=tmp_path))
    embedded = assemble(Settings(bundle=tiny_bundle, classifier="keywords"))
    assert own.flow.versions["policy"] != embedded.flow.versions["policy"]
    assert decided(own).topic == decided(embedded).topic


@pytest.mark.parametrize("name", ["redaction.yaml", "hazards.yaml", "extraction.yaml", "ombudsman.yaml"])
def test_a_broken_file_of_ones_own_is_refused_whichever_stage_reads_it(
    name: str, tmp_path: Path, tiny_bundle: Path
) -> None:
    (tmp_path / name).write_text("unknown_key: 1\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=name):
        assemble(Settings(bundle=tiny_bundle, classifier="keywords", policy=tmp_path))


def test_a_policy_without_the_channel_of_those_that_name_none_is_refused(tmp_path: Path, tiny_bundle: Path) -> None:
    lines = (EMBEDDED / "channels.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if "id: lainnya" not in line]
    (tmp_path / "channels.yaml").write_text("".join(kept), encoding="utf-8")
    with pytest.raises(PolicyError, match="lainnya is missing"):
        assemble(Settings(bundle=tiny_bundle, classifier="keywords", policy=tmp_path))
