"""Working-time arithmetic of one hall: pure, no database. What the units mean is in compute()."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from foundation.deadlines.statutory import ONE_DAY, SATURDAY, StatutoryYear, last_arranged_year, statutory_year
from foundation.refusals import Refused

MAX_LENGTH: Final = 10_000
"""Longest length of a term in any unit: beyond it somebody mistyped, and the loops below would run for centuries."""

LENGTH_MESSAGE: Final = _("A time limit must be between 1 and 10,000.")

# A hall closed for three years on end has no working time that anything could be counted in.
LONGEST_CLOSURE: Final = 1100

NOTHING: Final = timedelta(0)

Interval = tuple[datetime, datetime]
Hours = tuple[tuple[time, time], ...]


class Unit(TextChoices):
    MINUTES = "minutes", _("minutes inside opening hours")
    WORKING_HOURS = "working_hours", _("hours inside opening hours")
    HOURS = "hours", _("hours, day and night")
    DAYS = "days", pgettext_lazy("unit of time", "calendar days")
    WORKING_DAYS = "working_days", _("working days")


class DayKind(TextChoices):
    CLOSURE = "closure", _("closed")
    EXTRA_DAY = "extra_day", _("extra day of work")
    CHANGED_HOURS = "changed_hours", _("changed hours")


class InvalidLength(Refused):
    """A term of no length, or one so long that it can only be a slip of the pen."""


class NeverOpens(Refused):
    """The hall has no opening hours ahead, so no working time can be counted."""


@dataclass(frozen=True, slots=True)
class DayRule:
    """What the hall itself has decided for one date; it goes before the week and before the law."""

    kind: DayKind
    name: str = ""
    opens: time | None = None
    closes: time | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """Everything known about one date, worked out once."""

    iso: str
    working: bool
    reason: str
    """Why it is off: weekend, closed, holiday:<name>, closure:<name>. Why it is worked: make_up, extra:<name>."""
    intervals: tuple[Interval, ...]
    """Opening times in UTC."""
    worked: timedelta


@dataclass(frozen=True)
class WorkCalendar:
    """When one hall works. A day works if the week, the statutory calendar or the hall's own row opens it:

    the hall's own row first, then statutory holidays and make-up workdays, then the weekly opening hours.
    A hall that opens on Saturdays works on Saturdays.
    """

    zone: ZoneInfo
    weekly: Mapping[int, Hours]
    """Opening hours by weekday, 0 is Monday, each in order; a lunch break makes two."""
    days: Mapping[date, DayRule] = field(default_factory=dict)
    announced_years: frozenset[int] = frozenset()
    """Years whose arrangement the hall has entered itself, ahead of the library."""
    version: str = ""
    statutory: Callable[[int], StatutoryYear] = statutory_year
    last_arranged_year: int = field(default_factory=last_arranged_year)
    _known: dict[date, Day] = field(default_factory=dict, compare=False, repr=False)

    def is_working(self, day: date) -> bool:
        return self.day(day).working

    def open_intervals(self, day: date) -> tuple[Interval, ...]:
        """Opening times of the date in UTC, in order; none when the hall does not work."""
        return self.day(day).intervals

    def closing(self, day: date) -> datetime | None:
        """Closing time in UTC, None when the hall does not work that day."""
        intervals = self.day(day).intervals
        return intervals[-1][1] if intervals else None

    def provisional(self, day: date) -> bool:
        """Whether the year's holiday arrangement is still a guess. See last_arranged_year() for how that is told."""
        return self._year_is_provisional(day.year)

    def local_date(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def is_open(self, at: datetime) -> bool:
        """Whether the hall is open at this moment; at the moment of closing it no longer is."""
        return any(opens <= at < closes for opens, closes in self.day(self.local_date(at)).intervals)

    def next_opening(self, at: datetime) -> datetime:
        """The first moment at or after this one at which the hall is open. Raises NeverOpens."""
        for _day, known in self.working_days_from(self.local_date(at)):
            for opens, closes in known.intervals:
                if closes > at:
                    return max(opens, at.astimezone(UTC))
        raise AssertionError("working_days_from never ends")

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """Open time between two moments; nothing when the end is not after the start."""
        if end <= start:
            return NOTHING
        day, last = self.local_date(start), self.local_date(end)
        total = _overlap(self.day(day).intervals, start, end)
        if day == last:
            return total
        day += ONE_DAY
        while day < last:
            total += self.day(day).worked
            day += ONE_DAY
        return total + _overlap(self.day(last).intervals, start, end)

    def working_minutes(self, start: datetime, end: datetime) -> int:
        """Whole minutes of open time between two moments."""
        return self.working_time(start, end) // timedelta(minutes=1)

    def add_working_time(self, start: datetime, amount: timedelta) -> datetime:
        """The first moment by which that much open time has passed since the start, in UTC. Raises NeverOpens.

        Nothing added is the start itself, open or not. Time used up at closing ends there, not at the next opening.
        """
        start = start.astimezone(UTC)
        if amount <= NOTHING:
            return start
        for _day, known in self.working_days_from(self.local_date(start)):
            for opens, closes in known.intervals:
                if closes <= start:
                    continue
                begins = max(opens, start)
                available = closes - begins
                if amount <= available:
                    return begins + amount
                amount -= available
        raise AssertionError("working_days_from never ends")

    def add_working_minutes(self, start: datetime, minutes: int) -> datetime:
        return self.add_working_time(start, timedelta(minutes=minutes))

    def due(self, start: datetime, length: int, unit: Unit | str) -> datetime:
        """When an ordinary term of this length that begins at the start is due; compute() says more."""
        return compute(self, start=start, length=length, unit=unit).due_at

    def working_days_from(self, day: date) -> Iterator[tuple[date, Day]]:
        """Working days from this date on, itself included. Raises NeverOpens instead of searching for ever."""
        idle = 0
        while True:
            known = self.day(day)
            if known.working:
                idle = 0
                yield day, known
            else:
                idle += 1
                if idle > LONGEST_CLOSURE:
                    raise NeverOpens(
                        _(
                            "This hall has no opening hours, so no time limit can be worked out. "
                            "Ask an administrator to enter them."
                        )
                    )
            day += ONE_DAY

    def same_time_on_next_working_day(self, at: datetime) -> datetime:
        """The moment itself on a working day, else the same wall-clock time on the next one (Civil Code, art. 203)."""
        local = at.astimezone(self.zone)
        day, _known = next(self.working_days_from(local.date()))
        return at if day == local.date() else _at(day, local.time(), self.zone)

    def day(self, day: date) -> Day:
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._work_out(day)
        return known

    def _year_is_provisional(self, year: int) -> bool:
        return year > self.last_arranged_year and year not in self.announced_years

    def _work_out(self, day: date) -> Day:
        reason, hours = self._reason_and_hours(day)
        intervals = tuple((_at(day, opens, self.zone), _at(day, closes, self.zone)) for opens, closes in hours)
        worked = sum((closes - opens for opens, closes in intervals), NOTHING)
        return Day(day.isoformat(), bool(intervals), reason, intervals, worked)

    def _reason_and_hours(self, day: date) -> tuple[str, Hours]:
        rule = self.days.get(day)
        usual = self.weekly.get(day.weekday(), ())
        if rule is not None:
            if rule.kind == DayKind.CLOSURE:
                return f"closure:{rule.name}", ()
            hours = ((rule.opens, rule.closes),) if rule.opens and rule.closes else usual or self._ordinary_hours()
            # Changed hours on a day the hall would work anyway need no word in an explanation.
            return ("" if usual and rule.kind == DayKind.CHANGED_HOURS else f"extra:{rule.name}"), hours
        statutory = self.statutory(day.year)
        if (holiday := statutory.off.get(day)) is not None:
            return f"holiday:{holiday}", ()
        if day in statutory.make_up:
            return "make_up", usual or self._ordinary_hours()
        if usual:
            return "", usual
        return ("weekend" if day.weekday() >= SATURDAY else "closed"), ()

    def _ordinary_hours(self) -> Hours:
        """Hours of a day that is worked although its weekday has none: those of the first weekday that has some."""
        return next((self.weekly[weekday] for weekday in range(7) if self.weekly.get(weekday)), ())


@dataclass(frozen=True, slots=True)
class Schedule:
    """Where a clock stands from its first moment: all in UTC."""

    start: datetime
    """When the time begins to run: later than the event only for urgent matters that wait for the next opening."""
    due_at: datetime
    warn_at: datetime
    explanation: dict[str, Any]
    """JSON: what explain() turns into sentences."""
    term: Any = None
    """The Term it came from, when schedule() looked one up."""


def compute(
    calendar: WorkCalendar,
    *,
    start: datetime,
    length: int,
    unit: Unit | str,
    urgent: bool = False,
    on_call: bool = False,
    lead_minutes: int | None = None,
) -> Schedule:
    """When a term that begins at `start` is due, when it is warned of, and why. Raises InvalidLength, NeverOpens.

    hours, days        run day and night. An end on a day the hall does not work moves to the same time on the next
                       working day; never for urgent matters.
    working_days       counted from the next working day, due at closing time of the last.
    minutes, working_hours   run inside opening hours; day and night for urgent matters while somebody is on call.

    An urgent term in hours or days that begins outside opening hours with nobody on call starts at the next opening.
    Working days are counted by the day, so that a start at the next opening could only lengthen them.
    The warning stands at three quarters of the term, in its own time, or `lead_minutes` before the end: minutes of
    open time for the units that run in open time.
    """
    if start.tzinfo is None:
        raise ValueError("a clock starts at an aware moment")
    if not 0 < length <= MAX_LENGTH:
        raise InvalidLength(LENGTH_MESSAGE, field="length")
    unit = Unit(unit)
    happened = begin = start.astimezone(UTC)
    if urgent and not on_call and unit in (Unit.HOURS, Unit.DAYS):
        begin = calendar.next_opening(begin)
    if unit in (Unit.MINUTES, Unit.WORKING_HOURS):
        parts = _in_open_time(calendar, begin, _amount(length, unit), lead_minutes, around_the_clock=urgent and on_call)
    elif unit == Unit.WORKING_DAYS:
        parts = _in_working_days(calendar, begin, length, lead_minutes)
    else:
        parts = _day_and_night(calendar, begin, length, unit, lead_minutes, urgent=urgent)
    first, last = calendar.local_date(happened), calendar.local_date(parts.due)
    return Schedule(
        start=begin,
        due_at=parts.due,
        warn_at=max(parts.warn, begin),
        explanation={
            "unit": str(unit),
            "length": length,
            "urgent": urgent,
            "on_call": urgent and on_call,
            "lead_minutes": lead_minutes,
            "happened_at": happened.isoformat(),
            "start": begin.isoformat(),
            "due_at": parts.due.isoformat(),
            "counted": parts.counted,
            "extra": parts.extra,
            "skipped": parts.skipped,
            "moved_from": parts.moved_from.isoformat() if parts.moved_from else None,
            "provisional": any(calendar._year_is_provisional(year) for year in range(first.year, last.year + 1)),
            "calendar_version": calendar.version,
        },
    )


@dataclass(slots=True)
class _Parts:
    due: datetime
    warn: datetime
    counted: list[str] = field(default_factory=list)
    extra: list[list[str]] = field(default_factory=list)
    skipped: list[list[str]] = field(default_factory=list)
    moved_from: datetime | None = None

    def walk(self, calendar: WorkCalendar, day: date, last: date) -> None:
        """Sorts the dates up to the last one into counted and skipped."""
        while day <= last:
            known = calendar.day(day)
            if known.working:
                self.counted.append(known.iso)
                if known.reason:
                    self.extra.append([known.iso, known.reason])
            else:
                self.skipped.append([known.iso, known.reason])
            day += ONE_DAY


def _in_open_time(
    calendar: WorkCalendar, begin: datetime, amount: timedelta, lead_minutes: int | None, *, around_the_clock: bool
) -> _Parts:
    before_warning = _before_warning(amount, lead_minutes)
    if around_the_clock:
        return _Parts(due=begin + amount, warn=begin + before_warning)
    parts = _Parts(calendar.add_working_time(begin, amount), calendar.add_working_time(begin, before_warning))
    first, last = calendar.local_date(begin), calendar.local_date(parts.due)
    closing = calendar.closing(first)
    # A clock started after closing has spent nothing of that day.
    parts.walk(calendar, first + ONE_DAY if closing and closing <= begin else first, last)
    return parts


def _in_working_days(calendar: WorkCalendar, begin: datetime, length: int, lead_minutes: int | None) -> _Parts:
    first = calendar.local_date(begin)
    days = calendar.working_days_from(first + ONE_DAY)
    for _number in range(length):
        last, known = next(days)
    due = known.intervals[-1][1]
    total = calendar.working_time(begin, due)
    parts = _Parts(due, calendar.add_working_time(begin, _before_warning(total, lead_minutes)))
    parts.walk(calendar, first + ONE_DAY, last)
    return parts


def _day_and_night(
    calendar: WorkCalendar, begin: datetime, length: int, unit: Unit, lead_minutes: int | None, *, urgent: bool
) -> _Parts:
    local = begin.astimezone(calendar.zone)
    if unit == Unit.HOURS:
        nominal = begin + timedelta(hours=length)
    else:
        nominal = _at(local.date() + length * ONE_DAY, local.time(), calendar.zone)
    due = nominal if urgent else calendar.same_time_on_next_working_day(nominal)
    if lead_minutes is None:
        # Measured on the term itself: days added at its end because nobody works are not part of it.
        warn = begin + _before_warning(nominal - begin, None)
    else:
        warn = due - timedelta(minutes=lead_minutes)
    parts = _Parts(due, warn, moved_from=nominal if due != nominal else None)
    if unit == Unit.DAYS:
        parts.counted = [(local.date() + number * ONE_DAY).isoformat() for number in range(1, length + 1)]
    day, last = calendar.local_date(nominal), calendar.local_date(due)
    while day < last:
        known = calendar.day(day)
        parts.skipped.append([known.iso, known.reason])
        day += ONE_DAY
    return parts


def _before_warning(total: timedelta, lead_minutes: int | None) -> timedelta:
    return total * 3 / 4 if lead_minutes is None else max(total - timedelta(minutes=lead_minutes), NOTHING)


def _amount(length: int, unit: Unit) -> timedelta:
    return timedelta(minutes=length) if unit == Unit.MINUTES else timedelta(hours=length)


def _overlap(intervals: tuple[Interval, ...], start: datetime, end: datetime) -> timedelta:
    total = NOTHING
    for opens, closes in intervals:
        overlap = min(closes, end) - max(opens, start)
        if overlap > NOTHING:
            total += overlap
    return total


def _at(day: date, moment: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, moment, tzinfo=zone).astimezone(UTC)
