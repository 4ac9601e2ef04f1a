"""Concluded (终结): after two rounds the director ends the matter with a letter; it counts as not satisfied."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases.actions.bar import bar
from cases.models import Case
from followups.models import Conclusion, Evaluation
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.course_steps import conclude
from tests.cases.steps import (
    contact,
    fresh,
    inform,
    investigate,
    kinds,
    last_entry,
    march,
    outcomes,
    refused,
    reopen,
    report,
    running,
    sign_in,
    told,
    transfer,
)


def second_round(town: Town) -> Case:
    """Wang handled the first one, Qian the second; the resident has been told twice."""
    case = reopen(matters.informed(town), town.mei, march(3, 9))
    slip = sign_in(transfer(case, town.lin, town.works, march(3, 9)), town.zhao, town.qian, march(3, 10))
    report(investigate(contact(slip, town.qian, march(3, 10)), town.qian, march(3, 10)), town.qian, march(3, 15))
    return inform(slip, town.lin, march(4, 9))


@pytest.fixture
def case(town: Town) -> Case:
    return second_round(town)


def test_the_letter_ends_the_matter_and_stops_every_clock(town: Town, case: Case):
    done = conclude(case, town.chen, march(5, 10))
    assert (done.state, done.closed_at, done.responsible_staff) == ("archived", march(5, 10), None)
    assert (running(case), outcomes(case)["follow_up"], done.next_due_at) == ({}, "met", None)
    letter = Conclusion.objects.get(case=case)
    assert (letter.round, letter.concluded_by, letter.concluded_at) == (2, town.chen, march(5, 10))
    assert (letter.letter, letter.review_body) == (
        "两轮办理均已查明，防水已做，依据现行标准不再返工。",
        "街道办事处信访办",
    )


def test_after_the_limit_of_the_follow_up_it_is_late(town: Town, case: Case):
    conclude(case, town.chen, march(4, 9) + timedelta(days=30))
    assert outcomes(case)["follow_up"] == "met_late"


def test_the_letter_stands_in_the_record_and_the_owner_is_told_to_hand_it_over(town: Town, case: Case):
    conclude(case, town.chen, march(5, 10))
    assert last_entry(case).kind == "case.concluded"
    assert last_entry(case).texts["review_body"] == "街道办事处信访办"
    assert told(case, march(5, 10)) == {"lin"}


def test_nobody_was_asked_so_there_is_no_evaluation_that_says_otherwise(town: Town, case: Case):
    conclude(case, town.chen, march(5, 10))
    assert not Evaluation.objects.filter(case=case, round=2).exists()


def test_one_round_is_not_enough(town: Town):
    once = matters.informed(town)
    with refused(WrongState, once):
        conclude(once, town.chen, march(5, 10))


def test_while_the_second_round_is_worked_on_nothing_is_concluded(town: Town):
    case = reopen(matters.informed(town), town.mei, march(3, 9))
    with refused(WrongState, case):
        conclude(case, town.chen, march(5, 10))


@pytest.mark.parametrize("who", ["lin", "mei", "wang", "qian", "zhao", "feng", "gu", "he", "lu", "han", "tang"])
def test_only_the_director_concludes(town: Town, case: Case, who: str):
    with refused(NotAllowed, case):
        conclude(case, getattr(town, who), march(5, 10))


def test_about_the_director_the_street_concludes(town: Town, case: Case):
    bar(case_id=case.pk, staff=town.chen, reason="被投诉", actor=town.lin, now=march(4, 10))
    for person in (town.chen, town.feng):
        with refused(NotAllowed, case):
            conclude(case, person, march(5, 10))
    assert conclude(case, town.tang, march(5, 10)).state == "archived"


@pytest.mark.parametrize(
    ("given", "field"),
    [({"letter": " "}, "letter"), ({"review_body": ""}, "review_body"), ({"review_body": "办" * 201}, "review_body")],
)
def test_the_letter_has_reasons_and_says_where_to_ask_for_review(
    town: Town, case: Case, given: dict[str, Any], field: str
):
    with refused(Refused, case, field=field):
        conclude(case, town.chen, march(5, 10), **given)
    assert not Conclusion.objects.exists()


def test_a_stale_page_concludes_nothing_and_nothing_is_concluded_twice(town: Town, case: Case):
    before = fresh(case).transition_no
    conclude(case, town.chen, march(5, 10))
    with refused(Stale, case):
        conclude(case, town.chen, march(5, 10), transition_no=before)
    with refused(WrongState, case):
        conclude(case, town.chen, march(5, 10))
    assert kinds(case).count("case.concluded") == 1
