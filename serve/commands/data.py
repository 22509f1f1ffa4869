"""``sapa data``: prove labelled messages fit for training. The work is done by ``training.check``."""

from __future__ import annotations

import importlib
import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from pipeline.errors import MissingExtra
from pipeline.policy import Policy
from serve.commands.usage import FAILED

CORPUS = Path("training/corpus")
_WIDTH = 180  # a narrower terminal breaks the lines itself; nothing is cut off

data = typer.Typer(help="Prove labelled messages fit for training.", no_args_is_help=True)


@data.callback()
def _group() -> None:
    """Prove labelled messages fit for training."""  # a callback keeps ``check`` a sub-command while it is the only one


@data.command()
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Labelled JSONL; those in a folder held_out are held out.", show_default="training/corpus"),
    ] = None,
    held_out: Annotated[
        list[Path], typer.Option("--held-out", help="Further file that is held out.", show_default=False)
    ] = [],  # noqa: B006  typer reads the default and never changes it
    min_per_topic: Annotated[int, typer.Option(min=0, help="Training messages wanted of each topic.")] = 250,
    min_voices: Annotated[int, typer.Option(min=0, help="Voices wanted for each topic.")] = 5,
    min_per_dialect: Annotated[int, typer.Option(min=0, help="Training messages wanted of each dialect.")] = 0,
    min_per_channel: Annotated[int, typer.Option(min=0, help="Training messages wanted of each channel.")] = 0,
    labels: Annotated[bool, typer.Option(help="Look for label errors, which takes most of the time.")] = True,
    show: Annotated[int, typer.Option(min=0, help="Warnings shown of each check; errors are all shown.")] = 10,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the whole report here.", show_default="no")
    ] = None,
) -> None:
    """Look for faults, duplicates, leaks, templates, label errors and gaps. Leaves with 1 if there is an error."""
    chosen = [*(files or [])]
    if not chosen and not held_out:
        chosen = [path for pattern in ("*.jsonl", "held_out/*.jsonl") for path in sorted(CORPUS.glob(pattern))]
    if not chosen and not held_out:
        raise typer.BadParameter(f"there is no {CORPUS} here; name the files, or run from the root of the repository")
    checks, balance, commands = _training()
    policy = Policy.load()
    report = checks.check(
        chosen, commands.policy_labels(policy), policy.channels, held_out=held_out, judge_labels=labels,
        minima=balance.Minima(min_per_topic, min_voices, min_per_dialect, min_per_channel),
    )  # fmt: skip
    if json_file is not None:
        json_file.write_text(json.dumps(report, indent=1), encoding="utf-8")
    _print(report, show)
    if not report["fit"]:
        raise typer.Exit(FAILED)


def _training() -> tuple[Any, Any, Any]:
    try:
        return tuple(importlib.import_module(f"training.{name}") for name in ("check", "check_balance", "commands"))  # type: ignore[return-value]
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in ("training", "models", "pipeline", "serve"):
            raise  # a broken installation, not a missing extra
        raise MissingExtra(error.name, "train") from error


def _print(report: dict[str, Any], show: int) -> None:
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.width = max(console.width, _WIDTH)

    def table(title: str, columns: list[str], rows: list[list[object]]) -> None:
        if rows:
            heads = [Column(name, no_wrap=True) for name in columns]
            drawn = Table(*heads, title=title, title_justify="left", box=None)
            for row in rows:
                drawn.add_row(*map(str, row))
            console.print(drawn, "", sep="\n")

    counts = report["counts"]
    table("Topics: training messages, voices, dialects", ["topic", "train", "held", "voices", *counts["dialects"]], [
        [t["topic"], t["training"], t["held_out"], t["voices"], *(t["dialects"].get(d, 0) for d in counts["dialects"])]
        for t in counts["topics"]
    ])  # fmt: skip
    table("Topics: training messages by channel", ["topic", *counts["channels"]], [
        [t["topic"], *(t["channels"].get(c, 0) for c in counts["channels"])] for t in counts["topics"]
    ])  # fmt: skip
    table("Voices", ["voice", "messages", "words: least", "5%", "half", "95%", "most"], [
        [v["voice"] + (" (held out)" if v["held_out"] else ""), v["messages"], *v["words"].values()]
        for v in counts["voices"]
    ])  # fmt: skip
    for name in ("dialects", "channels"):
        table(name.capitalize(), ["", "training", "held out"], [[k, *n.values()] for k, n in counts[name].items()])
    table("Personal data that redaction finds", ["type", "found", "messages"],
          [[kind, n["found"], n["messages"]] for kind, n in report["personal"].items()])  # fmt: skip
    found = Counter((f["level"], f["check"]) for f in report["findings"])
    left = {key: n if key[0] == "error" else min(n, show) for key, n in found.items()}
    shown: list[list[object]] = []
    for finding in report["findings"]:
        key = (finding["level"], finding["check"])
        if left[key] > 0:
            left[key] -= 1
            line = f"{finding['file']}:{finding['line']}" if finding["line"] else finding["file"]
            shown.append([*key, line, finding["id"], finding["detail"]])
    table("Findings", ["level", "check", "where", "id", "what"], shown)
    table("All findings", ["level", "check", "number"], [[*key, n] for key, n in found.items()])
    levels = report["levels"]
    console.print(
        f"{report['messages']} messages in {len(report['files'])} files: {levels['error']} errors, "
        f"{levels['warning']} warnings; {'fit' if report['fit'] else 'not fit'} for training"
    )
