"""The three questions, over a link of one's own: no account, no names, answered once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from cases.vocabulary import CaseState
from followups.actions.evaluate import evaluate_by_link
from followups.links import NoSuchLink, UsedLink, opened
from followups.models import EvaluationLink, Satisfaction, Solved
from foundation.organization.models import Hall
from foundation.refusals import Refused
from foundation.throttling.actions import Limit, TooMany, take
from web.portal.hall import public_hall
from web.portal.visitor import address_of, come_back_later, kept_to_oneself
from web.refused import show_refusal

OPENINGS = Limit("evaluation.opened", 60, timedelta(minutes=10))
"""By address: a household behind one of them answers in peace, who tries addresses does not."""


def _is_yes(answer: Any) -> bool:
    return str(answer) == "yes"


class EvaluationForm(forms.Form):
    contacted = forms.TypedChoiceField(
        label=gettext_lazy("1. Did somebody get in touch with you about it?"),
        choices=[("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))],
        coerce=_is_yes,
        widget=forms.RadioSelect,
    )
    solved = forms.ChoiceField(label=gettext_lazy("2. Is it solved?"), choices=Solved.choices, widget=forms.RadioSelect)
    satisfaction = forms.ChoiceField(
        label=gettext_lazy("3. Are you satisfied with how it was handled?"),
        choices=Satisfaction.choices,
        widget=forms.RadioSelect,
    )
    reasons = forms.CharField(
        label=gettext_lazy("If it is not solved, or you are not satisfied: why"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "The department that handled it reads this. Please leave out phone numbers and addresses."
        ),
    )
    remark = forms.CharField(
        label=gettext_lazy("What else you want to tell us"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@kept_to_oneself
@require_http_methods(["GET", "POST"])
def evaluate(request: HttpRequest, hall_code: str, token: str) -> HttpResponse:
    hall = public_hall(hall_code)
    now = timezone.now()
    with timezone.override(hall.zone):
        try:
            take(OPENINGS, who=address_of(request), now=now)
            link = opened(token, now=now)
            if link.case.hall_id != hall.pk:
                raise NoSuchLink
            return _asked(request, hall, link, token, now)
        except TooMany as refusal:
            return come_back_later(_note(request, hall, "often"), refusal)
        except NoSuchLink:
            return _note(request, hall, "gone", status=404)
        except UsedLink as refusal:
            if request.method == "POST":
                return redirect(request.path)
            return _note(request, hall, "answered", link=refusal.link)


def _asked(request: HttpRequest, hall: Hall, link: EvaluationLink, token: str, now: datetime) -> HttpResponse:
    if request.method != "POST":
        return _draw(request, hall, link, EvaluationForm())
    form = EvaluationForm(request.POST)
    if form.is_valid():
        try:
            evaluate_by_link(token=token, now=now, **form.cleaned_data)
        except (NoSuchLink, UsedLink):
            raise
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            # To the same address: it says from now on that the answer is there, also when the page is loaded again.
            return redirect(request.path)
    return _draw(request, hall, link, form, status=422)


def _draw(
    request: HttpRequest, hall: Hall, link: EvaluationLink, form: EvaluationForm, status: int = 200
) -> HttpResponse:
    """What it is about: number, day and category. Never the title, the answer or a name: links get forwarded."""
    page = {
        "hall": hall,
        "case": link.case,
        "form": form,
        "is_late": link.case.state != CaseState.FOLLOW_UP or link.case.round != link.round,
    }
    return render(request, "portal/evaluate.html", page, status=status)


def _note(
    request: HttpRequest, hall: Hall, what: str, *, link: EvaluationLink | None = None, status: int = 200
) -> HttpResponse:
    page = {"hall": hall, "what": what, "goes_on": link is not None and link.case.round > link.round}
    return render(request, "portal/evaluate_note.html", page, status=status)
