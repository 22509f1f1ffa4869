"""``sapa policy``: prove a policy, compare two, export the embedded one."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline.errors import BundleError, InvalidInput
from pipeline.messages import Rejected
from pipeline.policy import EMBEDDED, Policy
from pipeline.policy_check import check as prove
from pipeline.policy_diff import diff as compare
from serve.commands.usage import FAILED, REJECTED, BundleOption, PolicyOption, as_usage, assemble, say
from serve.intake import Intake, decide, parse_time
from serve.reading import chunks, read_file
from serve.records import Columns, format_of

policy = typer.Typer(help="Prove a policy, compare two, export the embedded one.", no_args_is_help=True)


@policy.command()
def check(policy: PolicyOption = None, bundle: BundleOption = None) -> None:
    """Prove that every combination leads to exactly one queue, that no rule is dead and every number has a source."""
    from models.bundle import open_bundle
    from models.loading import shipped_bundle

    checked = Policy.load(policy)
    try:
        topics = open_bundle(bundle or shipped_bundle()).labels.topics
    except BundleError as error:
        if bundle is not None:
            raise
        say(f"warning: not compared with a model: {error}")
        topics = None
    report = prove(checked, topics)
    for name, count in report.counts.items():
        print(f"{name.replace('_', ' ')}: {count}")
    for problem in report.problems:
        say(problem)
    print(f"policy {checked.version}: {'holds' if report.ok else f'{len(report.problems)} problems'}")
    if not report.ok:
        raise typer.Exit(FAILED)


@policy.command()
def diff(
    old: Annotated[Path, typer.Argument(help="Policy folder now in force; - means the embedded one.")],
    new: Annotated[Path, typer.Argument(help="Policy folder to compare; - means the embedded one.")],
    on: Annotated[Path, typer.Option("--on", help="File of messages to route with both.", show_default=False)],
    now: Annotated[str | None, typer.Option(help="When messages without received_at were received, RFC 3339.")] = None,
    bundle: BundleOption = None,
) -> None:
    """Show which decisions a change of policy would alter, on a file of messages. Nothing is changed."""
    moment = as_usage(lambda: parse_time(now)) if now is not None else datetime.now(UTC)
    flows = [assemble(bundle, None if folder == Path("-") else folder).flow for folder in (old, new)]
    intakes = [Intake(flow.policy.channels, now=moment) for flow in flows]
    table = Table("id", "field", "before", "after", box=None)
    read = altered = rejected = 0
    for rows in chunks(read_file(on, as_usage(lambda: format_of(on, None)), Columns()), 512, 4_000_000):
        before, after = (
            decide(flow, [row if isinstance(row, Rejected) else intake.accept(row) for row in rows])
            for flow, intake in zip(flows, intakes, strict=True)
        )
        for one, other in zip(before, after, strict=True):
            changes = compare(one, other)
            for change in changes:
                table.add_row(change.id or "", change.field, change.before or "", change.after or "")
            read += 1
            altered += bool(changes)
            rejected += isinstance(one, Rejected)
    if altered:
        Console(soft_wrap=True, highlight=False, markup=False).print(table)
    say(f"{altered} of {read} decisions differ, {table.row_count} fields; {rejected} messages rejected")
    if rejected:
        raise typer.Exit(REJECTED)


@policy.command()
def export(
    folder: Annotated[Path, typer.Argument(help="New folder for the files.", show_default=False)],
) -> None:
    """Copy the embedded policy to a new folder: change what should differ, delete the rest, point SAPA_POLICY at it."""
    if folder.exists():
        raise typer.BadParameter(f"{folder} exists; name a new folder")
    try:
        shutil.copytree(EMBEDDED, folder)
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be written: {error.strerror}") from error
    print(f"{len(list(folder.iterdir()))} files in {folder}")
