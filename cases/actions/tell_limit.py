"""The resident is told that the promised date has moved, or that the matter is shelved."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.inform import check_means
from cases.actions.moving import lock_case, move, to_the_minute, write_down
from cases.models import Case
from foundation.organization.models import Staff
from foundation.refusals import Refused


@transaction.atomic
def tell_limit(
    *, case_id: int, transition_no: int, actor: Staff, now: datetime, means: str, told_at: datetime, told_to: str = ""
) -> Case:
    """means: how; told_to: who took it, where that was not the resident. Anonymous: the tracking page shows it."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    check_means(case, means)
    changed_at = case.limit_changed_at
    move(case, "tell_limit", actor)
    if told_at > now:
        raise Refused(_("The time lies in the future."), field="told_at")
    if changed_at is not None and told_at < to_the_minute(changed_at):
        raise Refused(_("The date had not moved yet at that time."), field="told_at")
    write_down(
        case,
        "case.limit_told",
        actor=actor,
        now=now,
        happened_at=told_at,
        payload={"means": means, "due_at": case.promise_due_at.isoformat() if case.promise_due_at else None},
        texts={"told_to": told_to.strip()},
    )
    return case
