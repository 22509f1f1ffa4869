"""Loose fields become a message, or a rejection that says what to mend."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import REJECTION_CODES, InvalidInput
from pipeline.flow import Flow
from pipeline.judge import Judge
from pipeline.messages import Decision, Message, Rejected
from pipeline.policy import Policy
from pipeline.prepare import Preparer
from serve.intake import Intake, Row, decide, parse_time
from tests.serve.conftest import CANARY, Scoring

CHANNELS = ("wa", "email", "lainnya")
NOW = datetime(2026, 3, 9, 1, 15, tzinfo=UTC)


def row(**fields: object) -> Row:
    return Row(7, "line 7", **fields)


def test_a_full_row_becomes_a_message() -> None:
    intake = Intake(CHANNELS)
    message = intake.accept(row(id="a", text="halo", channel="wa", received_at="2026-03-09T08:15:00+07:00"))
    assert isinstance(message, Message)
    assert (message.id, message.text, message.channel, message.received_at) == ("a", "halo", "wa", NOW)


def test_missing_fields_get_number_channel_and_clock() -> None:
    message = Intake(CHANNELS, channel="email", now=NOW).accept(row(text="halo"))
    assert message == Message(id="7", text="halo", channel="email", received_at=NOW)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "missing_text"),
        ({"text": 5}, "invalid_field"),
        ({"text": ["halo"]}, "invalid_field"),
        ({"text": "a\ud800b"}, "invalid_utf8"),  # half of a surrogate pair cannot be written as UTF-8
        ({"text": "halo", "id": True}, "invalid_field"),  # a boolean is an int in Python, not here
        ({"text": "halo", "id": 1.5}, "invalid_field"),
        ({"text": "halo", "id": "x" * 201}, "invalid_field"),
        ({"text": "halo", "id": "a\nb"}, "invalid_field"),  # would break a log line
        ({"text": "halo", "channel": "fax"}, "unknown_channel"),
        ({"text": "halo", "channel": 3}, "invalid_field"),
        ({"text": "halo", "received_at": "2026-03-09T08:15:00"}, "invalid_field"),  # no offset
        ({"text": "halo", "received_at": "2026-02-30T08:15:00Z"}, "invalid_field"),  # no such day
        ({"text": "halo", "received_at": 1700000000}, "invalid_field"),
        ({"text": "halo", "received_at": "0026-03-09T08:15:00Z"}, "invalid_field"),  # a slip of the pen
        ({"text": "halo", "received_at": datetime(2026, 3, 9)}, "invalid_field"),
    ],
)
def test_what_cannot_be_meant_is_rejected_with_its_place(fields: dict[str, object], code: str) -> None:
    rejected = Intake(CHANNELS).accept(row(**fields))
    assert isinstance(rejected, Rejected)
    assert rejected.code == code
    assert rejected.detail.startswith("line 7: ")


def test_an_unknown_channel_is_answered_with_the_valid_ones_and_not_repeated() -> None:
    rejected = Intake(CHANNELS).accept(row(text="halo", channel=CANARY))
    assert isinstance(rejected, Rejected)
    assert "wa, email, lainnya" in rejected.detail
    assert CANARY not in rejected.detail


def test_an_id_counts_once_even_when_its_row_was_rejected() -> None:
    intake = Intake(CHANNELS)
    assert isinstance(intake.accept(row(id="a", text=None)), Rejected)
    again = intake.accept(row(id="a", text="halo"))
    assert isinstance(again, Rejected)
    assert (again.id, again.code) == ("a", "duplicate_id")


def test_a_number_as_id_is_the_same_id_as_its_digits() -> None:
    intake = Intake(CHANNELS)
    assert isinstance(intake.accept(row(id=12, text="halo")), Message)
    assert isinstance(intake.accept(row(id="12", text="halo")), Rejected)


def test_a_default_channel_that_the_policy_does_not_know_is_refused() -> None:
    with pytest.raises(InvalidInput, match="wa, email, lainnya"):
        Intake(CHANNELS, channel="fax")


@pytest.mark.parametrize("written", ["2026-03-09T01:15:00Z", "2026-03-09t01:15:00z", "2026-03-09 08:15:00.000+07:00"])
def test_every_rfc_3339_spelling_is_the_same_moment(written: str) -> None:
    assert parse_time(written) == NOW


@given(st.datetimes(min_value=datetime(2000, 1, 2), max_value=datetime(2099, 12, 30), timezones=st.timezones()))
def test_every_moment_of_the_century_survives_being_written(moment: datetime) -> None:
    written = moment.astimezone(UTC).isoformat()
    assert parse_time(written) == moment.astimezone(UTC)  # an hour that clocks repeat equals no time of another zone


ANYTHING = st.one_of(st.none(), st.text(), st.integers(), st.booleans(), st.floats(), st.lists(st.text()))


@given(st.lists(st.tuples(ANYTHING, ANYTHING, ANYTHING, ANYTHING)))
def test_any_rows_give_one_item_each_and_no_id_twice(rows: list[tuple[object, object, object, object]]) -> None:
    intake = Intake(CHANNELS, now=NOW)
    items = [intake.accept(Row(n, f"line {n}", *fields)) for n, fields in enumerate(rows, start=1)]
    accepted = [item.id for item in items if isinstance(item, Message)]
    assert len(set(accepted)) == len(accepted)
    assert {item.code for item in items if isinstance(item, Rejected)} <= REJECTION_CODES.keys()


def test_rejections_keep_their_place_among_decisions(flow: Flow) -> None:
    intake = Intake(flow.policy.channels, now=NOW)
    items = [intake.accept(Row(n, f"line {n}", text=text)) for n, text in enumerate(["lampu mati", None, "token"], 1)]
    results = decide(flow, items)
    assert [type(result) for result in results] == [Decision, Rejected, Decision]
    assert [result.id for result in results] == ["1", "2", "3"]


def test_a_defect_that_one_message_lays_bare_costs_the_others_nothing(
    flow: Flow, policy: Policy, caplog: pytest.LogCaptureFixture, keyword_model: Scoring
) -> None:
    def classify(texts: list[str]) -> list[object]:
        if any(CANARY in text for text in texts):
            raise RuntimeError(f"cannot score {texts}")
        return list(keyword_model.classify(texts))

    broken = Flow(Preparer(), Judge(policy), Scoring(keyword_model, classify), policy)
    messages = [Message(str(n), text, "wa", NOW) for n, text in enumerate(["lampu mati", f"{CANARY} padam", "token"])]
    results = decide(broken, messages)
    assert [type(result) for result in results] == [Decision, Rejected, Decision]
    assert isinstance(results[1], Rejected)
    assert results[1].code == "internal_error"
    assert "RuntimeError" in caplog.text
    assert CANARY not in caplog.text
