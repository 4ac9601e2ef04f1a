"""What the director decides once a complaint has been looked into: for people, and before the public."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.actions.moving import lock_case, move, required, write_down
from cases.actions.tell import tell
from cases.models import Case
from cases.models.of_case import OfCaseQuerySet
from cases.people import HallPeople
from complaints.models import Apology, ApologyKind, Correction, Hearing, Sanction, SanctionKind
from foundation.organization.models import Staff
from foundation.refusals import Refused


@transaction.atomic
def decide_sanction(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    kind: str,
    text: str,
    staff: Staff | None = None,
    correct_by: date | None = None,
) -> Sanction:
    """What follows for one person, or for a department; none: the text says why. Each decision is a row of its own."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    if kind not in SanctionKind.values:
        raise Refused(_("Choose what follows."), field="kind")
    text = required(text, "text", _("Write down what was decided, and why."))
    if staff is not None and not case.bars(staff):
        raise Refused(_("The complaint is not about this person; name them first."), field="person")
    if staff is not None and kind != SanctionKind.NONE and not Hearing.objects.has_settled(case=case, staff=staff):
        raise Refused(
            _("Nobody is sanctioned unheard. Decide about the department, or reopen the matter and hear this person."),
            field="person",
        )
    if kind != SanctionKind.CORRECTION:
        correct_by = None
    elif correct_by is None:
        raise Refused(_("Write down by which day it is to be corrected."), field="correct_by")
    elif correct_by < now.astimezone(case.hall.zone).date():
        raise Refused(_("This day is over."), field="correct_by")
    move(case, "decide_sanction", actor, correct_by=correct_by)
    sanction = Sanction.objects.create(
        case=case,
        round=case.round,
        kind=kind,
        staff=staff,
        text=text,
        correct_by=correct_by,
        decided_by=actor,
        decided_at=now,
    )
    entry = write_down(
        case,
        "complaint.sanctioned",
        actor=actor,
        now=now,
        payload={
            "sanction": sanction.pk,
            "kind": kind,
            "staff": staff.pk if staff else None,
            "correct_by": correct_by.isoformat() if correct_by else None,
        },
        texts={"text": text},
    )
    if correct_by is not None and case.lead_of_round is not None:
        people = HallPeople.of(case.hall, now)
        tell(
            case,
            people.heads(case.lead_of_round.department_id),
            gettext_noop("%(number)s: it was decided that something is put right by a date; see the case"),
            {"number": case.number},
            key=f"correction:{entry.chain_id}:{entry.seq}",
            now=now,
            people=people,
            but=actor,
        )
    return sanction


@transaction.atomic
def confirm_correction(
    *, case_id: int, transition_no: int, actor: Staff, now: datetime, sanction_id: int, note: str
) -> Correction:
    """It was put right, and this is how we know. Until then it stands on the first pages of those it concerns."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    note = required(note, "note", _("Write down what was put right, and how you made sure of it."))
    waiting = to_be_confirmed(case)
    sanction = waiting.filter(pk=sanction_id).first()
    next_by = waiting.exclude(pk=sanction_id).order_by("correct_by").values_list("correct_by", flat=True).first()
    move(case, "confirm_correction", actor, next_by=next_by)
    if sanction is None:
        raise Refused(_("Choose what was put right."), field="sanction")
    correction = Correction.objects.create(
        case=case, sanction=sanction, note=note, confirmed_by=actor, confirmed_at=now
    )
    write_down(
        case,
        "complaint.corrected",
        actor=actor,
        now=now,
        payload={"sanction": sanction.pk},
        texts={"note": note},
    )
    return correction


def to_be_confirmed(case: Case) -> OfCaseQuerySet[Sanction]:
    """What was to be put right by a date, and nobody has confirmed yet."""
    return Sanction.objects.filter(case=case, correct_by__isnull=False, correction=None)


@transaction.atomic
def decide_apology(*, case_id: int, transition_no: int, actor: Staff, now: datetime, kind: str, text: str) -> Apology:
    """Whether something is said in public: its words, or the reason why nothing is. The last decision holds."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    if kind not in ApologyKind.values:
        raise Refused(_("Choose what is said in public."), field="kind")
    text = required(text, "text", _("Write down the words, or why nothing is said in public."))
    move(case, "decide_apology", actor)
    apology = Apology.objects.create(
        case=case, round=case.round, kind=kind, text=text, decided_by=actor, decided_at=now
    )
    write_down(
        case,
        "complaint.apology_decided",
        actor=actor,
        now=now,
        payload={"apology": apology.pk, "kind": kind},
        texts={"text": text},
    )
    return apology
