"""The supervision notices of the hall: what waits for an answer, what was answered, and which department owes most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.clocks import WARNING_SHARE
from cases.models import SupervisionNotice
from foundation.organization.models import Role
from web.access import StaffRequest, roles_required
from web.figures import count_all, in_words
from web.keyset import page_of
from web.tabs import Tab

DESK = "desk"
STATES: dict[str, tuple[str | Promise, Q]] = {
    "open": (gettext_lazy("waiting for an answer"), Q(answered_at=None, withdrawn_at=None)),
    "answered": (gettext_lazy("answered"), Q(answered_at__isnull=False)),
    "withdrawn": (gettext_lazy("withdrawn"), Q(withdrawn_at__isnull=False)),
}


@dataclass(frozen=True)
class Row:
    notice: SupervisionNotice
    warn_at: datetime
    was_late: bool


@dataclass(frozen=True)
class Owing:
    """What one department, or the desk, was asked and how it answered."""

    name: str
    url: str
    open: int
    overdue: int
    answered: int
    late: int


@require_safe
@roles_required(Role.SUPERVISOR, Role.DIRECTOR)
def supervision_list(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    notices = SupervisionNotice.objects.visible_to(request.user).of_hall(request.hall)
    owing = _owing(notices, now)
    asked_of = request.GET.get("of", "")
    narrowed = _of(notices, asked_of)
    state = request.GET.get("state", "open")
    if state not in STATES:
        state = "open"
    counts = count_all({name: narrowed.filter(condition) for name, (_label, condition) in STATES.items()})
    rows = narrowed.filter(STATES[state][1]).select_related("case", "slip__department", "issued_by", "answered_by")
    is_open = state == "open"
    page = page_of(
        rows.defer("case__search"), request.GET, by="due_at" if is_open else "issued_at", descending=not is_open
    )
    return render(
        request,
        "desk/supervision_list.html",
        {
            "now": now,
            "page": page,
            "rows": [_row(notice) for notice in page.rows],
            "tabs": [
                Tab(label, f"?{_query(name, asked_of)}", name == state, in_words(counts[name]))
                for name, (label, _condition) in STATES.items()
            ],
            "owing": owing,
            "asked_of": next((one for one in owing if one.url == f"?{_query('', asked_of)}"), None),
            "state": state,
        },
    )


def _of(notices: QuerySet[SupervisionNotice], asked_of: str) -> QuerySet[SupervisionNotice]:
    """of: the id of a department, or the desk; anything else: all of them."""
    if asked_of == DESK:
        return notices.filter(slip=None)
    if asked_of.isascii() and asked_of.isdigit() and len(asked_of) < 10:
        return notices.filter(slip__department=int(asked_of))
    return notices


def _row(notice: SupervisionNotice) -> Row:
    warn_at = notice.issued_at + (notice.due_at - notice.issued_at) * WARNING_SHARE
    return Row(notice, warn_at, notice.answered_at is not None and notice.answered_at > notice.due_at)


def _owing(notices: QuerySet[SupervisionNotice], now: datetime) -> list[Owing]:
    is_open = STATES["open"][1]
    rows: QuerySet[Any, Any] = notices.order_by().values("slip__department", "slip__department__name")
    counted = rows.annotate(
        waiting=Count("pk", filter=is_open),
        overdue=Count("pk", filter=is_open & Q(due_at__lte=now)),
        answered=Count("pk", filter=Q(answered_at__isnull=False)),
        late=Count("pk", filter=Q(answered_at__gt=F("due_at"))),
    )
    found = [
        Owing(
            row["slip__department__name"] or _("The desk"),
            f"?{_query('', str(row['slip__department'] or DESK))}",
            row["waiting"],
            row["overdue"],
            row["answered"],
            row["late"],
        )
        for row in counted
    ]
    return sorted(found, key=lambda one: (-one.overdue, -one.open, one.name))


def _query(state: str, asked_of: str) -> str:
    return urlencode({name: value for name, value in (("state", state), ("of", asked_of)) if value})
