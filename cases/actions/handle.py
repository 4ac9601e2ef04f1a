"""The department's own steps on a slip: contact, investigation, notes, the result and its approval."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import clocks, powers
from cases.actions.legs import settle, tell_what_follows
from cases.actions.moving import lock_slip, move, required, to_the_minute, write_down
from cases.actions.tell import tell
from cases.models import Part, TransferSlip
from cases.people import HallPeople
from cases.search import index_case
from cases.vocabulary import AnswerMeans, CaseState, PartRole
from foundation.deadlines.models import ClockKind
from foundation.organization.models import ON_PAPER, DepartmentKind, Role, Staff
from foundation.refusals import Refused


@transaction.atomic
def contact(
    *,
    slip_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    means: str,
    contacted_at: datetime,
    summary: str,
) -> TransferSlip:
    """The handler has spoken with the resident for the first time."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    if means not in AnswerMeans.values:
        raise Refused(_("Choose how you reached the resident."), field="means")
    if contacted_at > now:
        raise Refused(_("The time of contact lies in the future."), field="contacted_at")
    summary = required(summary, "summary", _("Write down what was said."))
    if contacted_at < to_the_minute(slip.issued_at):
        raise Refused(_("The slip was not issued yet at that time."), field="contacted_at")
    move(slip, "contact", actor, contacted_at=contacted_at)
    take_over(slip, actor, now=now)
    events = clocks.finish(slip.case, ClockKind.CONTACT, now=contacted_at, slip=slip)
    write_down(
        slip.case,
        "slip.contacted",
        actor=actor,
        now=now,
        happened_at=contacted_at,
        slip=slip,
        clock_events=events,
        payload={"means": means},
        texts={"summary": summary},
        moves=False,
    )
    return slip


@transaction.atomic
def investigate(*, slip_id: int, transition_no: int, actor: Staff, now: datetime, plan: str) -> TransferSlip:
    """The investigation begins: what will be looked at, and whom."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    plan = required(plan, "plan", _("Write down what you look into first."))
    move(slip, "investigate", actor, now=now)
    take_over(slip, actor, now=now)
    events = clocks.finish(slip.case, ClockKind.INVESTIGATE, now=now, slip=slip)
    write_down(
        slip.case,
        "slip.investigation_begun",
        actor=actor,
        now=now,
        slip=slip,
        clock_events=events,
        texts={"plan": plan},
        moves=False,
    )
    return slip


@transaction.atomic
def note(*, slip_id: int, transition_no: int, actor: Staff, now: datetime, text: str) -> TransferSlip:
    """An interview, a site check, a thought: kept in the record."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    text = required(text, "text", _("Write down the note."))
    move(slip, "note", actor)
    write_down(slip.case, "slip.noted", actor=actor, now=now, slip=slip, texts={"note": text}, moves=False)
    return slip


@transaction.atomic
def report(
    *,
    slip_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    result: str,
    remedy: str,
    prevention: str = "",
) -> TransferSlip:
    """Report the result, or submit it to the head where the category asks for approval."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    result = required(result, "result", _("Write down the result."))
    remedy = required(remedy, "remedy", _("Write down what was done about it."))
    prevention = prevention.strip()
    texts = {"result": result, "remedy": remedy, "prevention": prevention}
    people = HallPeople.of(slip.hall, now)
    if slip.needs_approval:
        move(slip, "submit", actor, result=result, remedy=remedy, prevention=prevention)
        take_over(slip, actor, now=now)
        has_handled(slip, actor, now=now)
        write_down(slip.case, "slip.submitted", actor=actor, now=now, slip=slip, texts=texts, moves=False)
        index_case(slip.case)
        unfit = powers.unfit_to_approve(slip)
        tell(
            slip.case,
            people.first_level(
                people.heads(slip.department_id), people.directors, people.street, people.supervisors, without=unfit
            ),
            gettext_noop("%(slip)s waits for your approval"),
            {"slip": slip.number},
            key=f"slip:{slip.pk}:submitted:{slip.transition_no}",
            now=now,
            people=people,
            but=actor,
        )
        return slip
    move(slip, "report", actor, result=result, remedy=remedy, prevention=prevention, now=now)
    take_over(slip, actor, now=now)
    has_handled(slip, actor, now=now)
    _reported(slip, "slip.reported", actor=actor, now=now, texts=texts, people=people)
    index_case(slip.case)
    return slip


@transaction.atomic
def approve(*, slip_id: int, transition_no: int, actor: Staff, now: datetime) -> TransferSlip:
    """The head approves: the result goes back to the desk."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    move(slip, "approve", actor, approver=actor, now=now)
    _reported(slip, "slip.approved", actor=actor, now=now, texts={}, people=HallPeople.of(slip.hall, now))
    return slip


@transaction.atomic
def reject(*, slip_id: int, transition_no: int, actor: Staff, now: datetime, reason: str) -> TransferSlip:
    """The head gives the result back to the handler."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    reason = required(reason, "reason", _("Write down what is missing."))
    move(slip, "reject", actor)
    write_down(slip.case, "slip.rejected", actor=actor, now=now, slip=slip, texts={"reason": reason}, moves=False)
    people = HallPeople.of(slip.hall, now)
    tell(
        slip.case,
        people.of_slip(slip, slip.case, without=slip.case.barred_ids),
        gettext_noop("%(slip)s came back from your head: complete it"),
        {"slip": slip.number},
        key=f"slip:{slip.pk}:rejected:{slip.transition_no}",
        now=now,
        people=people,
        but=actor,
    )
    return slip


def take_over(slip: TransferSlip, actor: Staff, *, now: datetime) -> None:
    """A slip whose handler was barred belongs to whoever takes its next step: they have handled the case from now."""
    if slip.handler_id is not None or slip.department.kind in ON_PAPER:
        return
    case = slip.case
    slip.handler = actor
    is_of_department = actor.holds(Role.HANDLER, Role.HEAD, department=slip.department_id)
    if not is_of_department and slip.department.kind == DepartmentKind.INTERNAL:
        slip.handler_level = Role.DIRECTOR if actor.holds(Role.DIRECTOR, hall=slip.hall_id) else Role.SUPERVISOR
    has_handled(slip, actor, now=now)
    if slip.is_lead:
        case.responsible_staff = actor


def has_handled(slip: TransferSlip, actor: Staff, *, now: datetime) -> None:
    """Whose result it is, a head's too who wrote it for their handler: they neither approve it nor follow it up."""
    if slip.department.kind in ON_PAPER:
        return
    Part.objects.get_or_create(
        case=slip.case,
        staff=actor,
        role=PartRole.HANDLER,
        round=slip.round,
        ended_at=None,
        defaults={"started_at": now},
    )
    slip.case.__dict__.pop("active_parts", None)


def _reported(
    slip: TransferSlip, kind: str, *, actor: Staff, now: datetime, texts: dict[str, str], people: HallPeople
) -> None:
    """A leg is done. When the lead has reported and no leg is open, the case is back for feedback."""
    case = slip.case
    events = clocks.finish(case, ClockKind.HANDLE, now=now, slip=slip)
    if slip.planned_at is not None:
        # What was planned is done.
        events += clocks.finish(case, ClockKind.PLAN, now=now, slip=slip)
    events += clocks.cancel(case, now=now, slip=slip)
    events += settle(slip, people=people, now=now)
    moved = case.state != CaseState.TRANSFERRED
    write_down(case, kind, actor=actor, now=now, slip=slip, clock_events=events, texts=texts, moves=moved)
    tell_what_follows(slip, actor=actor, people=people, now=now)
