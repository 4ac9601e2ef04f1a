"""Nudge: whoever sees a matter through reminds the department of what is wanted, and by when. No clock runs for it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.actions.moving import lock_case, move, required, write_down
from cases.actions.press import check_by_when
from cases.actions.tell import tell
from cases.models import Case, TransferSlip
from cases.people import HallPeople
from foundation.organization.models import Staff
from foundation.refusals import Refused


@transaction.atomic
def nudge(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    slips: Collection[TransferSlip],
    wanted: str,
    due_at: datetime,
) -> Case:
    """slips: those open slips of the case whose departments are reminded."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    wanted = required(wanted, "wanted", _("Write down what is wanted."))
    check_by_when(due_at, now)
    open_slips = case.slips.open().filter(pk__in=[slip.pk for slip in slips])
    chosen = list(open_slips.select_related("department").order_by("pk"))
    move(case, "nudge", actor)
    if not chosen or len(chosen) != len(slips):
        raise Refused(_("Choose a department that works on the case now."), field="slips")
    entry = write_down(
        case,
        "case.nudged",
        actor=actor,
        now=now,
        payload={"slips": [slip.number for slip in chosen], "due_at": due_at.astimezone(UTC).isoformat()},
        texts={"wanted": wanted},
    )
    people = HallPeople.of(case.hall, now)
    for slip in chosen:
        tell(
            case,
            people.of_slip(slip, case, without=case.barred_ids),
            gettext_noop("%(slip)s is urged: read what is wanted until %(due_at)s"),
            {"slip": slip.number, "due_at": due_at.isoformat()},
            key=f"nudge:{entry.chain_id}:{entry.seq}:{slip.pk}",
            now=now,
            people=people,
            but=actor,
        )
    return case
