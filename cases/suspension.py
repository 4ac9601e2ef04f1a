"""What a pause or an extension does to the clocks, and how both end: for the verbs, the task, every write_down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from cases import clocks
from cases.models import Case, CaseDeadline, Extension, Pause, TransferSlip
from cases.models.slip import IN_WORK
from cases.models.suspension import OPEN_PAUSES
from cases.vocabulary import BEFORE_THE_ANSWER, OPEN_SLIP_STATES, CaseState, ExtensionState, PauseState
from foundation.deadlines.calendar import Unit, WorkCalendar
from foundation.deadlines.models import ClockKind
from foundation.refusals import Refused

MOST_WORKING_DAYS = 10
"""For how long the clocks of a case may stand still in one round, all its pauses together; what is shelved apart."""
ONE_DAY = timedelta(days=1)


def suspended_kinds(case: Case, slip: TransferSlip | None) -> Q:
    """Which clocks a pause stops: a slip's handling, of the lead the promise too; in feedback the case's own two."""
    if slip is None:
        return Q(slip=None, kind__in=[ClockKind.FEEDBACK, ClockKind.PROMISE])
    handling = Q(slip=slip, kind=ClockKind.HANDLE)
    return handling | Q(slip=None, kind=ClockKind.PROMISE) if slip.is_lead else handling


def limits_of(case: Case, slip: TransferSlip | None) -> list[CaseDeadline]:
    """Those clocks, as far as they run; locked."""
    running = CaseDeadline.objects.running().filter(suspended_kinds(case, slip), case=case)
    return list(running.select_for_update(no_key=True, of=("self",)).select_related("hall", "slip").order_by("pk"))


def movable(limits: Iterable[CaseDeadline]) -> list[CaseDeadline]:
    """All but a promise whose date came from above."""
    return [clock for clock in limits if not clocks.is_set_from_above(clock)]


def overdue(limits: Iterable[CaseDeadline], now: datetime) -> CaseDeadline | None:
    """The first whose time is up; one that stands still was not when it stopped."""
    return next((clock for clock in limits if (clock.paused_at or now) >= clock.due_at), None)


def must_not_be_overdue(limits: Sequence[CaseDeadline], now: datetime) -> None:
    late = overdue(limits, now)
    if late is not None:
        raise Refused(
            _("“%(clock)s” is overdue already: what has run out is neither paused nor extended.")
            % {"clock": late.get_kind_display()}
        )


# The cap of ten working days


def days_left(case: Case, calendar: WorkCalendar, *, but: Pause | None = None, at: datetime | None = None) -> int:
    """Working days for which the clocks of this round may still be paused. at: counting what had begun by then."""
    pauses = Pause.objects.filter(
        case=case, round=case.round, is_shelved=False, state__in=[PauseState.RUNNING, PauseState.ENDED]
    )
    if at is not None:
        pauses = pauses.filter(decided_at__lte=at)
    if but is not None:
        pauses = pauses.exclude(pk=but.pk)
    used: set[date] = set()
    for pause in pauses:
        end = pause.ended_at or pause.ends_at
        if pause.decided_at and end:
            used |= _days_used(calendar, pause.decided_at, end)
    return max(0, MOST_WORKING_DAYS - len(used))


def _days_used(calendar: WorkCalendar, start: datetime, end: datetime) -> set[date]:
    """Counted as terms are: from the next working day on. What ends before that has used one all the same."""
    first, last = calendar.local_date(start), calendar.local_date(end)
    span = ((first + ONE_DAY * number) for number in range(1, (last - first).days + 1))
    days = {day for day in span if calendar.is_working(day)}
    return days or {first}


def ends_by_itself(calendar: WorkCalendar, at: datetime, days: int) -> datetime:
    """Closing time of the last working day that is left."""
    return calendar.due(at, days, Unit.WORKING_DAYS)


def next_review(calendar: WorkCalendar, at: datetime) -> datetime:
    """What is shelved is looked at every month: the same day of the next one, or the working day after it."""
    local = at.astimezone(calendar.zone)
    year, month = (local.year + 1, 1) if local.month == 12 else (local.year, local.month + 1)
    day = local.day
    while True:
        try:
            in_a_month = local.replace(year=year, month=month, day=day)
        except ValueError:
            day -= 1
        else:
            return calendar.same_time_on_next_working_day(in_a_month)


# Beginning and ending


def begin(case: Case, pause: Pause, limits: Sequence[CaseDeadline], *, now: datetime) -> list[clocks.ClockEvent]:
    calendar = case.rules.calendar
    pause.state = PauseState.RUNNING
    if pause.is_shelved:
        pause.ends_at = next_review(calendar, now)
        # Nobody knows yet when it goes on: the resident is told at once, not only of the new date.
        case.limit_changed_at = now
    else:
        pause.ends_at = ends_by_itself(calendar, now, days_left(case, calendar, but=pause))
    return clocks.hold(movable(limits), now=now)


def no_later_than_its_end(pause: Pause, now: datetime) -> datetime:
    """Ten working days are the most, also when whatever ends a pause by itself comes late. Shelved: no end is set."""
    return now if pause.is_shelved or pause.ends_at is None else min(now, pause.ends_at)


def end(case: Case, pause: Pause, *, at: datetime) -> list[clocks.ClockEvent]:
    """The clocks run on from `at`; a promise that has moved is to be told."""
    before = case.promise_due_at
    held = [clock for clock in limits_of(case, pause.slip) if clock.is_paused]
    events = clocks.release(case, held, at=at)
    pause.state, pause.ended_at = PauseState.ENDED, at
    pause.save(update_fields=["state", "ended_at"])
    events += clocks.follow_promise(case)
    if case.promise_due_at != before and case.state in BEFORE_THE_ANSWER:
        case.limit_changed_at = at
    return events


def end_moot(case: Case, slip: TransferSlip | None, *, has_pauses: bool, now: datetime) -> list[clocks.ClockEvent]:
    """What has lost its object: a pause of work that is done or gone, an extension of a slip that is closed.

    Called at the end of every verb, with the case and slip as they are about to be saved. has_pauses: whether any of
    the case is asked for or runs.
    """
    events: list[clocks.ClockEvent] = []
    if case.limit_changed_at and case.state not in BEFORE_THE_ANSWER:
        case.limit_changed_at = None
    clocks.forget_moot_delay(case)
    pauses = Pause.objects.filter(case=case, state__in=OPEN_PAUSES).select_related("slip").order_by("pk")
    for pause in pauses if has_pauses else ():
        if pause.slip is not None:
            if slip is not None and pause.slip_id == slip.pk:
                pause.slip = slip
            pause.slip.case = case
        if not _is_moot(case, pause):
            continue
        if pause.state == PauseState.RUNNING:
            events += end(case, pause, at=no_later_than_its_end(pause, now))
        else:
            pause.state, pause.decided_at = PauseState.REFUSED, now
            pause.save(update_fields=["state", "decided_at"])
        _forget(case, pause.slip, is_saved_later=slip is not None and pause.slip_id == slip.pk)
    if case.extension_state == ExtensionState.ASKED:
        asked = Extension.objects.select_related("slip").get(case=case, state=ExtensionState.ASKED)
        work = slip if slip is not None and asked.slip_id == slip.pk else asked.slip
        if work.state not in OPEN_SLIP_STATES:
            asked.state, asked.decided_at = ExtensionState.REFUSED, now
            asked.save(update_fields=["state", "decided_at"])
            case.extension_state = ExtensionState.REFUSED
    return events


def _is_moot(case: Case, pause: Pause) -> bool:
    if pause.state == PauseState.ASKED and case.extension_state == ExtensionState.GRANTED:
        # Put off once at most.
        return True
    if pause.slip is None:
        return bool(case.state != CaseState.FEEDBACK)
    return bool(pause.slip.state not in IN_WORK)


def _forget(case: Case, slip: TransferSlip | None, *, is_saved_later: bool) -> None:
    if slip is None:
        case.pause_state = PauseState.NONE
        return
    slip.pause_state = PauseState.NONE
    if not is_saved_later:
        clocks.keep_next_due(case, slip)
        slip.save(update_fields=["pause_state", "next_due_at"])
