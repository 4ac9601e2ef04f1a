"""Withdrawn (撤回): the resident's own wish, until they have been informed; about staff, the supervisor checks it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from cases.actions.bar import bar
from cases.actions.sign import Signature
from cases.actions.withdraw import wish_withdrawal
from cases.models import Case
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import course_matters, matters
from tests.builders import Town, on_shift
from tests.cases.course_steps import ask_withdrawal, grant_withdrawal, press, refuse_withdrawal, withdraw
from tests.cases.steps import (
    accept,
    answer,
    decline,
    fresh,
    inform,
    kinds,
    last_entry,
    march,
    outcomes,
    refused,
    reopen,
    running,
    told,
)
from tests.matters import MONDAY


@pytest.fixture
def case(town: Town) -> Case:
    return matters.accepted(town)


@pytest.fixture
def about_wang(town: Town) -> Case:
    """A complaint about handler Wang, which the department works on."""
    slip = matters.transferred(town, nature="complaint")
    return bar(case_id=slip.case_id, staff=town.wang, reason="被投诉", actor=town.lin, now=MONDAY)


@pytest.mark.parametrize("stage", [matters.accepted, matters.transferred, matters.investigating, matters.reported])
def test_until_the_resident_was_informed_the_matter_can_be_withdrawn(town: Town, stage: Any):
    case = withdraw(stage(town), town.lin, march(3, 10))
    assert (case.state, case.closed_at) == ("withdrawn", march(3, 10))
    assert (case.responsible_staff, case.responsible_department, case.next_due_at) == (None, None, None)
    assert running(case) == {}


@pytest.mark.parametrize("stage", [matters.registered, matters.informed])
def test_before_acceptance_and_after_the_answer_there_is_nothing_to_withdraw(town: Town, stage: Any):
    case = stage(town)
    with refused(WrongState, case):
        withdraw(case, town.lin, march(3, 10))


def test_the_slip_is_recalled_with_its_clocks_and_its_department_is_told(town: Town):
    slip = matters.signed(town)
    case = withdraw(slip, town.lin, march(2, 15))
    gone = case.slips.get()
    assert (gone.state, gone.closed_at, gone.next_due_at) == ("recalled", march(2, 15), None)
    assert outcomes(case) == {
        "dispatch": "met",
        "promise": "cancelled",
        "sign_in": "met",
        "investigate": "cancelled",
        "handle": "cancelled",
        "contact": "cancelled",
    }
    assert told(case, march(2, 15)) == {"wang"}
    assert not Case.objects.visible_to(town.wang).filter(pk=case.pk).exists()


def test_the_wish_stands_in_the_record_with_how_and_when_it_was_said(town: Town, case: Case):
    withdraw(case, town.lin, march(3, 10), said_at=march(3, 9), means="desk", signature=Signature("paper"))
    entry = last_entry(case)
    assert entry.kind == "case.withdrawn"
    assert entry.texts == {"wish": "邻居已经修好了，不用再办。"}
    assert entry.payload["means"] == "desk"
    assert entry.payload["signature"] == "paper"
    assert entry.payload["said_at"] == "2026-03-03T01:00:00+00:00"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": "  "}, "wish"),
        ({"means": "pigeon"}, "means"),
        ({"means": "tracking_page"}, "means"),
        ({"said_at": march(3, 10, 1)}, "said_at"),
        ({"said_at": march(1, 10)}, "said_at"),
        ({"signature": Signature("none")}, "unsigned_reason"),
        ({"signature": Signature("tablet")}, "signature"),
        ({"signature": Signature("wax")}, "signature_kind"),
    ],
)
def test_what_was_said_how_when_and_how_it_was_signed_must_be_given(
    town: Town, case: Case, given: dict[str, Any], field: str
):
    with refused(Refused, case, field=field):
        withdraw(case, town.lin, march(3, 10), **given)


@pytest.mark.parametrize("who", ["wang", "zhao", "chen", "feng", "gu", "he", "lu", "han", "tang"])
def test_writing_the_wish_down_is_the_receptionists_work(town: Town, case: Case, who: str):
    with refused(NotAllowed, case):
        withdraw(case, getattr(town, who))


def test_a_stale_page_withdraws_nothing_and_nothing_is_withdrawn_twice(town: Town, case: Case):
    before = fresh(case).transition_no
    press(case, town.feng)
    with refused(Stale, case):
        withdraw(case, town.lin, transition_no=before)
    withdraw(case, town.lin)
    with refused(WrongState, case):
        withdraw(case, town.lin)
    assert kinds(case).count("case.withdrawn") == 1


# About staff: the supervisor checks that the wish is free.


def test_about_staff_the_desk_alone_withdraws_nothing(town: Town, about_wang: Case):
    with refused(WrongState, about_wang):
        withdraw(about_wang, town.lin)
    ask_withdrawal(about_wang, town.lin, march(2, 10))
    with refused(NotAllowed, about_wang):
        withdraw(about_wang, town.lin, march(2, 11))


def test_the_wish_is_written_down_the_supervisors_are_told_and_the_matter_goes_on(town: Town, about_wang: Case):
    case = ask_withdrawal(about_wang, town.lin, march(2, 10))
    assert (case.state, case.withdrawal_asked_at) == ("transferred", march(2, 10))
    assert told(case, march(2, 10)) == {"feng", "tang"}
    assert last_entry(case).texts["wish"] == "邻居已经修好了，不用再办。"
    assert case.slips.get().state == "issued"


def test_the_supervisor_writes_how_the_wish_was_checked_and_withdraws(town: Town, about_wang: Case):
    ask_withdrawal(about_wang, town.lin, march(2, 10))
    with refused(Refused, about_wang, field="checked"):
        grant_withdrawal(about_wang, town.feng, march(2, 14), checked=" ")
    case = grant_withdrawal(about_wang, town.feng, march(2, 14))
    assert (case.state, case.withdrawal_asked_at, case.slips.get().state) == ("withdrawn", None, "recalled")
    assert last_entry(case).texts == {"checked": "当面问过，没有人劝她。"}
    # Of the department, whoever is not barred.
    assert told(case, march(2, 14)) == {"qian", "zhao"}


def test_a_wish_that_was_not_free_is_refused_and_the_desk_is_told(town: Town, about_wang: Case):
    ask_withdrawal(about_wang, town.lin, march(2, 10))
    with refused(Refused, about_wang, field="checked"):
        refuse_withdrawal(about_wang, town.feng, march(2, 14), checked="")
    case = refuse_withdrawal(about_wang, town.tang, march(2, 14))
    assert (case.state, case.withdrawal_asked_at) == ("transferred", None)
    assert told(case, march(2, 14)) == {"lin", "chen"}
    assert ask_withdrawal(about_wang, town.mei, march(3, 9)).withdrawal_asked_at == march(3, 9)


def test_the_check_is_the_supervisors_alone(town: Town, about_wang: Case):
    ask_withdrawal(about_wang, town.lin)
    for person in (town.lin, town.chen, town.zhao, town.wang, town.gu, town.he, town.lu, town.han):
        with refused(NotAllowed, about_wang):
            grant_withdrawal(about_wang, person)
        with refused(NotAllowed, about_wang):
            refuse_withdrawal(about_wang, person)


def test_asking_is_the_receptionists_and_only_about_staff(town: Town, about_wang: Case):
    for person in (town.chen, town.feng, town.zhao, town.wang, town.lu):
        with refused(NotAllowed, about_wang):
            ask_withdrawal(about_wang, person)
    other = matters.accepted(town, resident=matters.a_resident(town, phone="13805716022"))
    with refused(WrongState, other):
        ask_withdrawal(other, town.lin)


def test_the_wish_is_asked_once_and_checked_once(town: Town, about_wang: Case):
    before = fresh(about_wang).transition_no
    ask_withdrawal(about_wang, town.lin)
    with refused(Stale, about_wang):
        ask_withdrawal(about_wang, town.lin, transition_no=before)
    with refused(WrongState, about_wang):
        ask_withdrawal(about_wang, town.lin)
    refuse_withdrawal(about_wang, town.feng)
    with refused(WrongState, about_wang):
        refuse_withdrawal(about_wang, town.feng)
    with refused(WrongState, about_wang):
        grant_withdrawal(about_wang, town.feng)


def test_nothing_is_checked_where_nobody_of_the_house_is_concerned(town: Town, case: Case):
    with refused(Refused, case):
        grant_withdrawal(case, town.feng)


def test_a_wish_that_the_answer_overtook_waits_for_nobody(town: Town):
    case = matters.reported(town)
    bar(case_id=case.pk, staff=town.qian, reason="被投诉", actor=town.lin, now=march(2, 11))
    ask_withdrawal(case, town.lin, march(2, 12))
    assert inform(case, town.lin, march(2, 13)).withdrawal_asked_at is None


def test_what_was_declined_is_not_withdrawn_too(town: Town, case: Case):
    decline(case, town.lin)
    with refused(WrongState, case):
        withdraw(case, town.lin)
    with refused(WrongState, case):
        accept(case, town.lin)


def test_a_wish_that_was_overtaken_by_an_answer_does_not_end_the_next_round(town: Town):
    case = bar(
        case_id=matters.accepted(town, nature="request").pk,
        staff=town.qian,
        reason="本人亲属",
        actor=None,
        now=MONDAY,
    )
    ask_withdrawal(case, town.lin, march(2, 10))
    answer(case, town.lin, march(2, 11))
    reopen(case, town.mei, march(3, 10))
    with refused(WrongState, case):
        grant_withdrawal(case, town.feng, march(3, 11))
    assert ask_withdrawal(case, town.lin, march(3, 12)).withdrawal_asked_at == march(3, 12)


# Asked for on the tracking page: nothing ends before somebody has spoken with the resident.


def ask_from_outside(case: Case, at: datetime, wish: str = "不想再追究了。") -> Case:
    return wish_withdrawal(case_id=case.pk, now=at, wish=wish)


@pytest.mark.parametrize("stage", [matters.registered, matters.accepted, matters.transferred, matters.reported])
def test_until_they_were_answered_residents_can_ask_from_outside_and_the_matter_goes_on(town: Town, stage: Any):
    before = fresh(stage(town))
    clocks = running(before)
    case = ask_from_outside(before, march(2, 15))
    assert (case.state, case.withdrawal_asked_at) == (before.state, march(2, 15))
    assert running(case) == clocks
    entry = last_entry(case)
    assert (entry.kind, entry.actor) == ("case.withdrawal_asked", None)
    assert entry.texts == {"wish": "不想再追究了。"}
    assert entry.payload["means"] == "tracking_page"


def test_the_first_contact_owner_and_the_desk_are_told_of_it(town: Town, case: Case):
    on_shift(town.mei, town.north, march(2, 9))
    ask_from_outside(case, march(2, 15))
    assert told(case, march(2, 15)) == {"lin", "mei"}


def test_about_staff_the_supervisors_are_told_too_and_never_who_it_is_about(town: Town, about_wang: Case):
    bar(case_id=about_wang.pk, staff=town.lin, reason="被投诉", actor=town.chen, now=MONDAY)
    ask_from_outside(about_wang, march(2, 15))
    assert told(about_wang, march(2, 15)) == {"chen", "feng", "tang"}


def test_the_desk_speaks_with_them_and_withdraws(town: Town, case: Case):
    ask_from_outside(case, march(2, 15))
    with refused(NotAllowed, case):
        withdraw(case, town.wang, march(2, 16))
    case = withdraw(case, town.lin, march(2, 16), text="确认撤回。", means="phone")
    assert (case.state, case.withdrawal_asked_at) == ("withdrawn", None)


def test_or_the_desk_lets_it_go_on_and_says_why(town: Town, case: Case):
    ask_from_outside(case, march(2, 15))
    with refused(NotAllowed, case):
        refuse_withdrawal(case, town.feng, march(2, 16))
    with refused(Refused, case, field="checked"):
        refuse_withdrawal(case, town.lin, march(2, 16), checked=" ")
    case = refuse_withdrawal(case, town.lin, march(2, 16), checked="本人说没有提出过。")
    assert (case.state, case.withdrawal_asked_at) == ("accepted", None)
    assert ask_from_outside(case, march(2, 17)).withdrawal_asked_at == march(2, 17)


def test_before_acceptance_the_desk_can_let_it_go_on_too(town: Town):
    case = ask_from_outside(matters.registered(town), march(2, 10))
    assert refuse_withdrawal(case, town.lin, march(2, 11)).withdrawal_asked_at is None


def test_about_staff_the_desk_cannot_end_what_was_asked_from_outside(town: Town, about_wang: Case):
    ask_from_outside(about_wang, march(2, 15))
    with refused(NotAllowed, about_wang):
        withdraw(about_wang, town.lin, march(2, 16))
    assert grant_withdrawal(about_wang, town.feng, march(2, 16)).state == "withdrawn"


def test_from_outside_it_is_asked_once_in_words_and_never_after_the_answer(town: Town, case: Case):
    with refused(Refused, case, field="wish"):
        ask_from_outside(case, march(2, 15), wish="  ")
    ask_from_outside(case, march(2, 15))
    with refused(WrongState, case):
        ask_from_outside(case, march(2, 16))
    for stage in (matters.informed, course_matters.merged):
        closed = fresh(stage(town, identity="anonymous"))
        with refused(WrongState, closed):
            ask_from_outside(closed, march(3, 10))


def test_what_was_declined_waits_for_no_withdrawal_any_more(town: Town):
    case = ask_from_outside(matters.registered(town), march(2, 10))
    assert decline(case, town.lin, march(2, 11)).withdrawal_asked_at is None
