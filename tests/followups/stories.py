"""How a matter comes to the point where its follow-up waits, told through the real actions."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image

from cases.actions.accept import accept
from cases.actions.answer_on_the_spot import answer_on_the_spot
from cases.actions.handle import contact, investigate, report
from cases.actions.inform import inform
from cases.actions.register import register_case
from cases.actions.sign import Signature
from cases.actions.transfer import sign_in, transfer
from cases.models import Case, CaseDeadline, TransferSlip
from cases.uploads import inspect_signature
from followups.actions.evaluate import record_evaluation
from foundation.organization.models import Department, Staff
from foundation.residents.actions import register_resident
from reception.actions import register_visit
from tests.builders import Town, category

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=SHANGHAI)
"""The day a matter is registered."""
TUESDAY = MONDAY + timedelta(days=1)
"""The day the resident is told: the follow-up is due seven days later."""
WEDNESDAY = MONDAY + timedelta(days=2)

NO_SIGNATURE = Signature("none", unsigned_reason="电话答复")
ON_PAPER = Signature("paper")
# A category without a head's approval and without a shorter follow-up of its own.
CATEGORY = "楼道堆物"


def drawn_signature() -> Signature:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 20), "white").save(buffer, "PNG")
    return Signature("tablet", image=inspect_signature(buffer.getvalue()))


def registered(town: Town, *, nature: str = "request", anonymous: bool = False, by: Staff | None = None) -> Case:
    resident = None
    if not anonymous:
        resident = register_resident(hall=town.north, actor=town.lin, now=MONDAY, name="王秀兰", phone="13805716021")
    visit = register_visit(
        hall=town.north,
        actor=by or town.lin,
        now=MONDAY,
        channel="web" if anonymous else "walk_in",
        matter="三栋楼顶漏水，卧室发霉。",
        resident=resident,
        identity="anonymous" if anonymous else "named",
    )
    return register_case(
        visit=visit, actor=by or town.lin, now=MONDAY, nature=nature, category=category(town.north, CATEGORY)
    )


def accepted(town: Town, **how: Any) -> Case:
    case = registered(town, **how)
    return accept(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=how.get("by") or town.lin,
        now=MONDAY,
        nature=case.nature,
        category=case.category,
        urgency="normal",
        headcount=1,
    )


def transferred(
    town: Town, case: Case, *, department: Department | None = None, now: datetime = MONDAY
) -> TransferSlip:
    return transfer(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=now,
        department=department or town.works,
        instruction="请上门查看",
    )


def informed(
    town: Town,
    *,
    handler: Staff | None = None,
    signer: Staff | None = None,
    department: Department | None = None,
    case: Case | None = None,
    now: datetime = TUESDAY,
    **how: Any,
) -> Case:
    """Transferred, handled by Wang of the works department unless said otherwise, and told to the resident."""
    case = case or accepted(town, **how)
    handler = handler or town.wang
    slip = transferred(town, case, department=department, now=min(now, MONDAY) if case.round == 1 else now)
    slip = sign_in(
        slip_id=slip.pk, transition_no=slip.transition_no, actor=signer or town.zhao, now=now, handler=handler
    )
    if not case.is_anonymous:
        slip = contact(
            slip_id=slip.pk,
            transition_no=slip.transition_no,
            actor=handler,
            now=now,
            means="phone",
            contacted_at=now,
            summary="约好上门",
        )
    slip = investigate(slip_id=slip.pk, transition_no=slip.transition_no, actor=handler, now=now, plan="查屋面")
    slip = report(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=handler,
        now=now,
        result="防水层破损",
        remedy="已重做",
    )
    case = Case.objects.get(pk=case.pk)
    return inform(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=now,
        means="tracking_page" if case.is_anonymous else "phone",
        text="已修好",
        signature=NO_SIGNATURE,
    )


def answered_on_the_spot(town: Town, *, by: Staff | None = None, **how: Any) -> Case:
    case = registered(town, **how)
    return answer_on_the_spot(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=by or town.lin,
        now=MONDAY,
        text="按规定办理即可",
        signature=NO_SIGNATURE,
    )


def evaluated(case: Case, *, actor: Staff, now: datetime = WEDNESDAY, **said: Any) -> Case:
    """Mei asks on the phone; contented in everything unless said otherwise."""
    answers: dict[str, Any] = {"contacted": True, "solved": "yes", "satisfaction": "satisfied", "channel": "phone"}
    return record_evaluation(
        case_id=case.pk, transition_no=case.transition_no, actor=actor, now=now, **(answers | said)
    )


def outcome_of(case: Case, kind: str, round: int = 1) -> str:
    return CaseDeadline.objects.get(case=case, kind=kind, round=round).outcome


def last_entry(case: Case) -> Any:
    return case.chain.entries.order_by("-seq")[0]


def texts_of_last_entry(case: Case) -> dict[str, str]:
    return {text.name: text.content for text in last_entry(case).texts.all()}
