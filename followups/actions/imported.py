"""What an old register says was answered is closed: nobody can be asked any more how it was."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import clocks
from cases.actions.moving import follow, lock_case, write_down
from cases.models import Case
from cases.powers import acts_as_receptionist
from followups.models import NotEvaluatedBecause, UnevaluatedRound
from foundation.organization.models import Department, Staff
from foundation.refusals import NotAllowed, WrongState


@transaction.atomic
def close_imported(
    *, case_id: int, transition_no: int, actor: Staff, now: datetime, department: Department | None = None
) -> Case:
    """Archive what came in answered, without an evaluation. department: who handled it, if the register says so.

    Whoever took the register in counts as handler, and so could not follow it up; that is why nobody presses this.
    """
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    if case.imported_at is None or now >= case.imported_at:
        raise WrongState(_("Only what came in answered from an old register is closed in this way."))
    if not acts_as_receptionist(case, actor):
        raise NotAllowed(_("You have no right to do this on this case."))
    follow(case, "archive", now=now)
    UnevaluatedRound.objects.create(
        case=case, round=case.round, because=NotEvaluatedBecause.IMPORTED, closed_by=actor, at=now
    )
    # Not met: nobody was asked, and no figure may say that somebody was.
    events = clocks.cancel(case, now=now)
    case.responsible_staff = case.responsible_department = None
    write_down(
        case,
        "case.archived",
        actor=actor,
        now=now,
        clock_events=events,
        payload={
            "not_evaluated_because": NotEvaluatedBecause.IMPORTED.value,
            "handled_by": department.name if department else None,
        },
    )
    return case
