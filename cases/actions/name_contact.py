"""Who hides their identity has one contact besides the director and the investigator."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.actions.moving import lock_case, move, write_down
from cases.actions.tell import tell
from cases.models import Case, Part
from cases.people import HallPeople
from cases.powers import others
from cases.vocabulary import PartRole
from foundation.organization.models import Role, Staff
from foundation.refusals import Refused

WHO_SEE_CASES = (Role.RECEPTIONIST, Role.HANDLER, Role.HEAD, Role.DIRECTOR, Role.SUPERVISOR)


@transaction.atomic
def name_contact(*, case_id: int, transition_no: int, actor: Staff, now: datetime, contact: Staff) -> Case:
    """One person at a time: a new one takes the place of the old, who from then on is shown no name."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    if not contact_candidates(case).filter(pk=contact.pk).exists():
        raise Refused(_("Choose somebody else of this hall."), field="contact")
    move(case, "name_contact", actor)
    named = case.parts.filter(role=PartRole.CONTACT, ended_at=None)
    before = list(named.values_list("staff_id", flat=True))
    named.update(ended_at=now)
    Part.objects.create(case=case, staff=contact, role=PartRole.CONTACT, round=case.round, started_at=now)
    case.forget_parts()
    entry = write_down(case, "case.contact_named", actor=actor, now=now, payload={"contact": contact.pk, "was": before})
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        [contact.pk],
        gettext_noop("%(number)s: you are the named contact and may know who the resident is"),
        {"number": case.number},
        key=f"contact:{entry.chain_id}:{entry.seq}:new",
        now=now,
        people=people,
        but=actor,
    )
    tell(
        case,
        before,
        gettext_noop("%(number)s: somebody else is the named contact now"),
        {"number": case.number},
        key=f"contact:{entry.chain_id}:{entry.seq}:old",
        now=now,
        people=people,
        but=actor,
        level="info",
    )
    return case


def contact_candidates(case: Case) -> QuerySet[Staff]:
    """People of the hall who work on cases, who are not barred and not the contact already."""
    named = {part.staff_id for part in case.active_parts if part.role == PartRole.CONTACT}
    people = others(case, Staff.objects.holding(*WHO_SEE_CASES, hall=case.hall))
    return people.exclude(pk__in=named).order_by("name", "pk")
