"""The rectification notice: written in the transaction of the dissatisfied answer, never later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from cases.actions.tell import tell
from cases.models import Case, TransferSlip
from cases.people import HallPeople
from cases.vocabulary import PartRole, SlipKind
from followups.models import RectificationNotice
from foundation.organization.models import Department, DepartmentKind, Staff


def issue_notice(case: Case, *, reasons: str, actor: Staff | None, now: datetime) -> RectificationNotice:
    """To the lead department whose result the round was answered with; for an answer on the spot, to the hall itself.

    Where departments assisted, it is theirs too: RectificationNotice.assisting().
    """
    lead = TransferSlip.objects.answering(case, case.round).filter(kind=SlipKind.LEAD).select_related("department")
    itself = Department.objects.filter(hall=case.hall, kind=DepartmentKind.HALL)
    return RectificationNotice.objects.create(
        case=case,
        round=case.round,
        department=next((slip.department for slip in lead), None) or itself.first(),
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
    handlers = case.parts.filter(role=PartRole.HANDLER, round=notice.round, ended_at=None).select_related("staff")
    # Who has left the department since could not open it.
    responsible = {
        part.staff_id
        for part in handlers
        if RectificationNotice.objects.visible_to(part.staff).filter(pk=notice.pk).exists()
    }
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
        url=f"/notices/{notice.number}/print/",
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
