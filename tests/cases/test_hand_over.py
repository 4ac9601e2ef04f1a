"""Handed over (首问责任人移交): whoever was met first sees it through, unless the director says otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from cases.actions.bar import bar
from cases.models import Case
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.course_steps import hand_over, withdraw
from tests.cases.steps import fresh, kinds, last_entry, march, refused, told, transfer
from tests.matters import MONDAY


@pytest.fixture
def case(town: Town) -> Case:
    """Lin was met first."""
    return matters.accepted(town)


@pytest.mark.parametrize(
    "stage", [matters.registered, matters.accepted, matters.transferred, matters.reported, matters.informed]
)
def test_an_open_case_passes_to_another_receptionist_in_every_stage(town: Town, stage: Any):
    case = hand_over(stage(town), town.chen, town.mei, march(3, 9))
    assert case.first_contact_owner == town.mei
    parts = case.parts.filter(role="owner").order_by("pk").values_list("staff__username", "ended_at")
    assert list(parts) == [("lin", march(3, 9)), ("mei", None)]


def test_who_had_it_and_who_has_it_are_told_and_the_reason_stands_in_the_record(town: Town, case: Case):
    hand_over(case, town.chen, town.mei, march(3, 9))
    assert told(case, march(3, 9)) == {"lin", "mei"}
    entry = last_entry(case)
    assert (entry.kind, entry.payload["owner"], entry.payload["was"]) == ("case.handed_over", town.mei.pk, town.lin.pk)
    assert entry.texts == {"reason": "小林调休一个月。"}


def test_what_waited_for_the_old_owner_waits_for_the_new_one(town: Town, case: Case):
    assert hand_over(case, town.chen, town.mei).responsible_staff == town.mei
    slip = transfer(case, town.mei, town.works)
    back = hand_over(slip, town.chen, town.lin)
    assert (back.responsible_staff, back.responsible_department) == (None, town.works)


def test_the_director_can_take_it_over(town: Town, case: Case):
    assert hand_over(case, town.chen, town.chen).first_contact_owner == town.chen


@pytest.mark.parametrize("who", ["wang", "zhao", "feng", "gu", "he", "lu", "han", "tang", "lin"])
def test_it_goes_to_another_one_of_the_halls_desk_only(town: Town, case: Case, who: str):
    with refused(Refused, case, field="owner"):
        hand_over(case, town.chen, getattr(town, who))


def test_nobody_barred_and_nobody_who_left_takes_it_over(town: Town, case: Case):
    bar(case_id=case.pk, staff=town.mei, reason="被投诉", actor=town.chen, now=MONDAY)
    with refused(Refused, case, field="owner"):
        hand_over(case, town.chen, town.mei)
    case_of_mei = matters.accepted(town, identity="anonymous")
    town.mei.is_active = False
    town.mei.save()
    with refused(Refused, case_of_mei, field="owner"):
        hand_over(case_of_mei, town.chen, town.mei)


@pytest.mark.parametrize("who", ["lin", "mei", "wang", "zhao", "feng", "gu", "he", "lu", "han", "tang"])
def test_only_the_director_hands_over(town: Town, case: Case, who: str):
    with refused(NotAllowed, case):
        hand_over(case, getattr(town, who), town.mei)


def test_a_closed_case_keeps_its_owner(town: Town, case: Case):
    withdraw(case, town.lin)
    with refused(WrongState, case):
        hand_over(case, town.chen, town.mei)


def test_a_reason_is_given(town: Town, case: Case):
    with refused(Refused, case, field="reason"):
        hand_over(case, town.chen, town.mei, reason=" ")


def test_a_stale_page_hands_nothing_over_and_nothing_is_handed_over_twice(town: Town, case: Case):
    before = fresh(case).transition_no
    hand_over(case, town.chen, town.mei)
    with refused(Stale, case):
        hand_over(case, town.chen, town.lin, transition_no=before)
    with refused(Refused, case, field="owner"):
        hand_over(case, town.chen, town.mei)
    assert kinds(case).count("case.handed_over") == 1
