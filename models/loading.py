"""Which bundle: the shipped one, or a folder that the operator names. Nothing is guessed and nothing downloaded."""

from __future__ import annotations

from pathlib import Path

from models.bundle import MANIFEST
from pipeline.errors import BundleError

BUNDLES = Path(__file__).parent / "bundles"


def shipped_bundle() -> Path:
    """The folder of the bundle that ships with the project. Errors: ``BundleError`` unless there is exactly one."""
    found = sorted(p.parent for p in BUNDLES.glob(f"*/{MANIFEST}"))
    if len(found) != 1:
        raise BundleError(f"{len(found)} bundles ship in {BUNDLES}, expected one; name the folder with --bundle")
    return found[0]
