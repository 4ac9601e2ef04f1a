"""Answered on the spot: the short way, signed by the resident or with the reason why not."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases import clocks
from cases.actions.merged import lock_merged, share_result
from cases.actions.moving import lock_case, move, required, write_down
from cases.actions.sign import Signature, write_answer
from cases.models import Case, Part
from cases.vocabulary import AnswerMeans, CaseState, PartRole, SignatureKind
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Staff
from foundation.refusals import WrongState


@transaction.atomic
def answer_on_the_spot(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    text: str,
    signature: Signature,
    told_to: str = "",
    means: str = AnswerMeans.DESK,
    submission_key: uuid.UUID | None = None,
    is_evaluated: bool = False,
) -> Case:
    """Answer at once. Consultation or praise signed at the desk goes straight to the archive, all else to follow-up.

    is_evaluated: the resident's own evaluation follows in this transaction and decides what becomes of the case.
    """
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    text = required(text, "text", _("Write down what you answered."))
    if not case.may_be_answered_at_once():
        raise WrongState(_("What is complained of is a colleague: it is looked into first, not answered on the spot."))
    signed = signature.kind != SignatureKind.NONE and not is_evaluated
    move(case, "answer_on_the_spot", actor, signed=signed, now=now)
    merged = lock_merged(case)
    # Who answers has handled it: they do not follow it up themselves.
    Part.objects.create(case=case, staff=actor, role=PartRole.HANDLER, round=case.round, started_at=now)
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
    events = clocks.finish(case, ClockKind.DISPATCH, now=now)
    events += clocks.finish(case, ClockKind.CONFIRM, now=now)
    events += clocks.finish(case, ClockKind.PROMISE, now=now)
    if case.state == CaseState.FOLLOW_UP:
        events.append(clocks.start(case, ClockKind.FOLLOW_UP, now=now))
    else:
        case.responsible_staff = None
    write_down(
        case,
        "case.answered_on_the_spot",
        actor=actor,
        now=now,
        clock_events=events,
        payload={"answer": answer.pk, "means": means, "signature": signature.kind},
        texts={"answer": text, "told_to": told_to, "unsigned_reason": signature.unsigned_reason},
    )
    share_result(case, merged, actor=actor, now=now)
    return case
