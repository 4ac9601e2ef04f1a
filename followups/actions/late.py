"""What is said when there is nothing left to evaluate: kept beside it, and decided by the director."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.actions.close import reopen
from cases.actions.close import reopen_archived as reopen_case
from cases.actions.moving import follow, lock_case, move, required, write_down
from cases.actions.tell import tell
from cases.models import Case
from cases.people import HallPeople
from cases.vocabulary import CaseState
from followups.actions.answers import Answers
from followups.actions.rectify import issue_notice, named_on, tell_of_new_round
from followups.models import REOPENED_WITHIN, LateAnswer, Satisfaction
from foundation.organization.models import Staff
from foundation.refusals import Refused

Came, Decision = LateAnswer.Came, LateAnswer.Decision


def keep_late(case: Case, answers: Answers, *, round: int, now: datetime) -> LateAnswer:
    """case: locked by the caller. Counted in no rate: the round has its evaluation, or none was to be had.

    Dissatisfied and archived: the director decides. Anonymous and still followed up: a new round, like anybody's.
    """
    is_archived = case.state == CaseState.ARCHIVED and case.round == round
    waits_for_follow_up = case.state == CaseState.FOLLOW_UP and case.round == round
    came = Came.AFTER_ARCHIVE if is_archived else Came.ANONYMOUS if waits_for_follow_up else Came.NEW_ROUND
    late = LateAnswer(
        case=case,
        round=round,
        at=now,
        came=came,
        is_contacted=answers.contacted,
        solved=answers.solved,
        satisfaction=answers.satisfaction,
        reasons=answers.reasons.strip(),
        remark=answers.remark.strip(),
        archived_at=case.closed_at if is_archived else None,
    )
    late.decision = Decision.WAITS if is_archived and late.is_unhappy else Decision.NOT_NEEDED
    late.save()
    facts = {
        "late_answer": late.pk,
        "of_round": round,
        "came": came.value,
        "contacted": answers.contacted,
        "solved": str(answers.solved),
        "satisfaction": str(answers.satisfaction),
    }
    texts = {"reasons": late.reasons, "remark": late.remark}
    if waits_for_follow_up and answers.satisfaction == Satisfaction.DISSATISFIED:
        notice = issue_notice(case, reasons=late.reasons, actor=None, now=now)
        case = reopen(case=case, actor=None, now=now, payload=facts | named_on(notice), texts=texts)
        tell_of_new_round(case, notice, actor=None, now=now)
        return late
    waits = late.decision == Decision.WAITS
    if waits:
        follow(case, "hear_late", now=now)
    write_down(case, "case.late_answer", actor=None, now=now, payload=facts, texts=texts, moves=waits)
    if waits:
        tell_director(case, late, now=now)
    elif came == Came.NEW_ROUND:
        _tell_owner(case, late, now=now)
    return late


def tell_director(case: Case, late: LateAnswer, *, now: datetime, but: Staff | None = None) -> None:
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        sorted(people.first_level(people.directors, people.street, people.supervisors, without=case.barred_ids)),
        gettext_noop(
            "%(number)s is archived, yet the resident says it is not settled: reopen it, or close it for good"
        ),
        {"number": case.number},
        key=f"late:{late.pk}",
        now=now,
        people=people,
        but=but,
    )


def _tell_owner(case: Case, late: LateAnswer, *, now: datetime) -> None:
    tell(
        case,
        [case.first_contact_owner_id],
        gettext_noop("The resident answered the link of an earlier round of %(number)s: read what they say"),
        {"number": case.number},
        key=f"late:{late.pk}",
        now=now,
        people=HallPeople.of(case.hall, now),
        level="info",
    )


@transaction.atomic
def reopen_archived(*, case_id: int, transition_no: int, actor: Staff, now: datetime, reason: str) -> Case:
    """The director: a new round with a promise of its own, and a rectification notice about the one that was closed."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    reason = required(reason, "reason", _("Write down why it is handled again."))
    if case.closed_at is not None and now > case.closed_at + REOPENED_WITHIN:
        raise Refused(
            _("It was archived more than %(days)d days ago. Register it anew, and close this answer with a word.")
            % {"days": REOPENED_WITHIN.days}
        )
    waiting = list(_waiting(case))
    said = "\n".join(late.reasons for late in waiting if late.reasons)
    notice = issue_notice(case, reasons=f"{said}\n{reason}".strip(), actor=actor, now=now)
    facts = {"late_answers": [late.pk for late in waiting], **named_on(notice)}
    case = reopen_case(case=case, actor=actor, now=now, payload=facts, texts={"reason": reason})
    _waiting(case).update(decision=Decision.REOPENED, decided_by=actor, decided_at=now, word=reason)
    tell_of_new_round(case, notice, actor=actor, now=now)
    return case


@transaction.atomic
def keep_closed(*, case_id: int, transition_no: int, actor: Staff, now: datetime, word: str) -> Case:
    """The director has read what came late: the matter stays archived, and says why."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    word = required(word, "word", _("Write down why it stays closed."))
    move(case, "keep_closed", actor)
    ids = list(_waiting(case).values_list("pk", flat=True))
    _waiting(case).update(decision=Decision.CLOSED, decided_by=actor, decided_at=now, word=word)
    write_down(
        case, "case.late_answer_closed", actor=actor, now=now, payload={"late_answers": ids}, texts={"word": word}
    )
    return case


def _waiting(case: Case) -> QuerySet[LateAnswer]:
    return LateAnswer.objects.filter(case=case, decision=Decision.WAITS)
