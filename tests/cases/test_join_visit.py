"""A further contact about an open case is counted and told to who handles it; it is no case of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from cases.actions.bar import bar
from cases.actions.register import join_visit
from cases.models import Case
from cases.search import similar_open_cases
from foundation.refusals import NotAllowed, WrongState
from reception.actions import register_visit
from reception.models import Visit
from tests import matters
from tests.builders import Town
from tests.cases.steps import accept, decline, fresh, kinds, last_entry, march, refused, told, transfer
from tests.matters import MONDAY

AGAIN = march(3, 10)


def again(town: Town, at: datetime = AGAIN, **more: Any) -> Visit:
    given = {"channel": "phone", "matter": "天花板也塌了一块。", "resident": None, "identity": "anonymous"} | more
    return register_visit(hall=more.pop("hall", town.north), actor=town.lin, now=at, **given)


@pytest.fixture
def case(town: Town) -> Case:
    return matters.registered(town)


def test_the_second_contact_is_counted_and_written_down(town: Town, case: Case):
    join_visit(case_id=case.pk, visit=again(town), actor=town.mei, now=AGAIN)
    assert list(case.case_visits.values_list("ordinal", flat=True)) == [1, 2]
    assert kinds(case)[-1] == "case.visit_joined"
    assert last_entry(case).texts == {"matter": "天花板也塌了一块。"}


def test_a_crowd_that_comes_later_makes_it_a_matter_of_a_crowd(town: Town, case: Case):
    join_visit(case_id=case.pk, visit=again(town, headcount=6), actor=town.lin, now=AGAIN)
    join_visit(case_id=case.pk, visit=again(town, headcount=2), actor=town.lin, now=AGAIN)
    assert fresh(case).headcount == 6


def test_the_owner_is_told_of_what_a_colleague_wrote_down(town: Town, case: Case):
    join_visit(case_id=case.pk, visit=again(town), actor=town.mei, now=AGAIN)
    assert told(case, AGAIN) == {"lin"}


def test_once_a_handler_is_named_they_are_told_too(town: Town):
    slip = matters.signed(town)
    join_visit(case_id=slip.case_id, visit=again(town), actor=town.lin, now=AGAIN)
    assert told(slip, AGAIN) == {"wang"}


def test_before_it_is_signed_in_the_whole_department_is_told(town: Town):
    slip = matters.transferred(town)
    join_visit(case_id=slip.case_id, visit=again(town), actor=town.lin, now=AGAIN)
    assert told(slip, AGAIN) == {"wang", "qian", "zhao"}


def test_a_form_that_was_open_meanwhile_stays_good(town: Town, case: Case):
    drawn = fresh(case).transition_no
    join_visit(case_id=case.pk, visit=again(town), actor=town.mei, now=AGAIN)
    assert accept(case, town.lin, AGAIN, transition_no=drawn).state == "accepted"


def test_new_words_are_found_when_the_next_one_asks_about_the_same(town: Town, case: Case):
    asked: dict[str, Any] = {"hall": town.north, "text": "天花板塌了", "staff": town.lin}
    assert similar_open_cases(**asked) == []
    join_visit(case_id=case.pk, visit=again(town), actor=town.lin, now=AGAIN)
    assert [similar.case for similar in similar_open_cases(**asked)] == [case]


def test_the_same_visit_joins_once(town: Town, case: Case):
    visit = again(town)
    join_visit(case_id=case.pk, visit=visit, actor=town.lin, now=AGAIN)
    with refused(WrongState, case):
        join_visit(case_id=case.pk, visit=visit, actor=town.lin, now=AGAIN)


def test_a_closed_case_takes_no_further_visit(town: Town, case: Case):
    decline(case, town.lin)
    with refused(WrongState, case):
        join_visit(case_id=case.pk, visit=again(town), actor=town.lin, now=AGAIN)


def test_a_visit_of_another_hall_is_refused(town: Town, case: Case):
    visit = register_visit(
        hall=town.south, actor=town.lu, now=AGAIN, channel="phone", matter="漏水", resident=None, identity="anonymous"
    )
    for person in (town.lu, town.lin):
        with refused(NotAllowed, case):
            join_visit(case_id=case.pk, visit=visit, actor=person, now=AGAIN)


@pytest.mark.parametrize("who", ["wang", "zhao", "feng", "gu", "he", "lu", "tang"])
def test_joining_is_the_desks_work(town: Town, case: Case, who: str):
    with refused(NotAllowed, case):
        join_visit(case_id=case.pk, visit=again(town), actor=getattr(town, who), now=AGAIN)


def test_who_is_barred_neither_joins_a_visit_nor_is_told_of_one(town: Town):
    slip = matters.transferred(town)
    bar(case_id=slip.case_id, staff=town.mei, reason="被投诉", actor=town.chen, now=MONDAY)
    bar(case_id=slip.case_id, staff=town.wang, reason="被投诉", actor=town.chen, now=MONDAY)
    with refused(NotAllowed, slip):
        join_visit(case_id=slip.case_id, visit=again(town), actor=town.mei, now=AGAIN)
    join_visit(case_id=slip.case_id, visit=again(town), actor=None, now=AGAIN)
    assert told(slip, AGAIN) == {"lin", "qian", "zhao"}


def test_a_resident_who_writes_again_joins_without_any_staff(town: Town, case: Case):
    join_visit(case_id=case.pk, visit=again(town, channel="web"), actor=None, now=AGAIN)
    assert told(case, AGAIN) == {"lin"}
    assert transfer(accept(case, town.lin, AGAIN), town.lin, town.works, AGAIN).state == "issued"
