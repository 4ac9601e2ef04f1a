"""The inbox of a department: its open slips by the time left on each, with the next step one press away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.models import CaseDeadline, TransferSlip
from cases.models.slip import TransferSlipQuerySet
from cases.vocabulary import SlipState
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Role, Staff
from web.access import StaffRequest, roles_required
from web.decided import decided
from web.desk.verbs import Verb
from web.desk.waiting import asks_head, next_on_slip, waits_for_others
from web.figures import in_words
from web.keyset import page_of
from web.tabs import Tab


@dataclass(frozen=True)
class SlipRow:
    slip: TransferSlip
    clock: CaseDeadline | None
    plan_clock: CaseDeadline | None
    """Until when the plan is to be recorded, where another clock ends before."""
    verb: Verb | None


@dataclass(frozen=True)
class Colleague:
    """What one handler of the department has in hand."""

    name: str
    url: str
    open: int
    overdue: int


@require_safe
@roles_required(Role.HANDLER, Role.HEAD)
def inbox(request: StaffRequest) -> HttpResponse:
    staff, asked, now = request.user, request.GET, timezone.now()
    slips = TransferSlip.objects.of_departments_of(staff).filter(hall=request.hall).open()
    filters = {
        "": Q(),
        "mine": Q(handler=staff),
        "sign_in": Q(state=SlipState.ISSUED),
        # What the director decides and what one asked oneself is not for this reader.
        "approve": Q(state=SlipState.SUBMITTED) | Q(asks_head(staff)),
    }
    show = asked.get("show", "") if asked.get("show", "") in filters else ""
    shown = slips.filter(filters[show])
    handler = asked.get("handler", "")
    if handler.isdecimal():
        shown = shown.filter(handler=int(handler[:18]))
    page = page_of(
        shown.select_related("case", "department", "category__parent", "handler")
        .defer("case__search")
        .annotate(others_at_work=waits_for_others(), asks_head=asks_head(staff)),
        asked,
        by="next_due_at",
    )
    return render(
        request,
        "desk/inbox.html",
        {
            "now": now,
            "page": page,
            "rows": _rows(page.rows, staff),
            "tabs": _tabs(slips, filters, "" if handler else show, is_narrowed=bool(handler)),
            "is_narrowed": bool(show or handler),
            "decided": decided(request.hall, staff, now) if staff.holds(Role.HEAD, hall=request.hall) else [],
            "several_departments": len(staff.department_ids()) > 1,
            "colleagues": _colleagues(slips, staff, now) if staff.holds(Role.HEAD, hall=request.hall) else None,
        },
    )


def _rows(slips: list[Any], staff: Staff) -> list[SlipRow]:
    nearest: dict[int | None, CaseDeadline] = {}
    plans: dict[int | None, CaseDeadline] = {}
    # What stands still comes after what runs, whatever its due time.
    running = CaseDeadline.objects.running().filter(slip__in=slips)
    for clock in running.order_by(F("paused_at").asc(nulls_first=True), "due_at", "pk"):
        if nearest.setdefault(clock.slip_id, clock) is not clock and clock.kind == ClockKind.PLAN:
            plans[clock.slip_id] = clock
    return [
        SlipRow(slip, nearest.get(slip.pk), plans.get(slip.pk), _next(slip, staff, nearest.get(slip.pk)))
        for slip in slips
    ]


def _next(slip: Any, staff: Staff, clock: CaseDeadline | None) -> Verb | None:
    return next_on_slip(
        slip,
        staff,
        kind=clock.kind if clock else "",
        others_at_work=slip.others_at_work,
        asks_pause=slip.asks_head and staff.holds(Role.HEAD, department=slip.department_id),
    )


def _tabs(slips: TransferSlipQuerySet, filters: dict[str, Q], show: str, *, is_narrowed: bool) -> list[Tab]:
    labels = {
        "": gettext_lazy("all"),
        "mine": gettext_lazy("mine"),
        "sign_in": gettext_lazy("to sign in"),
        "approve": gettext_lazy("to approve"),
    }
    counts = slips.aggregate(**{f"in_{name}": Count("pk", filter=condition) for name, condition in filters.items()})
    at = reverse("desk:inbox")
    return [
        Tab(
            label, f"{at}?show={name}" if name else at, name == show and not is_narrowed, in_words(counts[f"in_{name}"])
        )
        for name, label in labels.items()
    ]


def _colleagues(slips: TransferSlipQuerySet, staff: Staff, now: datetime) -> list[Colleague]:
    """For heads: who has how much in hand, and how much of it is overdue; the latest first."""
    counted = (
        slips.filter(department__in=staff.department_ids(Role.HEAD))
        .values("handler", "handler__name")
        .annotate(open=Count("pk"), overdue=Count("pk", filter=Q(next_due_at__lte=now)))
        .order_by("-overdue", "-open", "handler__name")
    )
    at = reverse("desk:inbox")
    return [
        Colleague(
            name=row["handler__name"] or _("nobody yet"),
            url=f"{at}?handler={row['handler']}" if row["handler"] else f"{at}?show=sign_in",
            open=row["open"],
            overdue=row["overdue"],
        )
        for row in counted
    ]
