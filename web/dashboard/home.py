"""The supervisors' first page: where the hall stands now, what nobody could deal with, and punctuality."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cases.models import CaseDeadline
from cases.models.case import CaseQuerySet
from cases.vocabulary import OPEN_STATES, CaseState
from foundation.deadlines.models import ClockKind
from foundation.ledger.models import Entry, Seal
from foundation.notifications.models import Delivery
from foundation.organization.models import Role
from web.access import StaffRequest, roles_required
from web.case_filters import CLOCKS, PERIODS, Day, counted_cases, with_card, with_failed_clock
from web.figures import count_all

SHOWN = 5
SEAL_LATE = timedelta(minutes=15)
"""The ledger is sealed every five minutes; three times that is a sign that something stands still."""


@dataclass(frozen=True)
class Figure:
    label: str | Promise
    count: int
    url: str
    """Empty for who sees figures only."""


@dataclass(frozen=True)
class Punctuality:
    """One kind of clock over the last 30 days. The three counts are of cases, the share is of clocks."""

    label: str | Promise
    figures: list[Figure]
    share: float | None


@require_safe
@roles_required(Role.SUPERVISOR, Role.DIRECTOR, Role.MONITOR)
def home(request: StaffRequest) -> HttpResponse:
    hall, staff, now = request.hall, request.user, timezone.now()
    sees_cases = staff.holds(Role.SUPERVISOR, Role.DIRECTOR, hall=hall)
    cases = counted_cases(hall, staff)
    seal = Seal.objects.order_by("-number").first()
    entries = Entry.objects.filter(pk__gt=seal.last_entry) if seal else Entry.objects.all()
    counts = count_all(
        {
            **{state.value: cases.filter(state=state) for state in OPEN_STATES},
            "yellow": cases.filter(with_card("yellow", now)),
            "red": cases.filter(with_card("red", now)),
            "due_today": cases.filter(PERIODS["due_today"][1](Day.of(hall, now))),
            "failed": cases.filter(with_failed_clock()),
            "undelivered": Delivery.objects.visible_to(staff).dead().filter(hall=hall),
            # Whether one exists is all that is asked.
            "unsealed": entries.filter(recorded_at__lt=now - SEAL_LATE)[:1],
        },
        cap=None,
    )
    return render(
        request,
        "dashboard/home.html",
        {
            "now": now,
            "sees_cases": sees_cases,
            "stages": [
                Figure(CaseState(state).label, counts[state], _list(sees_cases, state=state)) for state in OPEN_STATES
            ],
            "open_count": sum(counts[state] for state in OPEN_STATES),
            "open_url": _list(sees_cases, state="open"),
            "yellow": Figure(_("yellow cards"), counts["yellow"], _list(sees_cases, card="yellow")),
            "red": Figure(_("red cards"), counts["red"], _list(sees_cases, card="red")),
            "due_today": Figure(_("due today"), counts["due_today"], _list(sees_cases, period="due_today")),
            "failed": Figure(_("cases with such a clock"), counts["failed"], _list(sees_cases, failed="1")),
            "failed_clocks": _failed_clocks(cases) if sees_cases else [],
            "undelivered_count": counts["undelivered"],
            "undelivered": _undelivered(request) if sees_cases else [],
            "punctuality": _punctuality(cases, now, sees_cases),
            "seal": seal,
            "seal_digest": _in_fours(bytes(seal.digest).hex()[:16]) if seal else "",
            "is_seal_late": bool(counts["unsealed"]),
        },
    )


def _list(sees_cases: bool, **filters: str) -> str:
    return f"{reverse('desk:case_list')}?{urlencode(filters)}" if sees_cases else ""


def _failed_clocks(cases: CaseQuerySet) -> list[CaseDeadline]:
    failed = CaseDeadline.objects.filter(failed_at__isnull=False, case__in=cases.values("pk"))
    return list(failed.select_related("case").defer("case__search").order_by("-failed_at", "-pk")[:SHOWN])


def _undelivered(request: StaffRequest) -> list[Delivery]:
    dead = Delivery.objects.visible_to(request.user).dead().filter(hall=request.hall)
    return list(dead.select_related("alert__recipient").order_by("-pk")[:SHOWN])


def _punctuality(cases: CaseQuerySet, now: datetime, sees_cases: bool) -> list[Punctuality]:
    """Per kind: met ÷ (finished + open overdue); finished late and still overdue both count against it."""
    conditions = {name: condition(now) for name, (_label, condition) in CLOCKS.items()}
    counted: dict[str, Any] = {}
    for name, condition in conditions.items():
        counted[f"{name}_clocks"] = Count("pk", filter=condition)
        counted[f"{name}_cases"] = Count("case", filter=condition, distinct=True)
    wanted = Q()
    for condition in conditions.values():
        wanted |= condition
    clocks = CaseDeadline.objects.filter(wanted, case__in=cases.values("pk"))
    rows: QuerySet[Any, Any] = clocks.values("kind").annotate(**counted)
    by_kind = {row["kind"]: row for row in rows.order_by()}
    result = []
    for kind in ClockKind:
        row = by_kind.get(kind.value)
        if row is None:
            continue
        total = sum(row[f"{name}_clocks"] for name in CLOCKS)
        figures = [
            Figure(label, row[f"{name}_cases"], _list(sees_cases, clock=name, kind=kind.value))
            for name, (label, _condition) in CLOCKS.items()
        ]
        result.append(Punctuality(kind.label, figures, 100 * row["met_clocks"] / total if total else None))
    return result


def _in_fours(digits: str) -> str:
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))
