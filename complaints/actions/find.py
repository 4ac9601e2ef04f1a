"""Whether a complaint proved true. Nobody is told a result before this is written down."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.actions.moving import lock_case, move, required, write_down
from cases.actions.tell import tell
from cases.people import HallPeople
from cases.vocabulary import CaseState, Verdict
from complaints.models import Finding
from foundation.organization.models import Department, Staff
from foundation.refusals import Refused, WrongState


@transaction.atomic
def record_finding(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    verdict: str,
    reasons: str,
    responsible_department: Department | None = None,
    responsible_staff: Staff | None = None,
    responsible_other: str = "",
) -> Finding:
    """Founded, partly or not, why, and whose doing. A further finding puts the one before right; both are kept."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    if verdict not in Verdict.values:
        raise Refused(_("Choose whether it proved true."), field="verdict")
    reasons = required(reasons, "reasons", _("Write down what the finding rests on."))
    responsible_other = responsible_other.strip()
    if verdict == Verdict.UNFOUNDED:
        responsible_department, responsible_staff, responsible_other = None, None, ""
    elif not (responsible_department or responsible_staff or responsible_other):
        raise Refused(_("Name the department or the person whose doing it was."), field="responsible_department")
    if responsible_department is not None and responsible_department.hall_id != case.hall_id:
        raise Refused(_("Choose a department of this hall."), field="responsible_department")
    if responsible_staff is not None and not case.bars(responsible_staff):
        raise Refused(
            _("Nobody is held responsible unheard: name this person as one it is about first."),
            field="responsible_staff",
        )
    if not case.everybody_was_heard():
        raise WrongState(_("Hear everybody it is about first, or write down why they cannot be heard."))
    move(case, "correct_finding" if case.finding else "record_finding", actor, verdict=verdict)
    finding = Finding.objects.create(
        case=case,
        round=case.round,
        verdict=verdict,
        reasons=reasons,
        responsible_department=responsible_department,
        responsible_staff=responsible_staff,
        responsible_other=responsible_other,
        found_by=actor,
        found_at=now,
    )
    write_down(
        case,
        "complaint.found",
        actor=actor,
        now=now,
        payload={
            "verdict": verdict,
            "responsible_department": responsible_department.name if responsible_department else None,
            "responsible_staff": responsible_staff.pk if responsible_staff else None,
        },
        texts={"reasons": reasons, "responsible_other": responsible_other},
    )
    if case.state == CaseState.FEEDBACK:
        people = HallPeople.of(case.hall, now)
        levels = [people.directors, people.street, people.supervisors]
        desk = people.at_desk(case, without=case.barred_ids)
        tell(
            case,
            people.first_level(*levels, without=case.barred_ids) if case.is_coordinated else desk,
            gettext_noop("%(number)s: the finding is written down, tell the resident"),
            {"number": case.number},
            key=f"finding:{finding.pk}",
            now=now,
            people=people,
            but=actor,
        )
    return finding
