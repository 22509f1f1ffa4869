"""``sapa serve`` in a process of its own: it listens, answers, keeps secrets, and ends in order."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from serve.commands.server import is_loopback
from tests.serve.conftest import CANARY, ROOT, Sapa


@contextlib.contextmanager
def serving(environment: dict[str, str], log: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The process and the address that it says it listens on."""
    command = [sys.executable, "-m", "serve.cli", "serve", "--port", "0", *arguments]
    with log.open("wb") as out, subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out) as process:
        try:
            yield process, _address(process, log)
        finally:
            if process.poll() is None:
                process.kill()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(600):
        for line in log.read_text().splitlines():
            if "Application startup complete" in line:
                return next(part for part in log.read_text().split() if part.startswith("http://"))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            break
    pytest.fail(f"the service did not start: {log.read_text()}")


@pytest.fixture(scope="module")
def service(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A service for tests that leave it running, and its log."""
    log = tmp_path_factory.mktemp("service") / "log"
    with serving(environment | {"SAPA_LOG_LEVEL": "debug"}, log) as (_, address):
        yield address, log


def test_it_answers_and_logs_no_word_of_a_message(service: tuple[str, Path]) -> None:
    address, log = service
    with httpx.Client(base_url=address) as client:
        decided = client.post("/v1/classify", json={"text": f"{CANARY} lampu mati"}, headers={"X-Request-ID": "seen-1"})
        assert decided.status_code == 200
        assert "server" not in decided.headers
        assert client.post("/v1/classify", content=b'{"text": "' + CANARY.encode() + b"\xff").status_code == 415
        assert client.get(f"/{CANARY}", params={"text": CANARY}).status_code == 404
        assert client.post("/v1/classify", json={"text": CANARY, "channel": CANARY}).status_code == 422
    written = log.read_text()
    assert "seen-1 POST /v1/classify 200" in written
    assert CANARY not in written


def test_a_chunked_body_beyond_the_limit_is_cut_off(service: tuple[str, Path]) -> None:
    host, _, port = service[0].removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(b"POST /v1/classify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n")
        connection.sendall(b"Transfer-Encoding: chunked\r\n\r\n")
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < 3 * 2**20:
                connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
                sent += 0x10000
        with contextlib.suppress(ConnectionError):
            assert connection.recv(4096).startswith(b"HTTP/1.1 413")


def test_what_is_no_http_does_not_stop_it(service: tuple[str, Path]) -> None:
    host, _, port = service[0].removeprefix("http://").partition(":")
    for noise in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n", b"POST " + b"x" * 100_000, b""):
        with (
            socket.create_connection((host, int(port)), timeout=20) as connection,
            contextlib.suppress(ConnectionError),
        ):
            connection.sendall(noise)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(4096)
    assert httpx.get(f"{service[0]}/readyz").status_code == 200


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_lets_requests_under_way_finish(
    environment: dict[str, str], tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    with serving(environment, tmp_path / "log") as (process, address):
        messages = [{"text": f"lampu mati nomor {n} " * 200} for n in range(64)]
        answers: list[httpx.Response] = []
        with httpx.Client(base_url=address, timeout=60) as client:
            client.get("/livez")
            asked = threading.Thread(
                target=lambda: answers.append(client.post("/v1/classify/batch", json={"messages": messages}))
            )
            asked.start()
            while "sapa_requests_accepted 1.0" not in httpx.get(f"{address}/metrics").text and asked.is_alive():
                pass
            assert asked.is_alive(), "the batch was too quick for this test"
            process.send_signal(sent)
            asked.join(60)
        assert process.wait(60) == code
    assert answers[0].status_code == 200
    assert len(answers[0].json()["results"]) == 64
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_an_address_that_others_reach_needs_a_word_of_consent(
    sapa: Sapa, environment: dict[str, str], tmp_path: Path
) -> None:
    refused = sapa("serve", "--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 2
    assert b"no authentication yet" in refused.stderr
    assert b"SAPA_INSECURE_ALLOW_OPEN=1" in refused.stderr
    with serving(environment | {"SAPA_INSECURE_ALLOW_OPEN": "1"}, tmp_path / "log", "--host", "0.0.0.0") as (
        _,
        address,
    ):
        assert httpx.get(address.replace("0.0.0.0", "127.0.0.1") + "/livez").status_code == 200


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.5", False), ("localhost.example.org", False), ("", False)],
)  # fmt: skip
def test_only_loopback_counts_as_alone(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone


def test_a_port_that_is_taken_is_told_in_one_line(sapa: Sapa) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = sapa("serve", "--port", taken.getsockname()[1])
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[-1].startswith("sapa: error: cannot listen on 127.0.0.1 port")
    assert b"Traceback" not in done.stderr


def test_a_bundle_that_does_not_open_stops_the_start(sapa: Sapa, tmp_path: Path) -> None:
    done = sapa("serve", "--port", "0", "--bundle", tmp_path)
    assert done.returncode == 1
    assert b"is no bundle" in done.stderr


def test_the_description_is_printed(sapa: Sapa) -> None:
    done = sapa("openapi")
    assert json.loads(done.stdout)["info"]["title"] == "Sapa"
