"""Papers of one round: the feedback sheet the resident signs, and the follow-up sheet."""

from __future__ import annotations

from collections import defaultdict

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Answer, Case, TransferSlip
from cases.vocabulary import CaseState
from followups.links import links_for
from followups.models import (
    Evaluation,
    EvaluationChannel,
    FollowUpAttempt,
    Satisfaction,
    Solved,
    UnevaluatedRound,
)
from web.desk.papers.choices import ticked
from web.desk.papers.of_case import last_answers, signature_of
from web.desk.papers.sheet import Found, Known, Reader, Sheet, slips_behind
from web.qr import qr_code


def find_feedback(known: Known, reader: Reader) -> list[Found]:
    """From the moment there is something to tell: the desk takes the sheet along to have it signed."""
    case = known.case
    rounds = known.answered_rounds | ({case.round} if case.state == CaseState.FEEDBACK else set())
    may = reader.is_of_hall(case)
    return [Found(case.number, round=one) for one in sorted(rounds) if may or reader.has(known.lead_department(one))]


def load_feedback(sheets: list[Sheet], reader: Reader) -> None:
    cases = [sheet.case for sheet in sheets]
    answers = last_answers(cases)
    behind = slips_behind(cases, reader.staff)
    # Handed to the resident. Never by who handled the matter: they could answer in the resident's place.
    handed_out = [case for case in cases if reader.is_of_hall(case) and not case.was_handled_by(reader.staff)]
    links = links_for((case for case in handed_out if not case.is_anonymous), now=timezone.now())
    for sheet in sheets:
        case, number = sheet.case, sheet.found.round
        answer, knows = answers.get((case.pk, number)), reader.knows_identity(case)
        link = links.get(case.pk)
        sheet.facts = {
            "round": number,
            "lead": _lead(case, number, answer, behind[case.pk, number]),
            "qr": qr_code(settings.PUBLIC_BASE_URL + link.path, _("QR code of the three questions"))
            if link and link.round == number
            else "",
            "answer": answer,
            "knows_identity": knows,
            **signature_of(answer, knows),
        }


def _lead(case: Case, number: int, answer: Answer | None, behind: list[TransferSlip]) -> TransferSlip | None:
    """The lead's result alone: what departments wrote to each other is not for the resident."""
    lead = next((slip for slip in behind if slip.is_lead), None)
    if lead is None or not case.round_is_shared(number):
        return lead
    # A further round forgets when the result of the first came: it was there when the resident was told of it.
    shared_at = case.feedback_at if case.shares_a_result() else answer and answer.answered_at
    # Sent back to the main case's department since, it is being written anew: not what this resident was told.
    is_the_same = shared_at and lead.reported_at and lead.reported_at <= shared_at
    return lead if is_the_same else None


def find_follow_up(known: Known, reader: Reader) -> list[Found]:
    """Also before anybody was asked: a sheet with empty boxes goes along to the resident's door."""
    case = known.case
    rounds = known.followed_rounds | ({case.round} if case.state == CaseState.FOLLOW_UP else set())
    may = reader.is_of_hall(case)
    # Where the desk has nobody left, the head of the lead department follows up.
    return [Found(case.number, round=one) for one in sorted(rounds) if may or reader.heads(known.lead_department(one))]


def load_follow_up(sheets: list[Sheet], reader: Reader) -> None:
    cases = [sheet.case for sheet in sheets]
    answers = last_answers(cases)
    attempts: defaultdict[tuple[int, int], list[FollowUpAttempt]] = defaultdict(list)
    for attempt in FollowUpAttempt.objects.filter(case__in=cases).select_related("by").order_by("at", "pk"):
        attempts[attempt.case_id, attempt.round].append(attempt)
    evaluations = {
        (one.case_id, one.round): one
        for one in Evaluation.objects.filter(case__in=cases).select_related("recorded_by", "signature")
    }
    unevaluated = {
        (one.case_id, one.round): one
        for one in UnevaluatedRound.objects.filter(case__in=cases).select_related("closed_by")
    }
    for sheet in sheets:
        case, number = sheet.case, sheet.found.round
        said = evaluations.get((case.pk, number))
        knows = reader.knows_identity(case)
        drawn = said.signature if said and knows else None
        sheet.facts = {
            "round": number,
            "answer": answers.get((case.pk, number)),
            "attempts": attempts[case.pk, number],
            "said": said,
            "unevaluated": unevaluated.get((case.pk, number)),
            "knows_identity": knows,
            "contacted": [
                (_("yes"), bool(said and said.is_contacted)),
                (_("no"), bool(said and not said.is_contacted)),
            ],
            "channels": ticked(EvaluationChannel, said.channel if said else ""),
            "solved": ticked(Solved, said.solved if said else ""),
            "satisfaction": ticked(Satisfaction, said.satisfaction if said else ""),
            "signature": reverse("desk:attachment", args=[drawn.public_id]) if drawn else "",
            "signed_at": said.at if drawn and said else None,
        }
