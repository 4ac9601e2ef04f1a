"""Whoever lodged a matter hears before a limit is missed that it may take longer.

When the promise comes to its warning, and of a complaint the time to tell the result, the resident is written to;
where no message reaches them, the desk is asked to tell them; who is anonymous reads it on the tracking page. What
was seen to stands on the clock itself, in the transaction that does it: exactly once for each due time, whatever
stops in between. What is due is found by a partial index, so the cost follows it and not what is open.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_noop

from cases.actions.moving import lock_case, write_down
from cases.actions.tell import tell
from cases.actions.write_to_resident import write_to_resident
from cases.failures import forget_failure, record_failure
from cases.models import Case, CaseDeadline
from cases.models.deadline import TOLD_OF
from cases.people import HallPeople
from cases.vocabulary import BEFORE_THE_ANSWER, AnswerMeans
from foundation.deadlines.models import ClockKind
from foundation.deadlines.moves import iso
from foundation.notifications.models import Message

logger = logging.getLogger(__name__)

MOST_CASES = 1000
"""Taken in one run, so that it is over before a worker's time is up; the next minute goes on."""
POSTPONED = timedelta(minutes=10)
"""How long a case that raised is left alone."""

LONGER = gettext_noop(
    "%(number)s: the answer promised by %(due_at)s may take longer. We go on working on it; please excuse the delay."
)
ASKED = gettext_noop("%(number)s may take longer than %(due_at)s: tell the resident before that")
NOT_REACHED = gettext_noop(
    "%(number)s may take longer than %(due_at)s, and no message reached the resident: tell them before that"
)


@dataclass(frozen=True)
class Told:
    """How many residents heard of it by message or on the tracking page; how many the desk was asked to tell."""

    told: int = 0
    asked: int = 0

    def __add__(self, other: Told) -> Told:
        return Told(self.told + other.told, self.asked + other.asked)


def tell_delays(*, now: datetime, most_cases: int = MOST_CASES) -> Told:
    """One transaction a case; a case somebody works on at this moment is left to the next run.

    What cannot be dealt with is written on its clocks, where supervisors see it, and tried again later.
    """
    failed_lately = Q(failed_at__gt=now - POSTPONED)
    due = CaseDeadline.objects.warned_and_untold(now).exclude(failed_lately).order_by("warn_at", "pk")
    case_ids = list(dict.fromkeys(due.values_list("case_id", flat=True)[:most_cases]))
    total = Told()
    for case_id in case_ids:
        total += _each(_see_to, case_id, now)
    # What was told by a message that failed on every way; the chain leads to the case, the moment to the telling.
    failed = Message.objects.filter(failed_at__isnull=False, chain__case__delay_told_at=F("created_at"))
    for case_id in list(failed.values_list("chain__case", flat=True)[:most_cases]):
        total += _each(_ask_after_all, case_id, now)
    return total


def _each(step: Callable[[int, datetime], Told], case_id: int, now: datetime) -> Told:
    try:
        return step(case_id, now)
    except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
        # The database is in trouble, or the time is up: nothing about this case; the next run takes it again.
        raise
    except Exception as failure:
        logger.exception("the resident of case %s cannot be told of a delay", case_id)
        record_failure(CaseDeadline.objects.ticking().filter(case=case_id, kind__in=TOLD_OF), failure, now=now)
        return Told()


@transaction.atomic
def _see_to(case_id: int, now: datetime) -> Told:
    case = _free(case_id)
    if case is None:
        return Told()
    seen = list(case.deadlines.warned_and_untold(now).select_for_update(no_key=True).order_by("pk"))
    CaseDeadline.objects.filter(pk__in=[clock.pk for clock in seen]).update(told_for=F("due_at"))
    forget_failure(case.deadlines.filter(pk__in=[clock.pk for clock in seen]))
    to_tell = [clock for clock in seen if _concerns_resident(case, clock)]
    if not to_tell:
        return Told()
    clock = min(to_tell, key=lambda one: one.due_at)
    due_at = clock.due_at
    means = ""
    if case.is_anonymous:
        means = AnswerMeans.TRACKING_PAGE
    elif _write(case, clock, now):
        means = AnswerMeans.MESSAGE
    if not means:
        _ask_desk(case, due_at, ASKED, key=_key(clock), now=now)
        return Told(asked=1)
    case.delay_due_at, case.delay_told_at = None, now
    _write_down(case, "case.delay_told", due_at, now=now, means=str(means), in_time=now <= due_at)
    return Told(told=1)


@transaction.atomic
def _ask_after_all(case_id: int, now: datetime) -> Told:
    """The message reached nobody: the resident does not know yet."""
    case = _free(case_id)
    if case is None:
        return Told()
    failed = Message.objects.filter(chain=case.chain, failed_at__isnull=False)
    if case.delay_told_at is None or not failed.filter(created_at=case.delay_told_at).exists():
        return Told()
    case.delay_told_at = None
    forget_failure(case.deadlines.ticking().filter(kind__in=TOLD_OF))
    running = [clock for clock in case.deadlines.running() if clock.told_for == clock.due_at]
    to_tell = [clock for clock in running if _concerns_resident(case, clock)]
    if not to_tell:
        _write_down(case, "case.delay_not_reached", None, now=now)
        return Told()
    clock = min(to_tell, key=lambda one: one.due_at)
    _ask_desk(case, clock.due_at, NOT_REACHED, key=f"{_key(clock)}:failed", now=now, kind="case.delay_not_reached")
    return Told(asked=1)


def _free(case_id: int) -> Case | None:
    """The case, locked, unless somebody else holds it."""
    free = Case.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=case_id)
    if not free.values_list("pk").first():
        return None
    return lock_case(case_id=case_id, actor=None, transition_no=None)


def _concerns_resident(case: Case, clock: CaseDeadline) -> bool:
    """Not once they have their answer; nor what was over before the matter came in from an old register."""
    if case.state not in BEFORE_THE_ANSWER:
        return False
    if case.imported_at is not None and clock.warn_at <= case.imported_at:
        return False
    return clock.kind == ClockKind.PROMISE or (clock.kind == ClockKind.FEEDBACK and case.is_complaint)


def _write(case: Case, clock: CaseDeadline, now: datetime) -> int:
    params = {"number": case.number, "due_at": iso(clock.due_at)}
    return write_to_resident(case, LONGER, params, key=_key(clock), now=now)


def _key(clock: CaseDeadline) -> str:
    return f"clock:{clock.pk}:{int(clock.due_at.timestamp())}:delay"


def _ask_desk(
    case: Case, due_at: datetime, text: str, *, key: str, now: datetime, kind: str = "case.delay_to_tell"
) -> None:
    case.delay_due_at = due_at
    _write_down(case, kind, due_at, now=now)
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        people.at_desk(case, without=case.barred_ids),
        text,
        {"number": case.number, "due_at": iso(due_at)},
        key=key,
        now=now,
        people=people,
    )


def _write_down(case: Case, kind: str, due_at: datetime | None, *, now: datetime, **facts: object) -> None:
    due = {"due_at": iso(due_at)} if due_at else {}
    # Nobody's form gets stale by it.
    write_down(case, kind, actor=None, now=now, payload={**facts, **due}, moves=False)
