"""Pressed (督办): a numbered notice to the desk or to a department, with a clock, that must be answered."""

from __future__ import annotations

from typing import Any

import pytest

from cases.actions.bar import bar
from cases.models import Case, SupervisionNotice, TransferSlip
from cases.sweep import sweep
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town, category
from tests.cases.course_steps import answer_press, merge, press, withdraw
from tests.cases.steps import (
    approve,
    archive,
    fresh,
    give_back,
    inform,
    kinds,
    last_entry,
    march,
    outcomes,
    refused,
    report,
    running,
    send_back,
    told,
)
from tests.matters import MONDAY


@pytest.fixture
def slip(town: Town) -> TransferSlip:
    """Wang looks into it."""
    return matters.investigating(town)


@pytest.fixture
def case(town: Town) -> Case:
    return matters.accepted(town)


def again(slip: TransferSlip) -> TransferSlip:
    return TransferSlip.objects.get(pk=slip.pk)


# A department.


def test_the_notice_is_numbered_after_its_case_and_its_clock_ends_when_it_says(town: Town, slip: TransferSlip):
    notice = press(slip, town.feng, march(3, 9), due_at=march(4, 12))
    assert (notice.number, notice.slip, notice.issued_by) == ("NTH-2026-000001-D1", slip, town.feng)
    assert running(slip)["supervision"] == "03-04 12:00"
    assert (again(slip).pressed_at, again(slip).next_due_at) == (march(3, 9), march(4, 12))
    clock = fresh(slip).deadlines.get(kind="supervision")
    assert (clock.slip, clock.term) == (slip, None)


def test_handler_and_head_are_told_and_the_record_says_what_is_wanted(town: Town, slip: TransferSlip):
    press(slip, town.feng, march(3, 9))
    assert told(slip, march(3, 9)) == {"wang", "zhao"}
    entry = last_entry(slip)
    assert (entry.kind, entry.payload["notice"], entry.texts) == (
        "slip.pressed",
        "NTH-2026-000001-D1",
        {"wanted": "请书面说明为何逾期。"},
    )


def test_the_department_answers_in_words_and_who_pressed_is_told(town: Town, slip: TransferSlip):
    press(slip, town.feng, march(3, 9))
    answer_press(again(slip), town.wang, march(3, 15))
    notice = SupervisionNotice.objects.get()
    assert (notice.answer, notice.answered_by, notice.answered_at) == ("已约定周三施工。", town.wang, march(3, 15))
    assert (outcomes(slip)["supervision"], again(slip).pressed_at) == ("met", None)
    assert told(slip, march(3, 15)) == {"feng"}
    assert last_entry(slip).kind == "slip.press_answered"


def test_an_answer_after_the_time_given_is_met_late(town: Town, slip: TransferSlip):
    press(slip, town.feng, march(3, 9), due_at=march(3, 12))
    answer_press(again(slip), town.zhao, march(3, 12, 1))
    assert outcomes(slip)["supervision"] == "met_late"


def test_overdue_notices_climb_the_ladder_from_who_must_answer(town: Town, slip: TransferSlip):
    press(slip, town.feng, march(3, 9), due_at=march(3, 12))
    sweep(now=march(3, 12, 1))
    assert {"wang", "zhao"} <= told(slip, march(3, 12, 1))


def test_reporting_the_result_answers_the_notice(town: Town, slip: TransferSlip):
    press(slip, town.feng, march(3, 9))
    report(again(slip), town.wang, march(3, 15))
    notice = SupervisionNotice.objects.get()
    assert (notice.answer, notice.answered_by, notice.withdrawn_at) == ("防水层破损。", town.wang, None)
    assert outcomes(slip)["supervision"] == "met"
    assert "feng" in told(slip, march(3, 15))


def test_where_the_head_approves_the_notice_is_answered_by_the_approval(town: Town):
    slip = matters.investigating(town, category=category(town.north, "房屋结构安全"))
    press(slip, town.feng, march(3, 9))
    submitted = report(again(slip), town.wang, march(3, 10))
    assert SupervisionNotice.objects.get().answered_at is None
    approve(submitted, town.zhao, march(3, 11))
    assert SupervisionNotice.objects.get().answered_by == town.zhao


def test_returning_the_slip_withdraws_the_notice(town: Town):
    slip = matters.transferred(town)
    press(slip, town.feng, march(2, 10))
    give_back(again(slip), town.zhao, march(2, 14))
    notice = SupervisionNotice.objects.get()
    assert (notice.withdrawn_at, notice.answered_at) == (march(2, 14), None)
    assert outcomes(slip)["supervision"] == "cancelled"
    assert again(slip).pressed_at is None


@pytest.mark.parametrize("way", ["withdrawn", "merged"])
def test_recalling_the_slip_withdraws_the_notice(town: Town, slip: TransferSlip, way: str):
    press(slip, town.feng, march(3, 9))
    if way == "withdrawn":
        withdraw(slip, town.lin, march(3, 10))
    else:
        merge(slip, matters.accepted(town, identity="anonymous"), town.lin, march(3, 10))
    assert SupervisionNotice.objects.get().withdrawn_at == march(3, 10)
    assert "supervision" not in running(slip)


def test_a_result_that_was_sent_back_can_be_pressed_again_with_the_next_number(town: Town, slip: TransferSlip):
    press(slip, town.feng, march(3, 9))
    report(again(slip), town.wang, march(3, 15))
    send_back(slip, town.lin, march(3, 16))
    assert press(again(slip), town.chen, march(4, 9)).number == "NTH-2026-000001-D2"


# The desk.


def test_the_desk_is_pressed_while_it_has_the_case(town: Town, case: Case):
    notice = press(case, town.feng, march(2, 10), due_at=march(3, 10))
    assert (notice.slip, fresh(case).pressed_at, running(case)["supervision"]) == (None, march(2, 10), "03-03 10:00")
    assert told(case, march(2, 10)) == {"lin", "chen"}
    answer_press(case, town.mei, march(2, 15))
    assert (fresh(case).pressed_at, outcomes(case)["supervision"]) == (None, "met")
    assert told(case, march(2, 15)) == {"feng"}


@pytest.mark.parametrize("stage", [matters.registered, matters.accepted, matters.reported, matters.informed])
def test_in_every_stage_in_which_the_desk_has_it(town: Town, stage: Any):
    case = stage(town)
    press(case, town.tang, march(3, 9))
    assert running(case)["supervision"] == "03-05 09:00"


def test_while_a_department_works_its_slip_is_pressed_instead(town: Town, slip: TransferSlip):
    with refused(WrongState, slip):
        press(fresh(slip), town.feng, march(3, 9))


def test_the_desk_still_has_to_answer_after_it_passed_the_case_on(town: Town):
    case = matters.reported(town)
    press(case, town.feng, march(3, 9))
    inform(case, town.lin, march(3, 10))
    assert fresh(case).pressed_at == march(3, 9)
    answer_press(case, town.lin, march(3, 11))
    assert outcomes(case)["supervision"] == "met"


def test_a_case_that_is_closed_withdraws_its_notice(town: Town):
    case = matters.informed(town)
    press(case, town.feng, march(3, 9))
    archive(case, town.mei, march(3, 10))
    assert SupervisionNotice.objects.get().withdrawn_at == march(3, 10)
    assert running(case) == {}


# Who, when, how.


@pytest.mark.parametrize("who", ["feng", "tang", "chen"])
def test_supervisors_and_the_director_press(town: Town, slip: TransferSlip, case: Case, who: str):
    press(slip, getattr(town, who), march(3, 9))
    press(case, getattr(town, who), march(3, 9))
    assert SupervisionNotice.objects.count() == 2


@pytest.mark.parametrize("who", ["lin", "mei", "wang", "zhao", "gu", "he", "lu", "han", "xu"])
def test_nobody_else_does(town: Town, slip: TransferSlip, case: Case, who: str):
    with refused(NotAllowed, slip):
        press(slip, getattr(town, who))
    with refused(NotAllowed, case):
        press(case, getattr(town, who))


def test_the_departments_notice_is_answered_by_its_handler_or_head(town: Town, slip: TransferSlip):
    press(slip, town.feng, march(3, 9))
    for person in (town.lin, town.qian, town.sun, town.chen, town.feng, town.gu, town.lu):
        with refused(NotAllowed, slip):
            answer_press(again(slip), person, march(3, 10))
    answer_press(again(slip), town.zhao, march(3, 10))
    assert SupervisionNotice.objects.get().answered_by == town.zhao


def test_the_desks_notice_is_answered_by_the_desk(town: Town, case: Case):
    press(case, town.feng, march(3, 9))
    for person in (town.wang, town.zhao, town.feng, town.gu, town.he, town.lu):
        with refused(NotAllowed, case):
            answer_press(case, person, march(3, 10))
    answer_press(case, town.chen, march(3, 10))
    assert SupervisionNotice.objects.get().answered_by == town.chen


def test_a_barred_supervisor_presses_nothing_and_hears_nothing_of_the_answer(town: Town, case: Case):
    press(case, town.feng, march(3, 9))
    bar(case_id=case.pk, staff=town.feng, reason="被投诉", actor=town.lin, now=march(3, 10))
    answer_press(case, town.lin, march(3, 11))
    assert told(case, march(3, 11)) == set()
    with refused(NotAllowed, case):
        press(case, town.feng, march(3, 12))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"wanted": " "}, "wanted"),
        ({"due_at": march(3, 9)}, "due_at"),
        ({"due_at": march(3, 9).replace(year=2028)}, "due_at"),
    ],
)
def test_what_is_wanted_and_by_when_is_given(town: Town, case: Case, slip: TransferSlip, given: Any, field: str):
    with refused(Refused, case, field=field):
        press(case, town.feng, march(3, 9), **given)
    with refused(Refused, slip, field=field):
        press(slip, town.feng, march(3, 9), **given)


def test_an_answer_has_words(town: Town, case: Case):
    press(case, town.feng)
    with refused(Refused, case, field="answer"):
        answer_press(case, town.lin, answer=" ")


def test_one_notice_at_a_time_and_a_stale_page_issues_none(town: Town, case: Case, slip: TransferSlip):
    for subject in (case, slip):
        before = type(subject).objects.get(pk=subject.pk).transition_no
        press(subject, town.feng, MONDAY)
        with refused(Stale, subject):
            press(subject, town.chen, MONDAY, transition_no=before)
        with refused(WrongState, subject):
            press(subject, town.chen, MONDAY)
    assert SupervisionNotice.objects.count() == 2


def test_a_notice_is_answered_once(town: Town, case: Case):
    press(case, town.feng)
    before = fresh(case).transition_no
    answer_press(case, town.lin)
    with refused(Stale, case):
        answer_press(case, town.mei, transition_no=before)
    with refused(WrongState, case):
        answer_press(case, town.mei)
    assert kinds(case).count("case.press_answered") == 1


def test_nobody_answers_what_was_not_asked(town: Town, case: Case, slip: TransferSlip):
    with refused(WrongState, case):
        answer_press(case, town.lin)
    with refused(WrongState, slip):
        answer_press(slip, town.wang)
