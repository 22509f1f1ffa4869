"""``sapa bench``: the figures of ``serve.bench`` as a table or as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from serve import settings
from serve.commands.usage import BundleOption, PolicyOption, as_usage, say
from serve.intake import Row
from serve.reading import read_file
from serve.records import Columns, format_of


def bench(
    messages: Annotated[
        Path | None, typer.Option("--messages", help="File of messages.", show_default="the bundle's own examples")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.1, max=600, help="Time of each measurement.")] = 10.0,
    baseline: Annotated[
        bool, typer.Option(help="Measure BERT-base beside it, if torch and transformers are there.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    bundle: BundleOption = None,
    policy: PolicyOption = None,
) -> None:
    """Measure time, throughput and memory on this machine, beside a BERT of IndoBERT-base's size."""
    from models.loading import shipped_bundle
    from serve.bench import built_in_texts, compare

    chosen = as_usage(lambda: settings.load(bundle=bundle, policy=policy))
    texts = _texts(messages) if messages else built_in_texts(chosen.bundle or shipped_bundle(), chosen.policy)
    # The measuring process reads the environment itself; only what the command line says is handed on.
    given = {"bundle": bundle, "policy": policy}
    report = compare(texts, seconds, {name: str(path) for name, path in given.items() if path}, baseline)
    if as_json:
        print(json.dumps(report, indent=2))
    else:
        _print(report)


def _texts(path: Path) -> list[str]:
    rows = read_file(path, as_usage(lambda: format_of(path, None)), Columns())
    return [row.text for row in rows if isinstance(row, Row) and isinstance(row.text, str) and row.text.strip()]


def _print(report: dict[str, Any]) -> None:
    console = Console(highlight=False, soft_wrap=True, markup=False)
    sapa, other, ratio = report["sapa"], report.get("baseline"), report.get("ratio", {})
    table = Table("", f"sapa ({sapa['graph']})", *(["baseline", "ratio"] if other else []), box=None)

    def add(name: str, value: str, beside: str = "", times: float | None = None) -> None:
        table.add_row(name, value, *([beside, f"{times:.1f} x" if times else ""] if other else []))

    def ms(side: dict[str, Any] | None, percentile: str) -> str:
        return f"{side['single_ms'][percentile]:.1f}" if side else ""

    add("one message, p50 ms", ms(sapa, "p50"), ms(other, "p50"), ratio.get("single_p50"))
    add("one message, p99 ms", ms(sapa, "p99"), ms(other, "p99"))
    add("of it inference, p50 ms", f"{sapa['inference_ms']['p50']:.1f}")
    add("of it inference, p99 ms", f"{sapa['inference_ms']['p99']:.1f}")
    rate = f"{other['messages_per_s']:.1f} (batches of {other['batch']})" if other else ""
    add("messages/s", f"{sapa['messages_per_s']:.1f} (batches of {sapa['batch']})", rate, ratio.get("throughput"))
    add(
        "peak memory, MiB",
        f"{sapa['peak_mib']:.0f}",
        f"{other['peak_mib']:.0f}" if other else "",
        ratio.get("peak_memory"),
    )
    add("bundle on disk, MiB", f"{sapa['bundle_mib']:.1f}")
    console.print(table)
    machine = report["machine"]
    console.print(
        f"{report['messages']} messages of {report['mean_characters']} characters on average; {sapa['bundle']}; "
        f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}; one run"
    )
    if machine["load_before"] > 0.5:
        say(f"warning: the machine was busy (load {machine['load_before']}); measure again when it is idle")
    if other:
        console.print(f"baseline: {other['model']}, random weights")
