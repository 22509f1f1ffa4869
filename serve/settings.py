"""Settings: where the service runs, as ``SAPA_*`` in the environment. What it decides is policy, not settings."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from pipeline.errors import InvalidInput

PREFIX = "SAPA_"


class Settings(BaseSettings):
    """Read once, in the entry point. Each field is ``SAPA_`` and its name in capitals; ``.env.example`` names all."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    bundle: Path | None = None
    """Folder of the bundle; none means the one that ships with the project."""
    policy: Path | None = None
    """Folder whose files replace those of the embedded policy."""
    classifier: Literal["encoder", "keywords"] = "encoder"
    """Which model of the bundle decides; the encoder falls back to the keywords when its graph fails."""
    graph: Literal["auto", "int8", "safe"] = "auto"
    """Which graph of the encoder runs; auto takes int8 if its self-test passes on this processor."""
    threads: Annotated[int, Field(ge=0, le=256)] = 0
    """Threads of one inference; 0 leaves it to ONNX Runtime."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """Port to listen on; 0 takes a free one."""
    insecure_allow_open: bool = False
    """Whether to listen on an address that others can reach although there is no authentication."""
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    """Requests decided at the same time."""
    max_waiting: Annotated[int, Field(ge=0, le=10_000)] = 64
    """Requests that may wait for a worker; one more is answered 503 at once."""
    max_body_bytes: Annotated[int, Field(ge=1024, le=2**30)] = 2**20
    """Largest body of a request with one message."""
    max_batch_body_bytes: Annotated[int, Field(ge=1024, le=2**30)] = 4 * 2**20
    """Largest body of a request with a batch."""
    body_timeout_s: Annotated[float, Field(gt=0, le=600)] = 20.0
    """Seconds in which a body must have arrived."""
    drain_s: Annotated[int, Field(ge=0, le=600)] = 30
    """Seconds that requests under way get to finish after SIGTERM."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe log line written."""

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        """What the command line says, else what the environment says; no file is looked for."""
        return init_settings, env_settings


def names() -> list[str]:
    """Every variable that is read."""
    return [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]


def load(**chosen: Any) -> Settings:
    """The settings of the environment, ``chosen`` ones that are not None in their place.

    Errors: ``InvalidInput`` names every variable that is unknown, with the nearest valid one, or has a wrong value.
    """
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in names():
            near = difflib.get_close_matches(name.upper(), names(), n=1)
            hint = f", did you mean {near[0]}" if near else ""
            raise InvalidInput(f"unknown setting {name}{hint}; valid settings: {', '.join(names())}")
    try:
        return Settings(**{name: value for name, value in chosen.items() if value is not None})
    except ValidationError as error:
        # No input is repeated: an environment may hold secrets.
        faults = (f"{PREFIX}{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise InvalidInput("; ".join(faults)) from None
