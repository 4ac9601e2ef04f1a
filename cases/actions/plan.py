"""The plan: how the lead department goes about a coordinated case, or an outside unit about its rectification.

A complaint may have one in any case, with a date of its own by which it is carried out (S3, chapter 3.3.2).
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import clocks
from cases.actions.moving import lock_slip, move, required, write_down
from cases.models import TransferSlip
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Staff
from foundation.refusals import Refused


@transaction.atomic
def record_plan(
    *, slip_id: int, transition_no: int, actor: Staff, now: datetime, plan: str, until: datetime | None = None
) -> TransferSlip:
    """Write the plan down; once, and whoever works on the case reads it. until: when it is to be carried out."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    plan = required(plan, "plan", _("Write down who does what, and by when."))
    promise = slip.case.promise_due_at
    if until is not None and until <= now:
        raise Refused(_("This moment is over."), field="until")
    if until is not None and promise is not None and now < promise < until:
        raise Refused(_("The resident was promised an answer before that; ask for an extension first."), field="until")
    move(slip, "record_plan", actor, plan=plan, now=now)
    events = clocks.finish(slip.case, ClockKind.PLAN, now=now, slip=slip)
    if until is not None:
        events.append(clocks.start_until(slip.case, ClockKind.PLAN, now=now, due_at=until, slip=slip))
    write_down(
        slip.case,
        "slip.planned",
        actor=actor,
        now=now,
        slip=slip,
        clock_events=events,
        texts={"plan": plan},
        moves=False,
    )
    return slip
