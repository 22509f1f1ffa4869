import json
from pathlib import Path

import pytest

from models.bundle import MANIFEST, open_bundle, seal
from pipeline.errors import BundleError

LABELS = {"topics": ["a.b"], "intents": ["x"], "urgencies": ["y"], "forms": [], "ombudsman": ["tidak"]}
DETAILS = {"name": "tiny", "labels": LABELS, "max_tokens": 32, "pad_token": 0, "scalings": {"topic": [1.5, 0.0]}}


def _write(folder: Path) -> None:
    (folder / "weights.safetensors").write_bytes(bytes(range(256)) * 40)
    (folder / "selftest.json").write_text("{}", encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return seal(tmp_path / "tiny", DETAILS, _write).folder


def test_a_sealed_bundle_opens_with_its_labels_and_a_version_of_its_content(folder: Path) -> None:
    bundle = open_bundle(folder)
    assert bundle.labels.topics == ("a.b",)
    assert bundle.scalings["topic"].temperature == 1.5
    assert bundle.version.startswith("tiny-")


@pytest.mark.parametrize("position", [0, 5_000, 10_239])
def test_one_altered_byte_is_refused(folder: Path, position: int) -> None:
    path = folder / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)
    with pytest.raises(BundleError, match="weights.safetensors was altered"):
        open_bundle(folder)


def test_an_altered_manifest_is_refused(folder: Path) -> None:
    path = folder / MANIFEST
    content = json.loads(path.read_text(encoding="utf-8"))
    content["max_tokens"] = 512
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(BundleError, match="manifest was altered"):
        open_bundle(folder)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"format": 1}', "null"])
def test_a_damaged_manifest_is_a_bundle_error_not_a_crash(folder: Path, damage: str) -> None:
    (folder / MANIFEST).write_text(damage, encoding="utf-8")
    with pytest.raises(BundleError):
        open_bundle(folder)


def test_a_missing_and_an_extra_file_are_named(folder: Path) -> None:
    (folder / "extra.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BundleError, match="does not name: extra.json"):
        open_bundle(folder)
    (folder / "extra.json").unlink()
    (folder / "selftest.json").unlink()
    with pytest.raises(BundleError, match="missing selftest.json"):
        open_bundle(folder)


def test_no_half_bundle_is_left_when_writing_fails(tmp_path: Path) -> None:
    def fails(folder: Path) -> None:
        _write(folder)
        raise OSError(28, "No space left on device")

    with pytest.raises(BundleError, match="No space left"):
        seal(tmp_path / "tiny", DETAILS, fails)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_may_hold_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"model\.pkl"):
        seal(tmp_path / "tiny", DETAILS, lambda folder: (folder / "model.pkl").write_bytes(b"x") and None)
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_is_never_written_over(folder: Path) -> None:
    with pytest.raises(BundleError, match="never written over"):
        seal(folder, DETAILS, _write)


def test_a_bundle_of_another_prepare_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="prepare version 0"):
        seal(tmp_path / "old", DETAILS | {"prepare_version": "0"}, _write)
