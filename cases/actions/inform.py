"""The resident is told the result, or nobody is reached, or the result goes back to be completed."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import clocks, powers
from cases.actions.merged import lock_untold, rejoin
from cases.actions.moving import follow, lock_case, move, required, unused_key, write_down
from cases.actions.sign import Signature, write_answer
from cases.actions.tell import tell
from cases.models import Answer, Case
from cases.people import HallPeople, open_lead_slip
from cases.vocabulary import AnswerMeans, CaseState
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Refused, WrongState

ATTEMPTS_BEFORE_MESSAGE = 3


@transaction.atomic
def inform(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    means: str,
    text: str,
    signature: Signature,
    told_to: str = "",
    submission_key: uuid.UUID | None = None,
) -> Case:
    """Tell the result. Not reachable: three attempts and then a message count. Anonymous: the tracking page."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    text = required(text, "text", _("Write down what the resident was told."))
    check_means(case, means)
    if means == AnswerMeans.MESSAGE and unreached_attempts(case) < ATTEMPTS_BEFORE_MESSAGE:
        raise Refused(_("A message counts as an answer only after three attempts that reached nobody."), field="means")
    move(case, "inform", actor, now=now)
    answer = write_answer(
        case,
        actor=actor,
        now=now,
        means=means,
        told_to=told_to,
        text=text,
        signature=signature,
        submission_key=submission_key,
    )
    events = clocks.finish(case, ClockKind.FEEDBACK, now=now)
    events += clocks.finish(case, ClockKind.PROMISE, now=now)
    # Answered before it was confirmed: there is nothing left to confirm, and from here nobody could.
    events += clocks.cancel(case, now=now, kinds=[ClockKind.CONFIRM])
    case.responsible_staff, case.responsible_department = case.first_contact_owner, None
    events.append(clocks.start(case, ClockKind.FOLLOW_UP, now=now))
    write_down(
        case,
        "case.informed",
        actor=actor,
        now=now,
        clock_events=events,
        payload={"answer": answer.pk, "means": means, "signature": signature.kind},
        texts={"answer": text, "told_to": told_to, "unsigned_reason": signature.unsigned_reason},
    )
    return case


@transaction.atomic
def record_unreached(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    means: str,
    remark: str = "",
    submission_key: uuid.UUID | None = None,
) -> Case:
    """An attempt that reached nobody; the case waits on."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    if means not in (AnswerMeans.PHONE, AnswerMeans.HOME_VISIT, AnswerMeans.LETTER):
        raise Refused(_("An attempt is a call, a home visit or a letter."), field="means")
    if case.is_anonymous:
        raise Refused(_("Nobody knows who this resident is: answer on the tracking page."), field="means")
    if case.state != CaseState.FEEDBACK:
        raise WrongState(_("There is nothing to tell the resident now."))
    if not powers.informs(case, actor):
        raise NotAllowed(_("You have no right to do this on this case."))
    Answer.objects.create(
        case=case,
        round=case.round,
        means=means,
        is_reached=False,
        answered_by=actor,
        answered_at=now,
        unsigned_reason=remark.strip()[:200],
        submission_key=unused_key(Answer.objects.all(), submission_key),
    )
    write_down(case, "case.not_reached", actor=actor, now=now, payload={"means": means}, texts={"remark": remark})
    return case


@transaction.atomic
def send_back(*, case_id: int, transition_no: int, actor: Staff, now: datetime, missing: str) -> Case:
    """The result is not complete: the lead slip goes back to its handler under the old limit."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    missing = required(missing, "missing", _("Write down what is missing."))
    collected_at = case.feedback_at
    move(case, "send_back", actor)
    slip = open_lead_slip(case)
    if slip is None or collected_at is None:
        raise WrongState(_("There is no slip that could be sent back."))
    untold = lock_untold(case, since=collected_at)
    slip.case = case
    follow(slip, "take_back")
    if slip.handler is not None and (case.bars(slip.handler) or not slip.handler.is_active):
        slip.handler = None
    events = clocks.cancel(case, now=now, kinds=[ClockKind.FEEDBACK])
    events.append(clocks.restart_with_old_limit(case, ClockKind.HANDLE, slip=slip, now=now))
    case.responsible_staff, case.responsible_department = slip.handler, slip.department
    write_down(case, "case.sent_back", actor=actor, now=now, slip=slip, clock_events=events, texts={"missing": missing})
    rejoin(case, untold, actor=actor, now=now)
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        people.of_slip(slip, case, without=case.barred_ids),
        gettext_noop("%(slip)s was sent back: complete it"),
        {"slip": slip.number},
        key=f"slip:{slip.pk}:sent_back:{slip.transition_no}",
        now=now,
        people=people,
        but=actor,
    )
    return case


def unreached_attempts(case: Case) -> int:
    """Attempts of this round that reached nobody."""
    return case.answers.filter(round=case.round, is_reached=False).count()


def check_means(case: Case, means: str) -> None:
    """Raises Refused for a way on which this resident cannot be told anything."""
    if means not in AnswerMeans.values:
        raise Refused(_("Choose how the resident was told."), field="means")
    if (means == AnswerMeans.TRACKING_PAGE) != case.is_anonymous:
        raise Refused(
            _("Only anonymous residents are answered on the tracking page, and they only there."), field="means"
        )
