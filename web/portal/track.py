"""How far is it? Asked with the tracking code and the last four digits of the phone; the code alone without a number.

portal:track asks for both, portal:status is the page behind the QR of the receipt. The matter is shown in the same
answer. A wrong code, wrong digits and none look the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from cases.actions.look_up_status import TooManyLookups, look_up_status
from cases.models import Case
from foundation.organization.models import Hall
from foundation.refusals import Refused
from web.portal.hall import public_hall
from web.portal.status import shown
from web.portal.visitor import address_of, code_in, kept_to_oneself, prove, proven

LONGEST_CODE = 40
"""With dashes, spaces and whatever else people write between the characters."""


class PlainField(forms.CharField):
    """What is typed, also as a Chinese keyboard writes letters and digits: in full width."""

    def to_python(self, value: object) -> str:
        return unicodedata.normalize("NFKC", super().to_python(value) or "").strip()


class AskForm(forms.Form):
    code = PlainField(
        label=gettext_lazy("Tracking code"),
        max_length=LONGEST_CODE,
        help_text=gettext_lazy("13 letters and digits; it stands on your receipt. Dashes do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    digits = PlainField(
        label=gettext_lazy("Last four digits of your phone number"),
        required=False,
        max_length=LONGEST_CODE,
        help_text=gettext_lazy("Leave it empty if you gave us no number, or told us your matter anonymously."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class NotRecognised(Exception):
    """Whose matter it is has still to be asked: the form to ask with, and how long somebody has to wait before."""

    def __init__(self, form: AskForm, wait: timedelta | None = None) -> None:
        super().__init__()
        self.form = form
        self.wait = wait


@kept_to_oneself
@require_http_methods(["GET", "POST"])
def track(request: HttpRequest, hall_code: str) -> HttpResponse:
    hall = public_hall(hall_code)
    now = timezone.now()
    with timezone.override(hall.zone):
        if request.method == "GET":
            way_in = ask(request, hall, AskForm())
            # Shows nothing of anybody yet: residents may find it by searching.
            way_in["X-Robots-Tag"] = "all"
            return way_in
        try:
            return show(request, recognised(request, hall, now), now)
        except NotRecognised as unknown:
            return ask(request, hall, unknown.form, unknown=unknown)


@kept_to_oneself
@require_http_methods(["GET", "POST"])
def status(request: HttpRequest, hall_code: str, tracking_code: str) -> HttpResponse:
    """Behind the QR: the code is known already, and says nothing about whether there is such a matter."""
    hall = public_hall(hall_code)
    now = timezone.now()
    code = tracking_code[:LONGEST_CODE]
    with timezone.override(hall.zone):
        if request.method == "GET":
            return ask(request, hall, AskForm(initial={"code": code}), code=code)
        given = {"code": code, "digits": request.POST.get("digits", "")}
        try:
            return show(request, looked_up(request, hall, given, now), now)
        except NotRecognised as unknown:
            return ask(request, hall, unknown.form, unknown=unknown, code=code)


def recognised(request: HttpRequest, hall: Hall, now: datetime) -> Case:
    """By the proof a page of the matter carries, else by code and digits. Raises NotRecognised."""
    proof = request.POST.get("proof", "")
    case = proven(proof, hall)
    if case is not None:
        return case
    if proof and "code" not in request.POST:
        raise NotRecognised(AskForm(initial={"code": code_in(proof, hall)}))
    return looked_up(request, hall, request.POST, now)


def looked_up(request: HttpRequest, hall: Hall, given: Mapping[str, str], now: datetime) -> Case:
    """The matter that code and digits open. Raises NotRecognised, having counted the wrong try."""
    form = AskForm(given)
    if not form.is_valid():
        raise NotRecognised(form)
    try:
        return look_up_status(
            hall_code=hall.code,
            tracking_code=form.cleaned_data["code"],
            digits=form.cleaned_data["digits"],
            address=address_of(request),
            now=now,
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        raise NotRecognised(form, refusal.wait if isinstance(refusal, TooManyLookups) else None) from refusal


def ask(
    request: HttpRequest,
    hall: Hall,
    form: AskForm,
    *,
    unknown: NotRecognised | None = None,
    code: str = "",
    kept: Mapping[str, str] | None = None,
) -> HttpResponse:
    """unknown: why it is asked again. code: fixed by the address. kept: typed where the proof did not hold any more."""
    context = {
        "hall": hall,
        "form": form,
        "code": in_groups(code),
        "kept": kept or {},
        # Nothing was answered wrongly, and yet it is no first question: a proof did not hold any more.
        "is_asked_again": unknown is not None and not form.is_bound,
    }
    response = render(request, "portal/track_ask.html", context, status=422 if unknown is not None else 200)
    if unknown is not None and unknown.wait is not None:
        response.status_code = 429
        response["Retry-After"] = str(int(unknown.wait.total_seconds()))
    return response


def show(request: HttpRequest, case: Case, now: datetime, *, notice: str = "") -> HttpResponse:
    """notice: what was just done."""
    context = {
        **shown(case, now),
        "code": in_groups(case.tracking_code),
        "proof": prove(case),
        "notice": notice,
    }
    return render(request, "portal/status.html", context)


def in_groups(code: str) -> str:
    """As it stands on the receipt; empty stays empty."""
    return "-".join(part for part in (code[:4], code[4:8], code[8:]) if part) if len(code) == 13 else code
