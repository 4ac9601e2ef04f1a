"""The main job at the level of actions: a matter walks in, is transferred, answered, followed up and archived."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases.actions.accept import accept
from cases.actions.handle import contact, investigate, report
from cases.actions.inform import inform
from cases.actions.register import register_case
from cases.actions.sign import Signature
from cases.actions.transfer import sign_in, transfer
from cases.models import CaseDeadline, TransferSlip
from foundation.ledger.verify import verify
from foundation.residents.actions import register_resident
from reception.actions import register_visit
from tests.builders import category, make_town

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=SHANGHAI)

pytestmark = pytest.mark.django_db


def test_a_leaking_roof_goes_from_the_desk_to_the_department_and_back_to_the_resident():
    town = make_town()
    resident = register_resident(hall=town.north, actor=town.lin, now=MONDAY, name="王秀兰", phone="13805716021")
    visit = register_visit(
        hall=town.north,
        actor=town.lin,
        now=MONDAY,
        channel="walk_in",
        matter="三栋楼顶漏水，卧室发霉。",
        resident=resident,
    )
    case = register_case(visit=visit, actor=town.lin, now=MONDAY, nature="request", category=category(town.north))
    case = accept(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=MONDAY,
        nature="request",
        category=case.category,
        urgency="normal",
        headcount=1,
    )
    slip = transfer(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=MONDAY,
        department=town.works,
        instruction="请上门查看",
    )
    assert slip.case.state == "transferred"
    later = MONDAY + timedelta(hours=2)
    slip = sign_in(slip_id=slip.pk, transition_no=slip.transition_no, actor=town.zhao, now=later, handler=town.wang)
    slip = contact(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=town.wang,
        now=later,
        means="phone",
        contacted_at=later,
        summary="约好明天上门",
    )
    slip = investigate(slip_id=slip.pk, transition_no=slip.transition_no, actor=town.wang, now=later, plan="查屋面")
    assert not slip.needs_approval or slip.category.needs_approval
    next_day = MONDAY + timedelta(days=1)
    slip = report(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=town.wang,
        now=next_day,
        result="防水层破损",
        remedy="已重做防水",
    )
    slip = TransferSlip.objects.get(pk=slip.pk)
    assert slip.state == "reported"
    assert slip.case.state == "feedback"
    assert slip.case.responsible_staff == town.lin
    case = inform(
        case_id=slip.case_id,
        transition_no=slip.case.transition_no,
        actor=town.lin,
        now=next_day,
        means="phone",
        text="已修好",
        signature=Signature("none", unsigned_reason="电话答复"),
    )
    assert case.state == "follow_up"
    outcomes = {clock.kind: clock.outcome for clock in CaseDeadline.objects.filter(case=case)}
    assert outcomes == {
        "dispatch": "met",
        "promise": "met",
        "sign_in": "met",
        "contact": "met",
        "investigate": "met",
        "handle": "met",
        "feedback": "met",
        "follow_up": "",
    }
    assert list(verify()) == []
