"""Whether the service runs, what runs, and how it does."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from pipeline.errors import TemporaryError
from serve.routes.context import Parts, documented, parts
from serve.schemas import MAX_BATCH, InfoOut, Status

router = APIRouter(tags=["operations"])
In = Annotated[Parts, Depends(parts)]


@router.get("/livez", operation_id="getLiveness", summary="The process runs", response_model=Status)
async def livez() -> dict[str, str]:
    """Says nothing of the model."""
    return {"status": "ok"}


@router.get("/readyz", operation_id="getReadiness", summary="Ready to decide", response_model=Status,
            responses=documented(503))  # fmt: skip
async def readyz(app: In) -> dict[str, str]:
    """The bundle is verified, the model has decided a first message, and there is room for a request."""
    if app.workers.full:
        raise TemporaryError("no room for another request")
    return {"status": "ok"}


@router.get("/v1/info", operation_id="getInfo", summary="What runs", response_model=InfoOut, responses=documented(500))
async def info(app: In) -> dict[str, Any]:
    """Versions of the program, the bundle, the policy and the taxonomy; limits."""
    settings = app.settings
    return {
        **app.about,
        "versions": dict(app.flow.versions),
        "limits": {
            "max_body_bytes": settings.max_body_bytes,
            "max_batch_body_bytes": settings.max_batch_body_bytes,
            "max_batch_messages": MAX_BATCH,
            "max_characters": app.flow.policy.thresholds.limits.max_characters,
            "workers": settings.workers,
            "max_waiting": settings.max_waiting,
        },
    }


@router.get("/metrics", operation_id="getMetrics", summary="Metrics for Prometheus", response_class=Response,
            responses={200: {"content": {"text/plain": {}}}})  # fmt: skip
async def metrics(app: In) -> Response:
    """Counters and histograms; no ids, no text."""
    return Response(app.telemetry.render(), media_type="text/plain; version=0.0.4; charset=utf-8")
