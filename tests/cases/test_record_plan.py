"""The plan (方案): of the lead department of a coordinated case, and of an outside unit."""

from __future__ import annotations

import pytest

from cases.models import TransferSlip
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.coordination_steps import record_plan
from tests.cases.steps import investigate, kinds, last_entry, march, outcomes, refused, report, running, sign_in


@pytest.fixture
def lead(town: Town) -> TransferSlip:
    """Coordinated on Monday the 2nd: the plan is due on Thursday the 5th at closing time."""
    slip, _assisting = matters.coordinated(town)
    return sign_in(slip, town.zhao, town.wang)


def test_the_plan_is_kept_and_its_clock_is_met(town: Town, lead: TransferSlip):
    assert running(lead)["plan"] == "03-05 17:30"
    slip = record_plan(lead, town.wang, march(4, 10))
    assert (slip.plan, slip.planned_at, slip.state) == ("周三会同物业上屋面查看，周五前修好。", march(4, 10), "signed")
    assert outcomes(lead)["plan"] == "met"
    assert (kinds(lead)[-1], last_entry(lead).texts) == (
        "slip.planned",
        {"plan": "周三会同物业上屋面查看，周五前修好。"},
    )


def test_a_plan_after_its_limit_is_late(town: Town, lead: TransferSlip):
    record_plan(lead, town.wang, march(5, 17, 31))
    assert outcomes(lead)["plan"] == "met_late"


def test_the_head_and_the_director_can_record_it_too_nobody_else(town: Town, lead: TransferSlip):
    for person in (town.qian, town.sun, town.zhou, town.lin, town.feng, town.he, town.han, town.tang):
        with refused(NotAllowed, lead):
            record_plan(lead, person)
    assert record_plan(lead, town.chen).handler == town.wang
    other, _assisting = matters.coordinated(town, identity="anonymous")
    assert record_plan(sign_in(other, town.zhao, town.wang), town.zhao).planned_at


def test_what_an_outside_unit_plans_the_desk_enters_in_its_name(town: Town):
    slip = sign_in(matters.transferred(town, department=town.waterworks), town.lin, None)
    record_plan(slip, town.mei)
    entry = last_entry(slip)
    assert (entry.actor, entry.payload["department"], entry.payload["on_paper"]) == (town.mei, "自来水公司", True)


def test_assisting_departments_and_plain_transfers_plan_nothing(town: Town):
    _lead, assisting = matters.coordinated(town)
    plain = matters.signed(town, identity="anonymous")
    for slip, handler in ((sign_in(assisting, town.zhou, town.sun), town.sun), (plain, town.wang)):
        with refused(WrongState, slip):
            record_plan(slip, handler)


def test_it_is_recorded_once_signed_in_and_until_it_is_reported(town: Town):
    lead, assisting = matters.coordinated(town)
    with refused(WrongState, lead):
        record_plan(lead, town.zhao)
    outside = investigate(sign_in(matters.transferred(town, identity="anonymous", department=town.waterworks),
                                  town.lin, None), town.lin)  # fmt: skip
    report(outside, town.lin)
    assert outcomes(outside)["plan"] == "cancelled"
    with refused(WrongState, outside):
        record_plan(outside, town.lin)
    assert assisting.plan == ""


def test_an_empty_plan_is_none(town: Town, lead: TransferSlip):
    with refused(Refused, lead, field="plan"):
        record_plan(lead, town.wang, plan=" ")


def test_a_stale_page_records_nothing_and_nothing_is_recorded_twice(town: Town, lead: TransferSlip):
    drawn = lead.transition_no
    record_plan(lead, town.zhao)
    with refused(Stale, lead):
        record_plan(lead, town.wang, transition_no=drawn)
    with refused(WrongState, lead):
        record_plan(lead, town.wang)
