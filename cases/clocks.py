"""Starting, stopping and cancelling the clocks of a case. Every action does it here, inside its own transaction.

Each function returns what it did as a dict for the payload of the action's ledger entry:
{"kind", "event", "due_at": ISO in UTC, "slip": number or absent}; the events are "started", "met", "met_late",
"cancelled", and of a clock that goes on "paused", "resumed", "extended", "moved".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection

from cases.models import Case, CaseDeadline, Pause, TransferSlip
from cases.models.deadline import TOLD_OF
from cases.models.suspension import OPEN_PAUSES
from cases.vocabulary import ClockOutcome, Urgency
from foundation.deadlines import moves
from foundation.deadlines.calendar import Unit, WorkCalendar
from foundation.deadlines.explanation import NOT_BEYOND_PROMISE, OLD_LIMIT_KEPT, SET_FROM_ABOVE
from foundation.deadlines.ladder import Step, step_moment
from foundation.deadlines.models import ClockKind
from foundation.deadlines.moves import Limit
from foundation.deadlines.terms import schedule
from foundation.organization.duty import on_call

ClockEvent = dict[str, Any]
AHEAD: Final = f"""
    SELECT min(due_at), min(due_at) FILTER (WHERE slip_id = %s),
           EXISTS (SELECT FROM {Pause._meta.db_table} WHERE case_id = %s AND state = ANY(%s))
    FROM {CaseDeadline._meta.db_table} WHERE case_id = %s AND outcome = '' AND paused_at IS NULL
"""  # noqa: S608 - fixed texts
WARNING_SHARE = moves.WARNING_SHARE


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
    clock = _planned(case, kind, now=now, slip=slip, variant=variant, not_after=not_after, exactly=exactly)
    clock.save(force_insert=True)
    if kind == ClockKind.PROMISE:
        case.promise_due_at = clock.due_at
    return _event(clock, "started")


@dataclass(frozen=True)
class FirstClocks:
    """The clocks a case is registered with: planned before its row is written, so that it is written once."""

    clocks: list[CaseDeadline]

    @classmethod
    def plan(cls, case: Case, starts: Mapping[ClockKind, datetime]) -> FirstClocks:
        clocks = [_planned(case, kind, now=at) for kind, at in starts.items()]
        case.next_due_at = min(clock.due_at for clock in clocks)
        return cls(clocks)

    def start(self) -> list[ClockEvent]:
        """Once the case has its row."""
        CaseDeadline.objects.bulk_create(self.clocks)
        return [_event(clock, "started") for clock in self.clocks]


def _planned(
    case: Case,
    kind: ClockKind,
    *,
    now: datetime,
    slip: TransferSlip | None = None,
    variant: str = "",
    not_after: datetime | None = None,
    exactly: datetime | None = None,
) -> CaseDeadline:
    rules = case.rules
    plan = schedule(
        case.hall,
        calendar=rules.calendar,
        among=rules.terms,
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
    clock.next_alert_at = first_look(clock, case)
    return clock


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
            "calendar_version": case.rules.calendar.version,
        },
    )
    clock.next_alert_at = first_look(clock, case)
    clock.save(force_insert=True)
    return _event(clock, "started")


def first_look(clock: CaseDeadline, case: Case) -> datetime | None:
    """When the sweep must look at this clock of the case first: the first step of the hall's ladder."""
    ladder, imported_at = case.rules.ladder, case.imported_at
    if not ladder:
        return None

    def moment(step: Step) -> datetime:
        return step_moment(
            step,
            started_at=clock.started_at,
            warn_at=clock.warn_at,
            due_at=clock.due_at,
            calendar=case.rules.calendar,
        )

    if imported_at is None:
        return moment(ladder[0])
    # Out of an old register: what would have been told before it came in counts as told.
    clock.step = max((step.position for step in ladder if moment(step) <= imported_at), default=0)
    return min((moment(step) for step in ladder if step.position > clock.step), default=None)


def finish(case: Case, kind: ClockKind, *, now: datetime, slip: TransferSlip | None = None) -> list[ClockEvent]:
    """Stop the running clock of this kind as met, or met late. Nothing runs: nothing happens."""
    events = []
    for clock in _running(case, slip, [kind]):
        _let_go(clock, case, now)
        events.append(_stop(clock, ClockOutcome.MET if now <= clock.due_at else ClockOutcome.MET_LATE, now))
    return events


def cancel(
    case: Case, *, now: datetime, kinds: Sequence[ClockKind] | None = None, slip: TransferSlip | None = None
) -> list[ClockEvent]:
    """Cancel running clocks of the case (or of one slip).

    kinds=None: all of them but that of a supervision notice, which ends with its notice: see cases.supervision.
    """
    stopped = [clock for clock in _running(case, slip, kinds) if kinds or clock.kind != ClockKind.SUPERVISION]
    for clock in stopped:
        _let_go(clock, case, now)
    return [_stop(clock, ClockOutcome.CANCELLED, now) for clock in stopped]


def restart_with_old_limit(case: Case, kind: ClockKind, *, slip: TransferSlip, now: datetime) -> ClockEvent:
    """Run a finished clock of a slip again under its old due time; at least one working day is left."""
    old = case.deadlines.filter(slip=slip, kind=kind).order_by("-started_at", "-pk").first()
    if old is None:
        return start(case, kind, now=now, slip=slip)
    calendar = case.rules.calendar
    # As the calendar is now: it may have changed since the clock was stopped.
    kept, explanation = moves.replay(calendar, old.explanation)
    limit, move = moves.apply(calendar, kept, moves.sent_back(now))
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
        due_at=limit.due_at,
        warn_at=limit.warn_at,
        explanation={
            **explanation,
            "overridden": OLD_LIMIT_KEPT,
            "overridden_due_at": move["due_at"],
            "moves": [*explanation.get("moves", []), move],
        },
    )
    clock.next_alert_at = first_look(clock, case)
    clock.save(force_insert=True)
    return _event(clock, "started")


def hold(held: Iterable[CaseDeadline], *, now: datetime) -> list[ClockEvent]:
    """Clocks stand still from now on: nobody is alerted, and their due time is then still the old one."""
    events = []
    for clock in held:
        clock.paused_at = now
        clock.next_alert_at = None
        clock.failed_at, clock.failure = None, ""
        clock.save(update_fields=["paused_at", "next_alert_at", "failed_at", "failure"])
        events.append(_event(clock, "paused"))
    return events


def release(case: Case, held: Iterable[CaseDeadline], *, at: datetime) -> list[ClockEvent]:
    """Clocks run on from `at`: due and warned of later by the working time they stood still, and alerted anew."""
    events = []
    for clock in held:
        _let_go(clock, case, at)
        _save_moved(clock)
        events.append(_event(clock, "resumed"))
    return events


def extend(case: Case, extended: Iterable[CaseDeadline], *, working_days: int) -> list[ClockEvent]:
    """Clocks get that many working days more; a paused one stays paused."""
    events = []
    for clock in extended:
        _move(clock, case, moves.extended(working_days))
        _save_moved(clock)
        events.append(_event(clock, "extended"))
    return events


def follow_promise(case: Case) -> list[ClockEvent]:
    """What may not be due after the promise is cut off there, and moves with it once it was."""
    calendar = case.rules.calendar
    events = []
    for clock in _running(case, None, [ClockKind.FEEDBACK]):
        is_beyond = case.promise_due_at is not None and clock.started_at < case.promise_due_at < clock.due_at
        if clock.explanation.get("overridden") != NOT_BEYOND_PROMISE and not is_beyond:
            continue
        limit, explanation = computed_anew(clock, calendar, promise_due_at=case.promise_due_at)
        if limit.due_at != clock.due_at:
            clock.due_at, clock.warn_at, clock.explanation = limit.due_at, limit.warn_at, explanation
            clock.step, clock.next_alert_at = 0, None if clock.paused_at else first_look(clock, case)
            _save_moved(clock)
            events.append(_event(clock, "moved"))
    return events


def computed_anew(
    clock: CaseDeadline, calendar: WorkCalendar, *, promise_due_at: datetime | None
) -> tuple[Limit, dict[str, Any]]:
    """The limit of a running clock as this calendar gives it, with what was set and what has moved it since.

    Set by hand: as it is. Raises NeverOpens.
    """
    if clock.explanation.get("by_hand"):
        limit = Limit(clock.started_at, clock.due_at, clock.warn_at)
        return limit, {**clock.explanation, "calendar_version": calendar.version}
    limit, explanation = moves.replay(calendar, clock.explanation)
    if clock.kind == ClockKind.FEEDBACK and promise_due_at and limit.start < promise_due_at < limit.due_at:
        limit = moves.within(limit.start, promise_due_at)
        explanation |= {"overridden": NOT_BEYOND_PROMISE, "overridden_due_at": moves.iso(promise_due_at)}
    return limit, explanation


def moved_event(clock: CaseDeadline, was_due_at: datetime) -> ClockEvent:
    return {**_event(clock, "moved"), "was_due_at": moves.iso(was_due_at)}


def is_set_from_above(clock: CaseDeadline) -> bool:
    """A date that came down with the matter is nobody's here to move."""
    return bool(clock.explanation.get("overridden") == SET_FROM_ABOVE)


def forget_moot_delay(case: Case) -> None:
    """Nobody is to be told of a delay any more once its clock has stopped or ends at another time."""
    if case.delay_due_at is None:
        return
    running = CaseDeadline.objects.running().filter(case=case, kind__in=TOLD_OF, due_at=case.delay_due_at)
    if not running.exists():
        case.delay_due_at = None


@dataclass(frozen=True)
class Ahead:
    """What is the next to be due, of the case and of one of its slips, and whether anything stands still."""

    of_case: datetime | None
    of_slip: datetime | None
    has_pauses: bool

    def keep(self, case: Case, slip: TransferSlip | None) -> None:
        """Write it to the rows that lists are ordered by. The caller saves both."""
        case.next_due_at = self.of_case
        if slip is not None:
            slip.next_due_at = self.of_slip


def ahead(case: Case, slip: TransferSlip | None) -> Ahead:
    """One statement, because every verb asks it."""
    with connection.cursor() as cursor:
        cursor.execute(AHEAD, [slip.pk if slip is not None else None, case.pk, list(OPEN_PAUSES), case.pk])
        return Ahead(*cursor.fetchone())


def keep_next_due(case: Case, slip: TransferSlip | None) -> None:
    ahead(case, slip).keep(case, slip)


def _running(case: Case, slip: TransferSlip | None, kinds: Iterable[ClockKind] | None) -> list[CaseDeadline]:
    clocks = CaseDeadline.objects.running().filter(case=case, slip=slip).select_for_update(no_key=True).order_by("pk")
    found = list(clocks.filter(kind__in=list(kinds)) if kinds is not None else clocks)
    for clock in found:
        # Those the action holds, not rows of their own.
        clock.case, clock.slip = case, slip
    return found


def _let_go(clock: CaseDeadline, case: Case, at: datetime) -> None:
    """End a pause of the clock, if there is one; the caller saves it."""
    if clock.paused_at is None:
        return
    since, clock.paused_at = clock.paused_at, None
    _move(clock, case, moves.paused(since, at))


def _move(clock: CaseDeadline, case: Case, move: moves.Move) -> None:
    limit, kept = moves.apply(case.rules.calendar, Limit(clock.started_at, clock.due_at, clock.warn_at), move)
    clock.due_at, clock.warn_at = limit.due_at, limit.warn_at
    clock.explanation = {**clock.explanation, "moves": [*clock.explanation.get("moves", []), kept]}
    # Its alerts are of another due time: the steps of the ladder are taken again.
    clock.step = 0
    clock.next_alert_at = None if clock.paused_at else first_look(clock, case)
    if clock.kind == ClockKind.PROMISE:
        case.promise_due_at = clock.due_at


MOVED_FIELDS = ["due_at", "warn_at", "explanation", "step", "next_alert_at", "paused_at", "failed_at", "failure"]


def _save_moved(clock: CaseDeadline) -> None:
    clock.save(update_fields=MOVED_FIELDS)


def _stop(clock: CaseDeadline, outcome: ClockOutcome, now: datetime) -> ClockEvent:
    clock.outcome = outcome
    clock.finished_at = now
    clock.next_alert_at = None
    clock.failed_at = None
    clock.failure = ""
    clock.save(update_fields=[*MOVED_FIELDS, "outcome", "finished_at"])
    return _event(clock, outcome.value)


def _event(clock: CaseDeadline, event: str) -> ClockEvent:
    told: ClockEvent = {"kind": clock.kind, "event": event, "due_at": clock.due_at.astimezone(UTC).isoformat()}
    if clock.slip is not None:
        told["slip"] = clock.slip.number
    return told
