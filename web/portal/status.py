"""How far is it: the page behind the QR on the receipt. It names nobody but departments."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cases.actions.look_up_status import TooManyLookups, look_up_status, spelled
from cases.models import Answer, Case, CaseDeadline, Pause
from cases.people import open_lead_slip
from cases.vocabulary import CaseState, PauseState
from foundation.deadlines.explanation import explain
from foundation.ledger.models import Text
from foundation.organization.models import Hall
from foundation.refusals import Refused
from web.promised import corrected


class DigitsField(forms.CharField):
    """Four digits, also as a Chinese keyboard writes them: in full width."""

    def to_python(self, value: object) -> str:
        return unicodedata.normalize("NFKC", super().to_python(value) or "")


class DigitsForm(forms.Form):
    digits = DigitsField(
        label=gettext_lazy("Last four digits of your phone number"),
        max_length=4,
        min_length=4,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


@dataclass
class Step:
    title: str
    state: str
    lines: list[str] = field(default_factory=list)


@never_cache
@require_http_methods(["GET", "POST"])
def status(request: HttpRequest, hall_code: str, tracking_code: str) -> HttpResponse:
    """Asks for the digits, then shows the case in the same answer: no session, nothing kept in the address."""
    hall = get_object_or_404(Hall, code=hall_code, is_active=True)
    now = timezone.now()
    with timezone.override(hall.zone):
        form = DigitsForm(request.POST or None)
        is_anonymous = Case.objects.filter(hall=hall, tracking_code=spelled(tracking_code), resident=None).exists()
        if is_anonymous or form.is_valid():
            digits = "" if is_anonymous else form.cleaned_data["digits"]
            try:
                case = look_up_status(
                    hall_code=hall.code,
                    tracking_code=tracking_code,
                    digits=digits,
                    address=request.META.get("REMOTE_ADDR", ""),
                    now=now,
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
                code = 429 if isinstance(refusal, TooManyLookups) else 200
                return render(request, "portal/status_ask.html", {"hall": hall, "form": form}, status=code)
            return render(request, "portal/status.html", _shown(case, hall, now))
        return render(request, "portal/status_ask.html", {"hall": hall, "form": form})


def _shown(case: Case, hall: Hall, now: datetime) -> dict[str, object]:
    promise = (
        CaseDeadline.objects.filter(case=case, kind="promise", round=case.round).select_related("hall", "case").first()
    )
    code = case.tracking_code
    return {
        "hall": hall,
        "case": case,
        "now": now,
        "code": f"{code[:4]}-{code[4:8]}-{code[8:]}",
        "headline": _headline(case, promise),
        "steps": _steps(case),
        "answers": Answer.objects.filter(case=case, is_reached=True),
        "advice": _advice(case),
        "promise": promise,
        "corrected": corrected([promise]).get(promise.pk) if promise else None,
        "paused": _pause(promise),
        "why": explain(promise.explanation, zone=hall.zone) if promise else [],
    }


def _pause(promise: CaseDeadline | None) -> Pause | None:
    """Why the promised date stands still, where it does."""
    if promise is None or not promise.is_paused:
        return None
    return Pause.objects.filter(case=promise.case_id, state=PauseState.RUNNING).order_by("-decided_at").first()


def _advice(case: Case) -> str:
    """Where to go instead of here; empty unless the matter was declined. An anonymous resident is told it only here."""
    if case.state != CaseState.DECLINED:
        return ""
    told = Text.objects.filter(entry__chain=case.chain_id, entry__kind="case.declined", name="advice")
    return told.values_list("content", flat=True).first() or ""


def _headline(case: Case, promise: CaseDeadline | None) -> str:
    if promise is not None and promise.is_paused and case.state in (CaseState.TRANSFERRED, CaseState.FEEDBACK):
        return _("We are waiting for something and have stopped the clock; below you read what for.")
    moment = date_format(timezone.localtime(promise.due_at), "DATETIME_FORMAT") if promise else ""
    headlines = {
        CaseState.REGISTERED: _("We have written down what you told us and decide where it goes."),
        CaseState.ACCEPTED: _("We have accepted it; you will be answered by %(moment)s.") % {"moment": moment},
        CaseState.TRANSFERRED: _("The department works on it; you will be answered by %(moment)s.")
        % {"moment": moment},
        CaseState.FEEDBACK: _("There is a result; we will tell you by %(moment)s.") % {"moment": moment},
        CaseState.FOLLOW_UP: _("You have been answered. We will ask you whether it helped."),
        CaseState.ARCHIVED: _("The matter is closed."),
        CaseState.DECLINED: _("We cannot accept this matter; we tell you why and where you can go."),
        CaseState.WITHDRAWN: _("The matter was withdrawn at your wish."),
        CaseState.MERGED: _("The same matter was raised by others too; it is handled together."),
    }
    return headlines[CaseState(case.state)]


def _steps(case: Case) -> list[Step]:
    order = [
        CaseState.ACCEPTED,
        CaseState.TRANSFERRED,
        CaseState.FEEDBACK,
        CaseState.FOLLOW_UP,
        CaseState.ARCHIVED,
    ]
    present = CaseState.ACCEPTED if case.state == CaseState.REGISTERED else CaseState(case.state)
    place = order.index(present) if present in order else 0
    steps = [
        Step(_("Acceptance"), "", [_moment(case.registered_at)]),
        Step(_("Transfer"), "", _transfer_lines(case)),
        Step(_("Feedback"), "", [_moment(case.informed_at)] if case.informed_at else []),
        Step(_("Follow-up"), "", []),
        Step(_("Archive"), "", [_moment(case.closed_at)] if case.closed_at and place == len(order) - 1 else []),
    ]
    for number, step in enumerate(steps):
        done = number < place or case.state == CaseState.ARCHIVED
        step.state = "done" if done else "now" if number == place else "todo"
    return steps


def _transfer_lines(case: Case) -> list[str]:
    slip = open_lead_slip(case)
    if slip is None:
        return []
    lines = [_("%(department)s, %(moment)s") % {"department": slip.department.name, "moment": _moment(slip.issued_at)}]
    if case.round > 1:
        lines.append(_("handled again (round %(round)s): you were not satisfied") % {"round": case.round})
    return lines


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")
