"""What residents do with their matter on the tracking page: add something to it, or ask to withdraw it.

Both pages are reached, and sent, with the proof of web.portal.visitor. Without a good one they ask for code and digits
first, and what was typed stays.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from cases.actions.add_information import AlreadyAdded, add_information
from cases.actions.look_up_status import case_of
from cases.actions.withdraw import wish_withdrawal
from cases.models import Case
from complaints.public_files import has_room, no_room
from foundation.refusals import Refused, Stale
from foundation.throttling.actions import Limit, TooMany, take
from web.files_field import FilesField
from web.portal.hall import public_hall
from web.portal.track import NotRecognised, ask, recognised, show
from web.portal.visitor import address_of, come_back_later, kept_to_oneself, prove, proven
from web.refused import show_refusal

SENDINGS = Limit("tracking.sent", 60, timedelta(hours=1))
"""By address, also what is refused then: looking into pictures costs the hall something."""
ADDITIONS = Limit("tracking.added", 12, timedelta(days=1))
WISHES = Limit("tracking.wished", 3, timedelta(days=1))
"""By tracking code."""

Draw = Callable[[Case, dict[str, str], str], HttpResponse]
Send = Callable[[Case, datetime], HttpResponse]


class AddForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What you want to add"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Write what has changed, or what the photos show. The desk and who handles it read it."),
    )
    attachments = FilesField(
        label=gettext_lazy("Photos or documents"),
        help_text=gettext_lazy("If you have any: photos, PDF, Word or Excel, up to 9 files of 10 MB each."),
    )
    submission_key = forms.UUIDField(widget=forms.HiddenInput)


class WishForm(forms.Form):
    wish = forms.CharField(
        label=gettext_lazy("Why you want to withdraw it, in your own words"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@kept_to_oneself
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, hall_code: str) -> HttpResponse:
    def draw(case: Case, typed: dict[str, str], note: str) -> HttpResponse:
        form = AddForm(initial={"text": typed["text"], "submission_key": uuid.uuid4()})
        return _add_page(request, case, form, note=note)

    def send(case: Case, now: datetime) -> HttpResponse:
        form = AddForm(request.POST, request.FILES)
        try:
            take(SENDINGS, who=address_of(request), now=now)
            if not form.is_valid():
                return _add_page(request, case, form, status=422)
            take(ADDITIONS, who=case.tracking_code, now=now)
            size = sum(len(file.content) for file in form.cleaned_data["attachments"])
            if size and not has_room(hall=case.hall, size=size, now=now):
                raise no_room(hall=case.hall, now=now)
            add_information(
                case_id=case.pk,
                text=form.cleaned_data["text"],
                files=form.cleaned_data["attachments"],
                submission_key=form.cleaned_data["submission_key"],
                now=now,
            )
        except AlreadyAdded as before:
            return show(request, _anew(case), now, notice=str(before))
        except Stale as refusal:
            # Another thing than was sent before: the next press sends it under a key of its own.
            form = AddForm({**request.POST.dict(), "submission_key": str(uuid.uuid4())})
            return _add_page(request, case, _with(form, refusal), status=409)
        except Refused as refusal:
            return _refuse(_add_page(request, case, _with(form, refusal), status=422), refusal)
        return show(request, _anew(case), now, notice=_("It has arrived, and the people who handle your matter know."))

    return _with_proof(request, hall_code, "text", draw=draw, send=send)


@kept_to_oneself
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, hall_code: str) -> HttpResponse:
    def draw(case: Case, typed: dict[str, str], note: str) -> HttpResponse:
        return _wish_page(request, case, WishForm(initial=typed), note=note)

    def send(case: Case, now: datetime) -> HttpResponse:
        form = WishForm(request.POST)
        try:
            take(SENDINGS, who=address_of(request), now=now)
            if not form.is_valid():
                return _wish_page(request, case, form, status=422)
            take(WISHES, who=case.tracking_code, now=now)
            wish_withdrawal(case_id=case.pk, now=now, wish=form.cleaned_data["wish"])
        except Refused as refusal:
            if _anew(case).withdrawal_asked_at is None:
                return _refuse(_wish_page(request, case, _with(form, refusal), status=422), refusal)
        return show(request, _anew(case), now, notice=_("We have written down that you want to withdraw it."))

    return _with_proof(request, hall_code, "wish", draw=draw, send=send)


def _with_proof(request: HttpRequest, hall_code: str, typed: str, *, draw: Draw, send: Send) -> HttpResponse:
    """Draws the page for who comes from the tracking page, sends what comes from the page itself.

    typed: the name of the field that is kept while somebody has to prove once more whose matter it is.
    """
    hall = public_hall(hall_code)
    if request.method == "GET":
        return redirect("portal:track", hall.code)
    now = timezone.now()
    kept = {typed: request.POST.get(typed, "")}
    with timezone.override(hall.zone):
        case = proven(request.POST.get("proof", ""), hall)
        if case is not None:
            return send(case, now) if "send" in request.POST else draw(case, kept, "")
        try:
            case = recognised(request, hall, now)
        except NotRecognised as unknown:
            return ask(request, hall, unknown.form, unknown=unknown, kept=kept)
        return draw(case, kept, _("Look it over, choose your files again, and send it.") if kept[typed] else "")


def _anew(case: Case) -> Case:
    """As it stands after what was done."""
    found = case_of(hall_code=case.hall.code, tracking_code=case.tracking_code)
    assert found is not None, "No case is ever deleted."
    return found


def _with(form: forms.Form, refusal: Refused) -> forms.Form:
    form.full_clean()
    show_refusal(form, refusal)
    return form


def _refuse(response: HttpResponse, refusal: Refused) -> HttpResponse:
    return come_back_later(response, refusal) if isinstance(refusal, TooMany) else response


def _add_page(request: HttpRequest, case: Case, form: forms.Form, *, note: str = "", status: int = 200) -> HttpResponse:
    if request.FILES and form.is_bound and "attachments" not in form.errors:
        # A browser does not send twice what was chosen once.
        form.add_error("attachments", _("Choose the files once more."))
    return _page(request, "portal/track_add.html", case, form, note, status)


def _wish_page(
    request: HttpRequest, case: Case, form: forms.Form, *, note: str = "", status: int = 200
) -> HttpResponse:
    return _page(request, "portal/track_withdraw.html", case, form, note, status)


def _page(request: HttpRequest, template: str, case: Case, form: forms.Form, note: str, status: int) -> HttpResponse:
    context = {"hall": case.hall, "case": case, "form": form, "proof": prove(case), "note": note}
    return render(request, template, context, status=status)
