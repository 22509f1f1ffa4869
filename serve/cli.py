"""The command line ``sapa``: thin. Commands are in ``serve.commands``; here is what all of them have in common."""

from __future__ import annotations

import logging
import os
import signal
import sys
from types import FrameType
from typing import Any

import typer

from pipeline.errors import SapaError
from serve.commands.bench import bench
from serve.commands.bundle import bundle, info
from serve.commands.classify import classify
from serve.commands.data import data
from serve.commands.policy import policy
from serve.commands.server import openapi, serve
from serve.commands.training import evaluate, train
from serve.commands.usage import DONE, FAILED, INTERRUPTED, USAGE, say

_CLICK_ERROR: Any = typer.BadParameter.__mro__[2]  # ClickException; newer typer carries its own copy of click
_TERMINATED = 128 + signal.SIGTERM

app = typer.Typer(
    name="sapa",
    help="Reads what electricity customers write, and says what it is about, how urgent it is and who has to answer.",
    no_args_is_help=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (classify, serve, info, bench, train, evaluate):
    app.command()(command)
app.command(hidden=True)(openapi)
app.add_typer(policy, name="policy")
app.add_typer(bundle, name="bundle")
app.add_typer(data, name="data")


def main() -> None:
    """Runs the command and leaves with its exit code: 0 done, 1 failed, 2 usage, 3 done with rejected rows,
    130 interrupted. What went wrong is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="sapa: %(message)s")
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(_run(sys.argv[1:] or ["--help"]))


def _run(arguments: list[str]) -> int:
    try:
        return int(app(arguments, prog_name="sapa", standalone_mode=False) or DONE)
    except (typer.Abort, KeyboardInterrupt):
        say("interrupted")
        return INTERRUPTED
    except SapaError as error:
        say(f"error: {_one_line(error)}")
        return FAILED
    except BrokenPipeError:
        # The reader of standard output has left; Python would complain of it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        say(f"error: {error.strerror or type(error).__name__}{f': {error.filename}' if error.filename else ''}")
        return FAILED
    except Exception as error:  # typer's own errors have no public base class; anything else is a defect
        if not isinstance(error, _CLICK_ERROR):
            raise
        say(f"error: {_one_line(error.format_message())}; see sapa --help")
        return USAGE


def _one_line(error: object) -> str:
    return " ".join(str(error).split())


def _terminate(number: int, frame: FrameType | None) -> None:
    sys.exit(_TERMINATED)  # unwinds the stack, so that half-written files are removed


if __name__ == "__main__":
    main()
