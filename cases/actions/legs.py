"""What follows when a department's leg of a case is over: reported, returned or recalled."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_noop

from cases import clocks, standing
from cases.actions.merged import lock_merged, share_result
from cases.actions.moving import follow
from cases.actions.tell import page_of, tell
from cases.models import Case, TransferSlip
from cases.people import HallPeople
from cases.vocabulary import GONE_SLIP_STATES, OPEN_SLIP_STATES, CaseState, SlipKind, SlipState
from foundation.deadlines.models import ClockKind
from foundation.notifications.actions import withdraw
from foundation.organization.models import Staff

RETURNS_BEFORE_DIRECTOR = 2


def returns_of(case: Case) -> int:
    return case.slips.filter(state=SlipState.RETURNED).count()


def settle(slip: TransferSlip, *, people: HallPeople, now: datetime) -> list[clocks.ClockEvent]:
    """Where the case is now: with the departments that still work, complete for feedback, or back to be decided.

    The promise runs on whatever happens here. A round that lost its lead department waits for another one, also while
    the assisting ones work: that is the director's to decide, under the dispatch clock.
    """
    case = slip.case
    slip.save()
    if slip.state == SlipState.RETURNED and returns_of(case) >= RETURNS_BEFORE_DIRECTOR:
        case.is_referred = True
    if case.slips.filter(round=case.round, state__in=OPEN_SLIP_STATES).exists():
        return _decide_again(case, people=people, now=now) if slip.is_lead and slip.state in GONE_SLIP_STATES else []
    if standing.lead_has_reported(case):
        merged = lock_merged(case)
        follow(case, "collect_results", now=now)
        share_result(case, merged, actor=None, now=now)
        director = people.director(without=case.barred_ids) if case.is_coordinated else None
        case.responsible_staff, case.responsible_department = director or case.first_contact_owner, None
        return [clocks.start(case, ClockKind.FEEDBACK, now=now, not_after=case.promise_due_at)]
    follow(case, "come_back")
    return _decide_again(case, people=people, now=now)


def _decide_again(case: Case, *, people: HallPeople, now: datetime) -> list[clocks.ClockEvent]:
    director = people.director(without=case.barred_ids) if case.is_referred else None
    case.responsible_staff, case.responsible_department = director or case.first_contact_owner, None
    # It runs already where the lead department went before the last of the others did.
    if case.deadlines.running().filter(slip=None, kind=ClockKind.DISPATCH).exists():
        return []
    return [clocks.start(case, ClockKind.DISPATCH, now=now)]


def close_to_department(slip: TransferSlip, *, people: HallPeople, now: datetime) -> None:
    """What its people were told about the case is taken back, as far as they do not see it any more.

    After the slip's clocks were stopped: a sweep at work on them has told by then what it had to tell.
    """
    members = people.handlers(slip.department_id) | people.heads(slip.department_id)
    for person in (people.staff[pk] for pk in sorted(members)):
        if not Case.objects.visible_to(person).filter(pk=slip.case_id).exists():
            withdraw(chain=slip.case.chain, recipient=person, page=page_of(slip.case), now=now)


def tell_who_decides(
    slip: TransferSlip, text: str, *, key: str, actor: Staff, people: HallPeople, now: datetime
) -> None:
    """A slip is gone. text: what its department did, for whoever decides where the matter goes."""
    case = slip.case
    if case.is_referred:
        listeners = people.first_level(people.directors, people.street, people.supervisors, without=case.barred_ids)
    else:
        listeners = people.at_desk(case, without=case.barred_ids)
    tell(
        case,
        listeners,
        text,
        {"department": slip.department.name, "slip": slip.number},
        key=key,
        now=now,
        people=people,
        but=actor,
    )


def tell_what_follows(slip: TransferSlip, *, actor: Staff, people: HallPeople, now: datetime) -> None:
    """The lead department hears that the others are done; whoever informs the resident, that all of them are."""
    case = slip.case
    if case.state == CaseState.FEEDBACK:
        listeners = people.directors if case.is_coordinated else {case.first_contact_owner_id}
        tell(
            case,
            people.first_level(listeners, people.directors, people.street, people.supervisors, without=case.barred_ids),
            gettext_noop("%(department)s has reported on %(number)s: tell the resident"),
            {"department": _lead_of(slip).department.name, "number": case.number},
            key=f"slip:{slip.pk}:reported:{slip.transition_no}",
            now=now,
            people=people,
            but=actor,
        )
        return
    still_open = list(case.slips.open().filter(round=case.round).select_related("department"))
    if len(still_open) != 1 or not case.is_coordinated or not still_open[0].is_lead or slip.is_lead:
        return
    lead = still_open[0]
    tell(
        case,
        people.of_slip(lead, case, without=case.barred_ids),
        gettext_noop("The assisting departments are done with %(number)s: report the combined result on %(slip)s"),
        {"number": case.number, "slip": lead.number},
        key=f"slip:{lead.pk}:others-done:{slip.pk}:{slip.transition_no}",
        now=now,
        people=people,
        but=actor,
    )


def _lead_of(slip: TransferSlip) -> TransferSlip:
    """Whose result ended the round: of a coordinated case not always the slip that came last."""
    if slip.is_lead:
        return slip
    reported = slip.case.slips.filter(round=slip.round, kind=SlipKind.LEAD, state=SlipState.REPORTED)
    return reported.select_related("department").first() or slip
