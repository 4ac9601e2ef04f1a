"""Recall: whoever issued a slip takes it back from the department."""

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
from foundation.organization.models import Staff


@transaction.atomic
def recall(*, slip_id: int, transition_no: int, actor: Staff, now: datetime, reason: str) -> TransferSlip:
    """The department is told why it loses the slip; its clocks are cancelled, the promise runs on."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    reason = required(reason, "reason", _("Write down why the slip is taken back."))
    move(slip, "recall", actor, now=now)
    case = slip.case
    people = HallPeople.of(case.hall, now)
    had_it = people.of_slip(slip, case, without=case.barred_ids)
    events = clocks.cancel(case, now=now, slip=slip)
    events += settle(slip, people=people, now=now)
    close_to_department(slip, people=people, now=now)
    write_down(case, "slip.recalled", actor=actor, now=now, slip=slip, clock_events=events, texts={"reason": reason})
    tell(
        case,
        had_it,
        gettext_noop("%(slip)s was taken back: it is no longer yours"),
        {"slip": slip.number},
        key=f"slip:{slip.pk}:recalled",
        now=now,
        people=people,
        but=actor,
        level="info",
    )
    if case.state == CaseState.ACCEPTED:
        tell_who_decides(
            slip,
            gettext_noop("%(slip)s was taken back from %(department)s: decide where it goes"),
            key=f"slip:{slip.pk}:recalled-decide",
            actor=actor,
            people=people,
            now=now,
        )
    tell_what_follows(slip, actor=actor, people=people, now=now)
    return slip
