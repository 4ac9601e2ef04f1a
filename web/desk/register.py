"""The registration page: one screen, keyboard first, from which a contact is registered and goes on its way at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from cases.models import Case
from foundation.organization.models import Role, Staff
from foundation.refusals import Refused
from reception.actions import AlreadyRegistered
from web.access import StaffRequest, roles_required
from web.desk.register_form import WAYS, RegisterForm, chosen_resident
from web.desk.register_lookup import DESK, known, likely, look_up, promised
from web.desk.register_run import join, told
from web.desk.register_run import register as register_contact

WITHOUT_SENDING = ("find", "pick", "drop")
"""Presses that only draw the page again, for browsers without scripts."""


@sensitive_post_parameters("name", "phone", "id_number", "email", "unit", "room", "address_note", "matter")
@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(*DESK)
def register(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        form = RegisterForm(hall=request.hall, staff=request.user, now=now)
        return _draw(request, form, {}, now)
    pressed, _dash, key = request.POST.get("do", "").partition("-")
    if pressed in WITHOUT_SENDING:
        return _draw_again(request, pressed, key, now)
    way = pressed if pressed in WAYS else ""
    form = RegisterForm(request.POST, request.FILES, hall=request.hall, staff=request.user, now=now, way=way)
    if not way:
        form.add_error(None, _("Choose below what is to happen with the contact."))
    if form.is_valid():
        try:
            case = _send(request, form, key, now)
        except AlreadyRegistered as refusal:
            case_sent = Case.objects.visible_to(request.user).filter(case_visits__visit=refusal.visit).first()
            if case_sent is not None and refusal.visit.matter == form.cleaned_data["matter"]:
                # As a success: the draft in the browser has done its work and goes.
                messages.success(request, str(refusal))
                return _go_to(request, case_sent)
            _ask_again(form, refusal)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _with_receipt(case, told(case, way)))
            return _go_to(request, case)
    return _draw(request, form, {}, now, status=422)


def _send(request: StaffRequest, form: RegisterForm, key: str, now: datetime) -> Case:
    if form.way != "join":
        return register_contact(form, hall=request.hall, actor=request.user, now=now)
    cases = Case.objects.visible_to(request.user).filter(hall=request.hall)
    if not key.isdecimal() or not cases.filter(pk=key).exists():
        raise Refused(_("The case to join is not there (any more). Register the contact as a case of its own."))
    return join(form, case_id=int(key), hall=request.hall, actor=request.user, now=now)


def _ask_again(form: RegisterForm, refusal: AlreadyRegistered) -> None:
    """Another matter came with a key that was used: a page gone back to. It is theirs to say that it is a new one."""
    data: QueryDict = form.data.copy()  # type: ignore[attr-defined]
    data["submission_key"] = str(RegisterForm.new_key())
    form.data = data
    form.add_error(
        None,
        _("%(refusal)s Then the matter was changed: send again to register what stands here now as a new contact.")
        % {"refusal": refusal},
    )


def _go_to(request: StaffRequest, case: Case) -> HttpResponse:
    url = reverse("desk:case_detail", args=[case.number])
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def _with_receipt(case: Case, sentence: str) -> str:
    if case.accepted_at is None:
        return sentence
    url = reverse("desk:print_receipt", args=[case.number])
    return format_html('{} <a href="{}">{}</a>', sentence, url, _("Print the receipt"))


def _draw_again(request: StaffRequest, pressed: str, key: str, now: datetime) -> HttpResponse:
    """The page with all that was typed, unchecked, and with what was looked for."""
    blank = RegisterForm(hall=request.hall, staff=request.user, now=now)
    initial = {
        name: field.widget.value_from_datadict(request.POST, request.FILES, name)
        for name, field in blank.fields.items()
        if name != "files"
    }
    further: dict[str, Any] = {}
    if pressed == "find":
        further = look_up(request, initial["name"] or initial["phone"] or "", now)
    else:
        initial["resident"] = key if pressed == "pick" else ""
    form = RegisterForm(hall=request.hall, staff=request.user, now=now, initial=initial)
    _take_up(form, str(initial["resident"] or ""))
    if pressed == "pick" and form.chosen:
        form.initial.update(known([form.chosen], hall=request.hall, staff=request.user, now=now)[0].fill)
    return _draw(request, form, further, now)


def _take_up(form: RegisterForm, key: str) -> None:
    form.chosen = chosen_resident(form.staff, form.hall, int(key)) if key.isdecimal() else None
    if form.chosen is None:
        form.initial["resident"] = ""


def _draw(
    request: StaffRequest, form: RegisterForm, further: dict[str, Any], now: datetime, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "now": now,
        "may_decide": _may_decide(request),
        "way": form.way,
        **further,
    }
    # Checked by the form, because an anonymous contact has no name; to people it is a required field.
    form.fields["name"].required = True
    matter = form["matter"].value() or ""
    if matter:
        context["similar"] = likely(matter, hall=request.hall, staff=request.user)
    if form.chosen:
        context["chosen"] = known([form.chosen], hall=request.hall, staff=request.user, now=now)[0]
        for name, held in context["chosen"].held.items():
            form.fields[name].widget.attrs["placeholder"] = held
    if form.is_bound:
        data = form.cleaned_data
        context["promise"] = promised(
            hall=request.hall,
            nature=data.get("nature", ""),
            category=data.get("category"),
            urgency=data.get("urgency", ""),
            set_from_above=data.get("outside_due_at"),
            now=now,
        )
    return render(request, "desk/register.html", context, status=status)


def _may_decide(request: StaffRequest) -> bool:
    """Accepting, answering, transferring are the receptionist's; the director's where the hall has none."""
    if request.user.holds(Role.RECEPTIONIST, hall=request.hall):
        return True
    return not Staff.objects.holding(Role.RECEPTIONIST, hall=request.hall).exists()
