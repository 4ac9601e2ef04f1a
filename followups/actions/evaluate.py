"""What the resident says: asked by a follower-up, or entered by themselves at the desk. It decides the round."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.answer_on_the_spot import answer_on_the_spot
from cases.actions.attach import store
from cases.actions.close import archive, reopen
from cases.actions.moving import lock_case, move
from cases.actions.sign import Signature
from cases.models import Attachment, Case
from cases.vocabulary import AnswerMeans, AttachmentKind, CaseState, SignatureKind, StoodIn
from followups.actions.answers import Answers
from followups.actions.attempt import begin_follow_up, keep_attempt, refuse_anonymous
from followups.actions.late import keep_late
from followups.actions.rectify import issue_notice, named_on, tell_of_new_round
from followups.links import opened
from followups.models import ENTERED_BY_RESIDENT, Evaluation, EvaluationChannel, LateAnswer, Means, Satisfaction
from foundation.organization.models import Staff
from foundation.refusals import Refused
from foundation.residents.names import normalize_lines

MEANS = {
    EvaluationChannel.PHONE: Means.PHONE,
    EvaluationChannel.VISIT: Means.VISIT,
    EvaluationChannel.DESK_TABLET: Means.DESK,
    EvaluationChannel.DESK_PAPER: Means.DESK,
}


@transaction.atomic
def record_evaluation(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    channel: str,
    contacted: bool,
    solved: str,
    satisfaction: str,
    reasons: str = "",
    remark: str = "",
    submission_key: uuid.UUID | None = None,
) -> Case:
    """A follower-up asked the three questions. Satisfied: archived. Not satisfied: notice, and a new round."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    refuse_anonymous(case)
    if channel not in (EvaluationChannel.PHONE, EvaluationChannel.VISIT):
        raise Refused(_("Choose whether you called or went there."), field="channel")
    answers = Answers(contacted, solved, satisfaction, reasons, remark).checked()
    level = begin_follow_up(case, actor, now=now)
    return _settle(case, answers, channel=channel, actor=actor, level=level, now=now, submission_key=submission_key)


@transaction.atomic
def evaluate_at_desk(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    contacted: bool,
    solved: str,
    satisfaction: str,
    signature: Signature,
    reasons: str = "",
    remark: str = "",
    submission_key: uuid.UUID | None = None,
) -> Case:
    """Residents enter it themselves, on the tablet or on paper: then it may be a matter the actor answered.

    Raises Refused without their signature: nothing else would show that these are their own words.
    """
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    _check_own_words(case, signature)
    answers = Answers(contacted, solved, satisfaction, reasons, remark).checked()
    return _take(case, answers, signature, None, actor=actor, now=now, submission_key=submission_key)


@transaction.atomic
def answer_and_evaluate(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    text: str,
    contacted: bool,
    solved: str,
    satisfaction: str,
    signature: Signature,
    reasons: str = "",
    remark: str = "",
    told_to: str = "",
    submission_key: uuid.UUID | None = None,
) -> Case:
    """The walk-in's short way: answered on the spot, evaluated by the resident, one signature for both, closed."""
    key = submission_key or uuid.uuid4()
    answers = Answers(contacted, solved, satisfaction, reasons, remark).checked()
    case = answer_on_the_spot(
        case_id=case_id,
        transition_no=transition_no,
        actor=actor,
        now=now,
        text=text,
        signature=signature,
        told_to=told_to,
        means=AnswerMeans.DESK,
        submission_key=key,
        is_evaluated=True,
    )
    _check_own_words(case, signature)
    image = case.answers.get(submission_key=key).signature
    return _take(case, answers, signature, image, actor=actor, now=now, submission_key=key)


@transaction.atomic
def evaluate_by_link(
    *,
    token: str,
    now: datetime,
    contacted: bool,
    solved: str,
    satisfaction: str,
    reasons: str = "",
    remark: str = "",
) -> LateAnswer | None:
    """Residents answer for themselves, without an account. Raises NoSuchLink, UsedLink.

    While the follow-up waits it decides, as if somebody had asked; whoever records a call in the same moment finds the
    page stale. Returns None then. What comes when there is nothing left to decide is kept beside it, and returned.
    """
    reasons, remark = normalize_lines(reasons), normalize_lines(remark)
    answers = Answers(contacted, solved, satisfaction, reasons, remark).checked()
    link = opened(token, now=now)
    case = lock_case(case_id=link.case_id, actor=None, transition_no=None)
    # Again, now that nobody else can answer: of two tabs, one is told that the answer is there.
    link = opened(token, now=now)
    link.used_at = now
    link.save(update_fields=["used_at"])
    if case.state == CaseState.FOLLOW_UP and case.round == link.round and not case.is_anonymous:
        level, channel = StoodIn.NOBODY, EvaluationChannel.LINK
        _settle(case, answers, channel=channel, actor=None, level=level, now=now, submission_key=None)
        return None
    return keep_late(case, answers, round=link.round, now=now)


def _check_own_words(case: Case, signature: Signature) -> None:
    refuse_anonymous(case)
    if signature.checked().kind == SignatureKind.NONE:
        raise Refused(
            _("An evaluation of their own is signed by the resident. Without a signature the case is followed up."),
            field="signature_kind",
        )


def _take(
    case: Case,
    answers: Answers,
    signature: Signature,
    image: Attachment | None,
    *,
    actor: Staff,
    now: datetime,
    submission_key: uuid.UUID | None,
) -> Case:
    move(case, "take_evaluation", actor)
    tablet = signature.kind == SignatureKind.TABLET
    if tablet and image is None and signature.image is not None:
        # After everything that can be refused: a file stays on the disk when its transaction is undone.
        image = store(case, signature.image, kind=AttachmentKind.SIGNATURE, actor=actor, now=now)
    channel = EvaluationChannel.DESK_TABLET if tablet else EvaluationChannel.DESK_PAPER
    return _settle(
        case,
        answers,
        channel=channel,
        actor=actor,
        level=StoodIn.NOBODY,
        now=now,
        submission_key=submission_key,
        signature=image,
    )


def _settle(
    case: Case,
    answers: Answers,
    *,
    channel: str,
    actor: Staff | None,
    level: StoodIn,
    now: datetime,
    submission_key: uuid.UUID | None,
    signature: Attachment | None = None,
) -> Case:
    """Write the evaluation and let it decide; one entry in the ledger, that of the archive or of the new round."""
    key = submission_key or uuid.uuid4()
    if actor is not None:
        keep_attempt(
            case,
            actor=actor,
            now=now,
            means=MEANS[EvaluationChannel(channel)],
            is_reached=True,
            submission_key=key,
        )
    reasons, remark = answers.reasons.strip(), answers.remark.strip()
    evaluation = Evaluation.objects.create(
        case=case,
        round=case.round,
        is_contacted=answers.contacted,
        solved=answers.solved,
        satisfaction=answers.satisfaction,
        channel=channel,
        is_entered_by_resident=channel in ENTERED_BY_RESIDENT,
        reasons=reasons,
        remark=remark,
        signature=signature,
        recorded_by=actor,
        stood_in=level,
        at=now,
        submission_key=key,
    )
    facts: dict[str, Any] = {
        "evaluation": evaluation.pk,
        "contacted": answers.contacted,
        "solved": str(answers.solved),
        "satisfaction": str(answers.satisfaction),
        "channel": str(channel),
        "entered_by_resident": evaluation.is_entered_by_resident,
        "stood_in": level.value,
        "signature": signature.sha256 if signature else None,
    }
    texts = {"reasons": reasons, "remark": remark}
    if answers.satisfaction != Satisfaction.DISSATISFIED:
        return archive(case=case, actor=actor, now=now, payload=facts, texts=texts)
    notice = issue_notice(case, reasons=reasons, actor=actor, now=now)
    facts |= named_on(notice)
    case = reopen(case=case, actor=actor, now=now, payload=facts, texts=texts)
    tell_of_new_round(case, notice, actor=actor, now=now)
    return case
