"""Starting, stopping and cancelling the clocks of a case. Every action does it here, inside its own transaction.

Each function returns what it did as a dict for the payload of the action's ledger entry:
{"kind", "event": "started" | "met" | "met_late" | "cancelled", "due_at": ISO in UTC, "slip": number or absent}.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Min

from cases.models import Case, CaseDeadline, TransferSlip
from cases.vocabulary import ClockOutcome, Urgency
from foundation.deadlines.calendar import Unit
from foundation.deadlines.explanation import NOT_BEYOND_PROMISE, OLD_LIMIT_KEPT, SET_FROM_ABOVE
from foundation.deadlines.ladder import ladder_for, step_moment
from foundation.deadlines.models import ClockKind
from foundation.deadlines.terms import calendar_for, schedule
from foundation.organization.duty import on_call

ClockEvent = dict[str, Any]
WARNING_SHARE = 0.75


def start(
    case: Case,
    kind: ClockKind,
    *,
    now: datetime,
    slip: TransferSlip | None = None,
    variant: str = "",
    not_after: datetime | None = None,
    exactly: datetime | None = None,
) -> ClockEvent:
    """Start one clock under the most specific term.

    not_after: an outer limit that this one may not pass, unless it has passed itself already.
    exactly: a due time set from outside (handed down from above), which overrides the term.
    """
    plan = schedule(
        case.hall,
        kind=kind,
        start=now,
        nature=case.nature,
        category=case.category,
        urgency=case.urgency,
        variant=variant,
        on_call=case.urgency == Urgency.URGENT and bool(on_call(case.hall, now)),
    )
    due_at, warn_at, explanation = plan.due_at, plan.warn_at, plan.explanation
    limit = exactly if exactly and exactly > plan.start else None
    if limit is None and not_after and plan.start < not_after < due_at:
        limit = not_after
    if limit is not None:
        due_at = limit
        warn_at = plan.start + (due_at - plan.start) * WARNING_SHARE
        reason = SET_FROM_ABOVE if exactly and limit == exactly else NOT_BEYOND_PROMISE
        explanation = {**explanation, "overridden": reason, "overridden_due_at": due_at.astimezone(UTC).isoformat()}
    clock = CaseDeadline(
        case=case,
        slip=slip,
        hall=case.hall,
        kind=kind,
        round=case.round,
        term=plan.term,
        length=plan.term.length,
        unit=plan.term.unit,
        is_urgent=case.urgency == Urgency.URGENT,
        started_at=plan.start,
        warn_at=warn_at,
        due_at=due_at,
        explanation=explanation,
    )
    clock.next_alert_at = first_look(clock)
    clock.save(force_insert=True)
    if kind == ClockKind.PROMISE:
        case.promise_due_at = due_at
    return _event(clock, "started")


def start_until(
    case: Case, kind: ClockKind, *, now: datetime, due_at: datetime, slip: TransferSlip | None = None
) -> ClockEvent:
    """Start a clock whose end somebody sets by hand, as on a supervision notice; no term stands behind it."""
    minutes = max(1, int((due_at - now).total_seconds() // 60))
    moments = {"happened_at": now, "start": now, "due_at": due_at}
    clock = CaseDeadline(
        case=case,
        slip=slip,
        hall=case.hall,
        kind=kind,
        round=case.round,
        length=minutes,
        unit=Unit.MINUTES,
        is_urgent=case.urgency == Urgency.URGENT,
        started_at=now,
        warn_at=now + (due_at - now) * WARNING_SHARE,
        due_at=due_at,
        explanation={
            **{name: moment.astimezone(UTC).isoformat() for name, moment in moments.items()},
            "by_hand": True,
            "calendar_version": calendar_for(case.hall).version,
        },
    )
    clock.next_alert_at = first_look(clock)
    clock.save(force_insert=True)
    return _event(clock, "started")


def first_look(clock: CaseDeadline) -> datetime | None:
    """When the sweep must look at this clock first: the first step of the hall's ladder."""
    ladder = ladder_for(clock.hall)
    if not ladder:
        return None
    return step_moment(
        ladder[0],
        started_at=clock.started_at,
        warn_at=clock.warn_at,
        due_at=clock.due_at,
        calendar=calendar_for(clock.hall),
    )


def finish(case: Case, kind: ClockKind, *, now: datetime, slip: TransferSlip | None = None) -> list[ClockEvent]:
    """Stop the running clock of this kind as met, or met late. Nothing runs: nothing happens."""
    return [
        _stop(clock, ClockOutcome.MET if now <= clock.due_at else ClockOutcome.MET_LATE, now)
        for clock in _running(case, slip, [kind])
    ]


def cancel(
    case: Case, *, now: datetime, kinds: Sequence[ClockKind] | None = None, slip: TransferSlip | None = None
) -> list[ClockEvent]:
    """Cancel running clocks of the case (or of one slip); kinds=None: all of them."""
    return [_stop(clock, ClockOutcome.CANCELLED, now) for clock in _running(case, slip, kinds)]


def restart_with_old_limit(case: Case, kind: ClockKind, *, slip: TransferSlip, now: datetime) -> ClockEvent:
    """Run a finished clock of a slip again under its old due time; at least one working day is left."""
    old = case.deadlines.filter(slip=slip, kind=kind).order_by("-started_at", "-pk").first()
    if old is None:
        return start(case, kind, now=now, slip=slip)
    calendar = calendar_for(case.hall)
    due_at = max(old.due_at, calendar.due(now, 1, "working_days"))
    clock = CaseDeadline(
        case=case,
        slip=slip,
        hall=case.hall,
        kind=kind,
        round=case.round,
        term=old.term,
        length=old.length,
        unit=old.unit,
        is_urgent=old.is_urgent,
        started_at=now,
        due_at=due_at,
        warn_at=now + (due_at - now) * WARNING_SHARE,
        explanation={
            **old.explanation,
            "overridden": OLD_LIMIT_KEPT,
            "overridden_due_at": due_at.astimezone(UTC).isoformat(),
        },
    )
    clock.next_alert_at = first_look(clock)
    clock.save(force_insert=True)
    return _event(clock, "started")


def keep_next_due(case: Case, slip: TransferSlip | None) -> None:
    """Write the earliest running due time to the rows that lists are ordered by. The caller saves both."""
    running = CaseDeadline.objects.ticking().filter(case=case)
    case.next_due_at = running.aggregate(earliest=Min("due_at"))["earliest"]
    if slip is not None:
        slip.next_due_at = running.filter(slip=slip).aggregate(earliest=Min("due_at"))["earliest"]


def _running(case: Case, slip: TransferSlip | None, kinds: Iterable[ClockKind] | None) -> list[CaseDeadline]:
    clocks = CaseDeadline.objects.running().filter(case=case, slip=slip).select_for_update(no_key=True).order_by("pk")
    return list(clocks.filter(kind__in=list(kinds)) if kinds is not None else clocks)


def _stop(clock: CaseDeadline, outcome: ClockOutcome, now: datetime) -> ClockEvent:
    clock.outcome = outcome
    clock.finished_at = now
    clock.next_alert_at = None
    clock.failed_at = None
    clock.failure = ""
    clock.save(update_fields=["outcome", "finished_at", "next_alert_at", "failed_at", "failure"])
    return _event(clock, outcome.value)


def _event(clock: CaseDeadline, event: str) -> ClockEvent:
    told: ClockEvent = {"kind": clock.kind, "event": event, "due_at": clock.due_at.astimezone(UTC).isoformat()}
    if clock.slip is not None:
        told["slip"] = clock.slip.number
    return told
