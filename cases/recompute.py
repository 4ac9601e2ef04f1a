"""A hall's calendar, opening hours or alert ladder changed: its running clocks are computed anew.

Every minute each hall is asked for the digest of both; where it is another than the clocks were last computed with,
the cases are taken one by one, each locked and in a transaction of its own. What is done is seen on the clocks
themselves (the versions stand in their explanation), so that a run that was killed goes on where it stopped; the
hall's own row is written last.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_noop

from cases import clocks, suspension
from cases.actions.moving import lock_case, write_down
from cases.actions.tell import tell
from cases.failures import forget_failure, record_failure
from cases.models import Case, CaseDeadline, HallClocks, MovedClock, Pause, Recomputation, TransferSlip
from cases.people import HallPeople
from cases.vocabulary import BEFORE_THE_ANSWER, PauseState
from foundation.deadlines.calendar import NeverOpens, WorkCalendar
from foundation.deadlines.ladder import Step, ladder_for, ladder_version, step_moment
from foundation.deadlines.models import ClockKind
from foundation.deadlines.terms import calendar_for
from foundation.ledger.actions import append, hall_chain
from foundation.notifications.models import Alert
from foundation.organization.models import Hall

logger = logging.getLogger(__name__)

MOST_CASES = 2000
"""Taken in one run, so that it is over before a worker's time is up; the next minute goes on."""
BATCH = 200


@dataclass(frozen=True)
class Recomputed:
    cases: int = 0
    clocks: int = 0
    moved: int = 0
    is_complete: bool = True

    def __add__(self, other: Recomputed) -> Recomputed:
        return Recomputed(
            self.cases + other.cases,
            self.clocks + other.clocks,
            self.moved + other.moved,
            self.is_complete and other.is_complete,
        )


@dataclass(frozen=True)
class Change:
    """What the clocks of one hall are to be computed with."""

    hall: Hall
    calendar: WorkCalendar
    ladder: tuple[Step, ...]
    ladder_version: str
    ladder_changed: bool
    recomputation: Recomputation | None
    """None: the ladder alone has changed, and no limit moves."""


def recompute(*, now: datetime, most_cases: int = MOST_CASES) -> Recomputed:
    """most_cases: of all halls together. What cannot be dealt with is written on its clocks, and raised at the end."""
    total = Recomputed()
    failures: list[Exception] = []
    for hall in Hall.objects.order_by("pk"):
        try:
            total += _recompute_hall(hall, now=now, most_cases=most_cases - total.cases)
        except ExceptionGroup as group:
            failures += group.exceptions
    if failures:
        raise ExceptionGroup("cases whose clocks could not be computed anew", failures)
    return total


def _recompute_hall(hall: Hall, *, now: datetime, most_cases: int) -> Recomputed:
    calendar, ladder = calendar_for(hall), ladder_for(hall)
    ladder_digest = ladder_version(ladder)
    versions = {"calendar_version": calendar.version, "ladder_version": ladder_digest}
    known, is_first = HallClocks.objects.get_or_create(hall=hall, defaults=versions)
    if is_first or (known.calendar_version, known.ladder_version) == tuple(versions.values()):
        return Recomputed()
    change = Change(
        hall,
        calendar,
        ladder,
        ladder_digest,
        known.ladder_version != ladder_digest,
        _recomputation(hall, calendar, now) if known.calendar_version != calendar.version else None,
    )
    # Until it is done, the hall's clocks are of no one version: what is taken back half-way is computed anew as well.
    begun = {name: "" for name, version in versions.items() if getattr(known, name) != version}
    HallClocks.objects.filter(pk=known.pk).update(**begun)
    done = Recomputed()
    failures: dict[int, Exception] = {}
    while done.cases < most_cases:
        # What is done drops out; a clock that was started meanwhile with what was known before is found as well.
        case_ids = _cases_to_do(change, but=failures.keys(), most=min(BATCH, most_cases - done.cases))
        for case_id in case_ids:
            try:
                done += _recompute_case(case_id, change, now=now)
            except Exception as failure:
                logger.exception("the clocks of case %s cannot be computed anew", case_id)
                record_failure(CaseDeadline.objects.running().filter(case=case_id), failure, now=now)
                failures[case_id] = failure
        if not case_ids:
            if failures:
                # The hall's row stays as it was: the next run tries them again.
                raise ExceptionGroup("cases whose clocks could not be computed anew", list(failures.values()))
            _finish(change, versions, now=now)
            return done
    return done + Recomputed(is_complete=False)


def _recomputation(hall: Hall, calendar: WorkCalendar, now: datetime) -> Recomputation:
    """The row of this change; that of the last run where it was killed before it came to the end."""
    last = Recomputation.objects.filter(hall=hall).first()
    if last is not None and last.calendar_version == calendar.version:
        return last
    return Recomputation.objects.create(hall=hall, at=now, calendar_version=calendar.version)


def _cases_to_do(change: Change, *, but: Collection[int], most: int) -> list[int]:
    is_stale = Q(pk=None)
    if change.recomputation is not None:
        is_stale = ~Q(explanation__calendar_version=change.calendar.version)
    if change.ladder_changed:
        # Only clocks that went through such a change carry the ladder's version; without the key there is no answer.
        is_stale |= ~Q(explanation__has_key="ladder_version")
        is_stale |= ~Q(explanation__ladder_version=change.ladder_version)
    todo = CaseDeadline.objects.running().filter(is_stale, hall=change.hall).exclude(case__in=but)
    return list(todo.order_by("case").values_list("case", flat=True).distinct()[:most])


@transaction.atomic
def _recompute_case(case_id: int, change: Change, *, now: datetime) -> Recomputed:
    case = lock_case(case_id=case_id, actor=None, transition_no=None)
    running = case.deadlines.running().select_for_update(no_key=True, of=("self",)).select_related("slip", "hall")
    # The promise first: what may not lie beyond it follows it.
    found = sorted(running, key=lambda clock: (clock.kind != ClockKind.PROMISE, clock.pk))
    looked_at, moved = 0, []
    for clock in found:
        was_due_at = clock.due_at
        is_stale = clock.explanation.get("calendar_version") != change.calendar.version
        if is_stale and change.recomputation is not None:
            looked_at += 1
            _compute(clock, case, change)
            if clock.due_at != was_due_at:
                moved.append((clock, was_due_at))
        elif not change.ladder_changed:
            continue
        if change.ladder_changed:
            clock.explanation = {**clock.explanation, "ladder_version": change.ladder_version}
        if clock.paused_at is None:
            _plan_alerts(clock, case, change, now)
        clock.save(
            update_fields=["started_at", "warn_at", "due_at", "explanation", "step", "next_alert_at"],
        )
    if any(clock.failed_at for clock in found):
        forget_failure(case.deadlines.running())
    _move_ends_of_pauses(case, change)
    if moved:
        _write_down_moved(case, moved, change, now=now)
    if change.recomputation is not None and looked_at:
        Recomputation.objects.filter(pk=change.recomputation.pk).update(looked_at=F("looked_at") + looked_at)
    return Recomputed(cases=1, clocks=looked_at, moved=len(moved))


def _compute(clock: CaseDeadline, case: Case, change: Change) -> None:
    try:
        limit, explanation = clocks.computed_anew(clock, change.calendar, promise_due_at=case.promise_due_at)
    except NeverOpens:
        # A hall without any opening hours: its clocks keep what they have, until it opens again.
        clock.explanation = {**clock.explanation, "calendar_version": change.calendar.version}
        return
    if "sent_back" not in [move["kind"] for move in explanation.get("moves", [])]:
        clock.started_at = limit.start
    clock.warn_at, clock.due_at, clock.explanation = limit.warn_at, limit.due_at, explanation
    if clock.kind == ClockKind.PROMISE:
        case.promise_due_at = clock.due_at


def _plan_alerts(clock: CaseDeadline, case: Case, change: Change, now: datetime) -> None:
    """Steps whose moment had come when the last alert went out are taken; the others come, or come at once."""
    limit = {"started_at": clock.started_at, "warn_at": clock.warn_at, "due_at": clock.due_at}
    try:
        moments = [(step_moment(step, calendar=change.calendar, **limit), step.position) for step in change.ladder]
    except NeverOpens:
        return
    alerted_at = _last_alerted_at(clock, case, now) if clock.step else None
    taken = [position for moment, position in moments if alerted_at is not None and moment <= alerted_at]
    clock.step = max(taken, default=0)
    clock.next_alert_at = min((moment for moment, position in moments if position > clock.step), default=None)


def _last_alerted_at(clock: CaseDeadline, case: Case, now: datetime) -> datetime:
    """Nothing written although steps were taken: everybody who would have been told is gone; what is past is past."""
    told = Alert.objects.filter(chain=case.chain_id, key__regex=rf"^clock:{re.escape(str(clock.pk))}:")
    return told.order_by("-created_at").values_list("created_at", flat=True).first() or now


def _move_ends_of_pauses(case: Case, change: Change) -> None:
    """Ten working days end on another day, too."""
    for pause in Pause.objects.filter(case=case, state=PauseState.RUNNING, is_shelved=False):
        if pause.decided_at is None:
            continue
        days = suspension.days_left(case, change.calendar, but=pause, at=pause.decided_at)
        try:
            ends_at = suspension.ends_by_itself(change.calendar, pause.decided_at, max(1, days))
        except NeverOpens:
            continue
        if ends_at != pause.ends_at:
            pause.ends_at = ends_at
            pause.save(update_fields=["ends_at"])


def _write_down_moved(
    case: Case, moved: Sequence[tuple[CaseDeadline, datetime]], change: Change, *, now: datetime
) -> None:
    assert change.recomputation is not None
    MovedClock.objects.bulk_create(
        MovedClock(recomputation=change.recomputation, clock=clock, was_due_at=was_due_at, due_at=clock.due_at)
        for clock, was_due_at in moved
    )
    promise_moved = any(clock.kind == ClockKind.PROMISE for clock, _was in moved)
    if promise_moved and case.state in BEFORE_THE_ANSWER:
        case.limit_changed_at = now
    for slip in TransferSlip.objects.filter(pk__in={clock.slip_id for clock, _was in moved if clock.slip_id}):
        clocks.keep_next_due(case, slip)
        slip.save(update_fields=["next_due_at"])
    write_down(
        case,
        "case.clocks_moved",
        actor=None,
        now=now,
        clock_events=[clocks.moved_event(clock, was_due_at) for clock, was_due_at in moved],
        moves=False,
    )
    people = HallPeople.of(change.hall, now)
    responsible = {case.first_contact_owner_id}
    for clock, _was in moved:
        responsible |= people.responsible_for(clock, case, barred=case.barred_ids)
    tell(
        case,
        responsible,
        gettext_noop("%(number)s: the promised date is now %(due_at)s, because the calendar changed; tell the resident")
        if promise_moved and case.limit_changed_at == now
        else gettext_noop("%(number)s: time limits have moved, because the calendar changed"),
        {"number": case.number, "due_at": moved[0][0].due_at.isoformat()},
        key=f"case:{case.pk}:recomputed:{change.recomputation.pk}",
        now=now,
        people=people,
        level="info",
    )


@transaction.atomic
def _finish(change: Change, versions: dict[str, str], *, now: datetime) -> None:
    """Everything is done: the hall's row, and an entry on the hall's own chain."""
    known = HallClocks.objects.select_for_update(no_key=True).get(hall=change.hall)
    if (known.calendar_version, known.ladder_version) == tuple(versions.values()):
        return
    HallClocks.objects.filter(pk=known.pk).update(**versions)
    facts: dict[str, object] = {**versions, "ladder_changed": change.ladder_changed}
    if change.recomputation is not None:
        row = Recomputation.objects.get(pk=change.recomputation.pk)
        facts |= {"looked_at": row.looked_at, "moved": row.moved.count()}
    append(
        chain=hall_chain(change.hall),
        kind="hall.clocks_recomputed",
        actor=None,
        happened_at=now,
        now=now,
        payload=facts,
    )
