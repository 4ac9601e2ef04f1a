"""One posting: its marks, what may be done with it, and the paper for the glass case in the hall."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_fsm import can_proceed, has_transition_perm

from cases.models import Case
from followups.board.drafting import change, discard, give_back, hand_in
from followups.board.publishing import publish, take_down
from followups.board.review import HIDDEN, Mark, known_of, marks_in, pieces
from followups.posting import Posting, PostingState, TakenDownBecause
from foundation.refusals import Refused
from web.access import StaffRequest, staff_required
from web.desk.board import is_about_a_case
from web.desk.verbs.board import text_field, title_field
from web.refused import show_refusal, status_of

VERBS = ("change", "hand_in", "give_back", "publish", "take_down", "discard")


class ChangeForm(forms.Form):
    transition_no = forms.IntegerField(widget=forms.HiddenInput)
    title = title_field()
    raised = text_field(
        gettext_lazy("What was raised"),
        rows=4,
        required=False,
        help_text=gettext_lazy("What it was about, not who raised it."),
    )
    text = text_field(gettext_lazy("Text"))


class KeysField(forms.MultipleChoiceField):
    """Keys of marks: which there are is known by the text, and asked by the action."""

    def valid_value(self, value: object) -> bool:
        return True


class PressForm(forms.Form):
    """What a button on the page sends; what it needs besides is asked for by its action."""

    transition_no = forms.IntegerField(widget=forms.HiddenInput)
    remark = forms.CharField(label=gettext_lazy("What must change"), required=False, max_length=500)
    because = forms.ChoiceField(
        label=gettext_lazy("Why it is taken down"),
        choices=TakenDownBecause.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    confirmed = KeysField(required=False)


PRESSED: dict[str, tuple[Callable[[PressForm, dict[str, Any]], object], str | Promise]] = {
    "hand_in": (lambda form, about: hand_in(**about), gettext_lazy("Handed in; whoever publishes has been told.")),
    "give_back": (
        lambda form, about: give_back(**about, remark=form.cleaned_data["remark"]),
        gettext_lazy("Given back; whoever drafted it has been told."),
    ),
    "publish": (
        lambda form, about: publish(**about, confirmed=form.cleaned_data["confirmed"]),
        gettext_lazy("It is on the board."),
    ),
    "take_down": (
        lambda form, about: take_down(**about, because=form.cleaned_data["because"]),
        gettext_lazy("It is taken down. Whoever follows its address is told so."),
    ),
    "discard": (lambda form, about: discard(**about), gettext_lazy("The draft is thrown away.")),
}


@require_safe
@staff_required
def board_detail(request: StaffRequest, pk: int) -> HttpResponse:
    return _draw(request, _visible(request, pk))


@require_POST
@staff_required
def board_verb(request: StaffRequest, pk: int, verb: str) -> HttpResponse:
    posting = _visible(request, pk)
    if verb not in PRESSED:
        raise Http404
    run, done = PRESSED[verb]
    if not _may(posting, verb, request) and request.POST.get("transition_no", "") in ("", str(posting.transition_no)):
        raise PermissionDenied(_("You have no right to do this with this posting."))
    form = PressForm(request.POST)
    if not form.is_valid():
        return _draw(request, posting, pressed=form, status=422)
    try:
        run(form, _about(request, posting, form, timezone.now()))
    except Refused as refusal:
        show_refusal(form, refusal)
        # What somebody else did meanwhile is shown as it is now.
        fresh = _visible(request, pk) if Posting.objects.filter(pk=pk).exists() else None
        if fresh is None:
            messages.error(request, str(refusal))
            return redirect("desk:board_list")
        return _draw(
            request, fresh, pressed=form, confirmed=request.POST.getlist("confirmed"), status=status_of(refusal)
        )
    messages.success(request, str(done))
    if verb == "discard":
        return redirect("desk:board_list")
    return redirect("desk:board_detail", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def board_edit(request: StaffRequest, pk: int) -> HttpResponse:
    posting = _visible(request, pk)
    is_offered = _may(posting, "change", request)
    if request.method != "POST":
        if not is_offered:
            messages.error(request, _("This posting cannot be changed by you now."))
            return redirect("desk:board_detail", pk)
        drawn = {name: getattr(posting, name) for name in ("transition_no", "title", "raised", "text")}
        return _draw_form(request, posting, ChangeForm(initial=drawn))
    if not is_offered and request.POST.get("transition_no", "") in ("", str(posting.transition_no)):
        raise PermissionDenied(_("You have no right to do this with this posting."))
    form = ChangeForm(request.POST)
    status = 422
    if form.is_valid():
        texts = {name: form.cleaned_data[name] for name in ("title", "raised", "text")}
        try:
            change(**_about(request, posting, form, timezone.now()), **texts)
        except Refused as refusal:
            show_refusal(form, refusal)
            status = status_of(refusal)
        else:
            messages.success(request, _("The text is changed."))
            return redirect("desk:board_detail", pk)
    return _draw_form(request, posting, form, status)


@require_safe
@staff_required
def board_print(request: StaffRequest, pk: int) -> HttpResponse:
    """For the glass case in the hall: only what is on the board."""
    posting = _visible(request, pk)
    if not posting.is_published:
        raise Http404
    return render(request, "desk/board_print.html", {"posting": posting, "hall": posting.hall})


def _visible(request: StaffRequest, pk: int) -> Posting:
    postings = Posting.objects.visible_to(request.user)
    return get_object_or_404(
        postings.select_related("hall", "drafted_by", "published_by", "taken_down_by", "case__hall").defer(
            "case__search"
        ),
        pk=pk,
    )


def _may(posting: Posting, verb: str, request: StaffRequest) -> bool:
    transition = getattr(posting, verb)
    return bool(can_proceed(transition) and has_transition_perm(transition, request.user))


def _about(request: StaffRequest, posting: Posting, form: forms.Form, now: datetime) -> dict[str, Any]:
    return {
        "posting_id": posting.pk,
        "transition_no": form.cleaned_data["transition_no"],
        "actor": request.user,
        "now": now,
    }


def _draw(
    request: StaffRequest,
    posting: Posting,
    *,
    pressed: PressForm | None = None,
    confirmed: Collection[str] = (),
    status: int = 200,
) -> HttpResponse:
    may = {verb: _may(posting, verb, request) for verb in VERBS}
    # Whoever may not see the case learns neither which it is nor who worded it; everybody may read what was published.
    sees_case = posting.case_id is None or Case.objects.visible_to(request.user).filter(pk=posting.case_id).exists()
    marks: list[Mark] = []
    if posting.state in (PostingState.DRAFT, PostingState.IN_REVIEW):
        texts = posting.texts
        known = known_of(hall=posting.hall, case=posting.case, reader=request.user, texts=texts.values())
        marks = marks_in(texts, known)
    page = {
        "posting": posting,
        "case": posting.case if sees_case else None,
        "sees_case": sees_case,
        "may": may,
        "texts": {name: pieces(text, [mark for mark in marks if mark.field == name]) for name, text in _all(posting)},
        "marks": list({mark.key: mark for mark in reversed(marks)}.values())[::-1],
        "is_hidden": posting.case is not None and sees_case and posting.case.is_hidden,
        "hidden_key": HIDDEN,
        "confirmed": set(confirmed),
        "pressed": pressed,
        "press_form": pressed or PressForm(initial={"transition_no": posting.transition_no}),
        "about_a_case": is_about_a_case(posting),
    }
    return render(request, "desk/board_detail.html", page, status=status)


def _all(posting: Posting) -> list[tuple[str, str]]:
    return [(name, getattr(posting, name)) for name in ("title", "raised", "text")]


def _draw_form(request: StaffRequest, posting: Posting, form: ChangeForm, status: int = 200) -> HttpResponse:
    if not is_about_a_case(posting):
        del form.fields["raised"]
    return render(request, "desk/board_form.html", {"form": form, "posting": posting}, status=status)
