"""From a case to the draft of a posting."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.models import Case
from followups.posting import Posting
from foundation.refusals import Refused
from web.access import StaffRequest, staff_required
from web.desk.case import visible_case
from web.desk.gone import to_inbox_when_gone
from web.desk.verbs import offered
from web.desk.verbs.board import DRAFT_POSTING, DraftForm
from web.refused import show_refusal, status_of


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
@to_inbox_when_gone
def board_draft(request: StaffRequest, number: str) -> HttpResponse:
    """?kind=correction: what it is going to be, where the page that leads here knows it."""
    case = visible_case(request, number)
    now = timezone.now()
    is_offered = bool(offered(case, request.user, [DRAFT_POSTING]))
    if request.method != "POST":
        if not is_offered:
            messages.error(request, _cannot_be_done())
            return redirect("desk:case_detail", case.number)
        form = DraftForm(subject=case, staff=request.user, now=now)
        form.asked_for(request.GET.get("kind", ""))
        return _draw(request, case, form)
    if not is_offered and request.POST.get("transition_no", "") in ("", str(case.transition_no)):
        raise PermissionDenied(_cannot_be_done())
    form = DraftForm(request.POST, subject=case, staff=request.user, now=now)
    status = 422
    if form.is_valid():
        try:
            posting = DRAFT_POSTING.run(form, now)
        except Refused as refusal:
            status = status_of(refusal)
            show_refusal(form, refusal)
        else:
            assert isinstance(posting, Posting)
            messages.success(request, str(DRAFT_POSTING.done))
            return redirect("desk:board_detail", posting.pk)
    return _draw(request, case, form, status)


def _draw(request: StaffRequest, case: Case, form: DraftForm, status: int = 200) -> HttpResponse:
    page = {
        "case": case,
        "verb": DRAFT_POSTING,
        "form": form,
        "postings": list(Posting.objects.visible_to(request.user).filter(case=case).order_by("-drafted_at", "-pk")),
    }
    return render(request, "desk/board_draft.html", page, status=status)


def _cannot_be_done() -> str:
    return _("“%(verb)s” cannot be done here now.") % {"verb": DRAFT_POSTING.label}
