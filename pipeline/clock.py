"""Clock: from a span of the policy to the moment it ends.

Two kinds of time. ``minutes`` and ``days`` run around the clock: a hazard at three in the morning is due at once.
``working_hours`` and ``working_days`` run on working days only, holidays and cuti bersama taken out. The holiday table
is that of ``lokal`` (the yearly joint decree of three ministers); for a year it does not have, weekends alone are off
and the reason ``calendar_year_unknown`` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated, NamedTuple, Self

import lokal
from pydantic import Field, model_validator

from pipeline.errors import InvalidMessage
from pipeline.policy_models import Dated, Day, Rule, Sourced, Strict, Text, TimeOfDay, Topic

_DAY = timedelta(days=1)


class Span(Strict):
    """A length of time, in exactly one way.

    Attributes:
        minutes, days: Run always; ``days`` are 24 hours each.
        working_hours: Run between opening and closing.
        working_days: End at closing time of the nth working day after the day of receipt; 0 is closing time today.
    """

    minutes: Annotated[int, Field(gt=0, le=366 * 24 * 60)] | None = None
    days: Annotated[int, Field(gt=0, le=366)] | None = None
    working_hours: Annotated[int, Field(gt=0, le=2000)] | None = None
    working_days: Annotated[int, Field(ge=0, le=366)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.minutes, self.days, self.working_hours, self.working_days)) != 1:
            raise ValueError("give exactly one of minutes, days, working_hours, working_days")
        return self

    @property
    def always_runs(self) -> bool:
        """Whether nights, weekends and holidays count."""
        return self.minutes is not None or self.days is not None


class Pace(Strict):
    """When an answer and when the end is due."""

    first_answer: Span
    done: Span


class TopicClock(Dated):
    """The paces of a topic, by urgency."""

    topic: Topic
    urgency: Mapping[str, Pace]


class ClockRule(Dated, Rule):
    """One more clock; the earliest of all that hold counts."""

    first_answer: Span | None = None
    done: Span | None = None


class ClosedDay(Sourced):
    """A day off that the holiday table does not know."""

    date: Day
    name: Text


class Calendar(Dated):
    """Working time. ``workdays`` are ISO numbers (1 Monday); ``years``: those whose ``closed_days`` are complete."""

    utc_offset_minutes: Annotated[int, Field(ge=-720, le=840)]
    opens: TimeOfDay
    closes: TimeOfDay
    workdays: Annotated[frozenset[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1)]
    cuti_bersama_off: bool
    closed_days: tuple[ClosedDay, ...] = ()
    years: frozenset[int] = frozenset()

    @model_validator(mode="after")
    def _open(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("opens is not before closes")
        return self

    @property
    def zone(self) -> timezone:
        """The fixed offset of the region (Java has no summer time)."""
        return timezone(timedelta(minutes=self.utc_offset_minutes))


class Clocks(Strict):
    """clocks.yaml."""

    calendar: Calendar
    topics: tuple[TopicClock, ...]
    rules: tuple[ClockRule, ...]


class Due(NamedTuple):
    """A moment, with the region's offset, and whether every year counted had its holidays."""

    at: datetime
    years_known: bool


def local(moment: datetime, calendar: Calendar) -> datetime:
    """``moment`` on the region's clock. Errors: ``InvalidMessage`` if it has no offset or lies outside the calendar."""
    if moment.utcoffset() is None:
        raise InvalidMessage("invalid_field", "received_at has no offset")
    try:
        return moment.astimezone(calendar.zone)
    except OverflowError as error:
        raise InvalidMessage("invalid_field", "received_at is out of range") from error


def due(received_at: datetime, span: Span, calendar: Calendar) -> Due:
    """The moment at which ``span`` ends, counted from ``received_at``. Errors: as ``local``."""
    start = local(received_at, calendar)
    try:
        if span.minutes is not None:
            return Due(start + timedelta(minutes=span.minutes), True)
        if span.days is not None:
            return Due(start + timedelta(days=span.days), True)
        if span.working_hours is not None:
            return _after_working_time(start, timedelta(hours=span.working_hours), calendar)
        return _after_working_days(start, span.working_days or 0, calendar)
    except OverflowError as error:
        raise InvalidMessage("invalid_field", "received_at is out of range") from error


def is_working_day(day: date, calendar: Calendar) -> tuple[bool, bool]:
    """Whether people work on ``day``, and whether the holidays of its year are known."""
    if day.isoweekday() not in calendar.workdays:
        return False, True
    known = day.year in lokal.HOLIDAY_YEARS
    open_day = all(closed.date != day for closed in calendar.closed_days)
    if open_day and known:  # weekends are already decided by the calendar's own workdays
        open_day = lokal.is_working_day(day, cuti_bersama=calendar.cuti_bersama_off, weekend=())
    return open_day, known or day.year in calendar.years


def _after_working_days(start: datetime, count: int, calendar: Calendar) -> Due:
    day, left, known = start.date(), count, True
    if count == 0:
        works, known = is_working_day(day, calendar)
        closes = _at(day, calendar.closes, calendar)
        if works and start < closes:
            return Due(closes, known)
        left = 1
    while left:
        day += _DAY
        works, year_known = is_working_day(day, calendar)
        known = known and year_known
        left -= works
    return Due(_at(day, calendar.closes, calendar), known)


def _after_working_time(start: datetime, left: timedelta, calendar: Calendar) -> Due:
    day, known = start.date(), True
    while True:
        works, year_known = is_working_day(day, calendar)
        known = known and year_known
        opens, closes = _at(day, calendar.opens, calendar), _at(day, calendar.closes, calendar)
        begin = max(start, opens)
        if works and begin < closes:
            if begin + left <= closes:
                return Due(begin + left, known)
            left -= closes - begin
        day += _DAY


def _at(day: date, moment: time, calendar: Calendar) -> datetime:
    return datetime.combine(day, moment, tzinfo=calendar.zone)
