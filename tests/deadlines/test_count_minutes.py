"""The arithmetic against a count so slow and so dull that it can be believed: minute by minute, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.deadlines.calendar import DayKind, DayRule, Unit, WorkCalendar, compute
from tests.deadlines.week import AFTERNOON, MORNING, OFF, SHANGHAI, WEEK, WORKED, at, days_between, local

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
budget = settings(max_examples=80, deadline=None)

# No notice for 2027 was out when this was written: there the library's own days, read without our reading of them.
GUESSED = {day for day in holidays.country_holidays("CN", years=2027) if day.year == 2027}
# The notices count in the weekend that touches a holiday; twice, because Sunday may touch it through Saturday.
for _twice in range(2):
    weekends = {neighbour for day in GUESSED for neighbour in (day - DAY, day + DAY) if neighbour.weekday() > 4}
    GUESSED |= weekends
ALL_OFF = OFF | GUESSED

Hours = tuple[tuple[time, time], ...]
WEEKS: dict[str, Mapping[int, Hours]] = {
    "lunch break": WEEK,
    "no break": dict.fromkeys(range(5), ((time(8, 30), time(17, 30)),)),
    "also Saturday mornings, closed on Wednesdays": {
        **dict.fromkeys((0, 1, 3, 4), (MORNING, AFTERNOON)),
        5: (MORNING,),
    },
}

rules = st.one_of(
    st.just(DayRule(DayKind.CLOSURE, "stocktaking")),
    st.just(DayRule(DayKind.EXTRA_DAY, "open day")),
    st.builds(
        lambda opens, long: DayRule(DayKind.CHANGED_HOURS, "", time(opens), time(opens + long)),
        st.integers(6, 12),
        st.integers(1, 9),
    ),
)


class SlowHall:
    """Looks at one minute of the wall clock and says whether the door is open. Nothing is worked out ahead."""

    def __init__(self, week: Mapping[int, Hours], rows: dict[date, DayRule]) -> None:
        self.week = week
        self.rows = rows
        self.fast = WorkCalendar(zone=SHANGHAI, weekly=week, days=rows)

    def hours(self, day: date) -> Hours:
        own = self.week.get(day.weekday(), ())
        if day in self.rows:
            row = self.rows[day]
            if row.kind == DayKind.CLOSURE:
                return ()
            if row.opens is not None and row.closes is not None:
                return ((row.opens, row.closes),)
            return own if own else self.week[0]
        if day in ALL_OFF and day not in WORKED:
            return ()
        if day in WORKED and not own:
            return self.week[0]
        return own

    def open_at(self, minute: datetime) -> bool:
        clock = minute.time()
        return any(opens <= clock < closes for opens, closes in self.hours(minute.date()))

    def count(self, start: datetime, end: datetime) -> int:
        counted = 0
        while start < end:
            if self.open_at(start):
                counted += 1
            start += MINUTE
        return counted

    def after(self, start: datetime, minutes: int) -> datetime:
        """The end of the last of so many open minutes."""
        while minutes:
            if self.open_at(start):
                minutes -= 1
            start += MINUTE
        return start

    def next_working_day(self, day: date) -> date:
        while not self.hours(day):
            day += DAY
        return day


@st.composite
def halls(draw: st.DrawFn, around: date) -> SlowHall:
    week = draw(st.sampled_from(list(WEEKS.values())))
    offsets = st.integers(-2, 20).map(lambda number: around + number * DAY)
    return SlowHall(week, draw(st.dictionaries(offsets, rules, max_size=5)))


# Days near a holiday or a make-up workday are where mistakes live: half of the examples begin there.
special = sorted(ALL_OFF | WORKED)
some_day = st.one_of(
    st.dates(date(2024, 1, 1), date(2027, 11, 30)),
    st.builds(lambda day, back: day - back * DAY, st.sampled_from(special), st.integers(0, 4)),
).filter(lambda day: date(2024, 1, 1) <= day <= date(2027, 11, 30))


@st.composite
def halls_and_starts(draw: st.DrawFn) -> tuple[SlowHall, datetime]:
    day = draw(some_day)
    start = datetime.combine(day, time(), SHANGHAI) + draw(st.integers(0, 1439)) * MINUTE
    return draw(halls(day)), start


@given(halls_and_starts(), st.integers(0, 12 * 1440))
@budget
def test_open_minutes_between_two_moments(hall_and_start: tuple[SlowHall, datetime], length: int) -> None:
    hall, start = hall_and_start
    end = start + length * MINUTE
    assert hall.fast.working_minutes(start, end) == hall.count(start, end)


@given(halls_and_starts(), st.integers(1, 2000))
@budget
def test_the_moment_when_so_many_open_minutes_have_passed(
    hall_and_start: tuple[SlowHall, datetime], minutes: int
) -> None:
    hall, start = hall_and_start
    expected = hall.after(start, minutes)
    assert hall.fast.add_working_minutes(start, minutes) == expected
    assert compute(hall.fast, start=start, length=minutes, unit=Unit.MINUTES).due_at == expected


@given(halls_and_starts(), st.integers(1, 24))
@budget
def test_working_hours_and_their_warning(hall_and_start: tuple[SlowHall, datetime], hours: int) -> None:
    hall, start = hall_and_start
    schedule = compute(hall.fast, start=start, length=hours, unit=Unit.WORKING_HOURS)
    assert schedule.due_at == hall.after(start, hours * 60)
    assert schedule.warn_at == hall.after(start, hours * 45)


@given(halls_and_starts(), st.integers(1, 8))
@budget
def test_working_days_and_their_warning(hall_and_start: tuple[SlowHall, datetime], days: int) -> None:
    hall, start = hall_and_start
    day = start.date()
    for _number in range(days):
        day = hall.next_working_day(day + DAY)
    due = datetime.combine(day, hall.hours(day)[-1][1], SHANGHAI)
    schedule = compute(hall.fast, start=start, length=days, unit=Unit.WORKING_DAYS)
    assert schedule.due_at == due
    # Three quarters may end between two minutes; the slow count only knows whole ones.
    quarters = hall.count(start, due) * 3
    assert schedule.warn_at >= hall.after(start, quarters // 4)
    assert schedule.warn_at <= hall.after(start, -(-quarters // 4))


@given(halls_and_starts(), st.integers(1, 40), st.sampled_from([Unit.HOURS, Unit.DAYS]), st.booleans())
@budget
def test_terms_that_run_day_and_night(
    hall_and_start: tuple[SlowHall, datetime], length: int, unit: Unit, urgent: bool
) -> None:
    hall, start = hall_and_start
    begins = start
    if urgent:
        while not hall.open_at(begins):
            begins += MINUTE
    end = begins + length * (timedelta(hours=1) if unit == Unit.HOURS else DAY)
    expected = end if urgent else end + (hall.next_working_day(end.date()) - end.date())
    schedule = compute(hall.fast, start=start, length=length, unit=unit, urgent=urgent)
    assert schedule.start == begins
    assert schedule.due_at == expected


@given(halls_and_starts(), st.integers(0, 5 * 1440), st.integers(1, 30), st.sampled_from(Unit))
@budget
def test_who_starts_later_is_never_due_earlier(
    hall_and_start: tuple[SlowHall, datetime], later: int, length: int, unit: Unit
) -> None:
    hall, start = hall_and_start
    first = compute(hall.fast, start=start, length=length, unit=unit).due_at
    second = compute(hall.fast, start=start + later * MINUTE, length=length, unit=unit).due_at
    if unit in (Unit.HOURS, Unit.DAYS):
        # The law keeps the time of day when it moves an end: Saturday 16:00 becomes Monday 16:00, Monday 9:00 stays.
        assert local(first)[:10] <= local(second)[:10]
    else:
        assert first <= second


@given(halls_and_starts(), st.integers(1, 60), st.sampled_from(Unit), st.booleans(), st.booleans())
@budget
def test_every_schedule_is_in_order_and_ends_when_the_hall_works(
    hall_and_start: tuple[SlowHall, datetime], length: int, unit: Unit, urgent: bool, on_call: bool
) -> None:
    hall, start = hall_and_start
    schedule = compute(hall.fast, start=start, length=length, unit=unit, urgent=urgent, on_call=on_call)
    assert start <= schedule.start <= schedule.warn_at <= schedule.due_at
    due = schedule.due_at.astimezone(SHANGHAI)
    if unit == Unit.WORKING_DAYS or (unit in (Unit.MINUTES, Unit.WORKING_HOURS) and not (urgent and on_call)):
        assert hall.open_at(due - MINUTE), "the minute before the end is open time"
    elif not urgent:
        assert hall.hours(due.date()), "the end is on a working day"


@pytest.mark.parametrize("name", WEEKS)
def test_every_single_day_of_four_years(name: str) -> None:
    hall = SlowHall(WEEKS[name], {})
    for day in days_between(date(2024, 1, 1), date(2027, 12, 31)):
        midnight = datetime.combine(day, time(), SHANGHAI)
        minutes = sum(hall.open_at(midnight + number * 30 * MINUTE) for number in range(48)) * 30
        assert hall.fast.working_minutes(midnight, midnight + DAY) == minutes, day


def test_seconds_count_too() -> None:
    hall = SlowHall(WEEK, {})
    assert hall.fast.working_time(at("2026-03-02 11:59:15"), at("2026-03-02 14:00:10")) == timedelta(seconds=55)
    assert hall.fast.working_minutes(at("2026-03-02 11:59:15"), at("2026-03-02 14:00:10")) == 0


def test_nothing_passes_backwards() -> None:
    hall = SlowHall(WEEK, {})
    assert hall.fast.working_minutes(at("2026-03-02 11:00"), at("2026-03-02 10:00")) == 0


def test_nothing_added_is_the_same_moment_even_at_night() -> None:
    assert SlowHall(WEEK, {}).fast.add_working_minutes(at("2026-03-02 03:00"), 0) == at("2026-03-02 03:00")
