"""``sapa bundle`` and ``sapa info``: what is installed, and whether it is whole."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from serve.commands.usage import BundleOption, PolicyOption, assemble

bundle = typer.Typer(help="Check a bundle, the sealed folder with the model.", no_args_is_help=True)


@bundle.callback()
def _group() -> None:
    """Keeps ``verify`` a word of its own although it is the only one."""


@bundle.command()
def verify(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the bundle.", show_default="the shipped one")] = None,
) -> None:
    """Check every byte of a bundle against its manifest, and its self-test on this processor."""
    from models.bundle import open_bundle
    from models.loading import shipped_bundle
    from models.runtime import EncoderClassifier

    opened = open_bundle(folder or shipped_bundle())
    files = opened.details["files"]
    size = sum(file["bytes"] for file in files.values())
    print(f"{opened.version}: {len(files)} files, {size / 2**20:.1f} MiB, every byte as sealed")
    print(f"self-test passed with {EncoderClassifier(opened, threads=1).graph}")


def info(bundle: BundleOption = None, policy: PolicyOption = None) -> None:
    """Print versions of the program, the bundle and the policy, and what runs, as JSON."""
    assembly = assemble(bundle, policy)
    content = {
        "sapa": program_version(),
        **assembly.flow.versions,
        "graph": assembly.graph,
        "degraded": assembly.degraded,
        "bundle_folder": str(assembly.bundle.folder),
        "topics": len(assembly.flow.topics),
        "python": platform.python_version(),
        "onnxruntime": version("onnxruntime"),
    }
    print(json.dumps(content, ensure_ascii=False, indent=2))


def program_version() -> str:
    """Version of the installed distribution; ``unknown`` in a bare checkout."""
    try:
        return version("sapa-pelanggan")
    except PackageNotFoundError:
        return "unknown"
