"""Some days of a hall, and what its clocks came to in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.utils.translation import gettext as _

from cases.models import Case
from cases.vocabulary import CaseState, ClockOutcome
from foundation import dates


@dataclass(frozen=True)
class Span:
    """Days of a hall, the first and the last included, midnight to midnight on its own clocks."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def starts(self) -> datetime:
        return datetime.combine(self.first, time.min, self.zone)

    @property
    def ends(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time.min, self.zone)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def holds(self, field: str) -> Q:
        return Q(**{f"{field}__gte": self.starts, f"{field}__lt": self.ends})

    @property
    def parameter(self) -> str:
        return f"{self.first.isoformat()}..{self.last.isoformat()}"

    @classmethod
    def read(cls, text: str, zone: ZoneInfo) -> Span | None:
        first, _dots, last = text.partition("..")
        begins, ends = read_day(first), read_day(last)
        return cls(begins, ends, zone) if begins and ends and begins <= ends else None

    def __str__(self) -> str:
        first, last = (dates.day(day) for day in (self.first, self.last))
        return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def read_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def ended_in_time(span: Span) -> Q:
    return Q(outcome=ClockOutcome.MET) & span.holds("finished_at")


def ended_late(span: Span) -> Q:
    """Met late, or cancelled only after the due time had passed."""
    late = Q(outcome=ClockOutcome.MET_LATE) | Q(outcome=ClockOutcome.CANCELLED, finished_at__gt=F("due_at"))
    return late & span.holds("finished_at")


def still_overdue(span: Span, now: datetime) -> Q:
    """Due before the days were over and not done yet. What is paused is never overdue, nor what was merged."""
    due = Q(outcome=ClockOutcome.RUNNING, paused_at=None, due_at__lt=span.ends, due_at__lte=now)
    # Not by a join: that would read every case of the hall for the few that are merged.
    return due & ~Q(case__in=Case.objects.filter(state=CaseState.MERGED).values("pk"))
