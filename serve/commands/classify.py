"""``sapa classify``: one text, or a file of messages from end to end in bounded memory."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from pipeline.messages import Decision, Rejected
from serve.commands.usage import REJECTED, BundleOption, PolicyOption, as_usage, assemble, say
from serve.intake import DEFAULT_CHANNEL, Intake, Row, decide, parse_time
from serve.reading import chunks, read_rows
from serve.records import FORMATS, STANDARD, Columns, MissingColumn, Source, format_of, open_source
from serve.writing import as_object, open_writer

if TYPE_CHECKING:
    from pipeline.flow import Flow

CHUNK_ROWS = 512
CHUNK_CHARACTERS = 4_000_000


def classify(
    text: Annotated[str | None, typer.Argument(help="One message. For many, use --input.", show_default=False)] = None,
    source: Annotated[
        Path | None, typer.Option("--input", "-i", help="File of messages; - reads standard input.", show_default=False)
    ] = None,
    target: Annotated[
        Path, typer.Option("--output", "-o", help="File of decisions; - writes to standard output.")
    ] = STANDARD,
    input_format: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(FORMATS)}.", show_default="by suffix")
    ] = None,
    output_format: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(FORMATS)}.", show_default="by suffix")
    ] = None,
    text_column: Annotated[str, typer.Option(help="Column of the text.")] = "text",
    id_column: Annotated[str, typer.Option(help="Column of the id; rows without one get their number.")] = "id",
    channel_column: Annotated[str, typer.Option(help="Column of the channel.")] = "channel",
    channel: Annotated[str, typer.Option(help="Channel of messages that name none.")] = DEFAULT_CHANNEL,
    now: Annotated[
        str | None,
        typer.Option(help="When messages without received_at were received, RFC 3339.", show_default="the clock"),
    ] = None,
    timings: Annotated[bool, typer.Option(help="Include how long each stage took.")] = True,
    force: Annotated[bool, typer.Option("--force", help="Replace an output file that is there.")] = False,
    bundle: BundleOption = None,
    policy: PolicyOption = None,
) -> None:
    """Decide topic, urgency, place, Ombudsman status and queue of one message or of a file.

    Files are JSONL, CSV or Parquet; JSONL and CSV may end in .gz. Every row gives one result in its place: a decision,
    or the reason why it was rejected. Exit code 3 says that at least one was.
    """
    if (text is None) == (source is None):
        raise typer.BadParameter("give either one text in quotes or --input FILE")
    moment = as_usage(lambda: parse_time(now)) if now is not None else datetime.now(UTC)
    if source is None:
        assert text is not None
        flow = assemble(bundle, policy).flow
        intake = as_usage(lambda: Intake(flow.policy.channels, channel, moment))
        _one(flow, intake, text, timings)
        return
    formats = as_usage(lambda: (format_of(source, input_format), format_of(target, output_format)))
    if source == STANDARD and formats[0] == "parquet":
        raise typer.BadParameter("Parquet is read from a file only")
    if target != STANDARD and target.exists() and source.exists() and target.samefile(source):
        raise typer.BadParameter("--input and --output are the same file")
    columns = Columns(text=text_column, id=id_column, channel=channel_column)
    with open_source(source) as opened, open_writer(target, formats[1], timings, force) as writer:
        flow = assemble(bundle, policy).flow
        intake = as_usage(lambda: Intake(flow.policy.channels, channel, moment))
        rejected: Counter[str] = Counter()
        decided = 0
        try:
            for results in _results(flow, intake, opened, formats[0], columns):
                writer.write(results)
                codes = [result.code for result in results if isinstance(result, Rejected)]
                rejected.update(codes)
                decided += len(results) - len(codes)
        except MissingColumn as error:
            raise typer.BadParameter(f"{error}; name it with --text-column") from None
    _tell(decided, rejected, target)


def _results(
    flow: Flow, intake: Intake, source: Source, kind: str, columns: Columns
) -> Iterator[list[Decision | Rejected]]:
    with _progress(source) as advance:
        for rows in chunks(read_rows(source, kind, columns), CHUNK_ROWS, CHUNK_CHARACTERS):
            items = [row if isinstance(row, Rejected) else intake.accept(row) for row in rows]
            yield decide(flow, items)
            advance(len(rows))


def _one(flow: Flow, intake: Intake, text: str, timings: bool) -> None:
    item = intake.accept(Row(1, "argument", text=text))
    (result,) = decide(flow, [item])
    out = Console(highlight=False, soft_wrap=True)
    if out.is_terminal and isinstance(result, Decision):
        _readable(result)
    out.print_json(data=as_object(result, timings), ensure_ascii=False, highlight=out.is_terminal)
    if isinstance(result, Rejected):
        say(f"rejected: {result.code}: {result.detail}")
        raise typer.Exit(REJECTED)


def _readable(decision: Decision) -> None:
    """The decision in a few words, for the person at the terminal; the JSON below has all of it."""
    err = Console(stderr=True, highlight=False, soft_wrap=True)
    place = decision.place.name or decision.place.kabupaten or "place not known"
    due = decision.deadlines
    for line in (
        f"[bold]{decision.topic}[/] ({decision.score:.0%}), {decision.intent}, {decision.urgency}",
        f"to {decision.queue} ({decision.action}), Ombudsman: {decision.ombudsman}, {place}",
        f"answer by {due.first_answer:%d %b %Y %H:%M %Z}, done by {due.done:%d %b %Y %H:%M %Z}",
    ):
        err.print(line)


@contextmanager
def _progress(source: Source) -> Iterator[Callable[[int], None]]:
    """Calls back with rows done; shows a bar only to a person at a terminal."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda rows: None
        return
    shown = (TextColumn("{task.fields[rows]:,} messages"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*shown, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=source.size, rows=0)
        done = 0

        def advance(rows: int) -> None:
            nonlocal done
            done += rows
            progress.update(task, completed=source.position(), rows=done)

        yield advance


def _tell(decided: int, rejected: Counter[str], output: Path) -> None:
    counts = ", ".join(f"{code} {count}" for code, count in sorted(rejected.items()))
    where = "" if output == STANDARD else f"; written to {output}"
    say(f"{decided} decided, {rejected.total()} rejected{f' ({counts})' if counts else ''}{where}")
    if rejected:
        raise typer.Exit(REJECTED)
