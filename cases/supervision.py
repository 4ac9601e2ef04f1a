"""Supervision notices follow what becomes of the matter: reporting answers one, going back withdraws it.

Asked once by the end of every verb (cases.actions.moving.write_down), so that no verb has to think of it.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_noop

from cases import clocks
from cases.actions.tell import tell
from cases.models import Case, SupervisionNotice, TransferSlip
from cases.people import HallPeople
from cases.vocabulary import GONE_SLIP_STATES, OPEN_STATES, SlipState
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Staff


def notices_follow(
    case: Case, slip: TransferSlip | None, *, actor: Staff | None, now: datetime
) -> list[clocks.ClockEvent]:
    """What the notices on the case and on this slip come to now; no query where nothing is pressed."""
    events: list[clocks.ClockEvent] = []
    if slip is not None and slip.pressed_at is not None:
        if slip.state == SlipState.REPORTED:
            events += answer(case, slip, text=slip.result, actor=actor, now=now)
        elif slip.state in GONE_SLIP_STATES:
            events += withdraw(case, slip, now=now)
    if case.pressed_at is not None and case.state not in OPEN_STATES:
        events += withdraw(case, None, now=now)
    return events


def answer(
    case: Case, slip: TransferSlip | None, *, text: str, actor: Staff | None, now: datetime
) -> list[clocks.ClockEvent]:
    """The open notice is answered in these words, and who issued it is told. The caller saves case and slip."""
    notice = open_notice(case, slip)
    if notice is None:
        return []
    notice.answer, notice.answered_by, notice.answered_at = text, actor, now
    notice.save(update_fields=["answer", "answered_by", "answered_at"])
    (slip or case).pressed_at = None
    tell(
        case,
        [notice.issued_by_id],
        gettext_noop("Supervision notice %(notice)s has been answered"),
        {"notice": notice.number},
        key=f"supervision:{notice.pk}:answered",
        now=now,
        people=HallPeople.of(case.hall, now),
        but=actor,
        level="info",
    )
    return clocks.finish(case, ClockKind.SUPERVISION, now=now, slip=slip)


def withdraw(case: Case, slip: TransferSlip | None, *, now: datetime) -> list[clocks.ClockEvent]:
    """Nobody is left who could answer: the slip went back or was recalled, or the case is closed."""
    notice = open_notice(case, slip)
    if notice is None:
        return []
    notice.withdrawn_at = now
    notice.save(update_fields=["withdrawn_at"])
    (slip or case).pressed_at = None
    return clocks.cancel(case, now=now, kinds=[ClockKind.SUPERVISION], slip=slip)


def open_notice(case: Case, slip: TransferSlip | None) -> SupervisionNotice | None:
    return SupervisionNotice.objects.open().filter(case=case, slip=slip).first()
