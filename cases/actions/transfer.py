"""Transfer: a numbered slip goes to a department, and its people sign it in."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import clocks
from cases.actions.legs import RETURNS_BEFORE_DIRECTOR, returns_of
from cases.actions.moving import lock_case, lock_slip, move, required, write_down
from cases.actions.tell import tell
from cases.models import Case, Part, TransferSlip
from cases.people import HallPeople, handler_candidates
from cases.vocabulary import HELD_SLIP_STATES, PartRole, SlipKind
from foundation.deadlines.models import ClockKind
from foundation.organization.models import ON_PAPER, Department, DepartmentKind, Staff
from foundation.refusals import Refused


@transaction.atomic
def transfer(
    *, case_id: int, transition_no: int, actor: Staff, now: datetime, department: Department, instruction: str
) -> TransferSlip:
    """Issue the lead slip of this round to one department. After two returns only the director does, bindingly."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    instruction = required(instruction, "instruction", _("Write down what the department is asked to do."))
    move(case, "transfer", actor, now=now)
    check_department(case, department, field="department")
    slip = issue(case, department=department, kind=SlipKind.LEAD, instruction=instruction, actor=actor, now=now)
    people = HallPeople.of(case.hall, now)
    events = clocks.finish(case, ClockKind.DISPATCH, now=now)
    events += start_slip_clocks(slip, now=now)
    case.responsible_staff, case.responsible_department = None, department
    write_down(
        case,
        "case.transferred",
        actor=actor,
        now=now,
        slip=slip,
        clock_events=events,
        payload={"binding": slip.is_binding},
        texts={"instruction": instruction},
    )
    tell_issued(slip, actor=actor, people=people, now=now)
    return slip


def check_department(case: Case, department: Department, *, field: str) -> None:
    """Raises Refused for a department that cannot get a slip of this case now."""
    if department.hall_id != case.hall_id or not department.is_active:
        raise Refused(_("Choose a department of this hall."), field=field)
    if department.kind == DepartmentKind.STREET:
        raise Refused(_("A matter is handed up to the street office; it is not transferred there."), field=field)
    if case.slips.filter(round=case.round, department=department, state__in=HELD_SLIP_STATES).exists():
        raise Refused(
            _("%(department)s already has a slip of this round, or has reported on it; its result is kept.")
            % {"department": department.name},
            field=field,
        )


def issue(
    case: Case, *, department: Department, kind: str, instruction: str, actor: Staff, now: datetime
) -> TransferSlip:
    """The row of a slip; numbered after its case."""
    returned = returns_of(case)
    slip = TransferSlip(
        case=case,
        hall=case.hall,
        department=department,
        category=case.category,
        number=f"{case.number}-{case.slips.count() + 1}",
        kind=kind,
        round=case.round,
        needs_approval=case.category.needs_approval and department.kind == DepartmentKind.INTERNAL,
        is_binding=case.is_referred and returned >= RETURNS_BEFORE_DIRECTOR,
        wants_plan=department.kind in ON_PAPER or (case.is_coordinated and kind == SlipKind.LEAD),
        instruction=instruction,
        issued_by=actor,
        issued_at=now,
    )
    slip.save(force_insert=True)
    return slip


def start_slip_clocks(slip: TransferSlip, *, now: datetime) -> list[clocks.ClockEvent]:
    variant = ("lead" if slip.is_lead else "assisting") if slip.case.is_coordinated else ""
    events = [
        clocks.start(slip.case, ClockKind.SIGN_IN, now=now, slip=slip),
        clocks.start(slip.case, ClockKind.INVESTIGATE, now=now, slip=slip),
        clocks.start(slip.case, ClockKind.HANDLE, now=now, slip=slip, variant=variant),
    ]
    if slip.wants_plan:
        plan_of = "outside" if slip.department.kind in ON_PAPER else ""
        events.append(clocks.start(slip.case, ClockKind.PLAN, now=now, slip=slip, variant=plan_of))
    return events


def tell_issued(slip: TransferSlip, *, actor: Staff, people: HallPeople, now: datetime) -> None:
    tell(
        slip.case,
        people.of_slip(slip, slip.case, without=slip.case.barred_ids),
        gettext_noop("%(slip)s has come in: sign it in or return it"),
        {"slip": slip.number},
        key=f"slip:{slip.pk}:issued",
        now=now,
        people=people,
        but=actor,
    )


@transaction.atomic
def sign_in(
    *, slip_id: int, transition_no: int, actor: Staff, now: datetime, handler: Staff | None = None
) -> TransferSlip:
    """The department takes the slip and names its handler: in a new round, one who did not handle it before."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    case = slip.case
    level = ""
    if slip.department.kind in ON_PAPER:
        handler = None
    else:
        candidates = handler_candidates(slip)
        level = candidates.level
        if handler is None:
            raise Refused(_("Name the handler."), field="handler")
        if handler not in candidates.staff:
            raise Refused(_("This person cannot handle the case; choose another."), field="handler")
    move(slip, "sign_in", actor, handler=handler, handler_level=level, now=now)
    if handler is not None:
        # The same person may sign in a second slip of the round, after the first was returned.
        Part.objects.get_or_create(
            case=case,
            staff=handler,
            role=PartRole.HANDLER,
            round=slip.round,
            ended_at=None,
            defaults={"started_at": now},
        )
    events = clocks.finish(case, ClockKind.SIGN_IN, now=now, slip=slip)
    if not case.is_anonymous:
        events.append(clocks.start(case, ClockKind.CONTACT, now=now, slip=slip))
    if slip.is_lead:
        case.responsible_staff = handler
    write_down(
        case,
        "slip.signed",
        actor=actor,
        now=now,
        slip=slip,
        clock_events=events,
        payload={"handler": handler.pk if handler else None, "level": level},
        moves=False,
    )
    if handler is not None:
        tell(
            case,
            [handler.pk],
            gettext_noop("You handle %(slip)s: contact the resident first"),
            {"slip": slip.number},
            key=f"slip:{slip.pk}:handler:{slip.transition_no}",
            now=now,
            people=HallPeople.of(case.hall, now),
            but=actor,
        )
    return slip
