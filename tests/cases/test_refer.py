"""Referred to the director (提请协调): what one department cannot settle alone."""

from __future__ import annotations

import pytest

from cases.actions.bar import bar
from cases.models import Case
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.coordination_steps import refer
from tests.cases.steps import accept, decline, fresh, kinds, last_entry, march, refused, running, told, transfer
from tests.matters import MONDAY


@pytest.fixture
def case(town: Town) -> Case:
    return matters.accepted(town)


def test_the_director_decides_under_the_clock_that_was_running(town: Town, case: Case):
    before = case.deadlines.get(kind="dispatch")
    now = refer(case, town.lin, march(2, 11))
    assert (now.state, now.is_referred, now.responsible_staff) == ("accepted", True, town.chen)
    assert running(case) == {"promise": "03-11 17:30", "dispatch": "03-03 09:30"}
    assert case.deadlines.get(kind="dispatch").pk == before.pk
    assert told(case, march(2, 11)) == {"chen"}
    assert (kinds(case)[-1], last_entry(case).texts) == ("case.referred", {"reason": "涉及房屋和物业两家。"})


def test_the_receptionist_who_referred_it_decides_no_more(town: Town, case: Case):
    refer(case, town.lin)
    with refused(NotAllowed, case):
        transfer(case, town.lin, town.works)
    with refused(NotAllowed, case):
        decline(case, town.mei)
    assert transfer(case, town.chen, town.works).issued_by == town.chen


def test_what_was_only_registered_is_referred_too_and_the_director_can_accept_it(town: Town):
    case = refer(matters.registered(town), town.lin)
    assert (case.state, case.is_referred) == ("registered", True)
    assert accept(case, town.chen).state == "accepted"


def test_with_the_director_barred_it_goes_to_the_street_office(town: Town, case: Case):
    bar(case_id=case.pk, staff=town.chen, reason="被投诉", actor=town.lin, now=MONDAY)
    assert refer(case, town.lin, march(2, 11)).responsible_staff == town.tang
    assert told(case, march(2, 11)) == {"tang"}


@pytest.mark.parametrize("who", ["wang", "zhao", "chen", "feng", "gu", "he", "lu", "han", "tang"])
def test_referring_is_the_receptionists(town: Town, case: Case, who: str):
    with refused(NotAllowed, case):
        refer(case, getattr(town, who))


def test_it_says_why(town: Town, case: Case):
    with refused(Refused, case, field="reason"):
        refer(case, town.lin, reason=" ")


def test_what_a_department_has_is_not_referred(town: Town, case: Case):
    transfer(case, town.lin, town.works)
    with refused(WrongState, case):
        refer(case, town.lin)


def test_a_stale_page_refers_nothing_and_nothing_is_referred_twice(town: Town, case: Case):
    drawn = fresh(case).transition_no
    refer(case, town.mei)
    with refused(Stale, case):
        refer(case, town.lin, transition_no=drawn)
    with refused(WrongState, case):
        refer(case, town.lin)
