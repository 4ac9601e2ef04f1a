"""Matters in every stage, made by the real actions, for the tests of all rooms above the cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases.actions.accept import accept
from cases.actions.coordinate import coordinate
from cases.actions.handle import contact, investigate, report
from cases.actions.inform import inform
from cases.actions.refer import refer
from cases.actions.register import register_case
from cases.actions.sign import Signature
from cases.actions.transfer import sign_in, transfer
from cases.models import Case, TransferSlip
from complaints.actions.find import record_finding
from complaints.actions.hear import excuse_hearing
from foundation.organization.models import Department, Staff
from foundation.residents.actions import register_resident
from foundation.residents.models import Resident
from reception.actions import register_visit
from tests.builders import Town, category

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=SHANGHAI)
"""A plain Monday morning in opening hours."""
LEAK = "三栋二单元楼顶漏水，卧室墙面大片发霉。"
UNSIGNED = Signature("none", unsigned_reason="电话答复")


def a_resident(
    town: Town, *, now: datetime = MONDAY, name: str = "王秀兰", phone: str = "13805716021", **more: Any
) -> Resident:
    return register_resident(hall=town.north, actor=town.lin, now=now, name=name, phone=phone, **more)


def registered(town: Town, *, now: datetime = MONDAY, matter: str = LEAK, nature: str = "request", **more: Any) -> Case:
    """Lin has registered it. more: resident, identity, urgency, category, channel, outside_due_at…"""
    actor = more.pop("actor", town.lin)
    identity = more.pop("identity", "named")
    resident = more.pop("resident", None)
    outside = {name: more.pop(name) for name in ("outside_number", "outside_due_at") if name in more}
    if resident is None and identity != "anonymous":
        resident = a_resident(town, now=now)
    visit = register_visit(
        hall=town.north,
        actor=actor,
        now=now,
        channel=more.pop("channel", "walk_in"),
        matter=matter,
        resident=resident,
        identity=identity,
        **outside,
    )
    return register_case(
        visit=visit,
        actor=actor,
        now=now,
        nature=nature,
        category=more.pop("category", None) or category(town.north),
        **more,
    )


def accepted(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    case = registered(town, now=now, **more)
    return accept(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=now,
        nature=case.nature,
        category=case.category,
        urgency=case.urgency,
        headcount=case.headcount,
    )


def transferred(
    town: Town, *, now: datetime = MONDAY, department: Department | None = None, **more: Any
) -> TransferSlip:
    case = accepted(town, now=now, **more)
    return transfer(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=now,
        department=department or town.works,
        instruction="请上门查看并答复。",
    )


def signed(town: Town, *, now: datetime = MONDAY, handler: Staff | None = None, **more: Any) -> TransferSlip:
    slip = transferred(town, now=now, **more)
    return sign_in(
        slip_id=slip.pk, transition_no=slip.transition_no, actor=town.zhao, now=now, handler=handler or town.wang
    )


def investigating(town: Town, *, now: datetime = MONDAY, **more: Any) -> TransferSlip:
    slip = signed(town, now=now, **more)
    worker = slip.handler or town.wang
    if not slip.case.is_anonymous:
        slip = contact(
            slip_id=slip.pk,
            transition_no=slip.transition_no,
            actor=worker,
            now=now,
            means="phone",
            contacted_at=now,
            summary="约好明天上门。",
        )
    return investigate(slip_id=slip.pk, transition_no=slip.transition_no, actor=worker, now=now, plan="查看屋面。")


def reported(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    slip = investigating(town, now=now, **more)
    slip = report(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=slip.handler or town.wang,
        now=now + timedelta(hours=1),
        result="屋面防水层破损。",
        remedy="已重做防水层。",
    )
    return Case.objects.get(pk=slip.case_id)


def looked_into(case: Case, by: Staff, now: datetime) -> Case:
    """What a complaint needs before its resident can be told: all were heard or excused, and the finding is there."""
    for person in [part.staff for part in case.active_parts if part.role == "barred" and case.unheard]:
        excuse_hearing(
            case_id=case.pk,
            transition_no=Case.objects.get(pk=case.pk).transition_no,
            actor=by,
            now=now,
            staff=person,
            because="refused",
            reason="两次书面通知，均未答复。",
        )
    case = Case.objects.get(pk=case.pk)
    if case.wants_finding():
        record_finding(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=by,
            now=now,
            verdict="unfounded",
            reasons="调取记录核对，反映的情况不属实。",
        )
    return Case.objects.get(pk=case.pk)


def informed(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    case = reported(town, now=now, **more)
    case = looked_into(case, town.chen, now + timedelta(hours=1))
    means = "tracking_page" if case.is_anonymous else "phone"
    return inform(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=now + timedelta(hours=2),
        means=means,
        text="屋顶已经修好。",
        signature=UNSIGNED,
    )


def referred(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    """Lin has accepted it and referred it to director Chen."""
    case = accepted(town, now=now, **more)
    return refer(
        case_id=case.pk, transition_no=case.transition_no, actor=town.lin, now=now, reason="涉及房屋和物业两家。"
    )


def coordinated(
    town: Town,
    *,
    now: datetime = MONDAY,
    lead: Department | None = None,
    assisting: Sequence[Department] | None = None,
    **more: Any,
) -> list[TransferSlip]:
    """Chen has coordinated it: the works department leads, the property department assists. The lead's slip first."""
    case = referred(town, now=now, **more)
    return coordinate(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.chen,
        now=now,
        lead=lead or town.works,
        assisting=[town.property] if assisting is None else assisting,
        instruction="请联合查明原因并答复。",
    )
