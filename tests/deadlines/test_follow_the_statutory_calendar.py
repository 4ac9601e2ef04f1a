"""The library's holidays against the State Council's notices, day by day."""

from datetime import date

import pytest

from foundation.deadlines.calendar import DayKind, DayRule, WorkCalendar
from tests.deadlines.week import OFF, SHANGHAI, WEEK, WORKED, at, calendar, days_between, local


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_day_of_the_announced_years_is_worked_or_off_as_the_notice_says(year: int) -> None:
    hall = calendar()
    for day in days_between(date(year, 1, 1), date(year, 12, 31)):
        expected = day in WORKED or (day.weekday() < 5 and day not in OFF)
        assert hall.is_working(day) is expected, day


def test_a_make_up_sunday_has_the_hours_of_an_ordinary_working_day() -> None:
    opened = [(local(opens), local(closes)) for opens, closes in calendar().open_intervals(date(2025, 9, 28))]
    assert opened == [
        ("2025-09-28 09:00", "2025-09-28 12:00"),
        ("2025-09-28 14:00", "2025-09-28 17:00"),
    ]


def test_a_make_up_saturday_has_the_hours_of_saturdays_where_the_hall_opens_on_saturdays() -> None:
    hours = ((at("2026-01-01 10:00").time(), at("2026-01-01 11:30").time()),)
    hall = WorkCalendar(zone=SHANGHAI, weekly={**WEEK, 5: hours})
    assert [local(moment) for interval in hall.open_intervals(date(2026, 2, 28)) for moment in interval] == [
        "2026-02-28 10:00",
        "2026-02-28 11:30",
    ]
    assert hall.is_working(date(2026, 3, 7)), "an ordinary Saturday of that hall"


def test_a_closed_day_has_no_closing_time() -> None:
    assert calendar().closing(date(2026, 10, 1)) is None


def test_a_closure_of_the_hall_goes_before_a_make_up_workday() -> None:
    assert not calendar(d2026_02_28=DayRule(DayKind.CLOSURE, "power cut")).is_working(date(2026, 2, 28))


def test_an_extra_day_of_the_hall_goes_before_a_holiday() -> None:
    assert calendar(d2026_10_01=DayRule(DayKind.EXTRA_DAY, "open day")).is_working(date(2026, 10, 1))


def test_the_years_of_published_notices_are_certain_and_a_far_one_is_provisional() -> None:
    hall = calendar()
    assert not hall.provisional(date(2024, 6, 1))
    assert not hall.provisional(date(2026, 12, 31))
    assert hall.provisional(date(2060, 6, 1))


def test_the_year_after_the_last_known_arrangement_is_provisional_until_the_hall_enters_it() -> None:
    hall = WorkCalendar(zone=SHANGHAI, weekly=WEEK, last_arranged_year=2026)
    assert hall.provisional(date(2027, 1, 1))
    entered = WorkCalendar(zone=SHANGHAI, weekly=WEEK, last_arranged_year=2026, announced_years=frozenset({2027}))
    assert not entered.provisional(date(2027, 1, 1))
    assert entered.provisional(date(2028, 1, 1))


def test_even_a_provisional_year_knows_the_statutory_days_themselves() -> None:
    hall = calendar()
    assert not hall.is_working(date(2027, 10, 1))
    assert not hall.is_working(date(2027, 6, 9)), "Dragon Boat Festival, fifth day of the fifth month"


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-02 08:59", False),
        ("2026-03-02 09:00", True),
        ("2026-03-02 11:59", True),
        ("2026-03-02 12:00", False),
        ("2026-03-02 14:00", True),
        ("2026-03-02 17:00", False),
        ("2026-03-07 10:00", False),
        ("2026-02-28 10:00", True),
    ],
)
def test_the_hall_is_open_from_opening_until_just_before_closing(moment: str, is_open: bool) -> None:
    assert calendar().is_open(at(moment)) is is_open
