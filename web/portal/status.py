"""What a resident reads about their matter.

Departments are named, people are not, and nothing of what the house says to itself: a slip that was returned, recalled
or sent back is not told, only that somebody works on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Q
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from cases.models import Answer, Attachment, Case, CaseDeadline, CaseVisit, Pause, TransferSlip
from cases.people import open_lead_slip
from cases.vocabulary import OPEN_STATES, UNANSWERED, AttachmentKind, CaseState, PauseState, Route, SlipKind
from followups.links import link_for
from followups.models import Conclusion
from foundation import dates
from foundation.deadlines.explanation import explain
from foundation.deadlines.models import ClockKind
from foundation.ledger.models import Entry, Text
from reception.models import Channel
from web.portal.on_duty import desk_today
from web.promised import Corrected, corrected

STAGES: Final = (
    CaseState.ACCEPTED,
    CaseState.TRANSFERRED,
    CaseState.FEEDBACK,
    CaseState.FOLLOW_UP,
    CaseState.ARCHIVED,
)
NOT_ANSWERED_YET: Final = (*UNANSWERED, CaseState.MERGED)
WITHOUT_STAGES: Final = (CaseState.DECLINED, CaseState.WITHDRAWN)
SHOWN_CLOCKS: Final = (ClockKind.DISPATCH, ClockKind.CONFIRM, ClockKind.PROMISE, ClockKind.FOLLOW_UP)


@dataclass
class Step:
    title: str
    state: str
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Addition:
    """What the resident added here, told back to them."""

    at: datetime
    text: str


def shown(case: Case, now: datetime) -> dict[str, object]:
    """The active zone is the hall's. Eight queries at most, beside those that found the matter."""
    hall = case.hall
    clocks = _clocks(case)
    promise = clocks.get(ClockKind.PROMISE)
    is_waiting = case.state in NOT_ANSWERED_YET
    evaluation = _evaluation_path(case, now)
    added, files = _sent(case)
    return {
        "hall": hall,
        "case": case,
        "now": now,
        "headline": _headline(case, clocks, now, is_asked=bool(evaluation)),
        "steps": _steps(case, clocks, now),
        "answers": Answer.objects.filter(case=case, is_reached=True).order_by("-round", "-answered_at", "-pk")
        if case.informed_at or case.round > 1
        else (),
        "advice": _advice(case),
        "conclusion": _conclusion(case),
        "promise": promise if is_waiting else None,
        "corrected": _corrected(promise) if is_waiting else None,
        "paused": _pause(promise),
        "why": explain(promise.explanation, zone=hall.zone) if promise and is_waiting else [],
        "evaluation": evaluation,
        "refused_withdrawal_at": _refused_withdrawal(case) if is_waiting else None,
        "added": added,
        "files": files,
        "shifts": desk_today(hall, now),
        "may_add": case.state in OPEN_STATES,
        "may_withdraw": is_waiting and case.state != CaseState.MERGED and case.withdrawal_asked_at is None,
    }


def _clocks(case: Case) -> dict[str, CaseDeadline]:
    """Of this round: the promise, and what runs that the resident can wait for."""
    # What a department has planned for a complaint, with a date of its own; not when it is to have a plan.
    planned = Q(kind=ClockKind.PLAN, slip__kind=SlipKind.LEAD, explanation__by_hand=True)
    rows = CaseDeadline.objects.filter(Q(slip=None, kind__in=SHOWN_CLOCKS) | planned, case=case, round=case.round)
    clocks = {}
    for clock in rows.order_by("started_at", "pk"):
        if clock.is_running or clock.kind == ClockKind.PROMISE:
            clock.case, clock.hall = case, case.hall
            clocks[clock.kind] = clock
    return clocks


def _headline(case: Case, clocks: dict[str, CaseDeadline], now: datetime, *, is_asked: bool) -> str:
    promise = clocks.get(ClockKind.PROMISE)
    if case.state == CaseState.REGISTERED:
        return _registered(clocks, now)
    if case.state in NOT_ANSWERED_YET:
        if promise is None:
            return _("We are working on it.")
        if promise.is_paused:
            return _("We are waiting for something and have stopped the clock; below you read what for.")
        moment = {"moment": _moment(promise.due_at, now)}
        if promise.due_at < now:
            return _("We had promised you an answer by %(moment)s and are late. Your matter is not forgotten.") % moment
        return _working(case) % moment
    if case.state == CaseState.FOLLOW_UP:
        if is_asked:
            return _("You have been answered. Please tell us whether it helped.")
        if case.is_anonymous:
            return _("There is an answer; you can read it below.")
        return _("You have been answered. We will ask you whether it helped.")
    headlines = {
        CaseState.ARCHIVED: _("The matter is closed."),
        CaseState.DECLINED: _("We cannot accept this matter; we tell you why and where you can go."),
        CaseState.WITHDRAWN: _("The matter was withdrawn at your wish."),
    }
    return headlines[CaseState(case.state)]


def _registered(clocks: dict[str, CaseDeadline], now: datetime) -> str:
    """With the next thing that will happen, as long as its date is not past."""
    confirm, dispatch = (clocks.get(kind) for kind in (ClockKind.CONFIRM, ClockKind.DISPATCH))
    if confirm is not None and confirm.due_at >= now:
        moment = {"moment": _moment(confirm.due_at, now)}
        return _("Your complaint has arrived. We will speak with you about it by %(moment)s.") % moment
    if dispatch is not None and dispatch.due_at >= now:
        moment = {"moment": _moment(dispatch.due_at, now)}
        return _("We have written down what you told us and decide by %(moment)s where it goes.") % moment
    return _("We have written down what you told us and decide where it goes.")


def _working(case: Case) -> str:
    if case.state == CaseState.FEEDBACK:
        return _("There is a result; we will tell you by %(moment)s.")
    if case.state == CaseState.MERGED:
        return _("Others brought the same matter; it is handled together, and you will be answered by %(moment)s.")
    if case.state == CaseState.TRANSFERRED:
        if case.route == Route.HANDED_UP:
            return _("It has been handed up to the street office; you will be answered by %(moment)s.")
        if case.is_coordinated:
            return _("Several departments work on it together; you will be answered by %(moment)s.")
        return _("The department works on it; you will be answered by %(moment)s.")
    if case.round > 1:
        return _("You were not satisfied, so it is handled once more; you will be answered by %(moment)s.")
    return _("We have accepted it; you will be answered by %(moment)s.")


def _steps(case: Case, clocks: dict[str, CaseDeadline], now: datetime) -> list[Step]:
    """None for what was declined or withdrawn: there is nothing still to come."""
    if case.state in WITHOUT_STAGES:
        return []
    present = {CaseState.REGISTERED: CaseState.ACCEPTED, CaseState.MERGED: CaseState.TRANSFERRED}
    place = STAGES.index(present.get(CaseState(case.state), CaseState(case.state)))
    steps = [
        Step(_("Acceptance"), "", _acceptance_lines(case, now)),
        Step(_("Transfer"), "", [*_transfer_lines(case, now), *_plan_lines(clocks, now)]),
        Step(_("Feedback"), "", _feedback_lines(case, clocks, now)),
        Step(_("Follow-up"), "", _follow_up_lines(case, clocks, now)),
        Step(_("Archive"), "", [_moment(case.closed_at, now)] if case.closed_at else []),
    ]
    for number, step in enumerate(steps):
        done = number < place or case.state == CaseState.ARCHIVED
        step.state = "done" if done else "now" if number == place else "todo"
    return steps


def _acceptance_lines(case: Case, now: datetime) -> list[str]:
    lines = [_("received %(moment)s") % {"moment": _moment(case.registered_at, now)}]
    if case.round == 1 and case.accepted_at and case.state != CaseState.REGISTERED:
        lines.append(_("accepted %(moment)s") % {"moment": _moment(case.accepted_at, now)})
    return lines


def _transfer_lines(case: Case, now: datetime) -> list[str]:
    if case.route == Route.ON_THE_SPOT:
        return [_("answered on the spot")]
    if case.shares_a_result():
        return [_("handled together with the same matter of others")]
    if case.state == CaseState.REGISTERED:
        return []
    slip = open_lead_slip(case)
    lines = _of_slip(slip, now) if slip else []
    if case.is_coordinated:
        lines.append(_("several departments together"))
    if case.round > 1:
        lines.append(_("handled again (round %(round)s): you were not satisfied") % {"round": case.round})
    return lines


def _plan_lines(clocks: dict[str, CaseDeadline], now: datetime) -> list[str]:
    plan = clocks.get(ClockKind.PLAN)
    return [_("what is planned is to be done by %(moment)s") % {"moment": _moment(plan.due_at, now)}] if plan else []


def _of_slip(slip: TransferSlip, now: datetime) -> list[str]:
    named = {"department": slip.department.name}
    lines = [_("%(department)s, since %(moment)s") % {**named, "moment": _moment(slip.issued_at, now)}]
    if slip.state == "reported" and slip.reported_at:
        lines.append(_("result there since %(moment)s") % {"moment": _moment(slip.reported_at, now)})
    return lines


def _feedback_lines(case: Case, clocks: dict[str, CaseDeadline], now: datetime) -> list[str]:
    if case.informed_at:
        return [_("answered %(moment)s") % {"moment": _moment(case.informed_at, now)}]
    promise = clocks.get(ClockKind.PROMISE)
    if promise is None or promise.is_paused:
        return []
    return [_("promised by %(moment)s") % {"moment": _moment(promise.due_at, now)}]


def _follow_up_lines(case: Case, clocks: dict[str, CaseDeadline], now: datetime) -> list[str]:
    if case.is_anonymous or case.state == CaseState.ARCHIVED:
        return []
    clock = clocks.get(ClockKind.FOLLOW_UP)
    if clock is not None and clock.due_at >= now:
        return [_("we ask you by %(moment)s whether it helped") % {"moment": _moment(clock.due_at, now)}]
    return [_("after our answer we ask you whether it helped")]


def _evaluation_path(case: Case, now: datetime) -> str:
    """Where the resident answers the three questions of this round; empty where nobody asks them."""
    if case.is_anonymous or case.informed_at is None or case.state not in (CaseState.FOLLOW_UP, CaseState.ARCHIVED):
        return ""
    link = link_for(case, now=now)
    return link.path if link.is_open(now) else ""


def _pause(promise: CaseDeadline | None) -> Pause | None:
    """Why the promised date stands still, where it does."""
    if promise is None or not promise.is_paused:
        return None
    return Pause.objects.filter(case=promise.case_id, state=PauseState.RUNNING).order_by("-decided_at").first()


def _corrected(promise: CaseDeadline | None) -> Corrected | None:
    return corrected([promise]).get(promise.pk) if promise else None


def _advice(case: Case) -> str:
    """Where to go instead of here; empty unless the matter was declined. An anonymous resident is told it only here."""
    if case.state != CaseState.DECLINED:
        return ""
    told = Text.objects.filter(entry__chain=case.chain_id, entry__kind="case.declined", name="advice")
    return told.values_list("content", flat=True).first() or ""


def _conclusion(case: Case) -> Conclusion | None:
    """The letter with which the director ended it after two rounds."""
    if case.state != CaseState.ARCHIVED or case.round < 2:
        return None
    return Conclusion.objects.filter(case=case, round=case.round).first()


def _refused_withdrawal(case: Case) -> datetime | None:
    """When the last wish to withdraw ended in going on; what was found out by asking is not told here."""
    if case.withdrawal_asked_at is not None:
        return None
    refused = Entry.objects.filter(chain=case.chain_id, kind="case.withdrawal_refused")
    return refused.order_by("-seq").values_list("happened_at", flat=True).first()


def _sent(case: Case) -> tuple[list[Addition], list[str]]:
    """What they wrote here, and the names of their files; the files themselves are not given out.

    Their own words alone: others may have told the desk about the same matter.
    """
    own = CaseVisit.objects.filter(
        case=case, visit__channel=Channel.WEB, visit__registered_by=None, visit__resident=case.resident_id
    )
    files = Attachment.objects.filter(case=case, kind=AttachmentKind.RESIDENT, uploaded_by=None)
    rows = list(
        own.annotate(files=ArraySubquery(files.values("name")))
        .order_by("ordinal")
        .values_list("ordinal", "visit__received_at", "visit__matter", "files")
    )
    # The first contact is the matter itself.
    return [Addition(at, text) for ordinal, at, text, _names in rows if ordinal > 1], rows[0][3] if rows else []


def _moment(at: datetime, now: datetime) -> str:
    """With its weekday."""
    local = timezone.localtime(at)
    return _("%(date)s (%(weekday)s) %(time)s") % {
        "date": dates.day(local, timezone.localdate(now)),
        "weekday": WEEKDAYS[local.weekday()],
        "time": time_format(local.time(), "TIME_FORMAT"),
    }
