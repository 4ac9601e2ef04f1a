"""How long there is still to go, in words a resident understands, and which card belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation import dates

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class TimeLeft:
    words: str
    card: str
    """ "yellow" from the warning on, "red" from the due time on, else empty."""
    due_at: datetime
    """In the zone of the hall."""

    @property
    def moment(self) -> str:
        return _("%(date)s %(time)s") % {
            "date": date_format(self.due_at, "DATE_FORMAT"),
            "time": self.due_at.strftime("%H:%M"),
        }


def time_left(due_at: datetime, warn_at: datetime | None, now: datetime) -> TimeLeft:
    """Speaks in the zone that is active: the hall's. What is near is an amount, what is far a moment."""
    due, today = timezone.localtime(due_at), timezone.localtime(now).date()
    if now >= due_at:
        return TimeLeft(_("%(amount)s overdue") % {"amount": amount(now - due_at)}, "red", due)
    warned = warn_at is not None and now >= warn_at
    if warned or due.date() == today:
        words = _("%(amount)s left") % {"amount": amount(due_at - now, with_hours=True)}
    elif due.date() == today + DAY:
        words = _("by tomorrow %(time)s") % {"time": due.strftime("%H:%M")}
    else:
        words = _("by %(date)s %(time)s") % {
            "date": dates.day(due, today),
            "time": due.strftime("%H:%M"),
        }
    return TimeLeft(words, "yellow" if warned else "", due)


def amount(span: timedelta, *, with_hours: bool = False) -> str:
    """Rounded down: nobody is promised more time than there is."""
    if span < MINUTE:
        return _("less than a minute")
    if span < HOUR:
        return _count_minutes(span // MINUTE)
    if span < DAY:
        return _count_hours(span // HOUR)
    hours = span % DAY // HOUR
    if with_hours and hours:
        return _("%(days)s %(hours)s") % {"days": _count_days(span.days), "hours": _count_hours(hours)}
    return _count_days(span.days)


def _count_minutes(count: int) -> str:
    return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}


def _count_hours(count: int) -> str:
    return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}


def _count_days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}
