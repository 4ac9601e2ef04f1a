"""What a list of cases can be narrowed by. Figures count with the same conditions, so that each equals its list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Case, CaseDeadline, Part, TransferSlip
from cases.models.case import CaseQuerySet
from cases.vocabulary import OPEN_STATES, CaseState, ClockOutcome, PartRole, Route, SlipState
from foundation.organization.models import Hall, Role, Staff
from reception.models import Identity

CLOSED_WITH_CLOCKS = (CaseState.DECLINED, CaseState.MERGED)
"""Closed, and yet something can still run: the notice of a refusal, the promise of a merged matter."""
SINCE = timedelta(days=30)
"""How far back punctuality looks."""


def cases_of(hall: Hall, staff: Staff) -> CaseQuerySet:
    """The cases of the hall this person may see."""
    return Case.objects.visible_to(staff).filter(hall=hall)


def counted_cases(hall: Hall, staff: Staff) -> CaseQuerySet:
    """The cases a figure of the hall counts for this person. A monitor sees figures of the whole hall, no case."""
    if staff.holds(Role.SUPERVISOR, Role.DIRECTOR, hall=hall):
        return cases_of(hall, staff)
    return Case.objects.filter(hall=hall).exclude_barred(staff)


# Cards


def with_card(card: str, now: datetime) -> Q:
    """Red: a clock is overdue. Yellow: none is, but one has come to its warning."""
    if card == "red":
        return _first_due(next_due_at__lte=now)
    warned = CaseDeadline.objects.running().filter(case=OuterRef("pk"), warn_at__lte=now)
    return _first_due(next_due_at__gt=now) & Q(Exists(warned))


def _first_due(**condition: datetime) -> Q:
    # Two arms, because the index by due time knows open cases only.
    return Q(state__in=OPEN_STATES, **condition) | Q(state__in=CLOSED_WITH_CLOCKS, **condition)


CARDS: dict[str, str | Promise] = {"red": _("red card: overdue"), "yellow": _("yellow card: due soon")}


# Periods


@dataclass(frozen=True)
class Day:
    """One day of the hall, midnight to midnight on its own clocks."""

    starts: datetime
    ends: datetime

    @classmethod
    def of(cls, hall: Hall, now: datetime) -> Day:
        today = now.astimezone(hall.zone).date()
        starts, ends = (datetime.combine(day, time.min, hall.zone) for day in (today, today + timedelta(days=1)))
        return cls(starts, ends)

    def holds(self, field: str) -> Q:
        return Q(**{f"{field}__gte": self.starts, f"{field}__lt": self.ends})


def _due(day: Day) -> Q:
    return Q(Exists(CaseDeadline.objects.running().filter(day.holds("due_at"), case=OuterRef("pk"))))


PERIODS: dict[str, tuple[str | Promise, Callable[[Day], Q]]] = {
    "today": (_("registered today"), lambda day: day.holds("registered_at")),
    "answered_today": (
        _("answered on the spot today"),
        lambda day: Q(route=Route.ON_THE_SPOT) & day.holds("informed_at"),
    ),
    "transferred_today": (_("transferred today"), lambda day: day.holds("transferred_at")),
    "due_today": (_("due today"), _due),
}


# Clocks


def overdue_clocks(now: datetime) -> Q:
    return Q(outcome=ClockOutcome.RUNNING, due_at__lte=now)


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
    clocks = CaseDeadline.objects.filter(CLOCKS[which][1](now), case=OuterRef("pk"))
    return Q(Exists(clocks.filter(kind=kind) if kind else clocks))


def with_failed_clock() -> Q:
    return Q(Exists(CaseDeadline.objects.filter(case=OuterRef("pk"), failed_at__isnull=False)))


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
    return ~Q(identity=Identity.HIDDEN) | Q(hall__in=directed) | Q(_is_named(staff))


def _is_named(staff: Staff) -> Exists:
    return Exists(
        Part.objects.filter(
            case=OuterRef("pk"), staff=staff, role__in=[PartRole.CONTACT, PartRole.HANDLER], ended_at=None
        )
    )


# What a row shows


def for_rows(cases: CaseQuerySet, staff: Staff) -> CaseQuerySet:
    """With what a row of a list shows: labels, the nearest clock's kind and warning, whether the name may be shown."""
    nearest = CaseDeadline.objects.running().filter(case=OuterRef("pk")).order_by("due_at", "pk")
    return (
        cases.with_labels()
        .defer("search")
        .annotate(
            clock_kind=Subquery(nearest.values("kind")[:1]),
            clock_warn_at=Subquery(nearest.values("warn_at")[:1]),
            is_name_known=Q(identity_known(staff)),
        )
    )


def shown_name(case: Case, *, is_known: bool) -> str | Promise:
    """Who the resident is, as far as this reader may know."""
    if case.resident is None:
        return _("anonymous")
    return case.resident.name if is_known else _("identity hidden")
