"""A bundle: a folder with everything a decision needs from training, sealed by a manifest written last.

``manifest.json`` names every file with its SHA-256: one altered byte, a missing file or an extra one is a
``BundleError``. Only JSON, ONNX (with its external data), safetensors and Markdown: nothing that can run code.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.calibration import Scaling
from models.labels import Labels
from models.pool import Pool
from pipeline.errors import BundleError
from pipeline.normalise import PREPARE_VERSION

FORMAT = 1
MANIFEST = "manifest.json"
SUFFIXES = frozenset({".json", ".onnx", ".data", ".safetensors", ".md"})


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified bundle folder.

    Attributes:
        version: Name and content hash, such as ``sapa-3f2a9c1b04d7``.
        max_tokens: Longest input of the encoder, in tokens; longer texts keep head and tail.
        scalings: Calibration of each head of the encoder.
        pool: How the encoder and the keyword model are pooled; None if the encoder decides alone.
        details: The whole manifest.
    """

    folder: Path
    version: str
    labels: Labels
    max_tokens: int
    scalings: Mapping[str, Scaling]
    pool: Pool | None
    details: Mapping[str, Any]


def open_bundle(folder: Path) -> Bundle:
    """The bundle at ``folder``, every byte checked. Errors: ``BundleError``."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise BundleError(f"{folder} is no bundle: it has no {MANIFEST}")
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
        sealed_as, files = content.pop("seal"), content["files"]
        if content["format"] != FORMAT:
            raise BundleError(f"bundle format {content['format']}, this version reads {FORMAT}")
        if sealed_as != _fingerprint(content):
            raise BundleError(f"{folder.name}: the manifest was altered")
        _check_files(folder, files)
        if content["prepare_version"] != PREPARE_VERSION:
            raise BundleError(
                f"{folder.name} was trained with prepare version {content['prepare_version']}, "
                f"this version prepares as {PREPARE_VERSION}"
            )
        return Bundle(
            folder=folder, version=f"{content['name']}-{sealed_as[:12]}", labels=Labels.from_dict(content["labels"]),
            max_tokens=content["max_tokens"], details=content, scalings=_scalings(content["scalings"]),
            pool=_pool(content.get("pool")),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BundleError(f"{folder.name}: the manifest is damaged ({type(error).__name__})") from error
    except OSError as error:
        raise BundleError(f"{folder.name}: cannot be read ({error.strerror})") from error


def seal(folder: Path, details: Mapping[str, Any], write: Callable[[Path], None]) -> Bundle:
    """A new bundle at ``folder``, whole or not at all.

    Args:
        folder: Must not exist yet.
        details: Manifest entries: ``name``, ``labels``, ``max_tokens``, ``scalings``, and whatever else should be kept.
        write: Writes the files into the folder it is given.

    Errors:
        BundleError: the folder exists, a file has a suffix that may hold code, or the disk is full; nothing is left.
    """
    if folder.exists():
        raise BundleError(f"{folder} exists; a sealed bundle is never written over")
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        write(partial)
        files = {p.name: _describe(p) for p in sorted(partial.iterdir())}
        strange = [name for name in files if Path(name).suffix not in SUFFIXES]
        if strange:
            raise BundleError(f"files of a kind that a bundle may not hold: {', '.join(strange)}")
        content = {"format": FORMAT, "prepare_version": PREPARE_VERSION, **details, "files": files}
        manifest = json.dumps(content | {"seal": _fingerprint(content)}, ensure_ascii=False, indent=1)
        with (partial / MANIFEST).open("w", encoding="utf-8") as file:
            file.write(manifest)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(folder)
    except OSError as error:
        raise BundleError(f"cannot seal {folder.name}: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return open_bundle(folder)


def _pool(content: Mapping[str, Any] | None) -> Pool | None:
    return None if content is None else Pool(content["weights"], _scalings(content["scalings"]))


def _scalings(content: Mapping[str, Any]) -> dict[str, Scaling]:
    return {head: Scaling(*pair) for head, pair in content.items()}


def _check_files(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> None:
    present = {p.name for p in folder.iterdir()} - {MANIFEST}
    if missing := sorted(set(files) - present):
        raise BundleError(f"{folder.name}: missing {', '.join(missing)}")
    if extra := sorted(present - set(files)):
        raise BundleError(f"{folder.name}: files that the manifest does not name: {', '.join(extra)}")
    for name, described in files.items():
        if _describe(folder / name) != described:
            raise BundleError(f"{folder.name}: {name} was altered (SHA-256 or size differs)")


def _describe(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}


def _fingerprint(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
