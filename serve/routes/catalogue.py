"""Taxonomy and policy in force, with an ETag: a client asks again for nothing until they change."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response
from fastapi.responses import JSONResponse

from pipeline.policy import Policy
from serve.routes.context import Parts, documented, parts
from serve.schemas import PolicyOut, TaxonomyOut

router = APIRouter(prefix="/v1", tags=["catalogue"])
_RESPONSES: dict[int | str, dict[str, Any]] = {304: {"description": "Not changed"}, **documented(422, 500)}
In = Annotated[Parts, Depends(parts)]
IfNoneMatch = Annotated[str | None, Header()]


@router.get("/taxonomy", operation_id="getTaxonomy", summary="Topics and labels", response_model=TaxonomyOut,
            responses=_RESPONSES)  # fmt: skip
async def taxonomy(app: In, if_none_match: IfNoneMatch = None) -> Response:
    """Topics, intents, urgencies, forms of maladministration and Ombudsman statuses, each with its meaning."""
    policy = app.flow.policy
    return _tagged(policy.taxonomy.model_dump(mode="json"), policy.version, if_none_match)


@router.get("/policy", operation_id="getPolicy", summary="The policy in force", response_model=PolicyOut,
            responses=_RESPONSES)  # fmt: skip
async def policy(app: In, if_none_match: IfNoneMatch = None) -> Response:
    """Version, files, channels, queues and thresholds of the policy."""
    return _tagged(dict(app.policy), app.flow.policy.version, if_none_match)


def describe(policy: Policy) -> dict[str, Any]:
    """What ``/v1/policy`` tells; taken at the start, because the files may change under a running service."""
    return {
        "version": policy.version,
        "taxonomy_version": policy.taxonomy_version,
        "files": [
            {"name": name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for name, path in policy.files.items()
        ],
        "channels": list(policy.channels),
        "queues": [{"name": n, "kind": kind.kind, "title": kind.title} for n, kind in policy.queues.items()],
        "thresholds": {
            topic: {"auto_at": at.auto_at, "suggest_at": at.suggest_at}
            for topic, at in ((topic, policy.thresholds_for(topic)) for topic in policy.topics)
        },
    }


def _tagged(content: dict[str, Any], version: str, if_none_match: str | None) -> Response:
    tag = f'"{version}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    known = {entry.strip().removeprefix("W/") for entry in (if_none_match or "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return JSONResponse(content, headers=headers)
