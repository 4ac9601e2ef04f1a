"""Refer: a matter that one department cannot settle goes to the director, who coordinates it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.actions.moving import lock_case, move, required, write_down
from cases.actions.tell import tell
from cases.models import Case
from cases.people import HallPeople
from foundation.organization.models import Staff


@transaction.atomic
def refer(*, case_id: int, transition_no: int, actor: Staff, now: datetime, reason: str) -> Case:
    """The director decides from now on. The dispatch clock runs on: it is theirs, as the case is."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    reason = required(reason, "reason", _("Write down why it needs coordination."))
    move(case, "refer", actor)
    people = HallPeople.of(case.hall, now)
    case.responsible_staff = people.director(without=case.barred_ids) or case.first_contact_owner
    write_down(case, "case.referred", actor=actor, now=now, texts={"reason": reason})
    tell(
        case,
        people.first_level(people.directors, people.street, people.supervisors, without=case.barred_ids),
        gettext_noop("%(number)s was referred to you: decide who leads and who assists"),
        {"number": case.number},
        key=f"case:{case.pk}:referred:{case.transition_no}",
        now=now,
        people=people,
        but=actor,
    )
    return case
