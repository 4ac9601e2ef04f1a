"""The plan: how the lead department goes about a coordinated case, or an outside unit about its rectification."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import clocks
from cases.actions.moving import lock_slip, move, required, write_down
from cases.models import TransferSlip
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Staff


@transaction.atomic
def record_plan(*, slip_id: int, transition_no: int, actor: Staff, now: datetime, plan: str) -> TransferSlip:
    """Write the plan down; once, and whoever works on the case reads it."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    plan = required(plan, "plan", _("Write down who does what, and by when."))
    move(slip, "record_plan", actor, plan=plan, now=now)
    events = clocks.finish(slip.case, ClockKind.PLAN, now=now, slip=slip)
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
