"""Edge: what happens around every request: id, headers, size, one log line, and the answer to a defect."""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.intake import trace
from serve.problems import BY_STATUS, problem
from serve.telemetry import Telemetry

logger = logging.getLogger("sapa.http")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Edge:
    """The outermost layer. An ``X-Request-ID`` that is not plain and short is replaced, a ``traceparent`` that is not
    one is dropped; nothing of a request but method and route is logged."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = perf_counter()
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        parent = headers.get("traceparent", "")
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                out = MutableHeaders(scope=message)
                out["X-Request-ID"] = request_id
                out["X-Content-Type-Options"] = "nosniff"
                out.setdefault("Cache-Control", "no-store")
                if _TRACEPARENT.fullmatch(parent):
                    out["traceparent"] = parent
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception as error:  # a defect; its words may hold a customer's, so only its place is logged
            logger.error("request %s failed: %s", request_id, trace(error))
            if not status:
                await problem(request_id, BY_STATUS[500])(scope, receive, answer)
        finally:
            self._count(scope, request_id, status, perf_counter() - start)

    def _count(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._telemetry.requests.labels(method, route, status).inc()
        self._telemetry.request_s.labels(route).observe(seconds)
        logger.info("%s %s %s %d %.1f ms", request_id, method, route, status, seconds * 1000)


class BodyGate:
    """Takes the whole body before anything reads it: 413 if it is larger than its address allows, 408 if it is slow.

    Args:
        limits: Largest body in bytes by path; ``default`` for all others.
    """

    def __init__(self, app: ASGIApp, limits: dict[str, int], default: int, timeout_s: float) -> None:
        self._app = app
        self._limits = limits
        self._default = default
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limits.get(scope["path"], self._default)
        declared = Headers(scope=scope).get("content-length", "0")
        # A length beyond some digits is larger than any limit, and int() of many digits is slow.
        too_large = declared.isdecimal() and (len(declared) > 18 or int(declared) > limit)
        body = None
        if not too_large:
            try:
                async with asyncio.timeout(self._timeout_s):
                    body = await _read(receive, limit)
            except TimeoutError:
                await self._refuse(scope, receive, send, 408, "")
                return
        if body is None:
            await self._refuse(scope, receive, send, 413, f"at most {limit} bytes")
            return
        await self._app(scope, _replay(body, receive), send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, status: int, detail: str) -> None:
        # The rest of the body is not read, so the connection cannot serve another request.
        answer = problem(scope["state"]["request_id"], BY_STATUS[status], detail, headers={"Connection": "close"})
        await answer(scope, receive, send)


async def _read(receive: Receive, limit: int) -> bytes | None:
    """The body, or None as soon as it is larger than ``limit``."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":  # the client left; what it sent is all there is
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
