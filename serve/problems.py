"""Problems: one table from errors to HTTP, and the RFC 9457 body of each. Never ``str`` of a foreign error."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from pipeline.errors import (
    BundleError,
    InvalidInput,
    InvalidMessage,
    MissingExtra,
    OperatorError,
    PolicyError,
    SapaError,
    SenderError,
    TemporaryError,
)
from pipeline.messages import Rejected

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1
_MAX_NAME = 64
_MAX_ERRORS = 20


@dataclass(frozen=True, slots=True)
class Kind:
    """Status, the last part of the type URI, and the title of a problem. ``told``: its error's words may be shown."""

    status: int
    slug: str
    title: str
    told: bool = False


_OURS = Kind(500, "internal-error", "Something is wrong here, not with the request")
BY_ERROR: Mapping[type[SapaError], Kind] = {
    SapaError: _OURS,
    SenderError: Kind(422, "invalid-request", "The request cannot be carried out as asked", told=True),
    InvalidMessage: Kind(422, "invalid-message", "The message cannot be decided", told=True),
    InvalidInput: Kind(422, "invalid-input", "The input cannot be read as asked", told=True),
    OperatorError: _OURS,
    PolicyError: _OURS,
    BundleError: _OURS,
    MissingExtra: _OURS,
    TemporaryError: Kind(503, "overloaded", "Not now; try again", told=True),
}
BY_REJECTION: Mapping[str, Kind] = {
    "empty_text": Kind(422, "empty-text", "The text is empty"),
    "text_too_long": Kind(422, "text-too-long", "The text is too long"),
    "invalid_utf8": Kind(422, "invalid-utf8", "The text is not UTF-8"),
    "invalid_json": Kind(422, "invalid-json", "Not a JSON object"),
    "missing_text": Kind(422, "missing-text", "There is no text"),
    "invalid_field": Kind(422, "invalid-field", "A field is wrong"),
    "unknown_channel": Kind(422, "unknown-channel", "The channel is not known"),
    "duplicate_id": Kind(422, "duplicate-id", "The id was already used"),
    "internal_error": _OURS,
}
BY_STATUS: Mapping[int, Kind] = {
    400: Kind(400, "malformed-body", "The body is not JSON in UTF-8", told=True),
    404: Kind(404, "not-found", "There is nothing at this address"),
    405: Kind(405, "method-not-allowed", "This address does not take that method"),
    408: Kind(408, "body-timeout", "The body did not arrive in time"),
    413: Kind(413, "body-too-large", "The body is too large", told=True),
    415: Kind(415, "unsupported-media-type", "The body must be application/json", told=True),
    422: Kind(422, "invalid-field", "A field is wrong"),
    500: _OURS,
}


class Refused(HTTPException):
    """A request refused before its message is looked at; ``detail`` is our own words."""


def problem(
    request_id: str, kind: Kind, detail: str = "", errors: Sequence[Mapping[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    """The response of a problem. A 503 says when to come back."""
    content: dict[str, Any] = {
        "type": f"urn:sapa:problem:{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail or kind.title,
        "instance": f"urn:sapa:request:{request_id}",
    }
    if errors is not None:
        content["errors"] = list(errors)
    more = dict(headers or {})
    if kind.status == 503:
        content["retry_after_s"] = RETRY_AFTER_S
        more["Retry-After"] = str(RETRY_AFTER_S)
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(body, kind.status, more, MEDIA_TYPE)


def rejection(request_id: str, rejected: Rejected) -> Response:
    """The problem of a message that stood alone in its request."""
    return problem(request_id, BY_REJECTION[rejected.code], rejected.detail)


def install(app: FastAPI) -> None:
    """Makes every error of ``app`` a problem; what is unforeseen is left to ``serve.edge``."""

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        kind = BY_STATUS.get(error.status_code) or Kind(error.status_code, "refused", _phrase(error.status_code))
        detail = error.detail if kind.told and isinstance(error, Refused) else ""
        return problem(request.state.request_id, kind, detail, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        found = error.errors()
        errors = [{"pointer": pointer(item["loc"]), "detail": str(item["msg"])} for item in found[:_MAX_ERRORS]]
        return problem(request.state.request_id, BY_STATUS[422], f"wrong fields: {len(found)}", errors)

    @app.exception_handler(SapaError)
    async def told(request: Request, error: SapaError) -> Response:
        kind = next(BY_ERROR[cls] for cls in type(error).__mro__ if cls in BY_ERROR)
        return problem(request.state.request_id, kind, str(error) if kind.told else "")


def pointer(location: Sequence[str | int]) -> str:
    """The JSON Pointer (RFC 6901) of a place in the body; a long name is cut, it may be anything."""
    parts = [str(part)[:_MAX_NAME] for part in location if part != "body"]
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in parts)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Refused"
