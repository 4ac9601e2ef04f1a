"""Returned after it was signed in: the department asks, the director consents or decides that it stays."""

from __future__ import annotations

import pytest

from cases.actions.bar import bar
from cases.models import Case, TransferSlip
from foundation.notifications.models import Alert
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.coordination_steps import ask_return, consent, coordinate, refuse_return
from tests.cases.steps import (
    contact,
    fresh,
    give_back,
    investigate,
    kinds,
    last_entry,
    march,
    outcomes,
    refused,
    report,
    running,
    send_back,
    sign_in,
    told,
    transfer,
)
from tests.matters import MONDAY


@pytest.fixture
def slip(town: Town) -> TransferSlip:
    """Wang handles it."""
    return matters.signed(town)


def test_asking_changes_nothing_but_that_the_director_knows(town: Town, slip: TransferSlip):
    asked = ask_return(slip, town.wang, march(2, 14))
    assert (asked.state, asked.return_asked_at, asked.return_reason) == (
        "signed",
        march(2, 14),
        "漏点在自来水公司的管道上。",
    )
    assert fresh(slip).state == "transferred"
    assert set(running(slip)) == {"promise", "contact", "investigate", "handle"}
    assert told(slip, march(2, 14)) == {"chen"}
    assert (kinds(slip)[-1], last_entry(slip).texts) == (
        "slip.return_asked",
        {"reason": "漏点在自来水公司的管道上。"},
    )


def test_the_work_goes_on_meanwhile_and_who_reports_has_kept_it(town: Town, slip: TransferSlip):
    ask_return(slip, town.wang)
    investigate(slip, town.wang)
    report(slip, town.wang)
    with refused(WrongState, slip):
        consent(slip, town.chen)
    send_back(slip, town.lin)
    with refused(WrongState, slip):
        consent(slip, town.chen)


def test_the_director_consents_and_the_case_is_back_to_be_decided(town: Town, slip: TransferSlip):
    ask_return(slip, town.wang, march(2, 14))
    back = consent(slip, town.chen, march(2, 15))
    assert (back.state, back.closed_at, back.return_asked_at) == ("returned", march(2, 15), None)
    case = fresh(slip)
    assert (case.state, case.responsible_staff, case.is_referred) == ("accepted", town.lin, False)
    assert running(case) == {"promise": "03-11 17:30", "dispatch": "03-03 15:00"}
    assert {kind: how for kind, how in outcomes(case).items() if how == "cancelled"}.keys() == {
        "contact",
        "investigate",
        "handle",
    }
    assert told(case, march(2, 15)) == {"lin", "wang"}
    assert kinds(case)[-1] == "slip.return_granted"


def test_the_department_sees_the_case_no_more_and_its_alerts_are_taken_back(town: Town, slip: TransferSlip):
    assert Alert.objects.visible_to(town.qian).exists()
    ask_return(slip, town.wang)
    consent(slip, town.chen, march(2, 15))
    for person in (town.wang, town.qian, town.zhao):
        assert not Case.objects.visible_to(person).exists()
    assert not Alert.objects.visible_to(town.qian).exists()
    assert [alert.level for alert in Alert.objects.visible_to(town.wang)] == ["info"]


def test_the_director_refuses_and_that_is_binding(town: Town, slip: TransferSlip):
    ask_return(slip, town.wang)
    kept = refuse_return(slip, town.chen, march(2, 15))
    assert (kept.state, kept.is_binding, kept.return_asked_at) == ("signed", True, None)
    assert told(slip, march(2, 15)) == {"wang"}
    assert last_entry(slip).texts == {"reason": "屋面归房屋部门管。"}
    with refused(WrongState, slip):
        ask_return(slip, town.wang)
    contact(slip, town.wang)
    assert report(investigate(slip, town.wang), town.wang).case.state == "feedback"


def test_the_second_return_is_decided_by_the_director_bindingly(town: Town, slip: TransferSlip):
    """The first after signing, the second before it; what then is issued stays."""
    consent(ask_return(slip, town.wang), town.chen)
    second = transfer(slip, town.lin, town.property)
    give_back(second, town.zhou)
    case = fresh(slip)
    assert (case.is_referred, case.responsible_staff) == (True, town.chen)
    with refused(NotAllowed, case):
        transfer(case, town.lin, town.works)
    third = transfer(case, town.chen, town.works)
    assert third.is_binding
    third = sign_in(third, town.zhao, town.qian)
    with refused(WrongState, third):
        ask_return(third, town.qian)


def test_the_second_return_counts_after_signing_too(town: Town):
    first = give_back(matters.transferred(town), town.zhao)
    second = sign_in(transfer(first, town.lin, town.property), town.zhou, town.sun)
    consent(ask_return(second, town.sun), town.chen, march(2, 15))
    case = fresh(first)
    assert (case.is_referred, case.responsible_staff, told(case, march(2, 15))) == (True, town.chen, {"sun"})
    assert transfer(case, town.chen, town.works).is_binding


def test_of_a_coordinated_case_the_others_work_on(town: Town):
    lead, assisting = matters.coordinated(town)
    assisting = sign_in(assisting, town.zhou, town.sun)
    consent(ask_return(assisting, town.sun), town.chen)
    assert fresh(lead).state == "transferred"
    assert not Case.objects.visible_to(town.sun).exists()
    assert Case.objects.visible_to(town.wang).exists()


def test_a_new_coordination_can_ask_the_department_that_returned_it(town: Town):
    lead, assisting = matters.coordinated(town)
    give_back(assisting, town.zhou)
    consent(ask_return(sign_in(lead, town.zhao, town.wang), town.wang), town.chen)
    assert fresh(lead).state == "accepted"
    assert len(coordinate(lead, town.chen, town.property, [town.works])) == 2


def test_who_asks_is_the_handler_or_the_head(town: Town, slip: TransferSlip):
    for person in (town.qian, town.lin, town.chen, town.feng, town.sun, town.zhou, town.lu, town.tang):
        with refused(NotAllowed, slip):
            ask_return(slip, person)
    assert ask_return(slip, town.zhao).return_asked_at == MONDAY


def test_who_decides_is_the_director(town: Town, slip: TransferSlip):
    ask_return(slip, town.wang)
    for person in (town.lin, town.mei, town.wang, town.zhao, town.feng, town.he, town.han, town.tang):
        with refused(NotAllowed, slip):
            consent(slip, person)
        with refused(NotAllowed, slip):
            refuse_return(slip, person)
    bar(case_id=slip.case_id, staff=town.chen, reason="被投诉", actor=town.lin, now=MONDAY)
    assert consent(slip, town.tang).state == "returned"


def test_nobody_decides_what_was_not_asked(town: Town, slip: TransferSlip):
    with refused(WrongState, slip):
        consent(slip, town.chen)
    with refused(WrongState, slip):
        refuse_return(slip, town.chen)


def test_before_signing_nobody_needs_to_ask_and_reasons_are_given(town: Town, slip: TransferSlip):
    unsigned = matters.transferred(town, identity="anonymous")
    with refused(WrongState, unsigned):
        ask_return(unsigned, town.zhao)
    with refused(Refused, slip, field="reason"):
        ask_return(slip, town.wang, reason=" ")
    ask_return(slip, town.wang)
    with refused(Refused, slip, field="reason"):
        refuse_return(slip, town.chen, reason=" ")


def test_a_stale_page_does_nothing_and_nothing_is_done_twice(town: Town, slip: TransferSlip):
    drawn = slip.transition_no
    ask_return(slip, town.zhao)
    with refused(Stale, slip):
        ask_return(slip, town.wang, transition_no=drawn)
    with refused(WrongState, slip):
        ask_return(slip, town.wang)
    drawn += 1
    refuse_return(slip, town.chen, transition_no=drawn)
    with refused(Stale, slip):
        consent(slip, town.chen, transition_no=drawn)
    with refused(WrongState, slip):
        refuse_return(slip, town.chen)
