"""Not accepted: on a listed ground, with advice where to go, and the resident told within the limit."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import clocks
from cases.actions.inform import check_means
from cases.actions.merged import let_go, lock_merged
from cases.actions.moving import lock_case, move, required, to_the_minute, write_down
from cases.models import Case
from cases.people import HallPeople
from cases.vocabulary import DeclineGround
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Staff
from foundation.refusals import Refused


@transaction.atomic
def decline(*, case_id: int, transition_no: int, actor: Staff, now: datetime, ground: str, advice: str) -> Case:
    """Decline; the clock for telling the resident starts. What had its final answer the director declines."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    if ground not in DeclineGround.values:
        raise Refused(_("Choose the ground; only the listed grounds exist."), field="ground")
    advice = required(advice, "advice", _("Write down where the resident can go instead."))
    if ground == DeclineGround.FINAL_ANSWER:
        move(case, "no_longer_accept", actor, now=now)
    else:
        move(case, "decline", actor, ground=ground, now=now)
    merged = lock_merged(case)
    events = clocks.finish(case, ClockKind.DISPATCH, now=now)
    events += clocks.cancel(case, now=now)
    events.append(clocks.start(case, ClockKind.DECLINE_NOTICE, now=now))
    case.responsible_staff = case.first_contact_owner
    write_down(
        case,
        "case.declined",
        actor=actor,
        now=now,
        clock_events=events,
        payload={"ground": ground},
        texts={"advice": advice},
    )
    if merged:
        let_go(case, merged, actor=actor, now=now, people=HallPeople.of(case.hall, now))
    return case


@transaction.atomic
def tell_declined(
    *, case_id: int, transition_no: int, actor: Staff, now: datetime, means: str, told_at: datetime, told_to: str = ""
) -> Case:
    """Write down how and when the resident was told that the matter was not accepted."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    check_means(case, means)
    if told_at > now:
        raise Refused(_("The time of telling lies in the future."), field="told_at")
    if told_at < to_the_minute(case.registered_at):
        raise Refused(_("The matter was not registered yet at that time."), field="told_at")
    move(case, "tell_declined", actor, told_at=told_at)
    events = clocks.finish(case, ClockKind.DECLINE_NOTICE, now=told_at)
    case.responsible_staff = None
    write_down(
        case,
        "case.decline_told",
        actor=actor,
        now=now,
        happened_at=told_at,
        clock_events=events,
        payload={"means": means},
        texts={"told_to": told_to},
    )
    return case
