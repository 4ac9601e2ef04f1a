"""What waits for the desk: the running clocks of a hall that somebody at its counter, or its director, must answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.models import Case, CaseDeadline, Extension, Part, Pause, TransferSlip
from cases.models.case import CaseQuerySet
from cases.people import FOLLOW_UP_CLOCKS
from cases.vocabulary import CaseState, ExtensionState, PartRole, PauseState, Route, SlipKind, SlipState
from foundation.deadlines.models import ClockKind
from foundation.organization.models import ON_PAPER, DepartmentKind, DutyShift, Hall, Membership, Role, Staff
from web.case_filters import cases_of
from web.desk.verbs import CASE_VERBS, SLIP_VERBS, Verb

OWN_CLOCKS = (
    ClockKind.DISPATCH,
    ClockKind.CONFIRM,
    ClockKind.FEEDBACK,
    ClockKind.FOLLOW_UP,
    ClockKind.OUTCOME,
    ClockKind.DECLINE_NOTICE,
    ClockKind.SUPERVISION,
)
Clock = TypeVar("Clock", bound=CaseDeadline)
VERBS = {verb.name: verb for verb in (*CASE_VERBS, *SLIP_VERBS)}


RETURN_ASKED = Q(kind=ClockKind.HANDLE, slip__return_asked_at__isnull=False)
"""A department waits for the director's consent; the clock it works under tells how long that can wait."""


TO_BE_TOLD = Q(slip=None, kind=ClockKind.PROMISE, case__delay_due_at__isnull=False)
"""No message reaches the resident, and the promise is near its end: the desk says that it may take longer."""


def waiting_clocks(hall: Hall, staff: Staff, now: datetime) -> QuerySet[CaseDeadline]:
    """As cases.people.HallPeople.responsible_for says it of one clock, asked about all of them at once.

    The receptionists have what the desk has. The director has what was referred or coordinated, what they own, the
    desk's work where no receptionist on duty is left for it, and the returns they are asked for. A clock of a follow-up
    waits for nobody who handled the case.
    """
    running = CaseDeadline.objects.running().filter(hall=hall)
    ticking = Q(paused_at=None)
    not_barred = ~Exists(_part(staff, OuterRef("case"), PartRole.BARRED))
    desk = ticking & (Q(slip=None, kind__in=OWN_CLOCKS) & ~_directors() | _slip_of_the_desk(staff)) | TO_BE_TOLD
    mine = Q()
    if staff.holds(Role.DIRECTOR, hall=hall):
        mine = ticking & _directors() | RETURN_ASKED | _asked_of_director(staff)
        if not staff.holds(Role.RECEPTIONIST, hall=hall):
            desk &= Q(case__first_contact_owner=staff) | ~_left_on_duty(hall, now)
    handled = Q(kind__in=FOLLOW_UP_CLOCKS) & Q(Exists(_part(staff, OuterRef("case"), PartRole.HANDLER)))
    return running.filter(not_barred).filter(mine | desk if mine else desk).exclude(handled)


def _asked_of_director(staff: Staff) -> Q:
    """A pause of the desk's own, a shelving, an extension: the clock that would move tells how long that can wait."""
    own = Extension.objects.filter(case=OuterRef("case"), state=ExtensionState.ASKED, asked_by=staff)
    extension = Q(kind=ClockKind.HANDLE, slip__kind=SlipKind.LEAD, case__extension_state=ExtensionState.ASKED)
    own_pause = Pause.objects.filter(case=OuterRef("case"), slip=None, state=PauseState.ASKED, asked_by=staff)
    pause = Q(kind=ClockKind.FEEDBACK, case__pause_state=PauseState.ASKED) & ~Q(Exists(own_pause))
    return (
        extension & ~Q(slip__handler=staff) & ~Q(Exists(own))
        | pause
        | Q(kind=ClockKind.HANDLE, slip__pause_state=PauseState.ASKED) & Q(asks_shelving(staff))
    )


def asks_shelving(staff: Staff) -> Exists:
    """Of a clock: whether its slip asks the director to shelve it, and somebody else asked."""
    asked = Pause.objects.filter(slip=OuterRef("slip"), state=PauseState.ASKED, is_shelved=True)
    return Exists(asked.exclude(asked_by=staff))


def asks_head(staff: Staff) -> Exists:
    """Of a slip: whether it asks its head for a pause, and somebody else asked."""
    asked = Pause.objects.filter(slip=OuterRef("pk"), state=PauseState.ASKED, is_shelved=False)
    return Exists(asked.exclude(asked_by=staff))


def waiting_cases(hall: Hall, staff: Staff, now: datetime) -> CaseQuerySet:
    return cases_of(hall, staff).filter(pk__in=waiting_clocks(hall, staff, now).values("case"))


def _directors() -> Q:
    return Q(slip=None, kind=ClockKind.DISPATCH, case__is_referred=True) | Q(
        slip=None, kind=ClockKind.FEEDBACK, case__route=Route.COORDINATED
    )


def _slip_of_the_desk(staff: Staff) -> Q:
    """Slips of outside units, and of the hall itself as far as no colleague has taken them."""
    free = Q(slip__handler=None) | Q(slip__handler=staff)
    return Q(slip__department__kind__in=ON_PAPER) | Q(slip__department__kind=DepartmentKind.HALL) & free


def _part(staff: Staff | OuterRef, case: OuterRef, *roles: PartRole) -> QuerySet[Part]:
    return Part.objects.filter(case=case, staff=staff, role__in=roles, ended_at=None)


def _left_on_duty(hall: Hall, now: datetime) -> Q:
    """A receptionist on duty now who is not barred from the case; for a follow-up, one who did not handle it."""
    receptionists = Membership.objects.filter(hall=hall, role=Role.RECEPTIONIST, ended_at=None)
    present = DutyShift.objects.covering(now).filter(
        hall=hall, is_on_call=False, staff__is_active=True, staff__in=receptionists.values("staff")
    )

    def left(*unfit: PartRole) -> Exists:
        parts = Part.objects.filter(
            case=OuterRef(OuterRef("case")), staff=OuterRef("staff"), role__in=unfit, ended_at=None
        )
        return Exists(present.filter(~Exists(parts)))

    follows_up = Q(kind__in=FOLLOW_UP_CLOCKS)
    return follows_up & Q(left(PartRole.BARRED, PartRole.HANDLER)) | ~follows_up & Q(left(PartRole.BARRED))


# The button of a row. The FSM decides when it is pressed; here state and clock tell which of its verbs comes first,
# because asking the FSM for every row of a list would cost queries for each.


def next_on_case(case: Case, kind: str, *, receives: bool, directs: bool, was_returned: bool = False) -> Verb | None:
    """What the clock waits for. receives, directs: whether the reader acts as receptionist, as director here.

    was_returned: what came back is decided by a transfer; what was referred asks for coordination.
    """
    if kind == ClockKind.PROMISE:
        if case.state != CaseState.FEEDBACK:
            return VERBS["tell_delay"]
        # There is a result: better than to say that it takes longer is to tell it.
        kind = ClockKind.FEEDBACK
    if kind == ClockKind.CONFIRM:
        return VERBS["confirm"] if receives else None
    if kind == ClockKind.DISPATCH:
        if case.state == CaseState.REGISTERED:
            return VERBS["accept"] if receives or (directs and case.is_referred) else None
        if case.state == CaseState.TRANSFERRED:
            # The lead department is gone while others work.
            return VERBS["add_department"] if directs else None
        if case.is_referred:
            return VERBS["transfer" if was_returned else "coordinate"] if directs else None
        return VERBS["transfer"] if receives else None
    if kind == ClockKind.FEEDBACK and directs and case.pause_is_asked():
        return VERBS["grant_pause"]
    if kind == ClockKind.FEEDBACK and case.wants_finding():
        # The investigator writes it down, or the director: what the desk has to do is wait, or nudge.
        return VERBS["record_finding"] if directs and case.everybody_was_heard() else None
    if kind == ClockKind.FEEDBACK:
        return VERBS["inform"] if (directs if case.is_coordinated else receives) else None
    if kind in FOLLOW_UP_CLOCKS:
        return VERBS["attempt_follow_up"]
    if kind == ClockKind.DECLINE_NOTICE:
        return VERBS["tell_declined"]
    if kind == ClockKind.SUPERVISION:
        return VERBS["answer_press"]
    return None


def next_on_slip(
    slip: TransferSlip,
    staff: Staff,
    *,
    receives: bool = False,
    directs: bool = False,
    kind: str = "",
    others_at_work: bool = False,
    asks_pause: bool = False,
) -> Verb | None:
    """The next step of a slip for this person; None where it waits for a colleague.

    receives: whether the reader acts as the hall's receptionist, who works the slips of the hall itself and of units
    outside. directs: as its director. kind: of the clock the row stands for. others_at_work: whether the lead
    department of a coordinated case still waits for results. asks_pause: whether a pause is asked of this reader.
    """
    if directs and slip.return_asked_at is not None:
        return VERBS["return_signed"]
    if asks_pause:
        return VERBS["grant_pause"]
    if directs and slip.extension_is_asked() and slip.handler_id != staff.pk:
        return VERBS["grant_extension"]
    heads = staff.holds(Role.HEAD, department=slip.department_id)
    outside = slip.department.kind in ON_PAPER
    belongs = heads or staff.holds(Role.HANDLER, department=slip.department_id)
    works = receives if outside else belongs or (receives and slip.department.kind == DepartmentKind.HALL)
    if slip.state == SlipState.SUBMITTED:
        return VERBS["approve"] if heads and slip.handler_id != staff.pk else None
    if not works:
        return None
    if slip.state == SlipState.ISSUED:
        return VERBS["sign_in"]
    if not (outside or heads or slip.handler_id in (None, staff.pk)):
        return None
    if kind == ClockKind.PLAN and slip.waits_for_plan():
        return VERBS["record_plan"]
    if kind == ClockKind.SUPERVISION and slip.is_pressed():
        return VERBS["answer_press"]
    return _step_of_handler(slip, others_at_work=others_at_work and slip.is_lead)


def _step_of_handler(slip: TransferSlip, *, others_at_work: bool) -> Verb | None:
    if slip.is_not_contacted():
        return VERBS["contact"]
    if slip.state == SlipState.SIGNED:
        return VERBS["investigate"]
    if others_at_work:
        return VERBS["record_plan"] if slip.waits_for_plan() else None
    return VERBS["submit"] if slip.needs_approval else VERBS["report"]


def waits_for_others(slip: str = "") -> Exists:
    """Of a row about a slip of a coordinated case: whether others still work on it. slip: the way from the row."""
    others = TransferSlip.objects.open().filter(case=OuterRef("case"), case__route=Route.COORDINATED)
    return Exists(others.exclude(pk=OuterRef(f"{slip}__pk" if slip else "pk")))


def nearest_of_each_case(clocks: Iterable[Clock], limit: int) -> list[Clock]:
    """One row a matter: of clocks in order of time, the first of each case."""
    first: dict[int, Clock] = {}
    for clock in clocks:
        first.setdefault(clock.case_id, clock)
        if len(first) == limit:
            break
    return list(first.values())
