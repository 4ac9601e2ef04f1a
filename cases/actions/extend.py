"""The one extension of a case: asked by the department, decided before expiry by the director."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from cases import clocks, suspension
from cases.actions.moving import lock_slip, move, required, unused_key, write_down
from cases.actions.tell import tell
from cases.models import CaseDeadline, Extension, TransferSlip
from cases.people import HallPeople
from cases.vocabulary import ExtensionState
from foundation.deadlines.calendar import WorkCalendar
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Staff
from foundation.refusals import Refused

ONE_DAY = timedelta(days=1)


@transaction.atomic
def ask_extension(
    *,
    slip_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    working_days: int,
    reason: str,
    submission_key: uuid.UUID | None = None,
) -> TransferSlip:
    """Ask for more time: once a case, for as long again as the handling was given, at most."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    case = slip.case
    reason = required(reason, "reason", _("Write down why it takes longer."))
    move(slip, "ask_extension", actor)
    limits = suspension.limits_of(case, slip)
    suspension.must_not_be_overdue(limits, now)
    most = longest(limits, case.rules.calendar)
    if not 1 <= working_days <= most:
        raise Refused(
            ngettext(
                "An extension is at most as long as the handling was given at first: %(most)d working day.",
                "An extension is at most as long as the handling was given at first: %(most)d working days.",
                most,
            )
            % {"most": most},
            field="working_days",
        )
    Extension.objects.create(
        case=case,
        slip=slip,
        working_days=working_days,
        reason=reason,
        asked_by=actor,
        asked_at=now,
        submission_key=unused_key(Extension.objects.all(), submission_key),
    )
    case.extension_state = ExtensionState.ASKED
    write_down(
        case,
        "slip.extension_asked",
        actor=actor,
        now=now,
        slip=slip,
        payload={"working_days": working_days},
        texts={"reason": reason},
        moves=False,
    )
    people = HallPeople.of(case.hall, now)
    own = {actor.pk} | ({slip.handler_id} if slip.handler_id else set())
    tell(
        case,
        people.first_level(people.directors, people.street, people.supervisors, without=case.barred_ids | own),
        gettext_noop("%(slip)s: an extension by %(days)d working days is asked for; decide before it is due"),
        {"slip": slip.number, "days": working_days},
        key=f"slip:{slip.pk}:extension_asked:{slip.transition_no}",
        now=now,
        people=people,
        but=actor,
    )
    return slip


@transaction.atomic
def grant_extension(
    *, slip_id: int, transition_no: int, actor: Staff, now: datetime, decision: str = ""
) -> TransferSlip:
    """Handling and promise move together, and the resident is to be told. A date from above stays where it is."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    case = slip.case
    move(slip, "grant_extension", actor)
    extension = _asked(slip)
    limits = suspension.limits_of(case, slip)
    suspension.must_not_be_overdue(limits, now)
    extension.old_due_at = case.promise_due_at
    events = clocks.extend(case, suspension.movable(limits), working_days=extension.working_days)
    extension.new_due_at = case.promise_due_at
    if extension.new_due_at != extension.old_due_at:
        case.limit_changed_at = now
    extension.state = ExtensionState.GRANTED
    extension.decided_by, extension.decided_at, extension.decision = actor, now, decision.strip()
    extension.save()
    case.extension_state = ExtensionState.GRANTED
    write_down(
        case,
        "slip.extended",
        actor=actor,
        now=now,
        slip=slip,
        clock_events=events,
        payload={"working_days": extension.working_days},
        texts={"decision": extension.decision},
    )
    _tell_decided(slip, extension, gettext_noop("%(slip)s: the extension by %(days)d working days is granted"), now=now)
    if case.limit_changed_at == now:
        people = HallPeople.of(case.hall, now)
        tell(
            case,
            people.at_desk(case, without=case.barred_ids),
            gettext_noop("%(number)s: the promised date is now %(due_at)s; tell the resident"),
            {"number": case.number, "due_at": case.promise_due_at.isoformat() if case.promise_due_at else ""},
            key=f"case:{case.pk}:limit:{case.transition_no}",
            now=now,
            people=people,
            but=actor,
        )
    return slip


@transaction.atomic
def refuse_extension(*, slip_id: int, transition_no: int, actor: Staff, now: datetime, decision: str) -> TransferSlip:
    """The limit stays. It may be asked for again."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    decision = required(decision, "decision", _("Write down why the limit stays."))
    move(slip, "refuse_extension", actor)
    extension = _asked(slip)
    extension.state = ExtensionState.REFUSED
    extension.decided_by, extension.decided_at, extension.decision = actor, now, decision
    extension.save()
    slip.case.extension_state = ExtensionState.REFUSED
    write_down(
        slip.case, "slip.extension_refused", actor=actor, now=now, slip=slip, texts={"decision": decision}, moves=False
    )
    _tell_decided(slip, extension, gettext_noop("%(slip)s: the extension was refused, the limit stays"), now=now)
    return slip


def longest(limits: list[CaseDeadline], calendar: WorkCalendar) -> int:
    """The working days the handling was given when it began; at least one, also where it was given hours."""
    handling = next((clock for clock in limits if clock.kind == ClockKind.HANDLE), None)
    if handling is None:
        return 0
    first, last = (
        calendar.local_date(datetime.fromisoformat(handling.explanation[name])) for name in ("start", "due_at")
    )
    return max(1, len(_working_days(calendar, first, last)))


def _working_days(calendar: WorkCalendar, first: date, last: date) -> list[date]:
    days = (first + ONE_DAY * number for number in range(1, (last - first).days + 1))
    return [day for day in days if calendar.is_working(day)]


def _asked(slip: TransferSlip) -> Extension:
    return Extension.objects.select_for_update(no_key=True).get(case=slip.case, state=ExtensionState.ASKED)


def _tell_decided(slip: TransferSlip, extension: Extension, text: str, *, now: datetime) -> None:
    case = slip.case
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        {extension.asked_by_id} | people.of_slip(slip, case, without=case.barred_ids),
        text,
        {"slip": slip.number, "days": extension.working_days},
        key=f"slip:{slip.pk}:extension_decided:{slip.transition_no}",
        now=now,
        people=people,
        but=extension.decided_by,
    )
