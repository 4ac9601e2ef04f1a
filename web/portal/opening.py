"""When a hall is open, in words: now, in an ordinary week, and on the days ahead that are not ordinary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils.dates import WEEKDAYS
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from foundation import dates
from foundation.deadlines.calendar import Day, NeverOpens, WorkCalendar
from foundation.deadlines.explanation import reason_in_words

ONE_DAY: Final = timedelta(days=1)
LOOK_AHEAD: Final = 30
"""Days in which a holiday or a closure is announced on the public page."""


@dataclass(frozen=True)
class Now:
    is_open: bool
    words: str


@dataclass(frozen=True)
class Line:
    days: str
    stretches: tuple[str, ...]
    """Hours from and to; none: closed."""
    reason: str = ""

    @property
    def hours(self) -> str:
        return _(", ").join(self.stretches)


@dataclass(frozen=True)
class Opening:
    now: Now
    week: list[Line]
    exceptions: list[Line]


def opening_of(calendar: WorkCalendar, now: datetime) -> Opening:
    """The active language's words for this moment."""
    return Opening(open_now(calendar, now), _week(calendar), _exceptions(calendar, now))


def open_now(calendar: WorkCalendar, now: datetime) -> Now:
    """That alone, for pages that say no more."""
    today = calendar.local_date(now)
    intervals = calendar.open_intervals(today)
    for number, (opens, closes) in enumerate(intervals):
        if opens <= now < closes:
            values = {"until": _clock(calendar, closes)}
            if number + 1 < len(intervals):
                values["again"] = _clock(calendar, intervals[number + 1][0])
                return Now(True, _("Open now, until %(until)s and again from %(again)s.") % values)
            return Now(True, _("Open now, until %(until)s.") % values)
    try:
        following = calendar.next_opening(now)
    except NeverOpens:
        return Now(False, _("Opening hours have not been entered yet; please ask by telephone."))
    day, moment = calendar.local_date(following), {"time": _clock(calendar, following)}
    if day == today:
        return Now(False, _("Closed now; opens today at %(time)s.") % moment)
    if day == today + ONE_DAY:
        return Now(False, _("Closed now; opens tomorrow at %(time)s.") % moment)
    return Now(False, _("Closed now; opens on %(day)s at %(time)s.") % (moment | {"day": _day(day, today)}))


def _clock(calendar: WorkCalendar, at: datetime) -> str:
    return time_format(at.astimezone(calendar.zone).time(), "TIME_FORMAT")


def _week(calendar: WorkCalendar) -> list[Line]:
    """Neighbouring weekdays with the same hours in one line."""
    runs: list[tuple[int, int, tuple[str, ...]]] = []
    for weekday in range(7):
        hours = _stretches(calendar.weekly.get(weekday, ()))
        if runs and runs[-1][2] == hours:
            runs[-1] = (runs[-1][0], weekday, hours)
        else:
            runs.append((weekday, weekday, hours))
    return [Line(_span(str(WEEKDAYS[first]), str(WEEKDAYS[last])), hours) for first, last, hours in runs]


def _exceptions(calendar: WorkCalendar, now: datetime) -> list[Line]:
    """Runs of days that differ from their weekday: holidays, make-up workdays, closures, changed hours."""
    today = calendar.local_date(now)
    runs: list[list[_Exception]] = []
    for found in _unusual_days(calendar, today):
        last = runs[-1][-1] if runs else None
        if last and found.date - last.date == ONE_DAY and (found.hours, found.reason) == (last.hours, last.reason):
            runs[-1].append(found)
        else:
            runs.append([found])
    # A holiday that only covers days on which the hall is closed anyway is no news.
    return [
        Line(_span(_day(run[0].date, today), _day(run[-1].date, today)), run[0].hours, run[0].reason)
        for run in runs
        if any(found.differs for found in run)
    ]


@dataclass(frozen=True)
class _Exception:
    date: date
    hours: tuple[str, ...]
    reason: str
    differs: bool


def _unusual_days(calendar: WorkCalendar, today: date) -> Iterator[_Exception]:
    for number in range(LOOK_AHEAD):
        day = today + number * ONE_DAY
        known = calendar.day(day)
        hours, usual = _hours(calendar, known), _stretches(calendar.weekly.get(day.weekday(), ()))
        if known.reason in ("", "weekend", "closed"):
            if hours != usual:
                yield _Exception(day, hours, "", True)
        else:
            yield _Exception(day, hours, reason_in_words(known.reason), hours != usual)


def _hours(calendar: WorkCalendar, day: Day) -> tuple[str, ...]:
    local = ((opens.astimezone(calendar.zone), closes.astimezone(calendar.zone)) for opens, closes in day.intervals)
    return _stretches(tuple((opens.time(), closes.time()) for opens, closes in local))


def _stretches(hours: tuple[tuple[time, time], ...]) -> tuple[str, ...]:
    return tuple(stretch(opens, closes) for opens, closes in hours)


def stretch(opens: time, closes: time) -> str:
    """From and to, in one word."""
    return f"{time_format(opens, 'TIME_FORMAT')}–{time_format(closes, 'TIME_FORMAT')}"


def _span(first: str, last: str) -> str:
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def _day(day: date, today: date) -> str:
    """With its weekday."""
    return _("%(date)s (%(weekday)s)") % {"date": dates.day(day, today), "weekday": WEEKDAYS[day.weekday()]}
