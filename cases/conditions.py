"""What a list of cases can be narrowed by. Figures count with the same conditions, so that each equals its list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from django.db.models import Exists, F, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import CaseDeadline, Part, Pause, TransferSlip
from cases.models.deadline import CaseDeadlineQuerySet
from cases.vocabulary import HELD_SLIP_STATES, ClockOutcome, PartRole, PauseState, Route, SlipState
from foundation.organization.models import Hall, Role, Staff
from reception.models import Identity

SINCE = timedelta(days=30)
"""How far back punctuality looks."""


# Cards


def with_card(card: str, now: datetime) -> Q:
    """Red: a clock is overdue. Yellow: none is, but one has come to its warning. Paused: one stands still."""
    if card == "paused":
        # By the pauses, of which few run at a time; clocks stand still for nothing else.
        return Q(pk__in=Pause.objects.filter(state=PauseState.RUNNING).values("case"))
    if card == "red":
        return Q(next_due_at__lte=now)
    return Q(next_due_at__gt=now) & Q(Exists(_clocks().ticking().filter(warn_at__lte=now)))


def _clocks() -> CaseDeadlineQuerySet:
    """Those of a case. Named by the hall as well, so that they can be looked for first where they are few."""
    return CaseDeadline.objects.filter(case=OuterRef("pk"), hall=OuterRef("hall"))


CARDS: dict[str, str | Promise] = {
    "red": _("red card: overdue"),
    "yellow": _("yellow card: due soon"),
    "paused": _("time limit paused"),
}


# Periods


@dataclass(frozen=True)
class Day:
    """One day of the hall, midnight to midnight on its own clocks."""

    on: date
    zone: tzinfo

    @classmethod
    def of(cls, hall: Hall, now: datetime) -> Day:
        return cls(now.astimezone(hall.zone).date(), hall.zone)

    @property
    def starts(self) -> datetime:
        return datetime.combine(self.on, time.min, self.zone)

    @property
    def ends(self) -> datetime:
        return datetime.combine(self.on + timedelta(days=1), time.min, self.zone)

    def holds(self, field: str) -> Q:
        return Q(**{f"{field}__gte": self.starts, f"{field}__lt": self.ends})

    def back_to(self, first: date) -> Q:
        """Registered from that day's midnight to the end of this day."""
        return registered_between(first, self.on, self.zone)


def registered_between(first: date | None, last: date | None, zone: tzinfo) -> Q:
    """Both days are part of it; None leaves that side open."""
    condition = Q()
    if first is not None:
        condition &= Q(registered_at__gte=datetime.combine(first, time.min, zone))
    if last is not None:
        condition &= Q(registered_at__lt=datetime.combine(last + timedelta(days=1), time.min, zone))
    return condition


def _due(day: Day) -> Q:
    # What is due today is not due first after today: few cases are left to ask for their clocks.
    return Q(next_due_at__lt=day.ends) & Q(Exists(_clocks().ticking().filter(day.holds("due_at"))))


PERIODS: dict[str, tuple[str | Promise, Callable[[Day], Q]]] = {
    "today": (_("registered today"), lambda day: day.holds("registered_at")),
    "week": (
        _("registered this week"),
        lambda day: day.back_to(day.on - timedelta(days=day.on.weekday())),
    ),
    "month": (_("registered this month"), lambda day: day.back_to(day.on.replace(day=1))),
    "answered_today": (
        _("answered on the spot today"),
        lambda day: Q(route=Route.ON_THE_SPOT) & day.holds("informed_at"),
    ),
    "transferred_today": (_("transferred today"), lambda day: day.holds("transferred_at")),
    "due_today": (_("due today"), _due),
}


# Clocks


def overdue_clocks(now: datetime) -> Q:
    return Q(outcome=ClockOutcome.RUNNING, paused_at=None, due_at__lte=now)


def clocks_met(now: datetime) -> Q:
    return Q(outcome=ClockOutcome.MET, finished_at__gt=now - SINCE)


def clocks_late(now: datetime) -> Q:
    """Finished late: met late, or cancelled only after the due time had passed."""
    late = Q(outcome=ClockOutcome.MET_LATE) | Q(outcome=ClockOutcome.CANCELLED, finished_at__gt=F("due_at"))
    return late & Q(finished_at__gt=now - SINCE)


CLOCKS: dict[str, tuple[str | Promise, Callable[[datetime], Q]]] = {
    "met": (_("in time, last 30 days"), clocks_met),
    "late": (_("late, last 30 days"), clocks_late),
    "overdue": (_("overdue now"), overdue_clocks),
}


def with_clock(which: str, now: datetime, kind: str = "") -> Q:
    """Cases with such a clock, of one kind or of any."""
    clocks = _clocks().filter(CLOCKS[which][1](now))
    condition = Q(Exists(clocks.filter(kind=kind) if kind else clocks))
    return condition & Q(next_due_at__lte=now) if which == "overdue" else condition


def with_failed_clock() -> Q:
    return Q(Exists(_clocks().filter(failed_at__isnull=False)))


# Departments and people


def with_department(department_id: int) -> Q:
    """The department has, or had, a leg of the present round."""
    legs = TransferSlip.objects.filter(case=OuterRef("pk"), department=department_id, round=OuterRef("round"))
    return Q(Exists(legs.exclude(state__in=[SlipState.RETURNED, SlipState.RECALLED])))


def identity_known(staff: Staff) -> Q:
    """cases.powers.knows_identity, asked about all cases at once.

    Where the director is barred or missing, who acts for them meets the name on the case page only.
    """
    directed = {membership.hall_id for membership in staff.active_memberships if membership.role == Role.DIRECTOR.value}
    return ~Q(identity=Identity.HIDDEN) | Q(hall__in=directed) | Q(_is_contact(staff)) | _investigates(staff)


def _is_contact(staff: Staff) -> Exists:
    return Exists(Part.objects.filter(case=OuterRef("pk"), staff=staff, role=PartRole.CONTACT, ended_at=None))


def _investigates(staff: Staff) -> Q:
    handled = Part.objects.filter(
        case=OuterRef("pk"), staff=staff, role=PartRole.HANDLER, ended_at=None, round=OuterRef("round")
    )
    slips = TransferSlip.objects.filter(
        case=OuterRef("pk"), handler=staff, round=OuterRef("round"), state__in=HELD_SLIP_STATES
    )
    on_the_spot = Q(route=Route.ON_THE_SPOT)
    return on_the_spot & Q(Exists(handled)) | ~on_the_spot & Q(Exists(slips))
