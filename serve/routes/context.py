"""What a route needs: the application's parts, and a body read as strictly as files are."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json

from pipeline.flow import Flow
from serve.problems import MEDIA_TYPE, Refused
from serve.schemas import Problem
from serve.settings import Settings
from serve.telemetry import Telemetry
from serve.workers import Workers


@dataclass(frozen=True, slots=True)
class Parts:
    """What an application is made of; ``policy`` is what ``/v1/policy``
    tells, ``about`` what ``/v1/info`` tells of the model beside the versions."""

    flow: Flow
    settings: Settings
    workers: Workers
    telemetry: Telemetry
    policy: Mapping[str, Any]
    about: Mapping[str, Any]


def parts(request: Request) -> Parts:
    """The parts of the application that serves the request."""
    found = request.app.state.parts
    assert isinstance(found, Parts)
    return found


class _JsonRequest(Request):
    """Reads JSON with the parser that files are read with: bounded in depth, strict in UTF-8."""

    async def json(self) -> Any:
        body = await self.body()
        try:
            body.decode()
        except UnicodeDecodeError as error:
            raise Refused(400, f"byte {error.start + 1} is not UTF-8") from None
        try:
            return from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise Refused(400, str(error)) from None  # place and kind of the fault; quotes nothing


class JsonRoute(APIRoute):
    """A route that takes ``application/json`` only."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with the strict request in place of the plain one."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            if request.method == "POST":
                kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
                if kind != "application/json":
                    raise Refused(415, "send Content-Type: application/json")
            return await handle(_JsonRequest(request.scope, request.receive))

        return strict


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, for its description."""
    words = {
        400: "The body is not JSON in UTF-8", 408: "The body did not arrive in time", 413: "The body is too large",
        415: "The body is not application/json", 422: "A field is wrong, or the message cannot be decided",
        500: "A defect; the request id is in the body", 503: "Too many requests wait; see Retry-After",
    }  # fmt: skip
    body = {"model": Problem, "content": {MEDIA_TYPE: {}}}
    return {status: {**body, "description": words[status]} for status in statuses}
