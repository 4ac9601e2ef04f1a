"""Coordinate: one lead department and several assisting ones work side by side; or the street office takes it over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import clocks
from cases.actions.moving import lock_case, move, required, write_down
from cases.actions.tell import tell
from cases.actions.transfer import check_department, issue, start_slip_clocks, tell_issued
from cases.models import TransferSlip
from cases.people import HallPeople, open_lead_slip
from cases.vocabulary import HELD_SLIP_STATES, SlipKind
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Department, DepartmentKind, Staff
from foundation.refusals import Refused


@transaction.atomic
def coordinate(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    lead: Department,
    assisting: Sequence[Department],
    instruction: str,
    own_instructions: Mapping[int, str] | None = None,
) -> list[TransferSlip]:
    """Issue all slips at once, the lead's first. own_instructions: what one department alone is asked, by its key.

    Departments that have reported in this round keep their result and are not asked again.
    """
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    instruction = required(instruction, "instruction", _("Write down what the departments are asked to do."))
    move(case, "coordinate", actor, now=now)
    check_department(case, lead, field="lead")
    for department in assisting:
        check_department(case, department, field="assisting")
    if lead in assisting or len(set(assisting)) < len(assisting):
        raise Refused(_("A department leads or assists, and is named once."), field="assisting")
    if not assisting and not case.slips.filter(round=case.round, state__in=HELD_SLIP_STATES).exists():
        raise Refused(
            _("Choose at least one assisting department; what one settles alone is transferred."), field="assisting"
        )
    # The director has taken it on: what comes back is theirs to decide.
    case.is_referred = True
    events = clocks.finish(case, ClockKind.DISPATCH, now=now)
    texts = {"instruction": instruction}
    slips: list[TransferSlip] = []
    for department in (lead, *assisting):
        own = (own_instructions or {}).get(department.pk, "").strip()
        slip = issue(
            case,
            department=department,
            kind=SlipKind.ASSISTING if slips else SlipKind.LEAD,
            instruction=f"{instruction}\n\n{own}" if own else instruction,
            actor=actor,
            now=now,
        )
        events += start_slip_clocks(slip, now=now)
        clocks.keep_next_due(case, slip)
        slip.save(update_fields=["next_due_at"])
        slips.append(slip)
        if own:
            texts[f"instruction_{slip.pk}"] = _("%(department)s: %(text)s") % {"department": department, "text": own}
    case.responsible_staff, case.responsible_department = None, lead
    write_down(
        case,
        "case.coordinated",
        actor=actor,
        now=now,
        clock_events=events,
        payload={
            "legs": [{"slip": slip.number, "department": slip.department.name, "kind": slip.kind} for slip in slips]
        },
        texts=texts,
    )
    people = HallPeople.of(case.hall, now)
    for slip in slips:
        tell_issued(slip, actor=actor, people=people, now=now)
    return slips


@transaction.atomic
def add_department(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    department: Department,
    instruction: str,
    kind: str = SlipKind.ASSISTING,
) -> TransferSlip:
    """A further department assists; or leads, where the lead department is gone while others still work."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    instruction = required(instruction, "instruction", _("Write down what the department is asked to do."))
    move(case, "add_department", actor)
    check_department(case, department, field="department")
    if kind not in SlipKind.values:
        raise Refused(_("A department leads or assists."), field="kind")
    if kind == SlipKind.LEAD and open_lead_slip(case) is not None:
        raise Refused(_("There is a lead department; recall its slip before another one leads."), field="kind")
    slip = issue(case, department=department, kind=kind, instruction=instruction, actor=actor, now=now)
    events = start_slip_clocks(slip, now=now)
    if slip.is_lead:
        events += clocks.finish(case, ClockKind.DISPATCH, now=now)
        case.responsible_staff, case.responsible_department = None, department
    write_down(
        case,
        "case.department_added",
        actor=actor,
        now=now,
        slip=slip,
        clock_events=events,
        payload={"kind": slip.kind, "binding": slip.is_binding},
        texts={"instruction": instruction},
    )
    tell_issued(slip, actor=actor, people=HallPeople.of(case.hall, now), now=now)
    return slip


@transaction.atomic
def hand_up(*, case_id: int, transition_no: int, actor: Staff, now: datetime, instruction: str) -> TransferSlip:
    """Beyond the hall's means: the street office has it. Its supervisors answer themselves, or the desk from paper."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    instruction = required(instruction, "instruction", _("Write down why it is handed up, and what is asked."))
    move(case, "hand_up", actor, now=now)
    street = Department.objects.filter(hall=case.hall, kind=DepartmentKind.STREET, is_active=True).first()
    if street is None:
        raise Refused(_("This hall has no street office among its departments; the administrator can add it."))
    if case.slips.filter(round=case.round, department=street, state__in=HELD_SLIP_STATES).exists():
        raise Refused(_("The street office has reported in this round already; its result is kept."))
    case.is_referred = True
    slip = issue(case, department=street, kind=SlipKind.LEAD, instruction=instruction, actor=actor, now=now)
    events = clocks.finish(case, ClockKind.DISPATCH, now=now)
    events += start_slip_clocks(slip, now=now)
    case.responsible_staff, case.responsible_department = None, street
    write_down(
        case,
        "case.handed_up",
        actor=actor,
        now=now,
        slip=slip,
        clock_events=events,
        texts={"instruction": instruction},
    )
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        people.of_slip(slip, case, without=case.barred_ids),
        gettext_noop("%(slip)s was handed up to the street office: sign it in"),
        {"slip": slip.number},
        key=f"slip:{slip.pk}:issued",
        now=now,
        people=people,
        but=actor,
    )
    return slip
