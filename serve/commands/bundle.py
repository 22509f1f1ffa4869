"""``sapa bundle`` and ``sapa info``: what is installed, and whether it is whole."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from serve.commands.training import training_commands
from serve.commands.usage import FAILED, BundleOption, PolicyOption, assemble, say

bundle = typer.Typer(help="Check a bundle, the sealed folder with the model.", no_args_is_help=True)


@bundle.callback()
def _group() -> None:
    """The words of ``sapa bundle``."""


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


@bundle.command()
def gate(
    new: Annotated[Path, typer.Argument(help="Folder of the bundle that is to serve.", show_default=False)],
    old: Annotated[Path, typer.Argument(help="Folder of the bundle that serves now.", show_default=False)],
    data: Annotated[list[Path], typer.Option("--data", help="Labelled JSONL; may be given again.", show_default=False)],
) -> None:
    """Compare a new bundle with the one in service, and refuse it (exit code 1) if it loses too much."""
    compared, reasons = training_commands().gate(new, old, data)
    print("\n".join(compared))
    for reason in reasons:
        say(f"refused: {reason}")
    if reasons:
        raise typer.Exit(FAILED)
    print("the new bundle may take the place of the old one")


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
