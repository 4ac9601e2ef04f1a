"""Matters brought to any point of their way through the real actions, at any moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cases.actions.accept import accept
from cases.actions.answer_on_the_spot import answer_on_the_spot
from cases.actions.decline import decline
from cases.actions.handle import contact, investigate, report
from cases.actions.inform import inform
from cases.actions.register import register_case
from cases.actions.sign import Signature
from cases.actions.transfer import sign_in, transfer
from cases.models import Case, TransferSlip
from foundation.organization.models import Department, Hall, Staff
from foundation.residents.actions import register_resident
from foundation.residents.models import Resident
from reception.actions import register_visit
from tests.builders import Town, category

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
"""A working Monday, ten in the morning."""

UNSIGNED = Signature("none", unsigned_reason="电话答复")
PLAIN_CATEGORY = "楼道堆物"
"""Without a head's approval, with the ordinary limits."""


def resident(town: Town, *, hall: Hall | None = None, name: str = "王秀兰", phone: str = "13805716021") -> Resident:
    hall = hall or town.north
    actor = town.lin if hall == town.north else town.lu
    return register_resident(hall=hall, actor=actor, now=MONDAY, name=name, phone=phone)


def registered(
    town: Town,
    *,
    now: datetime = MONDAY,
    by: Staff | None = None,
    hall: Hall | None = None,
    who: Resident | None = None,
    identity: str = "named",
    nature: str = "request",
    matter: str = "三栋楼顶漏水，卧室发霉。",
    urgency: str = "normal",
    channel: str = "walk_in",
) -> Case:
    hall = hall or town.north
    actor = by or (town.lin if hall == town.north else town.lu)
    if identity != "anonymous":
        who = who or resident(town, hall=hall)
    visit = register_visit(
        hall=hall, actor=actor, now=now, channel=channel, matter=matter, resident=who, identity=identity
    )
    return register_case(
        visit=visit, actor=actor, now=now, nature=nature, category=category(hall, PLAIN_CATEGORY), urgency=urgency
    )


def accepted(town: Town, *, now: datetime = MONDAY, **how: Any) -> Case:
    case = registered(town, now=now, **how)
    return accept(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=case.first_contact_owner,
        now=now,
        nature=case.nature,
        category=case.category,
        urgency=case.urgency,
        headcount=1,
    )


def issued(town: Town, department: Department | None = None, *, now: datetime = MONDAY, **how: Any) -> TransferSlip:
    """Transferred to the works department unless another is named; nobody has signed it in yet."""
    case = accepted(town, now=now, **how)
    return transfer(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=case.first_contact_owner,
        now=now,
        department=department or town.works,
        instruction="请上门查看",
    )


def signed(
    town: Town,
    handler: Staff | None = None,
    department: Department | None = None,
    *,
    now: datetime = MONDAY,
    **how: Any,
) -> TransferSlip:
    slip = issued(town, department, now=now, **how)
    handler = handler or town.wang
    return sign_in(slip_id=slip.pk, transition_no=slip.transition_no, actor=handler, now=now, handler=handler)


def investigating(town: Town, handler: Staff | None = None, *, now: datetime = MONDAY, **how: Any) -> TransferSlip:
    handler = handler or town.wang
    slip = signed(town, handler, now=now, **how)
    if not slip.case.is_anonymous:
        slip = contact(
            slip_id=slip.pk, transition_no=slip.transition_no, actor=handler, now=now,
            means="phone", contacted_at=now, summary="约好上门",
        )  # fmt: skip
    return investigate(slip_id=slip.pk, transition_no=slip.transition_no, actor=handler, now=now, plan="查屋面")


def reported(town: Town, handler: Staff | None = None, *, now: datetime = MONDAY, **how: Any) -> Case:
    handler = handler or town.wang
    slip = investigating(town, handler, now=now, **how)
    slip = report(
        slip_id=slip.pk, transition_no=slip.transition_no, actor=handler, now=now, result="防水层破损", remedy="已重做"
    )
    return Case.objects.get(pk=slip.case_id)


def informed(town: Town, *, now: datetime = MONDAY, **how: Any) -> Case:
    case = reported(town, now=now, **how)
    return inform(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=case.first_contact_owner,
        now=now,
        means="tracking_page" if case.is_anonymous else "phone",
        text="已修好",
        signature=UNSIGNED,
    )


def answered(town: Town, *, now: datetime = MONDAY, **how: Any) -> Case:
    case = registered(town, now=now, **how)
    return answer_on_the_spot(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=case.first_contact_owner,
        now=now,
        text="按规定办理即可",
        signature=UNSIGNED,
    )


def declined(town: Town, *, now: datetime = MONDAY, **how: Any) -> Case:
    case = registered(town, now=now, **how)
    return decline(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=case.first_contact_owner,
        now=now,
        ground="court",
        advice="请向法院提起诉讼",
    )
