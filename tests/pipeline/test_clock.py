from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clock import Calendar, ClosedDay, Span, due, is_working_day
from pipeline.errors import InvalidMessage
from pipeline.policy import Policy

WIB = timezone(timedelta(hours=7))
CALENDAR = Policy.load().clocks.calendar


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


@pytest.mark.parametrize(
    ("received", "span", "expected"),
    [
        ("2026-03-02 09:00", Span(minutes=5), "2026-03-02 09:05"),
        ("2026-05-31 03:00", Span(minutes=45), "2026-05-31 03:45"),  # Sunday and Waisak, 3 a.m.: runs all the same
        ("2026-12-31 23:58", Span(minutes=5), "2027-01-01 00:03"),
        ("2026-03-19 10:00", Span(days=12), "2026-03-31 10:00"),  # calendar days do not stop for Lebaran
        ("2026-03-02 09:00", Span(working_days=1), "2026-03-03 16:00"),
        ("2026-03-02 23:00", Span(working_days=1), "2026-03-03 16:00"),  # counted from the day after receipt
        ("2026-03-06 10:00", Span(working_days=1), "2026-03-09 16:00"),  # Friday to Monday
        ("2026-03-07 10:00", Span(working_days=1), "2026-03-09 16:00"),  # Saturday to Monday
        # Wed 18 cuti bersama, Thu 19 Nyepi, Fri 20 cuti, weekend, Mon 23 and Tue 24 cuti
        ("2026-03-17 10:00", Span(working_days=1), "2026-03-25 16:00"),
        ("2026-03-17 10:00", Span(working_days=2), "2026-03-26 16:00"),
        ("2026-03-13 10:00", Span(working_days=3), "2026-03-25 16:00"),
        ("2026-12-23 10:00", Span(working_days=5), "2027-01-04 16:00"),  # Christmas, New Year's Day, into another year
        ("2026-03-02 09:00", Span(working_days=0), "2026-03-02 16:00"),
        ("2026-03-02 16:00", Span(working_days=0), "2026-03-03 16:00"),  # closing time is no longer today
        ("2026-03-18 09:00", Span(working_days=0), "2026-03-25 16:00"),  # received on a day off
        ("2026-03-02 09:00", Span(working_hours=2), "2026-03-02 11:00"),
        ("2026-03-02 05:00", Span(working_hours=2), "2026-03-02 09:30"),  # opens at 07:30
        ("2026-03-02 15:00", Span(working_hours=2), "2026-03-03 08:30"),
        ("2026-03-02 14:00", Span(working_hours=2), "2026-03-02 16:00"),  # ends at closing time, not the next morning
        ("2026-03-17 15:30", Span(working_hours=1), "2026-03-25 08:00"),
        ("2026-03-06 15:30", Span(working_hours=9), "2026-03-09 16:00"),
    ],
)
def test_spans_end_when_an_office_clerk_would_say(received: str, span: Span, expected: str) -> None:
    end = due(wib(received), span, CALENDAR)

    assert end.at == wib(expected)
    assert end.years_known


def test_deadlines_carry_the_offset_of_western_indonesia_whatever_the_offset_of_receipt() -> None:
    end = due(datetime(2026, 3, 1, 20, 30, tzinfo=UTC), Span(working_days=0), CALENDAR)

    assert end.at.isoformat() == "2026-03-02T16:00:00+07:00"


@pytest.mark.parametrize(
    ("day", "cuti_off", "works"),
    [
        (date(2026, 3, 18), True, False),
        (date(2026, 3, 18), False, True),  # cuti bersama is a choice of the employer
        (date(2026, 3, 19), False, False),  # Nyepi is a national holiday for all
        (date(2026, 3, 17), True, True),
        (date(2026, 3, 21), True, False),
    ],
)
def test_cuti_bersama_is_off_only_where_the_policy_says_so(day: date, cuti_off: bool, works: bool) -> None:
    calendar = CALENDAR.model_copy(update={"cuti_bersama_off": cuti_off})

    assert is_working_day(day, calendar) == (works, True)


@pytest.mark.parametrize("received", ["2025-08-15 10:00", "2028-08-15 10:00", "2027-12-30 10:00"])
def test_a_year_without_holidays_is_said_and_weekends_stay_off(received: str) -> None:
    start = wib(received)

    end = due(start, Span(working_days=3), CALENDAR)

    assert not end.years_known
    assert end.at.isoweekday() <= 5
    assert end.at - start >= timedelta(days=3)


def test_an_unknown_year_does_not_matter_to_a_running_clock() -> None:
    assert due(wib("2031-01-01 03:00"), Span(minutes=5), CALENDAR).years_known


def test_the_operator_can_add_days_off_and_vouch_for_a_year() -> None:
    election = ClosedDay(date=date(2028, 2, 16), name="Pemilu", source="written for Sapa")
    calendar = CALENDAR.model_copy(update={"closed_days": (election,), "years": frozenset({2028})})

    end = due(wib("2028-02-15 10:00"), Span(working_days=1), calendar)

    assert end.at == wib("2028-02-17 16:00")
    assert end.years_known


@pytest.mark.parametrize("span", [Span(minutes=5), Span(working_days=1), Span(working_hours=1)])
def test_a_time_without_an_offset_is_refused(span: Span) -> None:
    with pytest.raises(InvalidMessage, match="offset") as caught:
        due(datetime.fromisoformat("2026-03-02 09:00"), span, CALENDAR)
    assert caught.value.code == "invalid_field"


@pytest.mark.parametrize("moment", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=timezone.max)])
@pytest.mark.parametrize("span", [Span(days=366), Span(working_days=366), Span(working_hours=2000)])
def test_a_time_at_the_edge_of_the_calendar_is_refused_not_a_crash(moment: datetime, span: Span) -> None:
    with pytest.raises(InvalidMessage, match="out of range"):
        due(moment, span, CALENDAR)


moments = st.integers(0, 540 * 24 * 60).map(lambda minutes: wib("2026-01-01 00:00") + timedelta(minutes=minutes))


@given(moments, st.integers(0, 60))
def test_a_working_day_deadline_is_at_closing_time_of_a_working_day(moment: datetime, days: int) -> None:
    end = due(moment, Span(working_days=days), CALENDAR).at

    assert end > moment
    assert end.timetz().replace(tzinfo=None) == CALENDAR.closes
    assert is_working_day(end.date(), CALENDAR)[0]
    assert end < due(moment, Span(working_days=days + 2), CALENDAR).at


@given(moments, st.integers(1, 60))
def test_a_working_hour_deadline_lies_in_working_time_and_counts_every_hour(moment: datetime, hours: int) -> None:
    end = due(moment, Span(working_hours=hours), CALENDAR).at

    assert CALENDAR.opens < end.timetz().replace(tzinfo=None) <= CALENDAR.closes
    assert is_working_day(end.date(), CALENDAR)[0]
    assert _minutes_open(moment, end) == pytest.approx(hours * 60, abs=0.01)


def _minutes_open(start: datetime, end: datetime) -> float:
    total, day = 0.0, start.date()
    while day <= end.date():
        if is_working_day(day, CALENDAR)[0]:
            opens = datetime.combine(day, CALENDAR.opens, tzinfo=WIB)
            closes = datetime.combine(day, CALENDAR.closes, tzinfo=WIB)
            total += max((min(end, closes) - max(start, opens)).total_seconds(), 0) / 60
        day += timedelta(days=1)
    return total


@pytest.mark.parametrize(
    "fields",
    [{}, {"minutes": 5, "working_days": 1}, {"minutes": 0}, {"working_days": -1}, {"days": 100_000}],
)
def test_a_span_is_given_in_exactly_one_sensible_way(fields: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"one of|greater than|less than"):
        Span(**fields)


def test_a_calendar_that_never_opens_is_refused() -> None:
    fields = CALENDAR.model_dump()
    with pytest.raises(ValueError, match="opens is not before closes"):
        Calendar.model_validate(fields | {"opens": "16:00", "closes": "07:30"})
