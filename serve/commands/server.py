"""``sapa serve``: the HTTP service in this process."""

from __future__ import annotations

import ipaddress
import json
import logging
import signal
import socket
import sys
from types import FrameType
from typing import Annotated

import typer

from pipeline.errors import InvalidInput
from serve import settings
from serve.commands.bundle import program_version
from serve.commands.usage import DONE, BundleOption, PolicyOption, as_usage, say


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.", show_default="8000")] = None,
    bundle: BundleOption = None,
    policy: PolicyOption = None,
) -> None:
    """Answer over HTTP until SIGTERM or Ctrl-C; requests under way are finished first."""
    import uvicorn

    from serve import wiring
    from serve.app import create_app

    chosen = as_usage(lambda: settings.load(host=host, port=port, bundle=bundle, policy=policy))
    if not chosen.insecure_allow_open and not is_loopback(chosen.host):
        raise typer.BadParameter(
            f"{chosen.host} can be reached by others and there is no authentication yet; listen on 127.0.0.1 behind a "
            "proxy that authenticates, or set SAPA_INSECURE_ALLOW_OPEN=1 if everyone who can reach it may use it"
        )
    logging.basicConfig(
        level=chosen.log_level.upper(),
        stream=sys.stderr,
        force=True,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    listener = _listen(chosen.host, chosen.port)
    assembly = wiring.assemble(chosen)
    about = {"sapa": program_version(), "graph": assembly.graph, "degraded": assembly.degraded is not None}
    app = create_app(assembly.flow, chosen, about)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, proxy_headers=False,
        timeout_graceful_shutdown=chosen.drain_s, lifespan="on",
    )  # fmt: skip
    # uvicorn raises the signal again after it has shut down in order; by then that is the normal end.
    signal.signal(signal.SIGTERM, _done)
    host_shown = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    say(f"listening on http://{host_shown}:{listener.getsockname()[1]}")
    uvicorn.Server(config).run(sockets=[listener])


def openapi() -> None:
    """Print the description of the HTTP service, as committed in docs/openapi.json."""
    from serve.app import describe

    print(json.dumps(describe(), ensure_ascii=False, indent=2))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``. A name other than localhost counts as open."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "the port is out of range"
        raise InvalidInput(f"cannot listen on {host} port {port}: {reason}") from error


def _done(number: int, frame: FrameType | None) -> None:
    sys.exit(DONE)
