"""Fixtures of the service: a real flow on the tiny bundle, its application, and the command in a process of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from pipeline.classify import Classifier
from pipeline.flow import Flow
from pipeline.messages import Scores
from serve import wiring
from serve.app import create_app
from serve.settings import Settings

ROOT = Path(__file__).parents[2]
CANARY = "kenari-jingga-4711"
"""A word that no part of Sapa knows: where it turns up, a customer's text has leaked."""
ABOUT = {"sapa": "0", "graph": "keywords", "degraded": False}

Sapa = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith("SAPA_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def chosen(tiny_bundle: Path) -> Settings:
    """Settings that run the tiny bundle's keyword model."""
    return Settings(bundle=tiny_bundle, classifier="keywords")


@pytest.fixture(scope="session")
def flow(chosen: Settings) -> Flow:
    """The real flow on the tiny bundle."""
    return wiring.assemble(chosen).flow


@pytest.fixture(scope="session")
def app(flow: Flow, chosen: Settings) -> FastAPI:
    """The real application around it."""
    return create_app(flow, chosen, ABOUT)


@pytest.fixture(scope="session")
def environment(tiny_bundle: Path) -> dict[str, str]:
    """Environment of a command that runs on the tiny bundle."""
    clean = {name: value for name, value in os.environ.items() if not name.upper().startswith("SAPA_")}
    return clean | {"SAPA_BUNDLE": str(tiny_bundle), "SAPA_CLASSIFIER": "keywords", "PYTHONUTF8": "1"}


@pytest.fixture(scope="session")
def sapa(environment: dict[str, str]) -> Sapa:
    """Runs the command line in a process of its own."""

    def run(
        *arguments: object, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "serve.cli", *(a if isinstance(a, bytes) else str(a) for a in arguments)]
        return subprocess.run(
            command, input=stdin, capture_output=True, cwd=ROOT, env={**environment, **(env or {})}, timeout=120
        )  # fmt: skip

    return run


def request(app: FastAPI, method: str, path: str, **how: Any) -> httpx.Response:
    """One request to the application, without a network between."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sapa.test") as client:
            return await client.request(method, path, **how)

    return asyncio.run(send())


async def in_pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    """A body that is sent in chunks, its length not told."""
    for piece in pieces:
        yield piece


class Scoring:
    """A classifier whose ``classify`` is given; topics and version are those of another."""

    def __init__(self, like: Classifier, classify: Callable[[Sequence[str]], list[Scores]]) -> None:
        self._like = like
        self._classify = classify

    @property
    def version(self) -> str:
        """Version of the classifier that it stands for."""
        return self._like.version

    @property
    def topics(self) -> Sequence[str]:
        """Topics of the classifier that it stands for."""
        return self._like.topics

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """What was given."""
        return self._classify(texts)
