"""The page side of cases.conditions and cases.filters: whose cases a page lists, and what a row shows of them."""

from __future__ import annotations

from django.db.models import OuterRef, Q, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.conditions import (
    CARDS,
    CLOCKS,
    PERIODS,
    Day,
    identity_known,
    with_card,
    with_clock,
    with_department,
    with_failed_clock,
)
from cases.models import Case, CaseDeadline
from cases.models.case import CaseQuerySet
from foundation.organization.models import Hall, Role, Staff

__all__ = [
    "CARDS",
    "CLOCKS",
    "PERIODS",
    "Day",
    "cases_of",
    "counted_cases",
    "for_rows",
    "identity_known",
    "shown_name",
    "with_card",
    "with_clock",
    "with_department",
    "with_failed_clock",
]


def cases_of(hall: Hall, staff: Staff) -> CaseQuerySet:
    """The cases of the hall this person may see."""
    return Case.objects.visible_to(staff).filter(hall=hall)


def counted_cases(hall: Hall, staff: Staff) -> CaseQuerySet:
    """The cases a figure of the hall counts for this person. A monitor sees figures of the whole hall, no case."""
    if staff.holds(Role.SUPERVISOR, Role.DIRECTOR, hall=hall):
        return cases_of(hall, staff)
    return Case.objects.filter(hall=hall).exclude_barred(staff)


# What a row shows


def for_rows(cases: CaseQuerySet, staff: Staff) -> CaseQuerySet:
    """With what a row of a list shows: labels, the nearest clock's kind and warning, whether the name may be shown.

    paused_since: where something stands still, since when.
    """
    nearest = CaseDeadline.objects.ticking().filter(case=OuterRef("pk")).order_by("due_at", "pk")
    paused = CaseDeadline.objects.running().filter(case=OuterRef("pk"), paused_at__isnull=False).order_by("paused_at")
    return (
        cases.with_labels()
        .defer("search")
        .annotate(
            clock_kind=Subquery(nearest.values("kind")[:1]),
            clock_warn_at=Subquery(nearest.values("warn_at")[:1]),
            paused_since=Subquery(paused.values("paused_at")[:1]),
            is_name_known=Q(identity_known(staff)),
        )
    )


def shown_name(case: Case, *, is_known: bool) -> str | Promise:
    """Who the resident is, as far as this reader may know."""
    if case.resident is None:
        return _("anonymous")
    return case.resident.name if is_known else _("identity hidden")
