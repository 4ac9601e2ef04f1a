"""Transfer: a numbered slip goes to a department, and comes back signed, reported, or returned."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import clocks
from cases.actions.moving import follow, lock_case, lock_slip, move, required, write_down
from cases.actions.tell import tell
from cases.models import Case, Part, TransferSlip
from cases.people import HallPeople, handler_candidates
from cases.vocabulary import OPEN_SLIP_STATES, PartRole, SlipKind, SlipState
from foundation.deadlines.models import ClockKind
from foundation.organization.models import ON_PAPER, Department, DepartmentKind, Staff
from foundation.refusals import Refused

RETURNS_BEFORE_DIRECTOR = 2


@transaction.atomic
def transfer(
    *, case_id: int, transition_no: int, actor: Staff, now: datetime, department: Department, instruction: str
) -> TransferSlip:
    """Issue the lead slip of this round to one department. After two returns only the director does, bindingly."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    if department.hall_id != case.hall_id or not department.is_active:
        raise Refused(_("Choose a department of this hall."), field="department")
    instruction = required(instruction, "instruction", _("Write down what the department is asked to do."))
    move(case, "transfer", actor, now=now)
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
    tell(
        case,
        people.of_slip(slip, case, without=case.barred_ids),
        gettext_noop("%(slip)s has come in: sign it in or return it"),
        {"slip": slip.number},
        key=f"slip:{slip.pk}:issued",
        now=now,
        people=people,
        but=actor,
    )
    return slip


def issue(
    case: Case, *, department: Department, kind: str, instruction: str, actor: Staff, now: datetime
) -> TransferSlip:
    """The row of a slip; numbered after its case."""
    returned = case.slips.filter(state=SlipState.RETURNED).count()
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
        instruction=instruction,
        issued_by=actor,
        issued_at=now,
    )
    slip.save(force_insert=True)
    return slip


def start_slip_clocks(slip: TransferSlip, *, now: datetime, variant: str = "") -> list[clocks.ClockEvent]:
    return [
        clocks.start(slip.case, ClockKind.SIGN_IN, now=now, slip=slip),
        clocks.start(slip.case, ClockKind.INVESTIGATE, now=now, slip=slip),
        clocks.start(slip.case, ClockKind.HANDLE, now=now, slip=slip, variant=variant),
    ]


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


@transaction.atomic
def return_unsigned(*, slip_id: int, transition_no: int, actor: Staff, now: datetime, reason: str) -> TransferSlip:
    """Return a slip that is not the department's own, before signing it. The second return goes to the director."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    reason = required(reason, "reason", _("Write down why it is not yours, and whose it is if you know."))
    move(slip, "return_unsigned", actor, reason=reason, now=now)
    case = slip.case
    events = clocks.finish(case, ClockKind.SIGN_IN, now=now, slip=slip)
    events += clocks.cancel(case, now=now, slip=slip)
    people = HallPeople.of(case.hall, now)
    events += back_at_the_desk(slip, people=people, now=now)
    write_down(case, "slip.returned", actor=actor, now=now, slip=slip, clock_events=events, texts={"reason": reason})
    directors = people.first_level(people.directors, people.street, people.supervisors, without=case.barred_ids)
    listeners = directors if case.is_referred else people.at_desk(case, without=case.barred_ids)
    tell(
        case,
        listeners,
        gettext_noop("%(department)s returned %(slip)s: decide where it goes"),
        {"department": slip.department.name, "slip": slip.number},
        key=f"slip:{slip.pk}:returned",
        now=now,
        people=people,
        but=actor,
    )
    return slip


def back_at_the_desk(slip: TransferSlip, *, people: HallPeople, now: datetime) -> list[clocks.ClockEvent]:
    """The only open slip is gone: the case is accepted again with a new dispatch clock; the promise runs on."""
    case = slip.case
    slip.save()
    returned = case.slips.filter(state=SlipState.RETURNED).count()
    if returned >= RETURNS_BEFORE_DIRECTOR:
        case.is_referred = True
    if case.slips.filter(round=case.round, state__in=OPEN_SLIP_STATES).exists():
        return []
    follow(case, "come_back")
    director = people.director(without=case.barred_ids) if case.is_referred else None
    case.responsible_staff, case.responsible_department = director or case.first_contact_owner, None
    return [clocks.start(case, ClockKind.DISPATCH, now=now)]
