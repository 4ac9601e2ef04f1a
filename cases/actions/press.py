"""The supervision notice: issued to the desk or to a department, and answered by it in words."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import clocks, supervision
from cases.actions.moving import lock_case, lock_slip, move, required, unused_key, write_down
from cases.actions.tell import tell
from cases.models import Case, SupervisionNotice, TransferSlip
from cases.people import HallPeople
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Staff
from foundation.refusals import Refused

LONGEST = timedelta(days=366)


@transaction.atomic
def press_case(
    *,
    case_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    wanted: str,
    due_at: datetime,
    submission_key: uuid.UUID | None = None,
) -> SupervisionNotice:
    """A notice to the desk."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    wanted = required(wanted, "wanted", _("Write down what is wanted."))
    check_by_when(due_at, now)
    move(case, "press", actor, now=now)
    notice = _issue(case, None, actor=actor, now=now, wanted=wanted, due_at=due_at, submission_key=submission_key)
    events = [clocks.start_until(case, ClockKind.SUPERVISION, now=now, due_at=due_at)]
    write_down(
        case,
        "case.pressed",
        actor=actor,
        now=now,
        clock_events=events,
        payload={"notice": notice.number},
        texts={"wanted": wanted},
    )
    people = HallPeople.of(case.hall, now)
    _tell_of(notice, case, people.at_desk(case, without=case.barred_ids), people, actor=actor, now=now)
    return notice


@transaction.atomic
def press_slip(
    *,
    slip_id: int,
    transition_no: int,
    actor: Staff,
    now: datetime,
    wanted: str,
    due_at: datetime,
    submission_key: uuid.UUID | None = None,
) -> SupervisionNotice:
    """A notice to the department that has the slip; its head learns of it too."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    case = slip.case
    wanted = required(wanted, "wanted", _("Write down what is wanted."))
    check_by_when(due_at, now)
    move(slip, "press", actor, now=now)
    notice = _issue(case, slip, actor=actor, now=now, wanted=wanted, due_at=due_at, submission_key=submission_key)
    events = [clocks.start_until(case, ClockKind.SUPERVISION, now=now, due_at=due_at, slip=slip)]
    write_down(
        case,
        "slip.pressed",
        actor=actor,
        now=now,
        slip=slip,
        clock_events=events,
        payload={"notice": notice.number},
        texts={"wanted": wanted},
        moves=False,
    )
    people = HallPeople.of(case.hall, now)
    responsible = people.of_slip(slip, case, without=case.barred_ids) | people.heads(slip.department_id)
    _tell_of(notice, case, responsible, people, actor=actor, now=now)
    return notice


@transaction.atomic
def answer_press_case(*, case_id: int, transition_no: int, actor: Staff, now: datetime, answer: str) -> Case:
    """The desk answers the notice it was pressed with."""
    case = lock_case(case_id=case_id, actor=actor, transition_no=transition_no)
    answer = required(answer, "answer", _("Write down what was done, or what stands in the way."))
    notice = supervision.open_notice(case, None)
    move(case, "answer_press", actor)
    events = supervision.answer(case, None, text=answer, actor=actor, now=now)
    write_down(
        case,
        "case.press_answered",
        actor=actor,
        now=now,
        clock_events=events,
        payload={"notice": notice.number if notice else ""},
        texts={"answer": answer},
    )
    return case


@transaction.atomic
def answer_press_slip(*, slip_id: int, transition_no: int, actor: Staff, now: datetime, answer: str) -> TransferSlip:
    """The department answers the notice it was pressed with."""
    slip = lock_slip(slip_id=slip_id, actor=actor, transition_no=transition_no)
    answer = required(answer, "answer", _("Write down what was done, or what stands in the way."))
    notice = supervision.open_notice(slip.case, slip)
    move(slip, "answer_press", actor)
    events = supervision.answer(slip.case, slip, text=answer, actor=actor, now=now)
    write_down(
        slip.case,
        "slip.press_answered",
        actor=actor,
        now=now,
        slip=slip,
        clock_events=events,
        payload={"notice": notice.number if notice else ""},
        texts={"answer": answer},
        moves=False,
    )
    return slip


def check_by_when(due_at: datetime, now: datetime) -> None:
    """Raises Refused unless it can still be done until then, and somebody will still remember why."""
    if due_at <= now:
        raise Refused(_("Choose a moment that is still to come."), field="due_at")
    if due_at > now + LONGEST:
        raise Refused(_("Choose a moment within a year."), field="due_at")


def _issue(
    case: Case,
    slip: TransferSlip | None,
    *,
    actor: Staff,
    now: datetime,
    wanted: str,
    due_at: datetime,
    submission_key: uuid.UUID | None,
) -> SupervisionNotice:
    return SupervisionNotice.objects.create(
        case=case,
        slip=slip,
        number=f"{case.number}-D{case.supervision_notices.count() + 1}",
        wanted=wanted,
        due_at=due_at,
        issued_by=actor,
        issued_at=now,
        submission_key=unused_key(SupervisionNotice.objects.all(), submission_key),
    )


def _tell_of(
    notice: SupervisionNotice, case: Case, recipients: set[int], people: HallPeople, *, actor: Staff, now: datetime
) -> None:
    tell(
        case,
        sorted(recipients),
        gettext_noop("Supervision notice %(notice)s: answer it until %(due_at)s"),
        {"notice": notice.number, "due_at": notice.due_at.isoformat()},
        key=f"supervision:{notice.pk}",
        now=now,
        people=people,
        but=actor,
    )
