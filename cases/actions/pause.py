"""Pausing: a department, or the desk while it informs, waits for somebody; shelving where that takes long."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import suspension
from cases.actions.moving import lock_case, lock_slip, move, required, unused_key, write_down
from cases.actions.tell import tell
from cases.models import Case, Pause, TransferSlip
from cases.people import HallPeople
from cases.vocabulary import PauseReason, PauseState
from foundation.organization.models import Staff
from foundation.refusals import Refused

Subject = Case | TransferSlip


@transaction.atomic
def ask_pause(
    *,
    subject: Subject,
    transition_no: int,
    actor: Staff,
    now: datetime,
    reason: str,
    text: str,
    is_shelved: bool = False,
    submission_key: uuid.UUID | None = None,
) -> Subject:
    """Ask that the clocks stand still: of a slip its handling, and of the lead the promise; of the case in feedback.

    Never once one of them is overdue, and for ten working days a round at most; is_shelved: for longer, by the
    director alone.
    """
    subject, case, slip = _lock(subject, actor, transition_no)
    if reason not in PauseReason.values:
        raise Refused(_("Choose what you are waiting for."), field="reason")
    text = required(text, "text", _("Write down what you are waiting for, and until when you expect it."))
    move(subject, "ask_pause", actor)
    suspension.must_not_be_overdue(suspension.limits_of(case, slip), now)
    if not is_shelved:
        _must_be_left(case)
    Pause.objects.create(
        case=case,
        slip=slip,
        round=case.round,
        reason=reason,
        is_shelved=is_shelved,
        text=text,
        asked_by=actor,
        asked_at=now,
        submission_key=unused_key(Pause.objects.all(), submission_key),
    )
    write_down(
        case,
        _kind(slip, "shelving_asked" if is_shelved else "pause_asked"),
        actor=actor,
        now=now,
        slip=slip,
        payload={"reason": reason},
        texts={"text": text},
        moves=slip is None,
    )
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        _deciding(case, slip, people, is_shelved=is_shelved, without={actor.pk}),
        gettext_noop("%(number)s: you are asked to shelve it; decide")
        if is_shelved
        else gettext_noop("%(number)s: a pause of its time limit is asked for; decide"),
        {"number": subject.number},
        key=f"{_key(subject)}:pause_asked:{subject.transition_no}",
        now=now,
        people=people,
        but=actor,
    )
    return subject


@transaction.atomic
def grant_pause(*, subject: Subject, transition_no: int, actor: Staff, now: datetime, decision: str = "") -> Subject:
    """From now on the clocks stand still, until somebody resumes or the ten working days are used up."""
    subject, case, slip = _lock(subject, actor, transition_no)
    move(subject, "grant_pause", actor)
    pause = _pause(case, slip, PauseState.ASKED)
    limits = suspension.limits_of(case, slip)
    suspension.must_not_be_overdue(limits, now)
    if not pause.is_shelved:
        _must_be_left(case)
    pause.decided_by, pause.decided_at, pause.decision = actor, now, decision.strip()
    events = suspension.begin(case, pause, limits, now=now)
    pause.save()
    write_down(
        case,
        _kind(slip, "shelved" if pause.is_shelved else "paused"),
        actor=actor,
        now=now,
        slip=slip,
        clock_events=events,
        payload={"reason": pause.reason, "ends_at": pause.ends_at.isoformat() if pause.ends_at else None},
        texts={"decision": pause.decision},
        moves=slip is None or pause.is_shelved,
    )
    people = HallPeople.of(case.hall, now)
    tell(
        case,
        {pause.asked_by_id, *({case.first_contact_owner_id} if pause.is_shelved else ())},
        gettext_noop("%(number)s is shelved; the director looks at it again on %(ends_at)s. Tell the resident")
        if pause.is_shelved
        else gettext_noop("%(number)s: its time limit is paused, until %(ends_at)s at the latest"),
        {"number": subject.number, "ends_at": pause.ends_at.isoformat() if pause.ends_at else ""},
        key=f"{_key(subject)}:pause_decided:{subject.transition_no}",
        now=now,
        people=people,
        but=actor,
    )
    return subject


@transaction.atomic
def refuse_pause(*, subject: Subject, transition_no: int, actor: Staff, now: datetime, decision: str) -> Subject:
    """The clocks run on. It may be asked again."""
    subject, case, slip = _lock(subject, actor, transition_no)
    decision = required(decision, "decision", _("Write down why the time limit runs on."))
    move(subject, "refuse_pause", actor)
    pause = _pause(case, slip, PauseState.ASKED)
    pause.state, pause.decided_by, pause.decided_at, pause.decision = PauseState.REFUSED, actor, now, decision
    pause.save()
    write_down(
        case,
        _kind(slip, "pause_refused"),
        actor=actor,
        now=now,
        slip=slip,
        texts={"decision": decision},
        moves=slip is None,
    )
    tell(
        case,
        {pause.asked_by_id},
        gettext_noop("%(number)s: the pause was refused, the time limit runs on"),
        {"number": subject.number},
        key=f"{_key(subject)}:pause_decided:{subject.transition_no}",
        now=now,
        people=HallPeople.of(case.hall, now),
        but=actor,
    )
    return subject


@transaction.atomic
def resume(*, subject: Subject, transition_no: int, actor: Staff, now: datetime) -> Subject:
    """What was waited for has come: the clocks run on, later by the working time they stood still."""
    subject, case, slip = _lock(subject, actor, transition_no)
    move(subject, "resume", actor)
    pause = _pause(case, slip, PauseState.RUNNING)
    run_on(case, slip, pause, actor=actor, now=now, at=suspension.no_later_than_its_end(pause, now))
    return subject


def run_on(
    case: Case, slip: TransferSlip | None, pause: Pause, *, actor: Staff | None, now: datetime, at: datetime
) -> None:
    """The end of a pause, pressed or by itself: as of `at`. Everything is locked, the transition has run."""
    subject = slip or case
    events = suspension.end(case, pause, at=at)
    write_down(
        case,
        _kind(slip, "resumed"),
        actor=actor,
        now=now,
        happened_at=at,
        slip=slip,
        clock_events=events,
        moves=slip is None,
    )
    people = HallPeople.of(case.hall, now)
    if slip is not None:
        listeners = people.of_slip(slip, case, without=case.barred_ids)
    elif case.is_coordinated:
        # The director informs, so it is they who go on.
        listeners = people.first_level(people.directors, people.street, people.supervisors, without=case.barred_ids)
    else:
        listeners = set()
    tell(
        case,
        listeners | {pause.asked_by_id} | people.at_desk(case, without=case.barred_ids),
        gettext_noop("%(number)s: the pause is over, its time limit runs again"),
        {"number": subject.number},
        key=f"pause:{pause.pk}:over",
        now=now,
        people=people,
        but=actor,
    )


def _lock(subject: Subject, actor: Staff, transition_no: int) -> tuple[Subject, Case, TransferSlip | None]:
    if isinstance(subject, TransferSlip):
        slip = lock_slip(slip_id=subject.pk, actor=actor, transition_no=transition_no)
        return slip, slip.case, slip
    case = lock_case(case_id=subject.pk, actor=actor, transition_no=transition_no)
    return case, case, None


def _pause(case: Case, slip: TransferSlip | None, state: PauseState) -> Pause:
    pause = Pause.objects.select_for_update(no_key=True).get(case=case, slip=slip, state=state)
    pause.case, pause.slip = case, slip
    return pause


def _must_be_left(case: Case) -> None:
    if not suspension.days_left(case, case.rules.calendar):
        raise Refused(
            _(
                "The clocks of this case have stood still for ten working days in this round, which is the most there "
                "is. What must wait longer is shelved: ask the director."
            )
        )


def _deciding(
    case: Case, slip: TransferSlip | None, people: HallPeople, *, is_shelved: bool, without: Collection[int]
) -> set[int]:
    """As cases.powers says who decides."""
    left_out = case.barred_ids | set(without)
    heads = people.heads(slip.department_id) if slip is not None and not is_shelved else set()
    return people.first_level(heads, people.directors, people.street, people.supervisors, without=left_out)


def _kind(slip: TransferSlip | None, what: str) -> str:
    return f"slip.{what}" if slip is not None else f"case.{what}"


def _key(subject: Subject) -> str:
    return f"slip:{subject.pk}" if isinstance(subject, TransferSlip) else f"case:{subject.pk}"
