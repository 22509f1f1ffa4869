"""The HTTP application. The factory builds: it reads no environment and loads no model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from pipeline.flow import Flow
from pipeline.messages import Message
from serve import problems
from serve.edge import BodyGate, Edge
from serve.routes import catalogue, classify, health
from serve.routes.context import Parts
from serve.schemas import EXAMPLE_TEXT
from serve.settings import Settings
from serve.telemetry import Telemetry
from serve.workers import Workers

API_VERSION = "1"
_DESCRIPTION = (
    "Reads what electricity customers write and says what it is about, how urgent it is, where it is and who has to "
    "answer by when. Errors are application/problem+json (RFC 9457)."
)


def create_app(flow: Flow, settings: Settings, about: Mapping[str, Any]) -> FastAPI:
    """The application around a flow that is ready.

    Args:
        about: ``sapa`` (version), ``graph`` and ``degraded`` of what runs, for ``/v1/info``.
    """
    workers = Workers(settings.workers, settings.max_waiting)
    telemetry = Telemetry(flow.versions, lambda: workers.accepted)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # The first inference allocates; it is not a customer who should wait for that.
        first = Message("warm-up", EXAMPLE_TEXT, flow.policy.channels[0], datetime.now(UTC))
        await workers.run(lambda: flow.run([first]))
        yield
        workers.close()

    app = _routed(lifespan)
    app.state.parts = Parts(flow, settings, workers, telemetry, catalogue.describe(flow.policy), about)
    app.add_middleware(
        BodyGate, limits={"/v1/classify/batch": settings.max_batch_body_bytes}, default=settings.max_body_bytes,
        timeout_s=settings.body_timeout_s,
    )  # fmt: skip
    app.add_middleware(Edge, telemetry=telemetry)  # added last, so outermost
    return app


def describe() -> dict[str, Any]:
    """The OpenAPI 3.1 document; the same for every bundle and policy."""
    return _routed(None).openapi()


def _routed(lifespan: Any) -> FastAPI:
    # The documentation pages would load their scripts from elsewhere; the document itself is served.
    app = FastAPI(title="Sapa", version=API_VERSION, docs_url=None, redoc_url=None, lifespan=lifespan)
    problems.install(app)
    for routes in (classify.router, catalogue.router, health.router):
        app.include_router(routes)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes)
            app.openapi_schema = _with_problems(document)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """FastAPI files every model under application/json; problems have a media type of their own."""
    for path in document["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                content = response.get("content", {})
                if problems.MEDIA_TYPE in content and "application/json" in content:
                    response["content"] = {problems.MEDIA_TYPE: content["application/json"]}
    return document
