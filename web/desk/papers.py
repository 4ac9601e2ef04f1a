"""Papers on A4: the acceptance receipt and the transfer slip."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from segno import make_qr

from cases.models import Case, CaseDeadline, TransferSlip
from cases.powers import knows_identity
from foundation.deadlines.explanation import explain
from reception.models import Identity
from web.access import StaffRequest, staff_required
from web.desk.case import visible_case


@require_GET
@staff_required
def print_receipt(request: StaffRequest, number: str) -> HttpResponse:
    """The acceptance receipt with the promised date, the tracking code and its QR."""
    case = visible_case(request, number)
    promise = case.deadlines.filter(kind="promise").order_by("-round").select_related("hall").first()
    context = {
        "case": case,
        "first": case.case_visits.select_related("visit").first(),
        "promise": promise,
        "why": explain(promise.explanation, zone=case.hall.zone) if promise else [],
        "address": tracking_address(case),
        "qr": qr_code(tracking_address(case)),
        "knows_identity": knows_identity(case, request.user),
        "now": timezone.now(),
    }
    return render(request, "print/receipt.html", context)


@require_GET
@staff_required
def print_slip(request: StaffRequest, pk: int) -> HttpResponse:
    """The transfer slip: what is asked, of whom, until when, and room for result and signatures."""
    slip = get_object_or_404(
        TransferSlip.objects.visible_to(request.user).select_related("department", "handler", "issued_by"), pk=pk
    )
    case = get_object_or_404(Case.objects.visible_to(request.user).with_labels().defer("search"), pk=slip.case_id)
    slip.case = case
    clocks = CaseDeadline.objects.filter(slip=slip, kind__in=["sign_in", "investigate", "handle"]).order_by("due_at")
    context = {
        "slip": slip,
        "case": case,
        "clocks": clocks,
        "visits": list(case.case_visits.select_related("visit")),
        # Paper goes from hand to hand: who the resident is, the investigator reads on the screen.
        "knows_identity": case.identity != Identity.HIDDEN,
        "now": timezone.now(),
    }
    return render(request, "print/slip.html", context)


def tracking_address(case: Case) -> str:
    """The full address of the resident's status page."""
    base: str = settings.PUBLIC_BASE_URL
    return base + reverse("portal:status", args=[case.hall.code, case.tracking_code])


def qr_code(address: str) -> SafeString:
    """An SVG without styles of its own; segno writes nothing of the address but squares."""
    svg = make_qr(address, error="m").svg_inline(border=2, omitsize=True, title=_("QR code of the status page"))
    return mark_safe(svg)  # noqa: S308 - made here out of squares
