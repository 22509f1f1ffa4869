"""The promises that no module can keep alone."""

from __future__ import annotations

import dataclasses
import inspect
import json
from datetime import UTC, datetime

import pytest

from models.keywords import KeywordClassifier
from pipeline import errors, messages
from pipeline.flow import Flow
from pipeline.judge import Judge
from pipeline.messages import Decision, Message, Rejected
from pipeline.policy import Policy
from pipeline.prepare import Preparer
from serve.schemas import DecisionOut, RejectedOut

CANARY = "Zwartkopf"
TEXT = f"listrik padam sak RT ing Kutoarjo, aku {CANARY}, 0812 3456 7890, wis lapor ping telu"
FIELDS = [
    "id", "topic", "score", "alternatives", "secondary", "intent", "urgency", "forms", "ombudsman", "perwakilan",
    "action", "queue", "copies", "unit", "place", "deadlines", "tmp_indicator", "entities", "redacted", "language",
    "reasons", "degraded", "versions", "timings_ms",
]  # fmt: skip


@pytest.fixture(scope="module")
def flow(policy: Policy, keyword_model: KeywordClassifier) -> Flow:
    return Flow(Preparer(), Judge(policy), keyword_model, policy)


def _message(text: str, name: str = "m") -> Message:
    return Message(name, text, "wa", datetime(2026, 11, 23, 8, tzinfo=UTC))


def test_a_decision_has_the_fields_of_the_contract_in_their_order(flow: Flow) -> None:
    (decision,) = flow.run([_message(TEXT)])
    content = decision.as_dict()
    assert list(content) == FIELDS
    assert json.loads(json.dumps(content)) == content
    DecisionOut.model_validate(content)


def test_a_rejection_has_its_id_and_a_code_that_is_listed(flow: Flow) -> None:
    (rejected,) = flow.run([_message(" \n\t")])
    assert isinstance(rejected, Rejected)
    assert rejected.code in errors.REJECTION_CODES
    RejectedOut.model_validate(rejected.as_dict())


def test_results_keep_the_order_of_the_messages_and_a_bad_one_fails_alone(flow: Flow) -> None:
    texts = ["tagihan naik", "", "x" * 30_000, "token ditolak", "\u200b\u200b"]
    results = flow.run([_message(text, str(i)) for i, text in enumerate(texts)])
    assert [r.id for r in results] == ["0", "1", "2", "3", "4"]
    assert [type(r) for r in results] == [Decision, Rejected, Rejected, Decision, Rejected]


def test_spans_are_code_points_of_the_received_text(flow: Flow) -> None:
    text = "😭😭 ﬁx: Kutoarjo\u200b, hubungi 0812-3456-7890"
    (decision,) = flow.run([_message(text)])
    assert isinstance(decision, Decision)
    found = {e.type: text[e.start : e.end] for e in decision.entities}
    assert found["TELP"] == "0812-3456-7890"
    assert found["place"] == "Kutoarjo"


def test_no_type_shows_a_customers_words_when_it_is_printed(flow: Flow) -> None:
    message = _message(TEXT)
    prepared = Preparer().prepare(message)
    (decision,) = flow.run([message])
    for thing in (message, prepared, prepared.redacted, prepared.redacted.clean, decision, Rejected("m", "x", "y")):
        for word in (CANARY, "0812", "ping telu"):
            assert word not in repr(thing), type(thing)


def test_every_type_of_the_stages_is_frozen() -> None:
    kinds = [kind for _, kind in inspect.getmembers(messages, inspect.isclass) if dataclasses.is_dataclass(kind)]
    assert len(kinds) > 10
    assert all(kind.__dataclass_params__.frozen for kind in kinds)  # type: ignore[attr-defined]


def test_every_error_says_who_can_mend_it() -> None:
    kinds = [k for _, k in inspect.getmembers(errors, inspect.isclass) if issubclass(k, errors.SapaError)]
    tops = (errors.SenderError, errors.OperatorError, errors.TemporaryError)
    assert all(k is errors.SapaError or issubclass(k, tops) for k in kinds)


def test_the_same_message_gives_the_same_decision_alone_and_in_a_batch(flow: Flow) -> None:
    texts = [TEXT, "tagihan naik dua kali", "app error"]
    together = flow.run([_message(t, str(i)) for i, t in enumerate(texts)])
    for i, text in enumerate(texts):
        (alone,) = flow.run([_message(text, str(i))])
        left, right = alone.as_dict(), together[i].as_dict()
        left.pop("timings_ms"), right.pop("timings_ms")
        assert left == right
