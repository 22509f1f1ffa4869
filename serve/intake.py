"""Intake: from the loose fields of a row or a request to a ``Message``, or to the rejection in its place."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import InvalidInput, SapaError
from pipeline.flow import Flow
from pipeline.messages import Decision, Message, Rejected

logger = logging.getLogger("sapa.intake")

DEFAULT_CHANNEL = "lainnya"
MAX_ID_CHARACTERS = 200
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_YEARS = range(2000, 2100)  # outside, a clock is wrong or a number was read as a date
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of one row as found, not yet checked. None stands for a field that is missing or empty.

    Attributes:
        number: Place in the input, from 1; the id of a row without one.
        where: The place in words, such as ``line 7``.
    """

    number: int
    where: str
    id: object = None
    text: object = None
    channel: object = None
    received_at: object = None

    def __repr__(self) -> str:
        return f"Row({self.where})"


def parse_time(value: str) -> datetime:
    """The moment of an RFC 3339 time with its offset. Errors: ``InvalidInput`` says what is missing."""
    if not _RFC3339.fullmatch(value):
        raise InvalidInput("not an RFC 3339 time with offset, such as 2026-03-09T08:15:00+07:00")
    try:
        moment = datetime.fromisoformat(value.upper())
    except ValueError:
        raise InvalidInput("no such day or time of day") from None
    return _checked(moment)


def _checked(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise InvalidInput("the time has no offset, such as +07:00")
    if moment.year not in _YEARS:
        raise InvalidInput(f"the year is outside {_YEARS.start} to {_YEARS.stop - 1}")
    return moment


class Intake:
    """Checks rows one after the other and remembers their ids.

    Args:
        channels: Channels that the policy knows.
        channel: Channel of rows that name none.
        now: When rows without a time were received; None takes the clock once a row.

    Errors:
        InvalidInput: ``channel`` is not in ``channels``.
    """

    def __init__(self, channels: Sequence[str], channel: str = DEFAULT_CHANNEL, now: datetime | None = None) -> None:
        if channel not in channels:
            raise InvalidInput(f"unknown channel; valid channels: {', '.join(channels)}")
        self._channels = channels
        self._channel = channel
        self._now = now
        self._seen: set[int] = set()

    def accept(self, row: Row) -> Message | Rejected:
        """The message, or ``Rejected`` with ``missing_text``, ``invalid_field``, ``invalid_utf8``,
        ``unknown_channel`` or ``duplicate_id``. What is wrong with the text itself is the flow's to say."""
        try:
            identity = self._identity(row)
        except InvalidInput as error:
            return Rejected(None, "invalid_field", f"{row.where}: id: {error}")
        # A 64-bit hash keeps a million ids in some 70 MB; a collision in a million is one in thirty million.
        if (key := hash(identity)) in self._seen:
            return Rejected(identity, "duplicate_id", f"{row.where}: the id was already used in this input")
        self._seen.add(key)
        if row.text is None:
            return Rejected(identity, "missing_text", f"{row.where}: there is no text")
        if not isinstance(row.text, str):
            return Rejected(identity, "invalid_field", f"{row.where}: text: is {_kind(row.text)}, not a string")
        if _SURROGATE.search(row.text):
            return Rejected(identity, "invalid_utf8", f"{row.where}: the text is not UTF-8")
        channel = self._channel if row.channel in (None, "") else row.channel
        if not isinstance(channel, str):
            return Rejected(identity, "invalid_field", f"{row.where}: channel: is {_kind(channel)}, not a string")
        if channel not in self._channels:
            detail = f"{row.where}: the channel is not known; valid channels: {', '.join(self._channels)}"
            return Rejected(identity, "unknown_channel", detail)
        try:
            received_at = self._received_at(row.received_at)
        except InvalidInput as error:
            return Rejected(identity, "invalid_field", f"{row.where}: received_at: {error}")
        return Message(id=identity, text=row.text, channel=channel, received_at=received_at)

    def _identity(self, row: Row) -> str:
        value = row.id
        if value is None or value == "":
            return str(row.number)
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise InvalidInput(f"is {_kind(value)}, not a string or a whole number")
        text = str(value)
        if len(text) > MAX_ID_CHARACTERS:
            raise InvalidInput(f"has {len(text)} characters, at most {MAX_ID_CHARACTERS}")
        if _UNPRINTABLE.search(text):
            raise InvalidInput("holds a control character or is not UTF-8")
        return text

    def _received_at(self, value: object) -> datetime:
        if value is None or value == "":
            return self._now or datetime.now(UTC)
        if isinstance(value, datetime):
            return _checked(value)
        if not isinstance(value, str):
            raise InvalidInput(f"is {_kind(value)}, not a time")
        return parse_time(value)


def decide(flow: Flow, items: Sequence[Message | Rejected]) -> list[Decision | Rejected]:
    """One result an item, in order: the flow's for a message, a rejection stays what it is.

    Errors: ``SapaError`` when the flow cannot decide anything now.
    """
    results = iter(_run(flow, [item for item in items if isinstance(item, Message)]))
    return [next(results) if isinstance(item, Message) else item for item in items]


def _run(flow: Flow, messages: Sequence[Message]) -> list[Decision | Rejected]:
    try:
        return flow.run(messages)
    except SapaError:
        raise
    except Exception as error:  # a defect that one message lays bare must not cost the others their answer
        logger.error("%d messages failed: %s", len(messages), trace(error))
        if len(messages) > 1:
            return [result for message in messages for result in _run(flow, [message])]
        detail = "the decision failed; the message needs a person"
        return [Rejected(message.id, "internal_error", detail) for message in messages]


def trace(error: BaseException) -> str:
    """Type and places of an error, without its words: they may hold a customer's."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-8:]))
    return f"{type(error).__name__} at {places}"


def _kind(value: object) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object", bytes: "bytes"}
    return names.get(type(value), f"a {type(value).__name__}")
