"""The first-contact owner changes: only by the director, and with a reason."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.actions.moving import lock_case, move, required, write_down
from cases.actions.tell import tell
from cases.models import Case, Part
from cases.people import HallPeople
from cases.powers import others
from cases.vocabulary import PartRole
from foundation.organization.models import Role, Staff
from foundation.refusals import Refused


@transaction.atomic
def hand_over(*, case_id: int, transition_no: int, actor: Staff, now: datetime, owner: Staff, reason: str) -> Case:
    """Another one sees it through from now on; who had it and who has it are both told."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    reason = required(reason, "reason", _("Write down why the case changes hands."))
    before = case.first_contact_owner
    if not owner_candidates(case).filter(pk=owner.pk).exists():
        raise Refused(_("Choose another receptionist, or a director, of this hall."), field="owner")
    move(case, "hand_over", actor, owner=owner)
    case.parts.filter(role=PartRole.OWNER, ended_at=None).update(ended_at=now)
    Part.objects.create(case=case, staff=owner, role=PartRole.OWNER, round=case.round, started_at=now)
    case.forget_parts()
    if case.responsible_staff_id == before.pk and not case.responsible_department_id:
        case.responsible_staff = owner
    entry = write_down(
        case,
        "case.handed_over",
        actor=actor,
        now=now,
        payload={"owner": owner.pk, "was": before.pk},
        texts={"reason": reason},
    )
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        [owner.pk],
        gettext_noop("%(number)s passes to you as first-contact owner"),
        {"number": case.number},
        key=f"handed_over:{entry.chain_id}:{entry.seq}:to",
        now=now,
        people=people,
        but=actor,
    )
    tell(
        case,
        [before.pk],
        gettext_noop("%(number)s passes from you to %(name)s as first-contact owner"),
        {"number": case.number, "name": owner.name},
        key=f"handed_over:{entry.chain_id}:{entry.seq}:from",
        now=now,
        people=people,
        but=actor,
        level="info",
    )
    return case


def owner_candidates(case: Case) -> QuerySet[Staff]:
    """Receptionists and directors of the hall who are not barred and do not have it already."""
    desk = Staff.objects.holding(Role.RECEPTIONIST, Role.DIRECTOR, hall=case.hall)
    return others(case, desk).exclude(pk=case.first_contact_owner_id).order_by("name", "pk")
