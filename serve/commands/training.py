"""``sapa train`` and ``sapa evaluate``: doors to the training package, which serving never imports."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.errors import MissingExtra


def train(
    recipe: Annotated[Path, typer.Argument(help="Recipe, a YAML file.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="New folder for the bundle.", show_default=False)],
    work: Annotated[
        Path | None,
        typer.Option(help="Folder for checkpoints; a stopped run goes on from there.", show_default="OUT.work"),
    ] = None,
) -> None:
    """Train, calibrate, evaluate and seal a bundle."""
    _commands().train(recipe, out, work or out.with_name(f"{out.name}.work"))


def evaluate(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle.", show_default=False)],
    data: Annotated[list[Path], typer.Option("--data", help="Labelled JSONL; may be given again.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole report as JSON.")] = False,
) -> None:
    """Measure a bundle on labelled messages."""
    _commands().evaluate(bundle, data, as_json)


def _commands() -> Any:
    try:
        return importlib.import_module("training.commands")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in ("training", "models", "pipeline", "serve"):
            raise  # a broken installation, not a missing extra
        raise MissingExtra(error.name, "train") from error
