"""The rectification notice: written in the transaction of the dissatisfied answer, never later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from cases.actions.tell import tell
from cases.models import Case
from cases.people import HallPeople
from cases.powers import lead_department
from cases.vocabulary import PartRole
from followups.models import RectificationNotice
from foundation.organization.models import Department, DepartmentKind, Staff


def issue_notice(case: Case, *, reasons: str, actor: Staff | None, now: datetime) -> RectificationNotice:
    """To the lead department of the round that ends; for an answer on the spot, to the hall itself.

    Where departments assisted, it is theirs too: RectificationNotice.assisting().
    """
    department = lead_department(case) or Department.objects.filter(hall=case.hall, kind=DepartmentKind.HALL).first()
    return RectificationNotice.objects.create(
        case=case,
        round=case.round,
        department=department,
        number=f"{case.number}-R{case.round}",
        reasons=reasons,
        issued_at=now,
        issued_by=actor,
    )


def named_on(notice: RectificationNotice) -> dict[str, Any]:
    """What the record says of it."""
    return {
        "notice": notice.number,
        "department": notice.department.name if notice.department else None,
        "assisting": [department.name for department in notice.assisting()],
    }


def tell_of_new_round(case: Case, notice: RectificationNotice, *, actor: Staff | None, now: datetime) -> None:
    """The departments and whoever handled the round get the notice; the first-contact owner learns of the new round."""
    people = HallPeople.of(case.hall, now)
    handlers = case.parts.filter(role=PartRole.HANDLER, round=notice.round, ended_at=None)
    responsible = set(handlers.values_list("staff_id", flat=True))
    for department_id in (notice.department_id, *(department.pk for department in notice.assisting())):
        responsible |= people.handlers(department_id) | people.heads(department_id)
    tell(
        case,
        sorted(responsible),
        gettext_noop("Rectification notice %(notice)s: the resident is not satisfied with %(number)s"),
        {"notice": notice.number, "number": case.number},
        key=f"notice:{notice.pk}",
        now=now,
        people=people,
        but=actor,
    )
    tell(
        case,
        [case.first_contact_owner_id],
        gettext_noop("The resident is not satisfied with %(number)s: round %(round)s begins, decide where it goes"),
        {"number": case.number, "round": case.round},
        key=f"case:{case.pk}:reopened:{case.round}",
        now=now,
        people=people,
        but=actor,
    )
