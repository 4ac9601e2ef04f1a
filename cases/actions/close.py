"""How a round ends. The follow-up decides; these are called by the room followups, inside its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from cases import clocks
from cases.actions.accept import promise
from cases.actions.moving import follow, move, write_down
from cases.models import Case
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Staff


@transaction.atomic
def archive(
    *,
    case: Case,
    actor: Staff | None,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
) -> Case:
    """Close a case whose follow-up found nothing open. case: locked by the caller with lock_case."""
    follow(case, "archive", now=now)
    events = clocks.finish(case, ClockKind.FOLLOW_UP, now=now)
    events += clocks.finish(case, ClockKind.OUTCOME, now=now)
    events += clocks.cancel(case, now=now)
    case.responsible_staff = case.responsible_department = None
    write_down(case, "case.archived", actor=actor, now=now, clock_events=events, payload=payload, texts=texts)
    return case


@transaction.atomic
def reopen(
    *,
    case: Case,
    actor: Staff | None,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
) -> Case:
    """Not satisfied: a new round begins, with a promise of its own and another handler."""
    events = clocks.finish(case, ClockKind.FOLLOW_UP, now=now)
    events += clocks.finish(case, ClockKind.OUTCOME, now=now)
    events += clocks.cancel(case, now=now)
    follow(case, "reopen", now=now)
    events += _begin_round(case, now=now)
    write_down(case, "case.reopened", actor=actor, now=now, clock_events=events, payload=payload, texts=texts)
    return case


@transaction.atomic
def reopen_archived(
    *,
    case: Case,
    actor: Staff,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
) -> Case:
    """What came after the archive was not settled: a new round, as if it had been said in time."""
    move(case, "reopen_archived", actor, now=now)
    events = _begin_round(case, now=now)
    kind = "case.reopened_after_archive"
    write_down(case, kind, actor=actor, now=now, clock_events=events, payload=payload, texts=texts)
    return case


def _begin_round(case: Case, *, now: datetime) -> list[clocks.ClockEvent]:
    case.outside_due_at = None
    case.responsible_staff, case.responsible_department = case.first_contact_owner, None
    return [clocks.start(case, ClockKind.DISPATCH, now=now), promise(case, now=now)]
