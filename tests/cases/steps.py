"""The buttons of a case as people press them, and what can be read off it afterwards.

Each button takes the case or slip as it is now; transition_no: as it was when an older page was drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from cases.actions import close
from cases.actions.accept import accept as accept_case
from cases.actions.answer_on_the_spot import answer_on_the_spot
from cases.actions.decline import decline as decline_case
from cases.actions.decline import tell_declined
from cases.actions.extend import ask_extension as ask_slip_extension
from cases.actions.extend import grant_extension as grant_slip_extension
from cases.actions.extend import refuse_extension as refuse_slip_extension
from cases.actions.handle import approve as approve_slip
from cases.actions.handle import contact as contact_resident
from cases.actions.handle import investigate as investigate_slip
from cases.actions.handle import note as note_on
from cases.actions.handle import reject as reject_slip
from cases.actions.handle import report as report_slip
from cases.actions.inform import inform as inform_resident
from cases.actions.inform import record_unreached
from cases.actions.inform import send_back as send_case_back
from cases.actions.moving import lock_case
from cases.actions.pause import ask_pause as ask_for_pause
from cases.actions.pause import grant_pause as grant_asked_pause
from cases.actions.pause import refuse_pause as refuse_asked_pause
from cases.actions.pause import resume as resume_paused
from cases.actions.return_slip import return_unsigned
from cases.actions.sign import Signature
from cases.actions.tell_delay import tell_delay as tell_of_delay
from cases.actions.tell_limit import tell_limit as tell_moved_limit
from cases.actions.transfer import sign_in as sign_slip_in
from cases.actions.transfer import transfer as transfer_case
from cases.models import Case, Extension, Pause, TransferSlip
from foundation.ledger.models import Entry
from foundation.ledger.reading import TimelineEntry, timeline
from foundation.notifications.models import Alert
from foundation.organization.models import Department, Staff
from foundation.refusals import Refused
from tests.matters import MONDAY, SHANGHAI, UNSIGNED


def march(day: int, hour: int, minute: int = 0) -> datetime:
    """March 2026: the 2nd is a Monday, and no day is a holiday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


def fresh(subject: Case | TransferSlip) -> Case:
    return Case.objects.get(pk=subject.case_id if isinstance(subject, TransferSlip) else subject.pk)


def drawn(subject: Case | TransferSlip, given: int | None) -> int:
    if given is not None:
        return given
    return int(type(subject).objects.values_list("transition_no", flat=True).get(pk=subject.pk))


def _case(subject: Case | TransferSlip, by: Staff, at: datetime, transition_no: int | None) -> dict[str, Any]:
    case = fresh(subject)
    return {"case_id": case.pk, "transition_no": drawn(case, transition_no), "actor": by, "now": at}


def _slip(slip: TransferSlip, by: Staff, at: datetime, transition_no: int | None) -> dict[str, Any]:
    return {"slip_id": slip.pk, "transition_no": drawn(slip, transition_no), "actor": by, "now": at}


def accept(case: Case, by: Staff, at: datetime = MONDAY, *, transition_no: int | None = None, **screening: Any) -> Case:
    screened = {name: getattr(case, name) for name in ("nature", "category", "urgency", "headcount")} | screening
    return accept_case(**_case(case, by, at, transition_no), **screened)


def answer(
    case: Case,
    by: Staff,
    at: datetime = MONDAY,
    *,
    text: str = "可以在窗口当场办理。",
    signature: Signature = UNSIGNED,
    transition_no: int | None = None,
    **more: Any,
) -> Case:
    return answer_on_the_spot(**_case(case, by, at, transition_no), text=text, signature=signature, **more)


def decline(
    case: Case,
    by: Staff,
    at: datetime = MONDAY,
    *,
    ground: str = "court",
    advice: str = "请向人民法院起诉。",
    transition_no: int | None = None,
) -> Case:
    return decline_case(**_case(case, by, at, transition_no), ground=ground, advice=advice)


def tell(
    case: Case,
    by: Staff,
    at: datetime = MONDAY,
    *,
    means: str = "phone",
    told_at: datetime | None = None,
    transition_no: int | None = None,
) -> Case:
    return tell_declined(**_case(case, by, at, transition_no), means=means, told_at=told_at or at)


def transfer(
    case: Case | TransferSlip,
    by: Staff,
    to: Department,
    at: datetime = MONDAY,
    *,
    instruction: str = "请上门查看。",
    transition_no: int | None = None,
) -> TransferSlip:
    return transfer_case(**_case(case, by, at, transition_no), department=to, instruction=instruction)


def sign_in(
    slip: TransferSlip,
    by: Staff,
    handler: Staff | None,
    at: datetime = MONDAY,
    *,
    transition_no: int | None = None,
) -> TransferSlip:
    return sign_slip_in(**_slip(slip, by, at, transition_no), handler=handler)


def give_back(
    slip: TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    reason: str = "不属于本部门。",
    transition_no: int | None = None,
) -> TransferSlip:
    return return_unsigned(**_slip(slip, by, at, transition_no), reason=reason)


def contact(
    slip: TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    contacted_at: datetime | None = None,
    means: str = "phone",
    summary: str = "约好明天上门。",
    transition_no: int | None = None,
) -> TransferSlip:
    return contact_resident(
        **_slip(slip, by, at, transition_no), means=means, contacted_at=contacted_at or at, summary=summary
    )


def investigate(
    slip: TransferSlip, by: Staff, at: datetime = MONDAY, *, plan: str = "查看屋面。", transition_no: int | None = None
) -> TransferSlip:
    return investigate_slip(**_slip(slip, by, at, transition_no), plan=plan)


def note(
    slip: TransferSlip, by: Staff, at: datetime = MONDAY, *, text: str = "已拍照。", transition_no: int | None = None
) -> TransferSlip:
    return note_on(**_slip(slip, by, at, transition_no), text=text)


def report(
    slip: TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    result: str = "防水层破损。",
    remedy: str = "已重做防水。",
    transition_no: int | None = None,
) -> TransferSlip:
    return report_slip(**_slip(slip, by, at, transition_no), result=result, remedy=remedy)


def approve(slip: TransferSlip, by: Staff, at: datetime = MONDAY, *, transition_no: int | None = None) -> TransferSlip:
    return approve_slip(**_slip(slip, by, at, transition_no))


def reject(
    slip: TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    reason: str = "缺少现场照片。",
    transition_no: int | None = None,
) -> TransferSlip:
    return reject_slip(**_slip(slip, by, at, transition_no), reason=reason)


def inform(
    case: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    means: str = "phone",
    text: str = "屋顶已经修好。",
    signature: Signature = UNSIGNED,
    transition_no: int | None = None,
) -> Case:
    return inform_resident(**_case(case, by, at, transition_no), means=means, text=text, signature=signature)


def reach_nobody(
    case: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    means: str = "phone",
    transition_no: int | None = None,
) -> Case:
    return record_unreached(**_case(case, by, at, transition_no), means=means)


def send_back(
    case: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    missing: str = "缺少照片。",
    transition_no: int | None = None,
) -> Case:
    return send_case_back(**_case(case, by, at, transition_no), missing=missing)


# What moves a limit.


def _either(subject: Case | TransferSlip, by: Staff, at: datetime, transition_no: int | None) -> dict[str, Any]:
    return {"subject": subject, "transition_no": drawn(subject, transition_no), "actor": by, "now": at}


def ask_pause(
    subject: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    reason: str = "third_party",
    text: str = "等待自来水公司开挖。",
    is_shelved: bool = False,
    transition_no: int | None = None,
) -> Case | TransferSlip:
    return ask_for_pause(**_either(subject, by, at, transition_no), reason=reason, text=text, is_shelved=is_shelved)


def grant_pause(
    subject: Case | TransferSlip, by: Staff, at: datetime = MONDAY, *, transition_no: int | None = None
) -> Case | TransferSlip:
    return grant_asked_pause(**_either(subject, by, at, transition_no))


def refuse_pause(
    subject: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    decision: str = "可以先做别的。",
    transition_no: int | None = None,
) -> Case | TransferSlip:
    return refuse_asked_pause(**_either(subject, by, at, transition_no), decision=decision)


def resume(
    subject: Case | TransferSlip, by: Staff, at: datetime = MONDAY, *, transition_no: int | None = None
) -> Case | TransferSlip:
    return resume_paused(**_either(subject, by, at, transition_no))


def ask_extension(
    slip: TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    days: int = 3,
    reason: str = "材料未到。",
    transition_no: int | None = None,
) -> TransferSlip:
    return ask_slip_extension(**_slip(slip, by, at, transition_no), working_days=days, reason=reason)


def grant_extension(
    slip: TransferSlip, by: Staff, at: datetime = MONDAY, *, transition_no: int | None = None
) -> TransferSlip:
    return grant_slip_extension(**_slip(slip, by, at, transition_no))


def refuse_extension(
    slip: TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    decision: str = "按原期限办理。",
    transition_no: int | None = None,
) -> TransferSlip:
    return refuse_slip_extension(**_slip(slip, by, at, transition_no), decision=decision)


def tell_limit(
    case: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    means: str = "phone",
    told_at: datetime | None = None,
    told_to: str = "",
    transition_no: int | None = None,
) -> Case:
    return tell_moved_limit(**_case(case, by, at, transition_no), means=means, told_at=told_at or at, told_to=told_to)


def tell_delay(
    case: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    means: str = "phone",
    told_at: datetime | None = None,
    told_to: str = "",
    transition_no: int | None = None,
) -> Case:
    return tell_of_delay(**_case(case, by, at, transition_no), means=means, told_at=told_at or at, told_to=told_to)


@transaction.atomic
def archive(case: Case | TransferSlip, by: Staff | None, at: datetime = MONDAY) -> Case:
    """As the room followups ends a round whose resident is content."""
    return close.archive(case=lock_case(case_id=fresh(case).pk, actor=by, transition_no=None), actor=by, now=at)


@transaction.atomic
def reopen(case: Case | TransferSlip, by: Staff | None, at: datetime = MONDAY) -> Case:
    """As the room followups ends a round whose resident is not."""
    return close.reopen(case=lock_case(case_id=fresh(case).pk, actor=by, transition_no=None), actor=by, now=at)


# What can be read off a case.


def running(subject: Case | TransferSlip) -> dict[str, str]:
    """When the clocks that run end, in the hall's time."""
    clocks = fresh(subject).deadlines.running().order_by("pk")
    return {clock.kind: f"{clock.due_at.astimezone(SHANGHAI):%m-%d %H:%M}" for clock in clocks}


def standing_still(subject: Case | TransferSlip) -> set[str]:
    """The kinds of clocks that are paused."""
    return {clock.kind for clock in fresh(subject).deadlines.running() if clock.is_paused}


def outcomes(subject: Case | TransferSlip) -> dict[str, str]:
    """How the last clock of each kind ended; empty while it runs."""
    return {clock.kind: clock.outcome for clock in fresh(subject).deadlines.order_by("pk")}


def kinds(subject: Case | TransferSlip) -> list[str]:
    """The record of the case, from its first entry."""
    return [entry.kind for entry in timeline(fresh(subject).chain)]


def last_entry(subject: Case | TransferSlip) -> TimelineEntry:
    return timeline(fresh(subject).chain)[-1]


def told(subject: Case | TransferSlip, at: datetime) -> set[str]:
    """Who was told something about the case at that moment and can still read it."""
    alerts = Alert.objects.filter(chain=fresh(subject).chain_id, created_at=at, withdrawn_at=None)
    return set(alerts.values_list("recipient__username", flat=True))


def everything(case: Case) -> list[object]:
    now = fresh(case)
    return [
        {name: getattr(now, name) for name in Case.saved_fields()},
        list(now.slips.order_by("pk").values()),
        list(now.deadlines.order_by("pk").values()),
        list(now.parts.order_by("pk").values()),
        now.answers.count(),
        now.attachments.count(),
        now.case_visits.count(),
        list(Pause.objects.filter(case=now).order_by("pk").values()),
        list(Extension.objects.filter(case=now).order_by("pk").values()),
        list(now.supervision_notices.order_by("pk").values()),
        list(now.hearings.order_by("pk").values()),
        [rows.count() for rows in (now.findings, now.sanctions, now.apologies, now.investigation_records)],
        Entry.objects.filter(chain=now.chain_id).count(),
        Alert.objects.count(),
    ]


@contextmanager
def refused(
    kind: type[Refused], subject: Case | TransferSlip, *, field: str | None = None
) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """What is tried inside is refused in this manner, with words, and nothing at all is written."""
    case = fresh(subject)
    before = everything(case)
    with pytest.raises(Refused) as info:
        yield info
    assert type(info.value) is kind
    assert str(info.value)
    assert info.value.field == field
    assert everything(case) == before
