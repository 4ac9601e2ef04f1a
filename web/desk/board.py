"""The notice board from inside: what is drafted, what waits for review, what hangs there, what was taken down."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from followups.board.drafting import draft_figures, draft_notice
from followups.posting import Posting, PostingKind, PostingState, keeps_board
from foundation.organization.models import Role
from foundation.refusals import Refused
from web.access import StaffRequest, roles_required
from web.desk.same_hall import check_hall
from web.desk.verbs.board import text_field, title_field
from web.figures import count_all, in_words
from web.keyset import page_of
from web.refused import show_refusal
from web.tabs import Tab

READERS = (Role.RECEPTIONIST, Role.DIRECTOR, Role.SUPERVISOR, Role.MONITOR)
KEEPERS = (Role.RECEPTIONIST, Role.DIRECTOR, Role.SUPERVISOR)
ORDERED_BY = {
    PostingState.IN_REVIEW: "handed_in_at",
    PostingState.DRAFT: "drafted_at",
    PostingState.PUBLISHED: "published_at",
    PostingState.TAKEN_DOWN: "taken_down_at",
}


class NoticeForm(forms.Form):
    """What the hall has to say that comes from no case."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput)
    hall = forms.CharField(widget=forms.HiddenInput)
    title = title_field()
    text = text_field(gettext_lazy("Text"), help_text=gettext_lazy("Plain text; a new line begins a new paragraph."))


@require_safe
@roles_required(*READERS)
def board_list(request: StaffRequest) -> HttpResponse:
    postings = Posting.objects.visible_to(request.user).filter(hall=request.hall)
    states = list(ORDERED_BY) if _sees_inside(request) else [PostingState.PUBLISHED]
    counts = count_all({state.value: postings.filter(state=state) for state in states})
    wanted = request.GET.get("state", "")
    state = PostingState(wanted) if wanted in states else _first_to_look_at(states, counts)
    rows = postings.filter(state=state).select_related("drafted_by")
    page = page_of(rows, request.GET, by=ORDERED_BY[state], descending=True)
    return render(
        request,
        "desk/board_list.html",
        {
            "page": page,
            "rows": page.rows,
            "state": state.value,
            "tabs": [
                Tab(one.label, f"?state={one.value}", one == state, in_words(counts[one.value])) for one in states
            ],
            "may_draft": keeps_board(request.hall, request.user),
            "sees_inside": len(states) > 1,
        },
    )


def _sees_inside(request: StaffRequest) -> bool:
    return request.user.holds(*KEEPERS, hall=request.hall)


def _first_to_look_at(states: list[PostingState], counts: dict[str, int]) -> PostingState:
    waiting = (state for state in states if state in (PostingState.IN_REVIEW, PostingState.DRAFT))
    return next((state for state in waiting if counts[state.value]), PostingState.PUBLISHED)


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(*KEEPERS)
def board_new(request: StaffRequest) -> HttpResponse:
    _refuse_others(request)
    if request.method != "POST":
        drawn = {"submission_key": uuid.uuid4(), "hall": request.hall.code}
        return render(request, "desk/board_form.html", {"form": NoticeForm(initial=drawn)})
    form = NoticeForm(request.POST)
    if form.is_valid():
        given: dict[str, Any] = {name: form.cleaned_data[name] for name in ("title", "text", "submission_key")}
        try:
            check_hall(request)
            posting = draft_notice(hall=request.hall, actor=request.user, now=timezone.now(), **given)
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("The draft is kept."))
            return redirect("desk:board_detail", posting.pk)
    return render(request, "desk/board_form.html", {"form": form}, status=422)


@require_POST
@roles_required(*KEEPERS)
def board_figures(request: StaffRequest) -> HttpResponse:
    """Last month's figures: one press, and once a month."""
    _refuse_others(request)
    now: datetime = timezone.now()
    try:
        check_hall(request)
        posting = draft_figures(hall=request.hall, actor=request.user, now=now)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:board_list")
    if posting.drafted_at != now:
        messages.info(request, _("They were drafted before; here they are."))
    return redirect("desk:board_detail", posting.pk)


def _refuse_others(request: StaffRequest) -> None:
    if not keeps_board(request.hall, request.user):
        raise PermissionDenied(_("Drafts for the board are made at the desk, or by the director."))


def is_about_a_case(posting: Posting) -> bool:
    return posting.kind not in (PostingKind.FIGURES, PostingKind.NOTICE)
