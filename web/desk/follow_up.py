"""The worklist of follow-ups, and the page of one: what to say, three questions, or that nobody was reached."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.models import Answer, Case, CaseDeadline
from cases.people import FOLLOW_UP_CLOCKS
from cases.powers import follow_up_level, knows_identity
from cases.vocabulary import CaseState, StoodIn
from followups.actions.attempt import (
    DAYS_BEFORE_UNREACHABLE,
    close_anonymous,
    close_unreachable,
    days_tried,
    record_attempt,
)
from followups.actions.evaluate import record_evaluation
from followups.models import EvaluationChannel, FollowUpAttempt, LateAnswer, Means, Satisfaction, Solved
from followups.worklist import worklist
from foundation import dates
from foundation.organization.models import Role
from foundation.refusals import Refused
from foundation.residents.rights import may_reveal
from web.access import StaffRequest, roles_required, staff_required
from web.case_filters import identity_known, shown_name
from web.desk.case import visible_case
from web.desk.personal import RevealForm
from web.desk.verbs.follow_up import FOLLOW_UP, FollowUpForm
from web.desk.verbs.form import VerbForm
from web.figures import count_all, in_words
from web.keyset import page_of
from web.refused import show_refusal, status_of


@require_safe
@roles_required(Role.RECEPTIONIST, Role.DIRECTOR, Role.HEAD, Role.SUPERVISOR)
def follow_up_list(request: StaffRequest) -> HttpResponse:
    waiting = worklist(request.hall, request.user)
    clocks = CaseDeadline.objects.running().filter(case=OuterRef("pk"), kind__in=FOLLOW_UP_CLOCKS)
    rows = waiting.annotate(
        limit_warn_at=Subquery(clocks.order_by("due_at").values("warn_at")[:1]),
        is_name_known=identity_known(request.user),
    )
    page = page_of(rows, request.GET, by="next_due_at")
    counted: dict[str, QuerySet[Any]] = {"waiting": waiting}
    if request.user.holds(Role.DIRECTOR, Role.SUPERVISOR, hall=request.hall):
        late = LateAnswer.objects.visible_to(request.user).filter(case__hall=request.hall)
        counted["late"] = late.filter(decision=LateAnswer.Decision.WAITS)
    counts = count_all(counted)
    return render(
        request,
        "desk/follow_up_list.html",
        {
            "now": timezone.now(),
            "page": page,
            # The key: what is pressed in the list is recorded once, however often.
            "rows": [{"case": case, "who": _who(case), "key": uuid.uuid4()} for case in page.rows],
            "count": in_words(counts["waiting"]),
            "late": in_words(counts["late"]) if "late" in counts else "",
            "days_needed": DAYS_BEFORE_UNREACHABLE,
        },
    )


def _who(case: Any) -> Any:
    return shown_name(case, is_known=case.is_name_known)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def follow_up(request: StaffRequest, number: str) -> HttpResponse:
    case = visible_case(request, number)
    now = timezone.now()
    if case.state != CaseState.FOLLOW_UP:
        messages.error(
            request,
            _("“%(number)s” does not wait for a follow-up: it is “%(state)s”.")
            % {"number": case.number, "state": CaseState(case.state).label},
        )
        return redirect("desk:case_detail", case.number)
    level = follow_up_level(case, request.user)
    if level is None:
        if request.method == "POST":
            raise PermissionDenied(_why_not(request, case))
        messages.error(request, _why_not(request, case))
        return redirect("desk:case_detail", case.number)
    if request.method != "POST":
        return _draw(request, case, level, FollowUpForm(subject=case, staff=request.user, now=now))
    pressed = PRESSED.get(request.POST.get("action", ""))
    if pressed is not None:
        return _press(request, case, level, pressed, now)
    form = FollowUpForm(request.POST, subject=case, staff=request.user, now=now)
    if not form.is_valid():
        return _draw(request, case, level, form, status=422)
    try:
        after = FOLLOW_UP.run(form, now)
    except Refused as refusal:
        show_refusal(form, refusal)
        return _draw(request, case, level, form, status=status_of(refusal))
    assert isinstance(after, Case)
    if after.state == CaseState.ARCHIVED:
        messages.success(request, _("“%(number)s” is archived.") % {"number": case.number})
        return redirect("desk:follow_up_list")
    messages.success(
        request,
        _("Not satisfied: round %(round)d begins, and the rectification notice is written. Decide where it goes.")
        % {"round": after.round},
    )
    return redirect("desk:case_detail", case.number)


def _why_not(request: StaffRequest, case: Case) -> str:
    if case.was_handled_by(request.user):
        return _(
            "You handled “%(number)s” yourself. Somebody else follows it up: whoever handled a matter never does."
        ) % {"number": case.number}
    return _("“%(number)s” is followed up at the desk, by a receptionist or the director.") % {"number": case.number}


# What one press records, without a form to fill in


def _attempt(form: VerbForm, now: datetime) -> str:
    means = Means.VISIT if form.data.get("action") == "not_at_home" else Means.PHONE
    record_attempt(
        case_id=form.case.pk,
        transition_no=form.cleaned_data["transition_no"],
        actor=form.staff,
        now=now,
        means=means,
        remark=form.data.get("remark", ""),
        submission_key=form.cleaned_data["submission_key"],
    )
    return _("The attempt is written down. Try again on another day.")


def _all_well(form: VerbForm, now: datetime) -> str:
    record_evaluation(
        case_id=form.case.pk,
        transition_no=form.cleaned_data["transition_no"],
        actor=form.staff,
        now=now,
        channel=EvaluationChannel.PHONE,
        contacted=True,
        solved=Solved.YES,
        satisfaction=Satisfaction.SATISFIED,
        submission_key=form.cleaned_data["submission_key"],
    )
    return _("“%(number)s” is archived.") % {"number": form.case.number}


def _unreachable(form: VerbForm, now: datetime) -> str:
    close_unreachable(case_id=form.case.pk, transition_no=form.cleaned_data["transition_no"], actor=form.staff, now=now)
    return _("Archived as unreachable.")


def _anonymous(form: VerbForm, now: datetime) -> str:
    close_anonymous(case_id=form.case.pk, transition_no=form.cleaned_data["transition_no"], actor=form.staff, now=now)
    return _("Archived without an evaluation: the resident is anonymous.")


PRESSED: dict[str, Callable[[VerbForm, datetime], str]] = {
    "not_reached": _attempt,
    "not_at_home": _attempt,
    "all_well": _all_well,
    "unreachable": _unreachable,
    "anonymous": _anonymous,
}


def _press(
    request: StaffRequest, case: Case, level: StoodIn, run: Callable[[VerbForm, datetime], str], now: datetime
) -> HttpResponse:
    form = VerbForm(request.POST, subject=case, staff=request.user, now=now)
    if form.is_valid():
        try:
            done = run(form, now)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return _draw(
                request, case, level, FollowUpForm(subject=case, staff=request.user, now=now), form, status_of(refusal)
            )
        messages.success(request, done)
        return redirect("desk:follow_up_list")
    return _draw(request, case, level, FollowUpForm(subject=case, staff=request.user, now=now), form, 422)


def _draw(
    request: StaffRequest,
    case: Case,
    level: StoodIn,
    form: FollowUpForm,
    pressed: VerbForm | None = None,
    status: int = 200,
) -> HttpResponse:
    days = len(days_tried(case))
    knows = knows_identity(case, request.user)
    reached = Answer.objects.filter(case=case, is_reached=True, round=case.round).order_by("-answered_at", "-pk")
    answer = reached.first()
    clocks = case.deadlines.running().filter(kind__in=FOLLOW_UP_CLOCKS)
    return render(
        request,
        "desk/follow_up_form.html",
        {
            "case": case,
            "now": timezone.now(),
            "form": form,
            "pressed": pressed,
            "clock": clocks.order_by("due_at").first(),
            "late": list(LateAnswer.objects.filter(case=case).order_by("-at")),
            "attempts": list(FollowUpAttempt.objects.filter(case=case).select_related("by").order_by("-at", "-pk")),
            "days_tried": days,
            "days_needed": DAYS_BEFORE_UNREACHABLE,
            "is_unreachable": days >= DAYS_BEFORE_UNREACHABLE,
            "answer": answer,
            "knows_identity": knows,
            "script": _script(request, case, answer),
            "stood_in": StoodIn(level).label if level else "",
            "reveal_form": RevealForm(initial={"field": "phone", "reason": _("follow-up call")})
            if knows and case.resident and may_reveal(request.user, case.resident, case.chain)
            else None,
        },
        status=status,
    )


def _script(request: StaffRequest, case: Case, answer: Answer | None) -> list[str]:
    """What to say, in the order of the call."""
    told = _("You told us about “%(title)s” on %(date)s.") % {
        "title": case.title,
        "date": dates.day(case.registered_at),
    }
    sentences = [
        _("Good day, this is %(name)s of %(hall)s.") % {"name": request.user.name, "hall": request.hall.name},
        told,
    ]
    if answer is not None:
        sentences.append(_("On %(date)s we answered you about it.") % {"date": dates.day(answer.answered_at)})
    sentences.append(_("I was not the one who handled it. May I ask you three questions?"))
    return sentences
