"""Who may press which button on a case or slip. The FSM's permissions point here; there is no second list of rights.

A barred person has no power on the case; their power goes to the next level:
receptionist → director → street supervisor, else the hall's supervisors; department head → director.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from cases.vocabulary import (
    HELD_SLIP_STATES,
    ExtensionState,
    PartRole,
    PauseState,
    Route,
    SlipKind,
    SlipState,
    StoodIn,
)
from foundation.organization.models import ON_PAPER, Department, DepartmentKind, Hall, Role, Staff
from reception.models import Identity

if TYPE_CHECKING:
    from cases.models import Case, Extension, Pause, TransferSlip


OWN_WORK = (PartRole.HANDLER, PartRole.FOLLOWER_UP)


def nobody(subject: Case | TransferSlip, staff: Staff) -> bool:
    """For transitions that follow from another room's work and are never offered as a button."""
    return False


def others(case: Case, candidates: QuerySet[Staff]) -> QuerySet[Staff]:
    """The candidates who are not barred from the case."""
    return candidates.exclude(pk__in=case.barred_ids) if case.barred_ids else candidates


def _hall_lacks(case: Case, role: Role) -> bool:
    """Whether nobody unbarred is left with this role in the hall. Asked once a role, however many buttons ask."""
    if role not in case.lacking:
        case.lacking[role] = not others(case, Staff.objects.holding(role, hall=case.hall)).exists()
    return case.lacking[role]


def acts_as_supervisor(case: Case, staff: Staff) -> bool:
    return not case.bars(staff) and staff.holds(Role.SUPERVISOR, hall=case.hall_id)


def acts_as_director(case: Case, staff: Staff) -> bool:
    if case.bars(staff):
        return False
    if staff.holds(Role.DIRECTOR, hall=case.hall_id):
        return True
    return (
        staff.holds(Role.SUPERVISOR, hall=case.hall_id)
        and _hall_lacks(case, Role.DIRECTOR)
        and _next_above(case, staff)
    )


def director_level(case: Case) -> StoodIn:
    """Who has the director's power on this case: the director, or who stands in for them."""
    if not _hall_lacks(case, Role.DIRECTOR):
        return StoodIn.DIRECTOR
    street = others(case, Staff.objects.holding(Role.SUPERVISOR, hall=None))
    return StoodIn.STREET if street.exists() else StoodIn.SUPERVISOR


def _next_above(case: Case, staff: Staff, *, but: Collection[int] = ()) -> bool:
    """Street supervisors come before the hall's own supervisors. but: whose own matter it is."""
    street = others(case, Staff.objects.holding(Role.SUPERVISOR, hall=None)).exclude(pk__in=but)
    return staff.sees_all_content or not street.exists()


def acts_as_receptionist(case: Case, staff: Staff) -> bool:
    if case.bars(staff):
        return False
    if staff.holds(Role.RECEPTIONIST, hall=case.hall_id):
        return True
    return acts_as_director(case, staff) and _hall_lacks(case, Role.RECEPTIONIST)


def screens(case: Case, staff: Staff) -> bool:
    """The receptionist accepts; what was referred before it was accepted, the director can accept too."""
    return acts_as_receptionist(case, staff) or (case.is_referred and acts_as_director(case, staff))


def dispatches(case: Case, staff: Staff) -> bool:
    """Who decides where a matter goes: the receptionist, or the director once it was referred to them."""
    return acts_as_director(case, staff) if case.is_referred else acts_as_receptionist(case, staff)


def informs(case: Case, staff: Staff) -> bool:
    """The receptionist tells the resident; the director does for coordinated cases."""
    return acts_as_director(case, staff) if case.is_coordinated else acts_as_receptionist(case, staff)


def acts_at_desk_or_directs(case: Case, staff: Staff) -> bool:
    return acts_as_receptionist(case, staff) or acts_as_director(case, staff)


def bars_others(case: Case, staff: Staff) -> bool:
    """Who writes down whom a complaint is about."""
    return acts_at_desk_or_directs(case, staff) or acts_as_supervisor(case, staff)


def follows_up(case: Case, staff: Staff) -> bool:
    return follow_up_level(case, staff) is not None


def follow_up_level(case: Case, staff: Staff) -> StoodIn | None:
    """As what this person may follow the case up; None: not at all. Never who handled it in any round, or is barred.

    A receptionist or the director. Where no receptionist is left: the head of the lead department, the director, then
    the supervisors, those of the street office first; these stand in, and what they find is counted apart.
    """
    if case.bars(staff) or case.was_handled_by(staff):
        return None
    if staff.holds(Role.RECEPTIONIST, hall=case.hall_id):
        return StoodIn.NOBODY
    left = partial(_is_left, case.barred_ids | case.handler_ids)
    if staff.holds(Role.DIRECTOR, hall=case.hall_id):
        return StoodIn.NOBODY if left(Role.RECEPTIONIST, hall=case.hall) else StoodIn.DIRECTOR
    lead = lead_department(case)
    if lead is not None and staff.holds(Role.HEAD, department=lead):
        return None if left(Role.RECEPTIONIST, hall=case.hall) else StoodIn.HEAD
    if not staff.holds(Role.SUPERVISOR, hall=case.hall_id):
        return None
    if left(Role.RECEPTIONIST, Role.DIRECTOR, hall=case.hall) or (lead and left(Role.HEAD, department=lead)):
        return None
    if staff.sees_all_halls:
        return StoodIn.STREET
    return None if left(Role.SUPERVISOR, hall=None) else StoodIn.SUPERVISOR


def looks_again(case: Case, staff: Staff) -> bool:
    return second_look_role(case, staff) is not None


def second_look_role(case: Case, staff: Staff) -> Role | None:
    """As what this person takes the second look; None: not at all. Never who handled it, followed it up, is barred, or
    does not know whom to ask.

    The director, or the head of the lead department; where no director is left for it, the supervisors, those of the
    street office first.
    """
    unfit = case.barred_ids | {part.staff_id for part in case.active_parts if part.role in OWN_WORK}
    if staff.pk in unfit or not knows_identity(case, staff):
        return None
    if staff.holds(Role.DIRECTOR, hall=case.hall_id):
        return Role.DIRECTOR
    lead = lead_department(case) if staff.department_ids(Role.HEAD) else None
    if lead is not None and staff.holds(Role.HEAD, department=lead):
        return Role.HEAD
    if not staff.holds(Role.SUPERVISOR, hall=case.hall_id) or _is_left(unfit, Role.DIRECTOR, hall=case.hall):
        return None
    return Role.SUPERVISOR if staff.sees_all_halls or not _is_left(unfit, Role.SUPERVISOR, hall=None) else None


def _is_left(
    unfit: Collection[int], *roles: Role, hall: Hall | None = None, department: Department | None = None
) -> bool:
    return Staff.objects.holding(*roles, hall=hall, department=department).exclude(pk__in=unfit).exists()


def lead_department(case: Case) -> Department | None:
    """Whose result this round ended with; None where it was answered on the spot, or with the result of a main case:
    its department answers for that result, and has no part in the resident's follow-up."""
    reported = case.slips.filter(round=case.round, kind=SlipKind.LEAD, state=SlipState.REPORTED)
    slip = reported.select_related("department").first()
    return slip.department if slip else None


def answers_on_the_spot(case: Case, staff: Staff) -> bool:
    """A new round has another handler, at the desk too."""
    return acts_as_receptionist(case, staff) and not case.was_handled_by(staff)


def works_slip(slip: TransferSlip, staff: Staff) -> bool:
    """Handlers and heads of the slip's department; the desk for the hall itself and for outside units on paper.

    What was handed up the street supervisors may sign in and answer themselves.
    """
    case = slip.case
    if case.bars(staff):
        return False
    if slip.department.kind in ON_PAPER:
        is_of_street = slip.department.kind == DepartmentKind.STREET and staff.sees_all_content
        return is_of_street or acts_as_receptionist(case, staff)
    if staff.holds(Role.HANDLER, department=slip.department_id) or heads_slip(slip, staff):
        return True
    return slip.department.kind == DepartmentKind.HALL and acts_as_receptionist(case, staff)


def enters_from_paper(slip: TransferSlip, staff: Staff) -> bool:
    """Whether what this person writes on the slip stands there in the name of somebody outside."""
    if slip.department.kind == DepartmentKind.STREET:
        return not staff.sees_all_content
    return slip.department.kind in ON_PAPER


def heads_slip(slip: TransferSlip, staff: Staff) -> bool:
    """The head of the slip's department; where none is left, as in the hall itself, the director."""
    case = slip.case
    if case.bars(staff):
        return False
    if staff.holds(Role.HEAD, department=slip.department_id):
        return True
    return acts_as_director(case, staff) and slip.department_id not in case.headed_departments


def works_slip_as_handler(slip: TransferSlip, staff: Staff) -> bool:
    """Once a handler is named, the work is theirs or their head's; the desk writes for outside units.

    A slip whose handler was barred is open to the whole department. In a new round it is never the work of who handled
    one before, head or not.
    """
    case = slip.case
    if slip.handler_id == staff.pk and not case.bars(staff):
        # Also somebody from outside the department, who was named because nobody in it was left.
        return staff.holds(Role.DIRECTOR, Role.SUPERVISOR, hall=slip.hall_id) or works_slip(slip, staff)
    if slip.department.kind in ON_PAPER:
        return works_slip(slip, staff)
    if slip.handler_id is None:
        return not case.was_handled_by(staff, before=slip.round) and works_slip(slip, staff)
    return heads_slip(slip, staff) and not case.was_handled_by(staff, before=slip.round)


def unfit_to_approve(slip: TransferSlip) -> set[int]:
    """Who is barred, or has handled this round: the handler named, and a head who wrote the result for them."""
    handled = {
        part.staff_id for part in slip.case.active_parts if part.role == PartRole.HANDLER and part.round == slip.round
    }
    return slip.case.barred_ids | handled | ({slip.handler_id} if slip.handler_id else set())


def approves_result(slip: TransferSlip, staff: Staff) -> bool:
    """The department head, never on their own work; where no other head is left, the director, then supervisors."""
    unfit = unfit_to_approve(slip)
    if staff.pk in unfit:
        return False
    if staff.holds(Role.HEAD, department=slip.department_id):
        return True
    if not staff.holds(Role.DIRECTOR, Role.SUPERVISOR, hall=slip.hall_id):
        return False
    levels = (
        Staff.objects.holding(Role.HEAD, department=slip.department),
        Staff.objects.holding(Role.DIRECTOR, hall=slip.hall),
        Staff.objects.holding(Role.SUPERVISOR, hall=None),
        Staff.objects.holding(Role.SUPERVISOR, hall=slip.hall),
    )
    for level in levels:
        left = set(level.exclude(pk__in=unfit).values_list("pk", flat=True))
        if left:
            return staff.pk in left
    return False


def recalls_slip(slip: TransferSlip, staff: Staff) -> bool:
    """Who issued it: what the director coordinated, or handed up, the director alone takes back."""
    case = slip.case
    if case.route in (Route.COORDINATED, Route.HANDED_UP):
        return acts_as_director(case, staff)
    return dispatches(case, staff)


def directs_slip(slip: TransferSlip, staff: Staff) -> bool:
    return acts_as_director(slip.case, staff)


def names_handler(slip: TransferSlip, staff: Staff) -> bool:
    """Who names another handler: the head, where none is left the director; nobody is named for a unit on paper."""
    return slip.department.kind not in ON_PAPER and heads_slip(slip, staff)


def plans(slip: TransferSlip, staff: Staff) -> bool:
    return works_slip_as_handler(slip, staff) or directs_slip(slip, staff)


def presses(case: Case, staff: Staff) -> bool:
    """Supervisors and the director issue supervision notices."""
    return acts_as_supervisor(case, staff) or acts_as_director(case, staff)


def presses_slip(slip: TransferSlip, staff: Staff) -> bool:
    return presses(slip.case, staff)


def answers_for_slip(slip: TransferSlip, staff: Staff) -> bool:
    """The department answers: its handler, or its head."""
    return works_slip_as_handler(slip, staff) or (slip.handler_id is None and works_slip(slip, staff))


def oversees(case: Case, staff: Staff) -> bool:
    """Whoever was met first sees it through, whatever roles they hold now; and the desk."""
    is_owner = staff.pk == case.first_contact_owner_id and not case.bars(staff)
    return is_owner or acts_at_desk_or_directs(case, staff)


def withdraws(case: Case, staff: Staff) -> bool:
    """The receptionist writes down the resident's wish; about staff, the supervisor who checked that it is free."""
    if not case.is_about_staff:
        return acts_as_receptionist(case, staff)
    return acts_as_supervisor(case, staff)


def finds(case: Case, staff: Staff) -> bool:
    """Who writes down what came of a complaint: its investigator, who works the lead slip, or the director."""
    slip = case.lead_of_round
    return acts_as_director(case, staff) or (slip is not None and works_slip_as_handler(slip, staff))


def decides_measures(case: Case, staff: Staff) -> bool:
    """The director; of what they looked into themselves, the supervisors decide."""
    return _decides(case, staff, but=case.handler_ids)


def decides_pause(case: Case, staff: Staff) -> bool:
    """The desk's own pause: the director; what the director asked for themselves, the supervisors."""
    return _decides(case, staff, asked_by=_asker(case.pauses.filter(slip=None, state=PauseState.ASKED)))


def decides_pause_of_slip(slip: TransferSlip, staff: Staff) -> bool:
    """The department head, never for their own asking; shelving is the director's."""
    pause = slip.pauses.filter(state=PauseState.ASKED).first()
    if pause is None:
        return False
    case = slip.case
    heads = others(case, Staff.objects.holding(Role.HEAD, department=slip.department)).exclude(pk=pause.asked_by_id)
    if pause.is_shelved or not heads.exists():
        return _decides(case, staff, asked_by=pause.asked_by_id)
    return staff.pk != pause.asked_by_id and heads_slip(slip, staff)


def resumes_slip(slip: TransferSlip, staff: Staff) -> bool:
    """Work goes on: whoever works the slip says so, or the director."""
    return works_slip_as_handler(slip, staff) or directs_slip(slip, staff)


def decides_extension(slip: TransferSlip, staff: Staff) -> bool:
    """The director; where they asked for it or handle it themselves, the supervisors."""
    asker = _asker(slip.case.extensions.filter(state=ExtensionState.ASKED))
    return _decides(slip.case, staff, asked_by=asker, handler_id=slip.handler_id)


def _asker(asked: QuerySet[Pause] | QuerySet[Extension]) -> int | None:
    return asked.values_list("asked_by", flat=True).first()


def _decides(
    case: Case,
    staff: Staff,
    *,
    asked_by: int | None = None,
    handler_id: int | None = None,
    but: Collection[int] = (),
) -> bool:
    """The director, unless it is their own matter: then the street supervisors, else the hall's supervisors."""
    own = {pk for pk in (asked_by, handler_id, *but) if pk is not None}
    if staff.pk in own or not staff.holds(Role.DIRECTOR, Role.SUPERVISOR, hall=case.hall_id):
        return False
    directors = others(case, Staff.objects.holding(Role.DIRECTOR, hall=case.hall)).exclude(pk__in=own)
    if directors.exists():
        return acts_as_director(case, staff)
    return acts_as_supervisor(case, staff) and _next_above(case, staff, but=own)


def drafts_posting(case: Case, staff: Staff) -> bool:
    """Who words for the board what became of it: the desk, the director, and the departments that worked on it."""
    if acts_at_desk_or_directs(case, staff):
        return True
    departments = staff.department_ids()
    if case.bars(staff) or not departments:
        return False
    return case.slips.filter(department__in=departments, state__in=HELD_SLIP_STATES).exists()


def knows_identity(case: Case, staff: Staff) -> bool:
    """Who sees who the resident is. Hidden: the director, who investigates this round, and one named contact only.

    Who handed the work on knows no more, although they still count as having handled it. cases.conditions asks the
    same about many cases at once.
    """
    if case.bars(staff):
        return False
    if case.identity != Identity.HIDDEN:
        return True
    contact = any(part.staff_id == staff.pk and part.role == PartRole.CONTACT for part in case.active_parts)
    return contact or investigates(case, staff) or acts_as_director(case, staff)


def investigates(case: Case, staff: Staff) -> bool:
    """The handlers of this round's slips as they are now; of a matter answered on the spot, who answered it."""
    if case.route == Route.ON_THE_SPOT:
        return any(
            part.staff_id == staff.pk and part.role == PartRole.HANDLER and part.round == case.round
            for part in case.active_parts
        )
    return case.slips.filter(round=case.round, handler=staff, state__in=HELD_SLIP_STATES).exists()
