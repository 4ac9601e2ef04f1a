"""Examples worked out by hand with a wall calendar. The hall: Monday to Friday, 9–12 and 14–17, six hours a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from foundation.deadlines.calendar import (
    DayKind,
    DayRule,
    InvalidLength,
    NeverOpens,
    Unit,
    WorkCalendar,
    compute,
)
from tests.deadlines.week import SHANGHAI, WEEK, at, calendar, local


def due(start: str, length: int, unit: Unit, hall: WorkCalendar | None = None, **how: bool) -> str:
    return local(compute(hall or calendar(), start=at(start), length=length, unit=unit, **how).due_at)


def warning(start: str, length: int, unit: Unit, lead_minutes: int | None = None) -> str:
    schedule = compute(calendar(), start=at(start), length=length, unit=unit, lead_minutes=lead_minutes)
    return local(schedule.warn_at)


@pytest.mark.parametrize(
    ("start", "length", "expected", "why"),
    [
        ("2026-03-05 10:00", 24, "2026-03-06 10:00", "Thursday to Friday"),
        ("2026-03-05 20:00", 48, "2026-03-09 20:00", "ends on Saturday evening, so on Monday evening"),
        ("2026-03-06 16:00", 24, "2026-03-09 16:00", "ends on Saturday, so on Monday at the same time"),
        ("2026-03-08 02:00", 24, "2026-03-09 02:00", "from Sunday night into Monday: nothing to move"),
        ("2025-09-30 10:00", 24, "2025-10-09 10:00", "National Day and Mid-Autumn 2025: eight days off"),
        ("2026-09-30 10:00", 24, "2026-10-08 10:00", "National Day 2026: back on Thursday, 8 October"),
        ("2026-02-13 11:00", 24, "2026-02-14 11:00", "Saturday 14 February 2026 is a make-up workday"),
        ("2026-02-14 11:00", 24, "2026-02-24 11:00", "the Spring Festival follows at once"),
        ("2025-09-27 15:00", 24, "2025-09-28 15:00", "Sunday 28 September 2025 is a make-up workday"),
    ],
)
def test_hours_run_day_and_night_and_end_on_a_working_day(start: str, length: int, expected: str, why: str) -> None:
    assert due(start, length, Unit.HOURS) == expected, why


@pytest.mark.parametrize(
    ("start", "length", "expected", "why"),
    [
        ("2026-03-02 10:15", 7, "2026-03-09 10:15", "Monday to Monday"),
        ("2026-03-06 16:00", 15, "2026-03-23 16:00", "the 21st is a Saturday, so Monday the 23rd"),
        ("2026-09-24 15:00", 7, "2026-10-08 15:00", "1 October, moved over National Day"),
        ("2026-02-21 09:30", 7, "2026-02-28 09:30", "Saturday 28 February 2026 is a make-up workday"),
    ],
)
def test_calendar_days_run_day_and_night_and_end_on_a_working_day(
    start: str, length: int, expected: str, why: str
) -> None:
    assert due(start, length, Unit.DAYS) == expected, why


def test_the_end_of_an_urgent_term_is_never_moved() -> None:
    assert due("2026-03-06 16:00", 24, Unit.HOURS, urgent=True) == "2026-03-07 16:00"
    assert due("2025-09-30 10:00", 2, Unit.DAYS, urgent=True) == "2025-10-02 10:00"


@pytest.mark.parametrize(
    ("start", "length", "expected", "why"),
    [
        ("2026-03-02 10:00", 1, "2026-03-03 17:00", "the day of the start does not count"),
        ("2026-03-02 00:10", 1, "2026-03-03 17:00", "nor when it is the small hours of a Monday"),
        ("2026-03-02 23:50", 1, "2026-03-03 17:00", "nor when it is ten minutes to midnight"),
        ("2026-03-06 16:59", 1, "2026-03-09 17:00", "Friday, then Monday"),
        ("2026-03-07 12:00", 1, "2026-03-09 17:00", "Saturday, then Monday"),
        ("2026-03-06 09:00", 5, "2026-03-13 17:00", "a week of five working days"),
        ("2026-02-11 10:30", 15, "2026-03-10 17:00", "12 13 14 · 24 25 26 27 28 February · 2–6, 9, 10 March"),
        ("2025-09-26 09:00", 2, "2025-09-29 17:00", "Sunday the 28th counts, Saturday the 27th does not"),
        ("2025-09-30 09:00", 5, "2025-10-14 17:00", "9, 10, Saturday 11, 13, 14 October"),
        ("2026-09-29 09:00", 4, "2026-10-10 17:00", "30 September, 8, 9 and Saturday 10 October"),
        ("2024-12-31 09:00", 1, "2025-01-02 17:00", "New Year's Day in between"),
    ],
)
def test_working_days_count_from_the_next_one_and_end_at_closing(
    start: str, length: int, expected: str, why: str
) -> None:
    assert due(start, length, Unit.WORKING_DAYS) == expected, why


def test_urgency_changes_nothing_about_working_days() -> None:
    assert due("2026-03-07 12:00", 1, Unit.WORKING_DAYS, urgent=True) == "2026-03-09 17:00"


@pytest.mark.parametrize(
    ("start", "minutes", "expected", "why"),
    [
        ("2026-03-02 10:00", 30, "2026-03-02 10:30", "within the morning"),
        ("2026-03-02 11:45", 30, "2026-03-02 14:15", "the lunch break does not count"),
        ("2026-03-02 11:30", 30, "2026-03-02 12:00", "used up when the lunch break begins, not when it ends"),
        ("2026-03-02 12:30", 30, "2026-03-02 14:30", "begun during the lunch break"),
        ("2026-03-02 07:00", 30, "2026-03-02 09:30", "begun before opening"),
        ("2026-03-02 16:50", 30, "2026-03-03 09:20", "ten minutes today, twenty tomorrow"),
        ("2026-03-06 16:50", 30, "2026-03-09 09:20", "over the weekend"),
        ("2026-02-27 16:30", 90, "2026-02-28 10:00", "Saturday 28 February 2026 is a make-up workday"),
        ("2026-02-28 16:30", 90, "2026-03-02 10:00", "and the Sunday after it is not"),
    ],
)
def test_minutes_run_inside_opening_hours(start: str, minutes: int, expected: str, why: str) -> None:
    assert due(start, minutes, Unit.MINUTES) == expected, why


@pytest.mark.parametrize(
    ("start", "hours", "expected", "why"),
    [
        ("2026-03-02 09:00", 6, "2026-03-02 17:00", "exactly one day: due at closing"),
        ("2026-03-02 10:00", 8, "2026-03-03 12:00", "two, three, and three the next morning"),
        ("2026-03-06 15:00", 3, "2026-03-09 10:00", "two on Friday, one on Monday"),
        ("2025-09-30 16:00", 2, "2025-10-09 10:00", "over National Day 2025"),
    ],
)
def test_working_hours_run_inside_opening_hours(start: str, hours: int, expected: str, why: str) -> None:
    assert due(start, hours, Unit.WORKING_HOURS) == expected, why


def test_seconds_are_kept() -> None:
    start = at("2026-03-02 16:59:30")
    assert compute(calendar(), start=start, length=1, unit=Unit.MINUTES).due_at == at("2026-03-03 09:00:30")


def test_the_date_is_the_halls_and_not_that_of_greenwich() -> None:
    start = datetime.fromisoformat("2026-03-02T23:30:00+00:00")  # half past seven on Tuesday in the hall
    assert local(compute(calendar(), start=start, length=1, unit=Unit.WORKING_DAYS).due_at) == "2026-03-04 17:00"


class TestUrgentAtNight:
    def test_thirty_minutes_with_nobody_on_call_run_from_the_next_opening(self) -> None:
        assert due("2026-03-07 02:00", 30, Unit.MINUTES, urgent=True) == "2026-03-09 09:30"

    def test_thirty_minutes_with_somebody_on_call_run_at_once(self) -> None:
        assert due("2026-03-07 02:00", 30, Unit.MINUTES, urgent=True, on_call=True) == "2026-03-07 02:30"

    def test_hours_with_nobody_on_call_start_at_the_next_opening(self) -> None:
        schedule = compute(calendar(), start=at("2026-03-06 20:00"), length=2, unit=Unit.HOURS, urgent=True)
        assert local(schedule.start) == "2026-03-09 09:00"
        assert local(schedule.due_at) == "2026-03-09 11:00"

    def test_at_the_moment_of_closing_the_hall_is_closed(self) -> None:
        schedule = compute(calendar(), start=at("2026-03-02 17:00"), length=2, unit=Unit.HOURS, urgent=True)
        assert local(schedule.start) == "2026-03-03 09:00"

    def test_in_the_lunch_break_hours_start_after_it(self) -> None:
        assert due("2026-03-02 12:30", 2, Unit.HOURS, urgent=True) == "2026-03-02 16:00"

    def test_hours_with_somebody_on_call_start_at_once(self) -> None:
        schedule = compute(
            calendar(), start=at("2026-03-06 20:00"), length=2, unit=Unit.HOURS, urgent=True, on_call=True
        )
        assert local(schedule.start) == "2026-03-06 20:00"
        assert local(schedule.due_at) == "2026-03-06 22:00"

    def test_inside_opening_hours_they_start_at_once_too(self) -> None:
        assert due("2026-03-06 16:30", 2, Unit.HOURS, urgent=True) == "2026-03-06 18:30"

    def test_somebody_on_call_changes_nothing_for_an_ordinary_matter(self) -> None:
        assert due("2026-03-07 02:00", 30, Unit.MINUTES, on_call=True) == "2026-03-09 09:30"


class TestTheWarning:
    def test_of_hours_comes_after_three_quarters_of_them(self) -> None:
        assert warning("2026-03-02 10:00", 24, Unit.HOURS) == "2026-03-03 04:00"

    def test_of_a_term_moved_over_a_weekend_is_measured_on_the_term_itself(self) -> None:
        assert warning("2026-03-06 16:00", 24, Unit.HOURS) == "2026-03-07 10:00"

    def test_of_minutes_is_measured_in_open_time(self) -> None:
        assert warning("2026-03-02 11:30", 60, Unit.MINUTES) == "2026-03-02 14:15"

    def test_of_working_days_is_measured_in_open_time(self) -> None:
        # Monday 10–12 and 14–17 is 5 hours, Tuesday 6: 11 in all, three quarters are 8 h 15 min, 3 h 15 min on Tuesday.
        assert warning("2026-03-02 10:00", 1, Unit.WORKING_DAYS) == "2026-03-03 14:15"

    def test_with_a_lead_stands_so_many_open_minutes_before_the_end(self) -> None:
        # Two hours before closing at 17:00; four hours go back over the lunch break.
        assert warning("2026-03-02 10:00", 1, Unit.WORKING_DAYS, lead_minutes=120) == "2026-03-03 15:00"
        assert warning("2026-03-02 10:00", 1, Unit.WORKING_DAYS, lead_minutes=240) == "2026-03-03 11:00"

    def test_with_a_lead_stands_so_many_minutes_before_the_moved_end(self) -> None:
        assert warning("2026-03-06 16:00", 24, Unit.HOURS, lead_minutes=90) == "2026-03-09 14:30"

    @pytest.mark.parametrize("unit", list(Unit))
    def test_with_a_lead_longer_than_the_term_comes_at_the_start(self, unit: Unit) -> None:
        assert warning("2026-03-02 10:00", 1, unit, lead_minutes=60_000) == "2026-03-02 10:00"


class TestTheHallsOwnDays:
    def test_a_closure_is_skipped(self) -> None:
        hall = calendar(d2026_03_03=DayRule(DayKind.CLOSURE, "power cut"))
        assert due("2026-03-02 10:00", 1, Unit.WORKING_DAYS, hall) == "2026-03-04 17:00"
        assert due("2026-03-02 10:00", 24, Unit.HOURS, hall) == "2026-03-04 10:00"
        assert due("2026-03-02 16:50", 30, Unit.MINUTES, hall) == "2026-03-04 09:20"

    def test_an_extra_day_counts_with_ordinary_hours_unless_it_names_its_own(self) -> None:
        hall = calendar(d2026_03_07=DayRule(DayKind.EXTRA_DAY, "open day"))
        assert due("2026-03-06 10:00", 1, Unit.WORKING_DAYS, hall) == "2026-03-07 17:00"
        short = calendar(
            d2026_03_07=DayRule(DayKind.EXTRA_DAY, "", at("2026-03-07 10:00").time(), at("2026-03-07 11:00").time())
        )
        assert due("2026-03-06 10:00", 1, Unit.WORKING_DAYS, short) == "2026-03-07 11:00"

    def test_changed_hours_move_closing_time(self) -> None:
        hall = calendar(
            d2026_03_03=DayRule(DayKind.CHANGED_HOURS, "", at("2026-03-03 09:00").time(), at("2026-03-03 11:00").time())
        )
        assert due("2026-03-02 10:00", 1, Unit.WORKING_DAYS, hall) == "2026-03-03 11:00"
        assert due("2026-03-02 16:00", 4, Unit.WORKING_HOURS, hall) == "2026-03-04 10:00"


class TestRefused:
    @pytest.mark.parametrize("length", [0, -1, 10_001])
    @pytest.mark.parametrize("unit", list(Unit))
    def test_a_term_of_no_length_or_of_centuries(self, length: int, unit: Unit) -> None:
        with pytest.raises(InvalidLength) as refusal:
            compute(calendar(), start=at("2026-03-02 10:00"), length=length, unit=unit)
        assert refusal.value.field == "length"

    @pytest.mark.parametrize("unit", list(Unit))
    def test_a_hall_without_opening_hours(self, unit: Unit) -> None:
        with pytest.raises(NeverOpens):
            compute(WorkCalendar(zone=SHANGHAI, weekly={}), start=at("2026-03-02 10:00"), length=2, unit=unit)

    def test_a_hall_whose_extra_days_run_out(self) -> None:
        nine, ten = at("2026-03-03 09:00").time(), at("2026-03-03 10:00").time()
        only = {date(2026, 3, 3): DayRule(DayKind.EXTRA_DAY, "", nine, ten)}
        hall = WorkCalendar(zone=SHANGHAI, weekly={}, days=only)
        assert due("2026-03-02 10:00", 1, Unit.WORKING_DAYS, hall) == "2026-03-03 10:00"
        with pytest.raises(NeverOpens):
            compute(hall, start=at("2026-03-02 10:00"), length=2, unit=Unit.WORKING_DAYS)

    def test_a_start_that_does_not_say_its_time_zone(self) -> None:
        with pytest.raises(ValueError, match="aware"):
            compute(calendar(), start=datetime(2026, 3, 2, 10), length=1, unit=Unit.HOURS)


def test_the_longest_term_ends() -> None:
    schedule = compute(calendar(), start=at("2026-03-02 10:00"), length=10_000, unit=Unit.WORKING_DAYS)
    assert schedule.due_at - schedule.start > timedelta(days=10_000)


class TestTheExplanation:
    def test_lists_the_days_counted_worked_out_of_turn_and_skipped(self) -> None:
        why = compute(calendar(), start=at("2026-02-12 10:30"), length=3, unit=Unit.WORKING_DAYS).explanation
        assert why["counted"] == ["2026-02-13", "2026-02-14", "2026-02-24"]
        assert why["extra"] == [["2026-02-14", "make_up"]]
        assert why["skipped"] == [
            ["2026-02-15", "holiday:Spring Festival"],
            ["2026-02-16", "holiday:Spring Festival"],
            ["2026-02-17", "holiday:Spring Festival"],
            ["2026-02-18", "holiday:Spring Festival"],
            ["2026-02-19", "holiday:Spring Festival"],
            ["2026-02-20", "holiday:Spring Festival"],
            ["2026-02-21", "holiday:Spring Festival"],
            ["2026-02-22", "holiday:Spring Festival"],
            ["2026-02-23", "holiday:Spring Festival"],
        ]
        assert why["moved_from"] is None
        assert why["provisional"] is False

    def test_says_from_where_the_end_was_moved_and_over_what(self) -> None:
        hall = calendar(d2026_03_09=DayRule(DayKind.CLOSURE, "power cut"))
        why = compute(hall, start=at("2026-03-06 16:00"), length=24, unit=Unit.HOURS).explanation
        assert why["moved_from"] == "2026-03-07T08:00:00+00:00"
        assert why["skipped"] == [
            ["2026-03-07", "weekend"],
            ["2026-03-08", "weekend"],
            ["2026-03-09", "closure:power cut"],
        ]

    def test_leaves_out_the_day_whose_opening_hours_were_over_at_the_start(self) -> None:
        why = compute(calendar(), start=at("2026-03-02 18:00"), length=30, unit=Unit.MINUTES).explanation
        assert why["counted"] == ["2026-03-03"]

    def test_calls_a_regular_closing_day_by_its_name(self) -> None:
        hall = WorkCalendar(zone=SHANGHAI, weekly={day: hours for day, hours in WEEK.items() if day != 2})
        why = compute(hall, start=at("2026-03-03 10:00"), length=1, unit=Unit.WORKING_DAYS).explanation
        assert why["skipped"] == [["2026-03-04", "closed"]]

    def test_is_provisional_as_soon_as_it_reaches_into_an_unannounced_year(self) -> None:
        hall = WorkCalendar(zone=SHANGHAI, weekly=WEEK, last_arranged_year=2026, version="7")
        inside = compute(hall, start=at("2026-12-29 10:00"), length=1, unit=Unit.WORKING_DAYS).explanation
        across = compute(hall, start=at("2026-12-29 10:00"), length=5, unit=Unit.WORKING_DAYS).explanation
        assert (inside["provisional"], across["provisional"]) == (False, True)
        assert across["calendar_version"] == "7"
