"""What every command shares: exit codes, how a wrong use is told, how the flow of the settings is built."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from pipeline.errors import InvalidInput
from serve import settings

if TYPE_CHECKING:
    from serve.wiring import Assembly

DONE, FAILED, USAGE, REJECTED, INTERRUPTED = 0, 1, 2, 3, 130
_T = TypeVar("_T")

BundleOption = Annotated[
    Path | None, typer.Option("--bundle", help="Folder of the bundle.", show_default="the shipped one")
]
PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", help="Folder whose files replace those of the embedded policy.", show_default="none"),
]


def as_usage(call: Callable[[], _T]) -> _T:
    """What ``call`` returns; its ``InvalidInput`` becomes a wrong use of the command (exit code 2)."""
    try:
        return call()
    except InvalidInput as error:
        raise typer.BadParameter(str(error)) from None


def assemble(bundle: Path | None = None, policy: Path | None = None) -> Assembly:
    """The flow of the environment's settings and of the options given; a degraded one is logged."""
    from serve import wiring  # the models are loaded only by commands that need them

    return wiring.assemble(as_usage(lambda: settings.load(bundle=bundle, policy=policy)))


def say(line: str) -> None:
    """One line on standard error."""
    print(f"sapa: {line}", file=sys.stderr)
