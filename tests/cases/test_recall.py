"""Recalled (收回): whoever issued a slip takes it back."""

from __future__ import annotations

import pytest

from cases.models import Case, TransferSlip
from foundation.notifications.models import Alert
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town, category
from tests.cases.coordination_steps import all_begun, ask_return, recall
from tests.cases.steps import (
    fresh,
    inform,
    kinds,
    last_entry,
    march,
    outcomes,
    refused,
    report,
    running,
    told,
    transfer,
)


@pytest.fixture
def slip(town: Town) -> TransferSlip:
    """Wang has begun; the category asks for the head's approval."""
    return matters.investigating(town, category=category(town.north, "房屋结构安全"))


def test_the_only_slip_brings_the_case_back_with_a_new_day_to_decide(town: Town, slip: TransferSlip):
    back = recall(slip, town.lin, march(3, 10))
    assert (back.state, back.closed_at, back.next_due_at) == ("recalled", march(3, 10), None)
    case = fresh(slip)
    assert (case.state, case.responsible_staff, case.responsible_department) == ("accepted", town.lin, None)
    assert running(case) == {"promise": "03-11 17:30", "dispatch": "03-04 10:00"}
    assert outcomes(case)["handle"] == "cancelled"
    assert (kinds(case)[-1], last_entry(case).texts) == ("slip.recalled", {"reason": "转错了部门。"})


def test_the_handler_is_told_and_keeps_nothing_else_of_it(town: Town, slip: TransferSlip):
    recall(slip, town.mei, march(3, 10))
    assert told(slip, march(3, 10)) == {"wang", "lin", "chen"}
    assert [alert.level for alert in Alert.objects.visible_to(town.wang)] == ["info"]
    assert not Alert.objects.visible_to(town.zhao).exists()
    assert not Case.objects.visible_to(town.wang).exists()


def test_a_recall_is_no_return(town: Town, slip: TransferSlip):
    again = transfer(recall(slip, town.lin), town.lin, town.property)
    assert not fresh(again).is_referred
    third = transfer(recall(again, town.lin), town.lin, town.works)
    assert not third.is_binding


@pytest.mark.parametrize("make", [matters.transferred, matters.signed, matters.investigating])
def test_at_every_stage_of_the_work(town: Town, make):
    assert recall(make(town), town.lin).case.state == "accepted"


def test_also_what_waits_for_approval_or_for_the_director(town: Town, slip: TransferSlip):
    asked = ask_return(slip, town.wang)
    report(asked, town.wang)
    assert recall(slip, town.lin).state == "recalled"
    other = matters.signed(town, identity="anonymous")
    ask_return(other, town.wang)
    assert recall(other, town.lin).return_asked_at is None


def test_what_was_reported_is_sent_back_not_recalled(town: Town):
    case = matters.reported(town)
    slip = case.slips.get()
    with refused(WrongState, slip):
        recall(slip, town.lin)
    inform(case, town.lin)
    with refused(WrongState, slip):
        recall(slip, town.lin)


def test_who_issued_it_recalls_it(town: Town, slip: TransferSlip):
    for person in (town.wang, town.zhao, town.chen, town.feng, town.he, town.lu, town.han, town.tang):
        with refused(NotAllowed, slip):
            recall(slip, person)
    assert recall(slip, town.mei).state == "recalled"


def test_what_the_director_coordinated_the_director_recalls(town: Town):
    lead, assisting = all_begun(town, matters.coordinated(town))
    with refused(NotAllowed, assisting):
        recall(assisting, town.lin)
    recall(assisting, town.chen, march(3, 10))
    assert fresh(lead).state == "transferred"
    assert told(lead, march(3, 10)) == {"sun", "wang"}
    assert report(lead, town.wang).case.state == "feedback"


def test_of_a_coordinated_case_the_last_one_recalled_brings_it_back_to_the_director(town: Town):
    lead, assisting = matters.coordinated(town)
    recall(assisting, town.chen)
    recall(lead, town.chen, march(3, 10))
    case = fresh(lead)
    assert (case.state, case.responsible_staff) == ("accepted", town.chen)
    assert "dispatch" in running(case)


def test_it_says_why(town: Town, slip: TransferSlip):
    with refused(Refused, slip, field="reason"):
        recall(slip, town.lin, reason="")


def test_a_stale_page_recalls_nothing_and_nothing_is_recalled_twice(town: Town, slip: TransferSlip):
    drawn = slip.transition_no
    recall(slip, town.mei)
    with refused(Stale, slip):
        recall(slip, town.lin, transition_no=drawn)
    with refused(WrongState, slip):
        recall(slip, town.lin)
