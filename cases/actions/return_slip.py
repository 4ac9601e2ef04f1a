"""Returning a slip: freely before it is signed in; after that the director is asked, who consents or refuses."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import clocks
from cases.actions.legs import close_to_department, settle, tell_what_follows, tell_who_decides
from cases.actions.moving import lock_slip, move, required, write_down
from cases.actions.tell import tell
from cases.models import TransferSlip
from cases.people import HallPeople
from cases.vocabulary import CaseState
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Staff


@transaction.atomic
def return_unsigned(*, slip_id: int, transition_no: int, actor: Staff, now: datetime, reason: str) -> TransferSlip:
    """Return a slip that is not the department's own, before signing it. The second return goes to the director."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    reason = required(reason, "reason", _("Write down why it is not yours, and whose it is if you know."))
    move(slip, "return_unsigned", actor, reason=reason, now=now)
    events = clocks.finish(slip.case, ClockKind.SIGN_IN, now=now, slip=slip)
    _returned(slip, "slip.returned", events, texts={"reason": reason}, actor=actor, now=now)
    return slip


@transaction.atomic
def ask_return(*, slip_id: int, transition_no: int, actor: Staff, now: datetime, reason: str) -> TransferSlip:
    """Signed in, and not the department's own after all: the director is asked. The work goes on meanwhile."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    reason = required(reason, "reason", _("Write down why it is not yours, and whose it is if you know."))
    move(slip, "ask_return", actor, reason=reason, now=now)
    case = slip.case
    write_down(case, "slip.return_asked", actor=actor, now=now, slip=slip, texts={"reason": reason}, moves=False)
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        people.first_level(people.directors, people.street, people.supervisors, without=case.barred_ids),
        gettext_noop("%(department)s asks to return %(slip)s: consent or refuse"),
        {"department": slip.department.name, "slip": slip.number},
        key=f"slip:{slip.pk}:return-asked:{slip.transition_no}",
        now=now,
        people=people,
        but=actor,
    )
    return slip


@transaction.atomic
def return_signed(*, slip_id: int, transition_no: int, actor: Staff, now: datetime) -> TransferSlip:
    """The director consents: the slip is returned."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    move(slip, "return_signed", actor, now=now)
    _returned(slip, "slip.return_granted", [], texts={}, actor=actor, now=now)
    return slip


@transaction.atomic
def refuse_return(*, slip_id: int, transition_no: int, actor: Staff, now: datetime, reason: str) -> TransferSlip:
    """The director decides that the department keeps it; that is binding."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    reason = required(reason, "reason", _("Write down why the department keeps it."))
    move(slip, "refuse_return", actor)
    case = slip.case
    write_down(case, "slip.return_refused", actor=actor, now=now, slip=slip, texts={"reason": reason}, moves=False)
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        people.of_slip(slip, case, without=case.barred_ids),
        gettext_noop("The director decided that %(slip)s stays with you"),
        {"slip": slip.number},
        key=f"slip:{slip.pk}:return-refused:{slip.transition_no}",
        now=now,
        people=people,
        but=actor,
    )
    return slip


def _returned(
    slip: TransferSlip,
    kind: str,
    events: list[clocks.ClockEvent],
    *,
    texts: dict[str, str],
    actor: Staff,
    now: datetime,
) -> None:
    """The slip is the department's no more; the case is back to be decided, or goes on with the others."""
    case = slip.case
    people = HallPeople.of(case.hall, now)
    events = events + clocks.cancel(case, now=now, slip=slip)
    had_it = people.of_slip(slip, case, without=case.barred_ids)
    events += settle(slip, people=people, now=now)
    close_to_department(slip, people=people, now=now)
    write_down(case, kind, actor=actor, now=now, slip=slip, clock_events=events, texts=texts)
    if case.state != CaseState.FEEDBACK:
        tell_who_decides(
            slip,
            gettext_noop("%(department)s returned %(slip)s: decide where it goes"),
            key=f"slip:{slip.pk}:returned",
            actor=actor,
            people=people,
            now=now,
        )
    if kind == "slip.return_granted":
        tell(
            case,
            had_it,
            gettext_noop("The director consented: %(slip)s is no longer yours"),
            {"slip": slip.number},
            key=f"slip:{slip.pk}:return-granted",
            now=now,
            people=people,
            but=actor,
            level="info",
        )
    tell_what_follows(slip, actor=actor, people=people, now=now)
