"""A resident's phone, ID number or address in full: once, for a reason, with an entry in the record of the case."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from cases.powers import knows_identity
from foundation.refusals import NotAllowed, Refused
from foundation.residents.actions import reveal
from foundation.residents.models import Resident
from foundation.residents.rights import may_reveal
from web.access import StaffRequest, staff_required
from web.desk.case import visible_case
from web.refused import show_refusal

FIELDS = [
    ("phone", gettext_lazy("phone")),
    ("address", gettext_lazy("address")),
    ("id_number", gettext_lazy("ID number")),
]


class RevealForm(forms.Form):
    field = forms.ChoiceField(label=gettext_lazy("What you need to see"), choices=FIELDS, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("What for"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
        help_text=gettext_lazy("Kept in the record of the case with your name and the time."),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
@sensitive_variables("value")
def resident_reveal(request: StaffRequest, number: str) -> HttpResponse:
    case = visible_case(request, number)
    if case.resident is None:
        raise PermissionDenied(_("This resident is anonymous: there is nothing to show."))
    if not knows_identity(case, request.user):
        raise PermissionDenied(
            _("The identity is hidden: only the director, the investigator and the named contact know it.")
        )
    if not may_reveal(request.user, case.resident, case.chain):
        raise PermissionDenied(_("Only the desk and the departments that handle the case see contact data in full."))
    form = RevealForm(request.POST if request.method == "POST" else None, initial={"field": "phone"})
    value, status = "", 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                value = reveal(
                    resident=case.resident,
                    field=form.cleaned_data["field"],
                    reason=form.cleaned_data["reason"],
                    actor=request.user,
                    now=timezone.now(),
                    chain=case.chain,
                )
                status = 200
            except Refused as refusal:
                status = 403 if isinstance(refusal, NotAllowed) else 422
                show_refusal(form, refusal)
    context = {
        "case": case,
        "form": form,
        "value": value,
        "shown_field": dict(FIELDS).get(form.cleaned_data.get("field", ""), "") if value else "",
        "known": _masked(case.resident),
    }
    page = "desk/resident_reveal.html#value" if request.htmx else "desk/resident_reveal.html"
    return render(request, page, context, status=status)


def _masked(resident: Resident) -> list[tuple[Any, str]]:
    values = {
        "phone": resident.masked_phone,
        "address": resident.masked_address,
        "id_number": resident.masked_id_number,
    }
    return [(label, values[name] or "–") for name, label in FIELDS]
