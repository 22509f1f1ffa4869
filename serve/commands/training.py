"""``sapa train`` and ``sapa evaluate``: doors to the training package, which serving never imports."""

from __future__ import annotations

import importlib
import logging
import sys
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
    private_train: Annotated[
        list[Path],
        typer.Option(help="Labelled file besides the recipe's, whose texts do not ship.", show_default=False),
    ] = [],  # noqa: B006  typer reads the default and never changes it
    private_texts: Annotated[
        list[Path], typer.Option(help="Messages for which the recipe has labels by id.", show_default=False)
    ] = [],  # noqa: B006
    dev: Annotated[
        list[Path], typer.Option(help="Labelled file to evaluate on besides the recipe's.", show_default=False)
    ] = [],  # noqa: B006
    encoder_copy: Annotated[
        Path | None, typer.Option(help="Folder with a copy of the recipe's encoder.", show_default=False)
    ] = None,
) -> None:
    """Train, calibrate, evaluate and seal a bundle."""
    logging.basicConfig(level="WARNING", stream=sys.stderr, force=True, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("sapa").setLevel("INFO")  # the exporter's own progress would bury ours
    commands = training_commands()
    metrics = commands.train(
        recipe, out, work or out.with_name(f"{out.name}.work"), private_train=private_train,
        private_texts=private_texts, dev=dev, encoder_copy=encoder_copy,
    )  # fmt: skip
    for name in next(iter(metrics.values())):
        print(f"{name}\n{commands.as_table({model: sets[name] for model, sets in metrics.items()})}\n")
    print(f"sealed {out}")


def evaluate(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle.", show_default=False)],
    data: Annotated[list[Path], typer.Option("--data", help="Labelled JSONL; may be given again.", show_default=False)],
    report: Annotated[
        Path | None, typer.Option(help="Folder for report.html and metrics.json.", show_default="none")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Another bundle to measure beside this one.", show_default="none")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
) -> None:
    """Measure a bundle and its keyword model on labelled messages."""
    commands = training_commands()
    figures = commands.evaluate(bundle, data, report, against)
    print(commands.as_json(figures) if as_json else commands.as_table(figures))


def training_commands() -> Any:
    """The module that trains and measures. Errors: ``MissingExtra`` if the training extra is not installed."""
    try:
        return importlib.import_module("training.commands")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in ("training", "models", "pipeline", "serve"):
            raise  # a broken installation, not a missing extra
        raise MissingExtra(error.name, "train") from error
