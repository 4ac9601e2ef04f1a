"""Pauses that have come to their end, and shelved matters to be looked at again: found by the clock, not by people."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from cases import suspension
from cases.actions.moving import follow, lock_case, lock_slip
from cases.actions.pause import run_on
from cases.actions.tell import tell
from cases.failures import forget_failure, record_failure
from cases.models import Case, CaseDeadline, Pause
from cases.people import HallPeople
from cases.vocabulary import PauseState

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ended:
    ended: int = 0
    reviewed: int = 0


def end_pauses(*, now: datetime) -> Ended:
    """One transaction a case; a case somebody works on at this moment is left to the next run.

    What cannot be dealt with does not keep the others waiting: it is logged, written on the clocks that stand still
    because of it, where supervisors see it, and raised once the others are done.
    """
    ended = reviewed = 0
    failures: list[Exception] = []
    due = Pause.objects.filter(state=PauseState.RUNNING, ends_at__lte=now).order_by("ends_at", "pk")
    for pk in list(due.values_list("pk", flat=True)):
        try:
            done = _look_at(pk, now=now)
        except Exception as failure:
            logger.exception("pause %s cannot be dealt with", pk)
            record_failure(_held(pk), failure, now=now)
            failures.append(failure)
            continue
        ended += done == "ended"
        reviewed += done == "reviewed"
    if failures:
        raise ExceptionGroup("pauses that could not be dealt with", failures)
    return Ended(ended, reviewed)


def _held(pause_id: int) -> QuerySet[CaseDeadline]:
    """The clocks of its case that stand still."""
    case = Pause.objects.filter(pk=pause_id).values("case")
    return CaseDeadline.objects.running().filter(case__in=case, paused_at__isnull=False)


@transaction.atomic
def _look_at(pause_id: int, *, now: datetime) -> str:
    case_id = Pause.objects.values_list("case_id", flat=True).get(pk=pause_id)
    free = Case.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=case_id)
    if not free.values_list("pk").first():
        return ""
    pause = Pause.objects.select_for_update(no_key=True).get(pk=pause_id)
    if pause.state != PauseState.RUNNING or pause.ends_at is None or pause.ends_at > now:
        return ""
    slip = lock_slip(slip_id=pause.slip_id, actor=None, transition_no=None) if pause.slip_id else None
    case = slip.case if slip else lock_case(case_id=case_id, actor=None, transition_no=None)
    pause.case, pause.slip = case, slip
    forget_failure(_held(pause.pk))
    if pause.is_shelved:
        _ask_for_review(case, pause, now=now)
        return "reviewed"
    follow(slip or case, "resume")
    run_on(case, slip, pause, actor=None, now=now, at=pause.ends_at)
    return "ended"


def _ask_for_review(case: Case, pause: Pause, *, now: datetime) -> None:
    review_at, pause.ends_at = pause.ends_at, suspension.next_review(case.rules.calendar, now)
    pause.save(update_fields=["ends_at"])
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        people.first_level(people.directors, people.street, people.supervisors, without=case.barred_ids),
        gettext_noop("%(number)s has been shelved for another month: resume it, or let it wait until %(ends_at)s"),
        {"number": case.number, "ends_at": pause.ends_at.isoformat()},
        key=f"pause:{pause.pk}:review:{int(review_at.timestamp()) if review_at else 0}",
        now=now,
        people=people,
    )
