"""The HTTP service, asked without a network between: what it answers to good, bad and hostile requests."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.keywords import KeywordClassifier
from pipeline import errors
from pipeline.errors import REJECTION_CODES, SapaError, TemporaryError
from pipeline.flow import Flow
from pipeline.judge import Judge
from pipeline.policy import Policy
from pipeline.prepare import Preparer
from serve import problems
from serve.app import create_app, describe
from serve.schemas import BatchOut, DecisionOut, InfoOut, PolicyOut, Problem, TaxonomyOut
from serve.settings import Settings
from tests.serve.conftest import ABOUT, CANARY, Scoring, in_pieces, request

CLASSIFY, BATCH = "/v1/classify", "/v1/classify/batch"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def problem(response: httpx.Response, status: int, slug: str) -> Problem:
    """The problem in a response, checked for all that every problem has."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found = Problem.model_validate(response.json())
    assert found.type == f"urn:sapa:problem:{slug}"
    assert found.status == status
    assert found.instance == f"urn:sapa:request:{response.headers['x-request-id']}"
    return found


def post(app: FastAPI, path: str = CLASSIFY, **how: Any) -> httpx.Response:
    return request(app, "POST", path, **how)


def raw(app: FastAPI, content: Any, path: str = CLASSIFY, kind: str = "application/json") -> httpx.Response:
    return post(app, path, content=content, headers={"content-type": kind})


# --- one message


def test_one_message_gives_the_decision_that_the_description_promises(app: FastAPI) -> None:
    message = {"id": "a", "text": "lampu mati satu gang", "channel": "wa", "received_at": "2026-03-09T08:15:00+07:00"}
    response = post(app, json=message)
    assert response.status_code == 200
    decision = DecisionOut.model_validate(response.json())
    assert (decision.id, decision.topic) == ("a", "gangguan.padam_area")
    assert decision.deadlines.first_answer.startswith("2026-03-09T")
    assert response.headers["cache-control"] == "no-store"


def test_a_message_without_an_id_gets_that_of_the_request(app: FastAPI) -> None:
    response = post(app, json={"text": "token"}, headers={"X-Request-ID": "req-1"})
    assert response.json()["id"] == "req-1"


@pytest.mark.parametrize(
    ("message", "slug"),
    [
        ({"text": " \n"}, "empty-text"),
        ({"text": "x" * 50_000}, "text-too-long"),
        ({"text": "token", "channel": "fax"}, "unknown-channel"),
        ({"text": "token", "received_at": "kemarin"}, "invalid-field"),
        ({"text": "token", "id": "x" * 201}, "invalid-field"),
    ],
)
def test_a_message_that_cannot_be_decided_is_a_problem(app: FastAPI, message: dict[str, str], slug: str) -> None:
    problem(post(app, json=message), 422, slug)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/text"]),
        ({"text": 5}, ["/text"]),
        ({"text": "token", "Text": "x"}, ["/Text"]),
        ({"text": "token", "a/b~c": 1}, ["/a~1b~0c"]),
        ({"text": None, "id": 5, "more": 1}, ["/id", "/text", "/more"]),
        ([], [""]),
        ("text", [""]),
        (None, [""]),
    ],
)
def test_wrong_fields_are_named_by_json_pointers(app: FastAPI, body: object, pointers: list[str]) -> None:
    found = problem(raw(app, json.dumps(body)), 422, "invalid-field")
    assert [error.pointer for error in found.errors or []] == pointers


def test_an_empty_body_is_a_missing_field(app: FastAPI) -> None:
    assert problem(raw(app, b""), 422, "invalid-field").errors


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "\xff"}',
        b'{"text": "a',
        b'{"text": "\\ud800"}',  # half of a surrogate pair
        b'{"text": NaN}',
        b"[" * 500_000,  # as deep as the limit on size allows
        b'{"text":' * 10_000,
        '{"text": "halo"}'.encode("utf-16"),
    ],
)
def test_a_body_that_is_not_json_in_utf_8_is_malformed(app: FastAPI, body: bytes) -> None:
    problem(raw(app, body), 400, "malformed-body")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
def test_only_json_is_taken(app: FastAPI, kind: str) -> None:
    problem(raw(app, b'{"text": "token"}', kind=kind), 415, "unsupported-media-type")


def test_a_charset_beside_the_type_does_no_harm(app: FastAPI) -> None:
    assert raw(app, b'{"text": "token"}', kind="application/json; charset=utf-8").status_code == 200


# --- batches


def test_a_batch_answers_every_message_in_order(app: FastAPI) -> None:
    texts = ["lampu mati satu gang", "", "token"]
    messages = [{"text": text} for text in texts] + [{"id": "1", "text": "token"}, {"text": "token", "channel": "fax"}]
    response = post(app, BATCH, json={"messages": messages})
    assert response.status_code == 200
    BatchOut.model_validate(response.json())
    results = response.json()["results"]
    assert [(r["id"], r.get("error", {}).get("code")) for r in results] == [
        ("1", None), ("2", "empty_text"), ("3", None), ("1", "duplicate_id"), ("5", "unknown_channel"),
    ]  # fmt: skip


@pytest.mark.parametrize("count", [0, 65])
def test_a_batch_has_one_to_sixty_four_messages(app: FastAPI, count: int) -> None:
    found = problem(post(app, BATCH, json={"messages": [{"text": "token"}] * count}), 422, "invalid-field")
    assert found.errors is not None
    assert found.errors[0].pointer == "/messages"


def test_a_wrong_field_in_a_batch_is_named_with_its_place(app: FastAPI) -> None:
    found = problem(
        post(app, BATCH, json={"messages": [{"text": "a"}, {"text": "b", "teks": "c"}]}), 422, "invalid-field"
    )
    assert found.errors is not None
    assert found.errors[0].pointer == "/messages/1/teks"


# --- limits


@pytest.mark.parametrize(("path", "limit"), [(CLASSIFY, 2**20), (BATCH, 4 * 2**20), ("/nowhere", 2**20)])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_beyond_the_limit_is_refused_before_it_is_parsed(
    app: FastAPI, path: str, limit: int, chunked: bool
) -> None:
    body = b"x" * (limit + 1)  # no JSON: parsed, it would be another problem
    content = in_pieces(body[: limit // 2], body[limit // 2 :]) if chunked else body
    problem(raw(app, content, path), 413, "body-too-large")


def test_a_body_of_just_the_limit_is_read(app: FastAPI) -> None:
    body = b'{"text": "token"}'
    problem(raw(app, body + b" " * (2**20 - len(body)) + b"x"), 413, "body-too-large")
    assert raw(app, body + b" " * (2**20 - len(body))).status_code == 200


def test_a_body_in_pieces_is_put_together(app: FastAPI) -> None:
    assert raw(app, in_pieces(b'{"te', b'xt": "to', b"", b'ken"}')).status_code == 200


def test_a_body_that_dawdles_is_given_up(flow: Flow) -> None:
    async def dawdle() -> Any:
        yield b"{"
        await asyncio.sleep(30)

    impatient = create_app(flow, Settings(body_timeout_s=0.1), ABOUT)
    problem(raw(impatient, dawdle()), 408, "body-timeout")


def busy_app(
    policy: Policy, keyword_model: KeywordClassifier, go: threading.Event, count: int, max_waiting: int
) -> FastAPI:
    def classify(texts: Any) -> Any:
        assert go.wait(30)
        return keyword_model.classify(texts)

    flow = Flow(Preparer(), Judge(policy), Scoring(keyword_model, classify), policy)
    return create_app(flow, Settings(workers=count, max_waiting=max_waiting), ABOUT)


def test_a_full_queue_refuses_at_once_and_answers_all_that_it_took(
    policy: Policy, keyword_model: KeywordClassifier
) -> None:
    go = threading.Event()
    app = busy_app(policy, keyword_model, go, count=1, max_waiting=2)

    async def storm() -> tuple[list[httpx.Response], list[httpx.Response], list[float], httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sapa.test") as client:
            taken = [asyncio.create_task(client.post(CLASSIFY, json={"text": "token"})) for _ in range(3)]
            while not app.state.parts.workers.full:
                await asyncio.sleep(0.01)
            refused, took = [], []
            for _ in range(5):
                start = time.perf_counter()
                refused.append(await client.post(CLASSIFY, json={"text": "token"}))
                took.append(time.perf_counter() - start)
            ready = await client.get("/readyz")
            go.set()
            return refused, list(await asyncio.gather(*taken)), took, ready

    refused, taken, took, ready = asyncio.run(storm())
    for response in (*refused, ready):
        assert problem(response, 503, "overloaded").retry_after_s == 1
        assert response.headers["retry-after"] == "1"
    assert min(took) < 0.02
    assert [response.status_code for response in taken] == [200, 200, 200]
    assert post(app, json={"text": "token"}).status_code == 200


# --- everything else


def test_unknown_addresses_and_methods_are_problems(app: FastAPI) -> None:
    problem(request(app, "GET", "/nowhere"), 404, "not-found")
    refused = request(app, "GET", CLASSIFY)
    problem(refused, 405, "method-not-allowed")
    assert refused.headers["allow"] == "POST"
    problem(request(app, "DELETE", "/livez"), 405, "method-not-allowed")


@pytest.mark.parametrize("given_id", ["a", "A1._:-", "x" * 64])
def test_a_plain_request_id_is_returned(app: FastAPI, given_id: str) -> None:
    assert request(app, "GET", "/livez", headers={"X-Request-ID": given_id}).headers["x-request-id"] == given_id


@pytest.mark.parametrize("given_id", ["", "x" * 65, "a b", "a\tb", "é", "<script>"])
def test_any_other_request_id_is_replaced(app: FastAPI, given_id: str) -> None:
    response = request(app, "GET", "/livez", headers={"X-Request-ID": given_id.encode()})
    assert len(response.headers["x-request-id"]) == 32


@pytest.mark.parametrize(
    ("parent", "returned"),
    [
        (PARENT, PARENT),
        (PARENT.upper(), None),
        ("00-" + "0" * 32 + PARENT[35:], None),
        ("x", None),
        (PARENT + "-x", None),
    ],
)
def test_a_traceparent_is_passed_on_if_it_is_one(app: FastAPI, parent: str, returned: str | None) -> None:
    assert request(app, "GET", "/livez", headers={"traceparent": parent}).headers.get("traceparent") == returned


def test_taxonomy_and_policy_are_sent_once(app: FastAPI, flow: Flow) -> None:
    for path, model in (("/v1/taxonomy", TaxonomyOut), ("/v1/policy", PolicyOut)):
        first = request(app, "GET", path)
        model.model_validate(first.json())
        tag = first.headers["etag"]
        assert tag == f'"{flow.policy.version}"'
        for known in (tag, f'W/{tag}, "other"', "*"):
            again = request(app, "GET", path, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert request(app, "GET", path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_service_tells_what_runs(app: FastAPI, flow: Flow) -> None:
    info = InfoOut.model_validate(request(app, "GET", "/v1/info").json())
    assert info.versions == dict(flow.versions)
    assert request(app, "GET", "/livez").json() == request(app, "GET", "/readyz").json() == {"status": "ok"}


def test_metrics_count_without_ids_or_texts(flow: Flow) -> None:
    app = create_app(flow, Settings(), ABOUT)
    post(app, json={"id": CANARY, "text": f"{CANARY} lampu mati satu gang"}, headers={"X-Request-ID": CANARY})
    post(app, json={"text": ""})
    request(app, "GET", f"/{CANARY}")
    request(app, CANARY.upper(), "/livez")
    shown = request(app, "GET", "/metrics")
    assert shown.headers["content-type"].startswith("text/plain; version=")
    assert 'sapa_rejections_total{code="empty_text"} 1.0' in shown.text
    assert 'sapa_http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in shown.text
    assert 'sapa_http_requests_total{method="other"' in shown.text
    assert 'sapa_stage_seconds_count{stage="infer"} 1.0' in shown.text
    assert CANARY not in shown.text.lower()


# --- defects and secrets


def failing_app(policy: Policy, keyword_model: KeywordClassifier, error: Exception) -> FastAPI:
    def classify(texts: Any) -> Any:
        raise error

    return create_app(Flow(Preparer(), Judge(policy), Scoring(keyword_model, classify), policy), Settings(), ABOUT)


def test_a_defect_is_a_plain_500_with_the_request_id_only(
    policy: Policy, keyword_model: KeywordClassifier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app = failing_app(policy, keyword_model, RuntimeError(f"cannot score {CANARY}"))
    found = problem(post(app, json={"text": f"{CANARY} padam"}), 500, "internal-error")
    assert CANARY not in found.detail
    results = post(app, BATCH, json={"messages": [{"text": f"{CANARY} padam"}]}).json()["results"]
    assert results[0]["error"]["code"] == "internal_error"
    assert "RuntimeError" in caplog.text
    assert CANARY not in caplog.text


def test_a_defect_outside_the_flow_is_a_plain_500_too(
    flow: Flow, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(flow, Settings(), ABOUT)
    app.state.parts = None
    found = problem(post(app, json={"text": CANARY}), 500, "internal-error")
    assert found.errors is None
    assert "AssertionError" in caplog.text
    assert CANARY not in caplog.text


def test_a_model_that_cannot_score_now_is_a_503(policy: Policy, keyword_model: KeywordClassifier) -> None:
    app = failing_app(policy, keyword_model, TemporaryError("inference failed on a batch of 1 x 9 tokens"))
    problem(post(app, json={"text": "token"}), 503, "overloaded")


LEAKY: list[tuple[str, bytes]] = [
    (CLASSIFY, json.dumps(body).encode())
    for body in (
        {"text": CANARY, "channel": CANARY},
        {"text": CANARY, "received_at": CANARY},
        {"text": CANARY * 2000},
        {"text": [CANARY]},
        {"text": CANARY, "id": f"{CANARY}\n"},
        {"text": CANARY, "id": {"a": CANARY}},
        [CANARY],
        CANARY,
    )
] + [
    (CLASSIFY, f'{{"text": "{CANARY}'.encode()),
    (CLASSIFY, f'{{"text": "{CANARY}" "{CANARY}"}}'.encode()),
    (CLASSIFY, f'{{"text": "{CANARY}'.encode() + b'\xff"}'),
    (CLASSIFY, f'{{"text": "{CANARY}\\ud800"}}'.encode()),
    (BATCH, json.dumps({"messages": [{"text": CANARY}] * 65}).encode()),
    (BATCH, json.dumps({"messages": CANARY}).encode()),
    (f"/{CANARY}?text={CANARY}", b""),
]


@pytest.mark.parametrize(("path", "body"), LEAKY)
def test_no_word_of_a_message_is_in_an_error_or_a_log(
    app: FastAPI, path: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "sapa")
    response = raw(app, body, path)
    assert response.status_code >= 400
    assert CANARY not in response.text
    assert CANARY not in " ".join(record.getMessage() for record in caplog.records if record.name.startswith("sapa"))
    assert "sapa.http" in {record.name for record in caplog.records}


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
BODIES = st.one_of(
    st.binary(max_size=60),
    ANY_JSON.map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries(
        {"text": st.text(max_size=60)}, optional={"id": st.text(max_size=5), "channel": st.sampled_from(["wa", ""])}
    ).map(lambda value: json.dumps(value, ensure_ascii=True).encode()),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BODIES, st.sampled_from([CLASSIFY, BATCH]))
def test_any_body_gets_a_decision_or_a_problem_of_the_sender(app: FastAPI, body: bytes, path: str) -> None:
    response = raw(app, body, path)
    assert response.status_code in (200, 400, 422)
    if response.status_code != 200:
        Problem.model_validate(response.json())


# --- the tables behind


def every_error(kind: type[SapaError]) -> list[type[SapaError]]:
    return [kind, *(error for sub in kind.__subclasses__() for error in every_error(sub))]


def test_every_error_and_every_rejection_is_in_the_table() -> None:
    ours = [kind for kind in every_error(SapaError) if kind.__module__ == errors.__name__]
    assert set(problems.BY_ERROR) == set(ours)
    assert set(problems.BY_REJECTION) == set(REJECTION_CODES)


def test_the_committed_description_is_that_of_the_service(app: FastAPI) -> None:
    from tests.serve.conftest import ROOT

    committed = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert committed == describe(), "run: sapa openapi > docs/openapi.json"
    assert request(app, "GET", "/openapi.json").json() == committed


def test_the_description_names_every_operation_and_its_errors() -> None:
    document = describe()
    assert document["openapi"].startswith("3.1")
    operations = {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert {operation["operationId"] for operation in operations.values()} == {
        "classifyMessage", "classifyBatch", "getTaxonomy", "getPolicy", "getLiveness", "getReadiness", "getInfo",
        "getMetrics",
    }  # fmt: skip
    for (method, path), operation in operations.items():
        if method == "post":
            assert {"400", "408", "413", "415", "422", "500", "503"} <= operation["responses"].keys(), path
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], (path, status)
                assert response["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_the_examples_of_the_description_hold(app: FastAPI) -> None:
    schemas = describe()["components"]["schemas"]
    for name, model in (("DecisionOut", DecisionOut),):
        for example in schemas[name]["examples"]:
            model.model_validate(example)
    assert post(app, json=schemas["MessageIn"]["examples"][0]).status_code == 200
    assert post(app, BATCH, json=schemas["BatchIn"]["examples"][0]).status_code == 200
