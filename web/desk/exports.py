"""The register goes out: what is on the screen as an Excel file, for who asked and for a day."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import cast

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from foundation.refusals import Refused
from records.exporting.job import EXPORTERS, KEPT, MOST_ROWS, ask_for, found
from records.importing.reading import XLSX_TYPE
from records.models import ExportJob, ExportState
from records.models import ExportJobQuerySet as Jobs
from web.access import StaffRequest, roles_required
from web.desk.same_hall import check_hall
from web.figures import count_all, in_words

LISTED = 20


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(*EXPORTERS)
def export_list(request: StaffRequest) -> HttpResponse:
    """What would go out, by the filters of the address, and what this person asked for before."""
    now = timezone.now()
    if request.method == "POST":
        return _asked(request, now)
    cases, chips = found(hall=request.hall, staff=request.user, filters=request.GET.urlencode(), now=now)
    jobs = list(_own(request).order_by("-created_at", "-pk")[:LISTED])
    return render(
        request,
        "desk/export_list.html",
        {
            "count": in_words(count_all({"found": cases})["found"]),
            "most": MOST_ROWS,
            "chips": chips,
            "filters": request.GET.urlencode(),
            "submission_key": uuid.uuid4(),
            "jobs": [{"job": job, "is_kept": _is_kept(job, now)} for job in jobs],
        },
    )


@require_GET
@roles_required(*EXPORTERS)
def export_detail(request: StaffRequest, public_id: uuid.UUID) -> HttpResponse:
    job = get_object_or_404(_own(request), public_id=public_id)
    page = {"job": job, "is_kept": _is_kept(job, timezone.now()), "until": job.finished_at and job.finished_at + KEPT}
    return render(request, "desk/export_detail.html", page)


@require_GET
@roles_required(*EXPORTERS)
def export_progress(request: StaffRequest, public_id: uuid.UUID) -> HttpResponse:
    """Asked for by the page itself while it is being written; then the page is drawn anew."""
    job = get_object_or_404(_own(request), public_id=public_id)
    if job.state != ExportState.RUNNING:
        return HttpResponseClientRefresh()
    return render(request, "desk/export_progress.html", {"job": job})


@require_GET
@roles_required(*EXPORTERS)
def export_file(request: StaffRequest, public_id: uuid.UUID) -> HttpResponse:
    job = get_object_or_404(_own(request), public_id=public_id)
    if not _is_kept(job, timezone.now()):
        raise Http404
    try:
        file = job.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    day = timezone.localdate(job.created_at).isoformat()
    name = f"{job.hall.name}-{_('Register')}-{day}.xlsx"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=XLSX_TYPE)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    # Staff views give responses of one class; this one, in pieces and never in memory, only has the same methods.
    return cast(HttpResponse, response)


def _own(request: StaffRequest) -> Jobs:
    return ExportJob.objects.visible_to(request.user).filter(hall=request.hall).select_related("hall")


def _is_kept(job: ExportJob, now: datetime) -> bool:
    return bool(
        job.state == ExportState.DONE and job.file and job.finished_at is not None and job.finished_at > now - KEPT
    )


def _asked(request: StaffRequest, now: datetime) -> HttpResponse:
    try:
        check_hall(request)
        job = ask_for(
            hall=request.hall,
            asked_by=request.user,
            filters=request.POST.get("filters", ""),
            language=get_language() or "en",
            now=now,
            submission_key=_key(request.POST.get("submission_key", "")),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:export_list")
    return redirect("desk:export_detail", job.public_id)


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Refused(_("The page was incomplete. Load it again.")) from error
