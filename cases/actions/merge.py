"""Merge: several residents brought the same matter. One case is worked on; every resident is answered on their own."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import clocks, standing
from cases.actions.accept import promise
from cases.actions.merged import go_alone, tell_alone
from cases.actions.moving import lock_case, move, required, write_down
from cases.actions.recall_open import recall_open_slips, tell_recalled
from cases.actions.tell import tell
from cases.models import Case
from cases.people import HallPeople, open_lead_slip
from cases.vocabulary import CaseState
from foundation.deadlines.models import ClockKind
from foundation.ledger.actions import hold
from foundation.organization.models import Staff
from foundation.refusals import Refused

MAIN_STATES = (CaseState.REGISTERED, CaseState.ACCEPTED, CaseState.TRANSFERRED)
"""While the main case has no result yet; afterwards there is nothing left to wait for together."""
ENDED_BY_MERGING = [kind for kind in ClockKind if kind not in (ClockKind.PROMISE, ClockKind.SUPERVISION)]


@transaction.atomic
def merge(*, case_id: int, transition_no: int, actor: Staff, now: datetime, main_id: int) -> Case:
    """This case goes on with the main one. Both records keep the other's number and head at this moment.

    The main case is locked first, and this one without waiting: of two opposite merges at least one is refused as
    Stale, and neither waits for the other.
    """
    main = lock_case(case_id=main_id, actor=actor, transition_no=None)
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no, waits=False)
    _check(case, main)
    is_new = case.state == CaseState.REGISTERED
    move(case, "merge", actor, main_case=main, now=now)
    slips, events = recall_open_slips(case, now=now)
    events += clocks.cancel(case, now=now, kinds=ENDED_BY_MERGING)
    if is_new:
        events.append(promise(case, now=now))
    case.responsible_staff, case.responsible_department = case.first_contact_owner, None
    chains = hold([case.chain_id, main.chain_id])
    heads = {one.pk: bytes(chains[one.chain_id].head).hex() for one in (case, main)}
    write_down(
        case,
        "case.merged",
        actor=actor,
        now=now,
        clock_events=events,
        payload={"main": main.number, "main_head": heads[main.pk], "recalled": [slip.number for slip in slips]},
    )
    entry = write_down(
        main,
        "case.merged_with",
        actor=actor,
        now=now,
        payload={"merged": case.number, "merged_head": heads[case.pk]},
        moves=False,
    )
    people = HallPeople.of(case.hall, now)
    tell_recalled(
        slips, gettext_noop("%(slip)s is recalled: the case goes on with another one"), people, actor=actor, now=now
    )
    tell(
        main,
        _who_has(main, people),
        gettext_noop("%(merged)s has been merged into %(number)s: one result is to answer both"),
        {"merged": case.number, "number": main.number},
        key=f"merged:{entry.chain_id}:{entry.seq}",
        now=now,
        people=people,
        but=actor,
    )
    return case


@transaction.atomic
def unmerge(*, case_id: int, transition_no: int, actor: Staff, now: datetime, reason: str) -> Case:
    """The director: it is not the same matter after all. It is accepted again, and its promise runs on."""
    main_id = Case.objects.values_list("main_case", flat=True).get(pk=case_id)
    main = None
    if main_id is not None:
        main = lock_case(case_id=main_id, actor=None, transition_no=None)
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no, waits=main is None)
    reason = required(reason, "reason", _("Write down why it is a matter of its own."))
    move(case, "unmerge", actor)
    people = HallPeople.of(case.hall, now)
    events = go_alone(case, people=people, now=now)
    number = main.number if main else ""
    if main is not None:
        hold([case.chain_id, main.chain_id])
    entry = write_down(
        case,
        "case.unmerged",
        actor=actor,
        now=now,
        clock_events=events,
        payload={"main": number},
        texts={"reason": reason},
    )
    if main is not None:
        write_down(main, "case.unmerged_from", actor=actor, now=now, payload={"merged": case.number}, moves=False)
    tell_alone(case, people=people, actor=actor, now=now, key=f"merged:{entry.chain_id}:{entry.seq}")
    return case


def _check(case: Case, main: Case) -> None:
    """Raises Refused, saying why the two do not go together."""
    names = {"number": main.number, "state": main.get_state_display()}
    if main.pk == case.pk:
        raise Refused(_("A case is not merged into itself."), field="main")
    if main.hall_id != case.hall_id:
        raise Refused(_("Choose a case of this hall."), field="main")
    if main.state == CaseState.MERGED and main.main_case is not None:
        raise Refused(
            _("%(number)s is itself merged into %(main)s; choose that one.") % {**names, "main": main.main_case.number},
            field="main",
        )
    if main.state not in MAIN_STATES:
        raise Refused(
            _("%(number)s is “%(state)s”: only a case without a result yet takes others in.") % names, field="main"
        )
    if main.is_hidden:
        raise Refused(
            _("Who brought %(number)s hides their identity: such a case stays by itself.") % names, field="main"
        )
    if case.state == CaseState.TRANSFERRED and standing.lead_has_reported(case):
        raise Refused(_("Its lead department has reported: this case has a result of its own."))
    if case.merged_cases.filter(state=CaseState.MERGED).exists():
        raise Refused(_("Other cases have been merged into this one: merge the other one into it instead."))
    if case.barred_ids != main.barred_ids:
        raise Refused(
            _("The two do not concern the same staff: who is complained about in one would work on the other."),
            field="main",
        )
    if case.is_complaint_about_staff() and not main.is_complaint_or_report():
        raise Refused(
            _("%(number)s is neither a complaint nor a report: what this one is about would not be looked into.")
            % names,
            field="main",
        )


def _who_has(main: Case, people: HallPeople) -> set[int]:
    """Who works on the main case now: the department that has it, else the desk."""
    slip = open_lead_slip(main) if main.state == CaseState.TRANSFERRED else None
    if slip is None:
        return people.at_desk(main, without=main.barred_ids)
    slip.case = main
    return people.of_slip(slip, main, without=main.barred_ids)
