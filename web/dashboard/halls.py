"""All halls beside each other, for the street office."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import CharField, Count, QuerySet, Value
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cases.models import Case
from foundation.organization.models import Hall, Role
from foundation.refusals import NotAllowed
from web.access import StaffRequest, roles_required
from web.case_filters import with_card
from web.dashboard.figure import Figure, Reader, Share, Words
from web.dashboard.figure_filters import archived
from web.dashboard.period import period_of
from web.dashboard.places import places
from web.dashboard.punctuality import Punctuality, by_hall
from web.dashboard.rates import Said, said_by_hall
from web.hall import choose_hall


@dataclass(frozen=True)
class Row:
    hall: Hall
    figures: list[Figure]
    """Open, yellow and red cards; registered and archived in these days."""
    shares: list[Share]
    """The three rates, and punctuality."""


@require_safe
@roles_required(Role.SUPERVISOR)
def halls(request: StaffRequest) -> HttpResponse:
    _refuse_others(request)
    now = timezone.now()
    period = period_of(request.GET, request.hall, now)
    reader = Reader.of(request, period.span)
    return render(
        request,
        "dashboard/halls.html",
        {
            "now": now,
            "places": places(request, period, "dashboard:halls"),
            "period": period,
            "rows": _rows(request, reader, now),
        },
        status=422 if period.is_wrong else 200,
    )


@require_POST
@roles_required(Role.SUPERVISOR)
def hall_open(request: StaffRequest) -> HttpResponse:
    """A list of cases is of the hall one works in: go there, and open what the figure stands for."""
    _refuse_others(request)
    try:
        choose_hall(request.user, request.session, request.POST.get("hall", ""))
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    wanted = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        wanted = reverse("dashboard:home")
    return redirect(wanted)


def _refuse_others(request: StaffRequest) -> None:
    if not request.user.sees_all_halls:
        raise PermissionDenied(_("All halls beside each other are for the street office."))


def _rows(request: StaffRequest, reader: Reader, now: datetime) -> list[Row]:
    counts, said, clocks = _cases_by_hall(reader, now), said_by_hall(reader), by_hall(reader, now)
    return [_row(hall, counts, said.get(hall.pk, Said()), clocks.get(hall.pk), reader) for hall in request.user.halls]


def _row(hall: Hall, counts: Counter[tuple[str, int]], said: Said, clocks: Punctuality | None, reader: Reader) -> Row:
    of_now: list[tuple[str, Words, dict[str, str]]] = [
        ("open", _("open cases"), {"state": "open"}),
        ("yellow", _("yellow cards"), {"card": "yellow"}),
        ("red", _("red cards"), {"card": "red"}),
    ]
    figures = [Figure(label, counts[name, hall.pk], reader.url(**filters)) for name, label, filters in of_now]
    figures += [reader.figure(name, counts[name, hall.pk]) for name in ("registered", "archived")]
    punctuality = clocks.share if clocks else Share(0, 0)
    return Row(hall, figures, [said.response, said.solution, said.satisfaction, punctuality])


def _cases_by_hall(reader: Reader, now: datetime) -> Counter[tuple[str, int]]:
    """One statement of parts that each have their index."""
    cases = Case.objects.visible_to(reader.staff)
    parts = {
        "open": cases.open(),
        "yellow": cases.filter(with_card("yellow", now)),
        "red": cases.filter(with_card("red", now)),
        "registered": cases.filter(reader.span.holds("registered_at")),
        "archived": cases.filter(archived(reader.span)),
    }
    first, *others = [_grouped(name, rows) for name, rows in parts.items()]
    return Counter({(name, hall): count for name, hall, count in first.union(*others, all=True)})


def _grouped(name: str, cases: QuerySet[Case]) -> QuerySet[Any, tuple[Any, ...]]:
    counted = cases.order_by().annotate(what=Value(name, CharField())).values("what", "hall")
    return counted.annotate(count=Count("pk")).values_list("what", "hall", "count")
