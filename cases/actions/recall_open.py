"""Every department that still works on a matter is told to stop: it was withdrawn, or goes on as part of another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cases import clocks, supervision
from cases.actions.legs import close_to_department
from cases.actions.moving import follow
from cases.actions.tell import tell
from cases.models import Case, TransferSlip
from cases.people import HallPeople
from foundation.organization.models import Staff


def recall_open_slips(case: Case, *, now: datetime) -> tuple[list[TransferSlip], list[clocks.ClockEvent]]:
    """Recall them all, with their clocks and notices. Each is saved here; the caller writes the case's own entry."""
    events: list[clocks.ClockEvent] = []
    locked = case.slips.open().select_for_update(no_key=True, of=("self",))
    slips = list(locked.select_related("department", "hall", "handler").order_by("pk"))
    for slip in slips:
        slip.case = case
        follow(slip, "recall", now=now)
        events += clocks.cancel(case, now=now, slip=slip)
        events += supervision.notices_follow(case, slip, actor=None, now=now)
        slip.next_due_at = None
        slip.transition_no += 1
        slip.save()
    return slips, events


def tell_recalled(
    slips: Iterable[TransferSlip], text: str, people: HallPeople, *, actor: Staff | None, now: datetime
) -> None:
    """text: an English message id with %(slip)s."""
    for slip in slips:
        close_to_department(slip, people=people, now=now)
        tell(
            slip.case,
            people.of_slip(slip, slip.case, without=slip.case.barred_ids),
            text,
            {"slip": slip.number},
            key=f"slip:{slip.pk}:recalled",
            now=now,
            people=people,
            but=actor,
            level="info",
        )
