"""What the director decides once a complaint has been looked into: for people, and before the public."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.moving import lock_case, move, required, write_down
from complaints.models import Apology, ApologyKind, Hearing, Sanction, SanctionKind
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
    move(case, "decide_sanction", actor)
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
    write_down(
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
    return sanction


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
