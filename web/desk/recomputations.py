"""What changes of the calendar, the opening hours or the alert ladder did to the time limits that were running."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from cases.models import Case, MovedClock, Part, Recomputation
from cases.vocabulary import PartRole
from foundation.organization.models import Role
from web.access import StaffRequest, roles_required
from web.keyset import page_of

READERS = (Role.DIRECTOR, Role.SUPERVISOR)
MOST = 500
"""Moved limits shown of one change; the cases themselves tell the rest."""


@require_safe
@roles_required(*READERS, Role.ADMINISTRATOR)
def recomputation_list(request: StaffRequest) -> HttpResponse:
    """Each change with its counts; whoever may see cases goes on to which limits moved."""
    sees_cases = request.user.holds(*READERS, hall=request.hall)
    # Whoever may open cases would read from a count that there is one they are kept from.
    barred = Part.objects.filter(
        case=OuterRef("moved__clock__case"), staff=request.user, role=PartRole.BARRED, ended_at=None
    )
    counted = Count("moved", filter=~Exists(barred)) if sees_cases else Count("moved")
    changes = Recomputation.objects.filter(hall=request.hall).annotate(moved_count=counted)
    page = page_of(changes, request.GET, by="at", descending=True)
    context = {"page": page, "sees_cases": sees_cases}
    return render(request, "desk/recomputation_list.html", context)


@require_safe
@roles_required(*READERS)
def recomputation_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """Which limits moved, from when to when; limits of cases one is barred from are left out."""
    changes = Recomputation.objects.visible_to(request.user).select_related("hall")
    change = get_object_or_404(changes, pk=pk)
    visible = Case.objects.visible_to(request.user).filter(hall=change.hall)
    moved = (
        MovedClock.objects.filter(recomputation=change, clock__case__in=visible)
        .select_related("clock__case", "clock__slip__department")
        .defer("clock__case__search")
        .order_by("due_at", "pk")
    )
    rows = list(moved[: MOST + 1])
    context = {"change": change, "rows": rows[:MOST], "is_cut": len(rows) > MOST, "most": MOST}
    return render(request, "desk/recomputation_detail.html", context)
