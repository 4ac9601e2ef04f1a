"""The resident is told, before a limit, that it may take longer: by the desk, where no message reaches them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.inform import check_means
from cases.actions.moving import lock_case, move, to_the_minute, write_down
from cases.models import Case
from foundation.deadlines.moves import iso
from foundation.organization.models import Staff
from foundation.refusals import Refused


@transaction.atomic
def tell_delay(
    *, case_id: int, transition_no: int, actor: Staff, now: datetime, means: str, told_at: datetime, told_to: str = ""
) -> Case:
    """means: how; told_to: who took it, where that was not the resident."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    check_means(case, means)
    due_at = case.delay_due_at
    move(case, "tell_delay", actor, told_at=told_at)
    assert due_at is not None
    if told_at > now:
        raise Refused(_("The time lies in the future."), field="told_at")
    if case.accepted_at is not None and told_at < to_the_minute(case.accepted_at):
        raise Refused(_("Nothing had been promised yet at that time."), field="told_at")
    write_down(
        case,
        "case.delay_told",
        actor=actor,
        now=now,
        happened_at=told_at,
        payload={"means": means, "due_at": iso(due_at), "in_time": told_at <= due_at},
        texts={"told_to": told_to.strip()},
    )
    return case
