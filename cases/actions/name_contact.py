"""Who hides their identity has one contact besides the director and the investigator."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.actions.moving import lock_case, move, write_down
from cases.actions.tell import tell
from cases.models import Case, Part
from cases.people import HallPeople
from cases.powers import others
from cases.vocabulary import HELD_SLIP_STATES, PartRole
from foundation.organization.models import Role, Staff
from foundation.refusals import Refused

OF_HALL = (Role.RECEPTIONIST, Role.DIRECTOR, Role.SUPERVISOR)
OF_DEPARTMENT = (Role.HANDLER, Role.HEAD)


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
    """Who sees this case, is not barred and not the contact already: of the hall, or of a department with a slip."""
    named = {part.staff_id for part in case.active_parts if part.role == PartRole.CONTACT}
    held = case.slips.filter(state__in=HELD_SLIP_STATES).values("department")
    of_hall = Q(memberships__role__in=OF_HALL, memberships__hall=case.hall, memberships__department=None)
    of_department = Q(memberships__role__in=OF_DEPARTMENT, memberships__department__in=held)
    people = Staff.objects.filter(of_hall | of_department, memberships__ended_at=None, is_active=True)
    return others(case, people).exclude(pk__in=named).distinct().order_by("name", "pk")
