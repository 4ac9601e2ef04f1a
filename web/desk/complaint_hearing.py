"""What somebody complained about was asked, and their written account: theirs alone, and nothing else of the case."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from complaints.actions.hear import ANSWERABLE, give_account
from complaints.models import Hearing
from foundation.refusals import Refused
from web.access import StaffRequest, staff_required
from web.desk.verbs.form import FilesField, long_text
from web.refused import show_refusal

MOST = 200
"""Nobody is asked as often as that; it only keeps the page from growing without end."""


class AccountForm(forms.Form):
    account = long_text(
        gettext_lazy("Your account"),
        rows=10,
        help_text=gettext_lazy("In your own words: what happened, when, who was there, what shows it."),
    )
    attachments = FilesField()


@require_safe
@staff_required
def hearing_list(request: StaffRequest) -> HttpResponse:
    asked = Hearing.objects.asked_of(request.user).annotate(state=F("case__state"))
    rows = [(hearing, _waits(hearing)) for hearing in asked.order_by("-opened_at", "-pk")[:MOST]]
    return render(request, "desk/complaint_hearing_list.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def hearing_detail(request: StaffRequest, public_id: uuid.UUID) -> HttpResponse:
    hearing = get_object_or_404(
        Hearing.objects.asked_of(request.user).annotate(state=F("case__state")), public_id=public_id
    )
    form = AccountForm()
    status = 200
    if request.method == "POST":
        status = 422
        form = AccountForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                give_account(
                    public_id=hearing.public_id,
                    actor=request.user,
                    now=timezone.now(),
                    account=form.cleaned_data["account"],
                    files=form.cleaned_data["attachments"],
                )
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, _("Your account is handed in."))
                return redirect("desk:hearing_detail", hearing.public_id)
    waits = _waits(hearing)
    context = {"hearing": hearing, "waits": waits, "form": form, "file_count": hearing.files.count()}
    return render(request, "desk/complaint_hearing.html", context, status=status)


def _waits(hearing: Hearing) -> bool:
    """Whether an account is still wanted. How the matter stands is not theirs to know; only that it is closed."""
    return hearing.is_open and getattr(hearing, "state", "") in ANSWERABLE
