"""Handed up (上报街道): beyond the hall's means; the street office answers, itself or on paper."""

from __future__ import annotations

import pytest

from cases.models import Case
from foundation.organization.models import Department
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town, department
from tests.cases.coordination_steps import hand_up, recall, record_plan
from tests.cases.steps import (
    fresh,
    give_back,
    inform,
    investigate,
    kinds,
    last_entry,
    march,
    outcomes,
    refused,
    report,
    running,
    sign_in,
    told,
    transfer,
)


@pytest.fixture
def case(town: Town) -> Case:
    return matters.referred(town)


def the_street(town: Town) -> Department:
    return department(town.north, "街道办事处")


def test_the_street_office_gets_the_slip_and_its_supervisors_are_told(town: Town, case: Case):
    slip = hand_up(case, town.chen, march(2, 11))
    assert (slip.department, slip.kind, slip.wants_plan, slip.needs_approval) == (the_street(town), "lead", True, False)
    now = fresh(case)
    assert (now.state, now.route, now.handed_up_at, now.transferred_at) == (
        "transferred",
        "handed_up",
        march(2, 11),
        march(2, 11),
    )
    assert told(case, march(2, 11)) == {"tang", "lin"}
    assert (kinds(case)[-1], last_entry(case).texts) == (
        "case.handed_up",
        {"instruction": "超出社区权限，请街道答复。"},
    )
    assert running(case) == {
        "promise": "03-11 17:30",
        "sign_in": "03-03 17:30",
        "investigate": "03-04 11:00",
        "handle": "03-09 17:30",
        "plan": "03-16 11:00",
    }
    assert outcomes(case)["dispatch"] == "met"


def test_tang_signs_in_and_reports_for_the_street_office_and_lin_informs(town: Town, case: Case):
    slip = sign_in(hand_up(case, town.chen), town.tang, None)
    assert "on_paper" not in last_entry(slip).payload
    report(investigate(slip, town.tang), town.tang, march(4, 10))
    assert fresh(case).state == "feedback"
    assert told(case, march(4, 10)) == {"lin"}
    assert inform(case, town.lin).state == "follow_up"


def test_or_the_desk_does_it_from_paper(town: Town, case: Case):
    slip = sign_in(hand_up(case, town.chen), town.mei, None)
    assert last_entry(slip).payload["on_paper"] is True
    record_plan(slip, town.mei)
    assert report(investigate(slip, town.lin), town.lin).case.state == "feedback"


def test_what_the_street_returns_or_the_director_recalls_is_the_directors_to_decide(town: Town, case: Case):
    slip = hand_up(case, town.chen)
    with refused(NotAllowed, slip):
        recall(slip, town.lin)
    give_back(slip, town.tang, march(3, 10))
    now = fresh(case)
    assert (now.state, now.responsible_staff) == ("accepted", town.chen)
    assert recall(hand_up(case, town.chen), town.chen).case.state == "accepted"


@pytest.mark.parametrize("who", ["lin", "mei", "wang", "zhao", "feng", "gu", "he", "lu", "han", "tang"])
def test_handing_up_is_the_directors(town: Town, case: Case, who: str):
    with refused(NotAllowed, case):
        hand_up(case, getattr(town, who))


def test_a_hall_without_a_street_office_is_told_so(town: Town, case: Case):
    the_street(town).delete()
    with refused(Refused, case):
        hand_up(case, town.chen)


def test_nothing_is_transferred_to_the_street_office(town: Town):
    case = matters.accepted(town)
    with refused(Refused, case, field="department"):
        transfer(case, town.lin, the_street(town))


def test_it_says_why(town: Town, case: Case):
    with refused(Refused, case, field="instruction"):
        hand_up(case, town.chen, instruction=" ")


def test_only_what_was_accepted_is_handed_up(town: Town):
    case = matters.registered(town)
    with refused(WrongState, case):
        hand_up(case, town.chen)


def test_a_stale_page_hands_nothing_up_and_nothing_goes_up_twice(town: Town, case: Case):
    drawn = fresh(case).transition_no
    hand_up(case, town.chen)
    with refused(Stale, case):
        hand_up(case, town.chen, transition_no=drawn)
    with refused(WrongState, case):
        hand_up(case, town.chen)
