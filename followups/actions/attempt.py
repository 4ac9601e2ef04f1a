"""Trying to reach the resident, and archiving a round in which nobody could be asked."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import clocks
from cases.actions.close import archive
from cases.actions.moving import lock_case, move, unused_key, write_down
from cases.models import Case, Part
from cases.powers import follow_up_level
from cases.vocabulary import PartRole, StoodIn
from followups.models import FollowUpAttempt, Means, NotEvaluatedBecause, UnevaluatedRound
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Staff
from foundation.refusals import Refused

DAYS_BEFORE_UNREACHABLE = 3


@transaction.atomic
def record_attempt(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    means: str,
    remark: str = "",
    submission_key: uuid.UUID | None = None,
) -> Case:
    """An attempt that reached nobody. The first one stops the clock of the follow-up and starts that of its outcome."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    refuse_anonymous(case)
    if means not in (Means.PHONE, Means.VISIT):
        raise Refused(_("An attempt is a call or a home visit."), field="means")
    begin_follow_up(case, actor, now=now)
    keep_attempt(
        case, actor=actor, now=now, means=means, is_reached=False, remark=remark, submission_key=submission_key
    )
    events = clocks.finish(case, ClockKind.FOLLOW_UP, now=now)
    if not case.deadlines.filter(kind=ClockKind.OUTCOME, round=case.round).exists():
        events.append(clocks.start(case, ClockKind.OUTCOME, now=now))
    write_down(
        case,
        "case.follow_up_attempted",
        actor=actor,
        now=now,
        clock_events=events,
        payload={"means": means, "day": len(days_tried(case))},
        texts={"remark": remark.strip()},
    )
    return case


@transaction.atomic
def close_unreachable(*, case_id: int, transition_no: int, actor: Staff, now: datetime) -> Case:
    """Archive with the mark “unreachable”, once three attempts on three different days reached nobody."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    level = begin_follow_up(case, actor, now=now)
    days = days_tried(case)
    if len(days) < DAYS_BEFORE_UNREACHABLE:
        raise Refused(
            _("Unreachable means three attempts on three different days; so far there were %(days)d such days.")
            % {"days": len(days)}
        )
    return _close_unevaluated(case, NotEvaluatedBecause.UNREACHABLE, actor=actor, level=level, now=now)


@transaction.atomic
def close_anonymous(*, case_id: int, transition_no: int, actor: Staff, now: datetime) -> Case:
    """Archive an anonymous matter: it was answered on the tracking page, and there is nobody to ask.

    A person presses it, never the program: somebody who did not handle the matter has looked at the answer first.
    """
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    level = begin_follow_up(case, actor, now=now)
    if not case.is_anonymous:
        raise Refused(_("This resident is known: ask them the three questions."))
    return _close_unevaluated(case, NotEvaluatedBecause.ANONYMOUS, actor=actor, level=level, now=now)


def _close_unevaluated(
    case: Case, because: NotEvaluatedBecause, *, actor: Staff, level: StoodIn, now: datetime
) -> Case:
    UnevaluatedRound.objects.create(
        case=case, round=case.round, because=because, closed_by=actor, stood_in=level, at=now
    )
    return archive(
        case=case, actor=actor, now=now, payload={"not_evaluated_because": because.value, "stood_in": level.value}
    )


def begin_follow_up(case: Case, actor: Staff, *, now: datetime) -> StoodIn:
    """Check that this person may follow up, note that they do, and tell as what."""
    move(case, "attempt_follow_up", actor)
    Part.objects.get_or_create(
        case=case,
        staff=actor,
        role=PartRole.FOLLOWER_UP,
        round=case.round,
        ended_at=None,
        defaults={"started_at": now},
    )
    level = follow_up_level(case, actor)
    assert level is not None
    return level


def keep_attempt(
    case: Case,
    *,
    actor: Staff,
    now: datetime,
    means: str,
    is_reached: bool,
    remark: str = "",
    submission_key: uuid.UUID | None = None,
) -> None:
    FollowUpAttempt.objects.create(
        case=case,
        round=case.round,
        at=now,
        by=actor,
        means=means,
        is_reached=is_reached,
        remark=remark.strip()[:500],
        submission_key=unused_key(FollowUpAttempt.objects.all(), submission_key),
    )


def days_tried(case: Case) -> set[date]:
    """The days, in the hall's zone, on which this round's attempts reached nobody."""
    moments = FollowUpAttempt.objects.filter(case=case, round=case.round, is_reached=False).values_list("at", flat=True)
    return {moment.astimezone(case.hall.zone).date() for moment in moments}


def refuse_anonymous(case: Case) -> None:
    if case.is_anonymous:
        raise Refused(_("Nobody knows who this resident is: an anonymous matter is closed without an evaluation."))
