"""The supervisors' first page: where the hall stands now, what residents say, punctuality, and each day's work."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cases.models import CaseDeadline
from cases.models.case import CaseQuerySet
from cases.vocabulary import OPEN_STATES, CaseState
from foundation.ledger.models import Entry, Seal
from foundation.notifications.models import Delivery
from foundation.organization.models import Role
from web.access import StaffRequest, roles_required
from web.case_filters import PERIODS, Day, counted_cases, with_card, with_failed_clock
from web.dashboard.chart import draw
from web.dashboard.figure import Figure, Reader, Share
from web.dashboard.figure_filters import reopened
from web.dashboard.period import period_of
from web.dashboard.places import places
from web.dashboard.punctuality import by_kind
from web.dashboard.rates import NOT_ASKED, rates, said_by_category, together
from web.decided import decided
from web.figures import count_all
from web.undelivered import looked_after

SHOWN = 5
SEAL_LATE = timedelta(minutes=15)
"""The ledger is sealed every five minutes; three times that is a sign that something stands still."""


@require_safe
@roles_required(Role.SUPERVISOR, Role.DIRECTOR, Role.MONITOR)
def home(request: StaffRequest) -> HttpResponse:
    hall, staff, now = request.hall, request.user, timezone.now()
    period = period_of(request.GET, hall, now)
    reader = Reader.of(request, period.span)
    cases = counted_cases(hall, staff)
    seal = Seal.objects.order_by("-number").first()
    entries = Entry.objects.filter(pk__gt=seal.last_entry) if seal else Entry.objects.all()
    counts = count_all(
        {
            **{state.value: cases.filter(state=state) for state in OPEN_STATES},
            "yellow": cases.filter(with_card("yellow", now)),
            "red": cases.filter(with_card("red", now)),
            "due_today": cases.filter(PERIODS["due_today"][1](Day.of(hall, now))),
            "paused": cases.filter(with_card("paused", now)),
            "reopened": cases.filter(reopened(period.span)),
            "failed": cases.filter(with_failed_clock()),
            "undelivered": looked_after(hall, staff).dead(),
            # Whether one exists is all that is asked.
            "unsealed": entries.filter(recorded_at__lt=now - SEAL_LATE)[:1],
        },
        cap=None,
    )
    said = together(said_by_category(hall, reader).values())
    chart = draw(cases, reader)
    return render(
        request,
        "dashboard/home.html",
        {
            "now": now,
            "sees_cases": reader.sees_cases,
            "places": places(request, period, "dashboard:home"),
            "period": period,
            "is_empty": not any(counts[state] for state in OPEN_STATES) and not chart.rows,
            "stages": [
                Figure(CaseState(state).label, counts[state], reader.url(state=state.value)) for state in OPEN_STATES
            ],
            "open_count": sum(counts[state] for state in OPEN_STATES),
            "open_url": reader.url(state="open"),
            "yellow": Figure(_("yellow cards"), counts["yellow"], reader.url(card="yellow")),
            "red": Figure(_("red cards"), counts["red"], reader.url(card="red")),
            "due_today": Figure(_("due today"), counts["due_today"], reader.url(period="due_today")),
            "paused": Figure(_("paused"), counts["paused"], reader.url(card="paused")),
            "failed": Figure(_("cases with such a clock"), counts["failed"], reader.url(failed="1")),
            "failed_clocks": _failed_clocks(cases) if reader.sees_cases and counts["failed"] else [],
            "undelivered_count": counts["undelivered"],
            "undelivered": _undelivered(request) if reader.sees_cases and counts["undelivered"] else [],
            "rates": rates(said, reader),
            "apart": [figure for figure in reader.figures(said.counts, *NOT_ASKED) if figure.count],
            "reopened": reader.figure("reopened", counts["reopened"]),
            "reopened_share": Share(counts["reopened"], chart.lines[1].total.count),
            "punctuality": by_kind(hall, reader, now),
            "decided": decided(hall, staff, now) if staff.holds(Role.SUPERVISOR, hall=hall) else [],
            "chart": chart,
            "seal": seal,
            "seal_digest": _in_fours(bytes(seal.digest).hex()[:16]) if seal else "",
            "is_seal_late": bool(counts["unsealed"]),
        },
        status=422 if period.is_wrong else 200,
    )


def _failed_clocks(cases: CaseQuerySet) -> list[CaseDeadline]:
    failed = CaseDeadline.objects.filter(failed_at__isnull=False, case__in=cases.values("pk"))
    return list(failed.select_related("case").defer("case__search").order_by("-failed_at", "-pk")[:SHOWN])


def _undelivered(request: StaffRequest) -> list[Delivery]:
    dead = looked_after(request.hall, request.user).dead()
    return list(dead.select_related("alert__recipient", "message").order_by("-pk")[:SHOWN])


def _in_fours(digits: str) -> str:
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))
