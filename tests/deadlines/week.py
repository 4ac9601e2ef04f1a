"""The hall of these tests, and the State Council's arrangements as its notices give them, copied by hand."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from foundation.deadlines.calendar import DayRule, WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = (time(9), time(12))
AFTERNOON = (time(14), time(17))
WEEK = dict.fromkeys(range(5), (MORNING, AFTERNOON))

# First and last day off, both included, weekends among them.
DAYS_OFF = [
    # 2024: notice of 25 October 2023
    ("2024-01-01", "2024-01-01"),
    ("2024-02-10", "2024-02-17"),
    ("2024-04-04", "2024-04-06"),
    ("2024-05-01", "2024-05-05"),
    ("2024-06-08", "2024-06-10"),  # "joined with the weekend"
    ("2024-09-15", "2024-09-17"),
    ("2024-10-01", "2024-10-07"),
    # 2025: notice of 12 November 2024
    ("2025-01-01", "2025-01-01"),
    ("2025-01-28", "2025-02-04"),
    ("2025-04-04", "2025-04-06"),
    ("2025-05-01", "2025-05-05"),
    ("2025-05-31", "2025-06-02"),
    ("2025-10-01", "2025-10-08"),
    # 2026: notice of 4 November 2025
    ("2026-01-01", "2026-01-03"),
    ("2026-02-15", "2026-02-23"),
    ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"),
    ("2026-06-19", "2026-06-21"),
    ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
]
MAKE_UP = [
    *("2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12"),
    *("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"),
    *("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"),
]


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


OFF = {day for first, last in DAYS_OFF for day in days_between(date.fromisoformat(first), date.fromisoformat(last))}
WORKED = {date.fromisoformat(day) for day in MAKE_UP}


def at(text: str) -> datetime:
    """A moment of the hall's wall clock: at("2026-03-02 10:00")."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def local(moment: datetime) -> str:
    """The hall's wall clock again; what was computed must be in UTC."""
    assert moment.utcoffset() == timedelta(0)
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def calendar(**rows: DayRule) -> WorkCalendar:
    """The hall's calendar, with rows of its own by date: calendar(d2026_03_02=DayRule(…))."""
    days = {date.fromisoformat(name[1:].replace("_", "-")): rule for name, rule in rows.items()}
    return WorkCalendar(zone=SHANGHAI, weekly=WEEK, days=days)
