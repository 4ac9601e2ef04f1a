"""A named contact: besides director and investigator one person knows who hides their identity."""

from __future__ import annotations

import pytest

from cases.actions.bar import bar
from cases.models import Case
from cases.powers import knows_identity
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.course_steps import name_contact, withdraw
from tests.cases.steps import fresh, kinds, last_entry, march, refused, told, transfer
from tests.matters import MONDAY


@pytest.fixture
def case(town: Town) -> Case:
    return matters.accepted(town, identity="hidden")


def who_knows(town: Town, case: Case) -> set[str]:
    people = (town.lin, town.mei, town.wang, town.qian, town.zhao, town.sun, town.chen, town.feng, town.tang, town.lu)
    return {person.username for person in people if knows_identity(fresh(case), person)}


def test_the_contact_knows_and_is_told(town: Town, case: Case):
    assert who_knows(town, case) == {"chen"}
    name_contact(case, town.chen, town.mei, march(2, 10))
    assert who_knows(town, case) == {"chen", "mei"}
    assert told(case, march(2, 10)) == {"mei"}
    assert (last_entry(case).kind, last_entry(case).payload["contact"]) == ("case.contact_named", town.mei.pk)


def test_a_new_contact_takes_the_place_of_the_old_who_is_told_so(town: Town, case: Case):
    name_contact(case, town.chen, town.mei, march(2, 10))
    name_contact(case, town.chen, town.feng, march(2, 11))
    assert who_knows(town, case) == {"chen", "feng"}
    assert told(case, march(2, 11)) == {"mei", "feng"}
    parts = case.parts.filter(role="contact").order_by("pk").values_list("staff__username", "ended_at")
    assert list(parts) == [("mei", march(2, 11)), ("feng", None)]


def test_a_contact_who_is_barred_later_knows_no_more(town: Town, case: Case):
    name_contact(case, town.chen, town.mei)
    bar(case_id=case.pk, staff=town.mei, reason="被投诉", actor=town.lin, now=MONDAY)
    assert who_knows(town, case) == {"chen"}


def test_of_the_departments_only_those_with_a_slip_are_asked_since_nobody_else_could_open_the_case(
    town: Town, case: Case
):
    with refused(Refused, case, field="contact"):
        name_contact(case, town.chen, town.qian)
    transfer(case, town.lin, town.works)
    name_contact(case, town.chen, town.qian)
    assert Case.objects.visible_to(town.qian).filter(pk=case.pk).exists()
    with refused(Refused, case, field="contact"):
        name_contact(case, town.chen, town.sun)


@pytest.mark.parametrize("who", ["gu", "he", "lu", "han", "xu"])
def test_the_contact_works_on_cases_of_this_hall(town: Town, case: Case, who: str):
    with refused(Refused, case, field="contact"):
        name_contact(case, town.chen, getattr(town, who))


def test_nobody_barred_and_nobody_who_left_is_named(town: Town, case: Case):
    bar(case_id=case.pk, staff=town.mei, reason="被投诉", actor=town.lin, now=MONDAY)
    town.feng.is_active = False
    town.feng.save()
    for person in (town.mei, town.feng):
        with refused(Refused, case, field="contact"):
            name_contact(case, town.chen, person)


@pytest.mark.parametrize("who", ["lin", "mei", "wang", "zhao", "feng", "gu", "he", "lu", "han", "tang"])
def test_only_the_director_names_the_contact(town: Town, case: Case, who: str):
    with refused(NotAllowed, case):
        name_contact(case, getattr(town, who), town.mei if who != "mei" else town.lin)


def test_where_nothing_is_hidden_nobody_is_named(town: Town):
    case = matters.accepted(town)
    with refused(WrongState, case):
        name_contact(case, town.chen, town.mei)


def test_nobody_is_named_for_a_closed_case(town: Town, case: Case):
    withdraw(case, town.lin)
    with refused(WrongState, case):
        name_contact(case, town.chen, town.mei)


def test_a_stale_page_names_nobody_and_nobody_is_named_twice(town: Town, case: Case):
    before = fresh(case).transition_no
    name_contact(case, town.chen, town.mei)
    with refused(Stale, case):
        name_contact(case, town.chen, town.feng, transition_no=before)
    with refused(Refused, case, field="contact"):
        name_contact(case, town.chen, town.mei)
    assert kinds(case).count("case.contact_named") == 1
