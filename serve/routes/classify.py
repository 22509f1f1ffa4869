"""Deciding messages over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.responses import JSONResponse

from pipeline.messages import Decision, Rejected
from serve.intake import Intake, Row, decide
from serve.problems import rejection
from serve.routes.context import JsonRoute, Parts, documented, parts
from serve.schemas import BatchIn, BatchOut, DecisionOut, MessageIn

router = APIRouter(prefix="/v1/classify", tags=["classify"], route_class=JsonRoute)
_ERRORS = documented(400, 408, 413, 415, 422, 500, 503)
In = Annotated[Parts, Depends(parts)]


@router.post("", operation_id="classifyMessage", summary="Decide one message", response_model=DecisionOut,
             responses=_ERRORS)  # fmt: skip
async def classify_message(request: Request, message: Annotated[MessageIn, Body()], app: In) -> Response:
    """Topic, urgency, place, Ombudsman status, queue and deadlines of one message.

    Without an id the decision carries the request's. A message that cannot be decided is answered 422.
    """
    request_id: str = request.state.request_id
    (result,) = await _decide(app, [_row(message, 1, message.id or request_id)])
    return rejection(request_id, result) if isinstance(result, Rejected) else JSONResponse(result.as_dict())


@router.post("/batch", operation_id="classifyBatch", summary="Decide up to 64 messages", response_model=BatchOut,
             responses=_ERRORS)  # fmt: skip
async def classify_batch(batch: Annotated[BatchIn, Body()], app: In) -> Response:
    """One result a message, in order: a decision, or the reason why there is none.

    Messages without an id get their number, from 1. A wrong field refuses the whole batch, a wrong message does not.
    """
    results = await _decide(app, [_row(m, number, m.id) for number, m in enumerate(batch.messages, start=1)])
    return JSONResponse({"results": [result.as_dict() for result in results]})


async def _decide(app: Parts, rows: list[Row]) -> list[Decision | Rejected]:
    intake = Intake(app.flow.policy.channels)
    items = [intake.accept(row) for row in rows]
    results, waited_s = await app.workers.run(lambda: decide(app.flow, items))
    app.telemetry.count(results, waited_s)
    return results


def _row(message: MessageIn, number: int, identity: str | None) -> Row:
    return Row(number, f"message {number}", identity, message.text, message.channel, message.received_at)
