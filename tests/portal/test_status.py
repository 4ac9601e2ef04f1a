"""What residents read about their matter, in whatever stage it is: dates, departments, answers; nobody's name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from cases.actions.bar import bar
from cases.actions.return_slip import return_unsigned
from cases.models import Case, TransferSlip
from foundation.organization.models import Staff
from tests import course_matters, limits, matters
from tests.builders import Town, on_shift
from tests.cases.coordination_steps import hand_up
from tests.cases.course_steps import conclude, refuse_withdrawal, withdraw
from tests.cases.steps import answer, archive, decline, fresh, march, reopen, send_back
from tests.matters import MONDAY, a_resident, accepted, registered
from tests.portal.visits import opened, words

NOON = march(2, 12)
ALL_NAMES = ("lin", "mei", "wang", "qian", "zhao", "sun", "zhou", "chen", "feng", "gu", "he", "tang")


@pytest.fixture
def read(client: Client) -> Callable[..., str]:
    """What stands on the page at a moment, in English, spaces made single."""

    def page(case: Case | TransferSlip, at: datetime = NOON) -> str:
        with time_machine.travel(at, tick=False):
            return words(opened(client, fresh(case), language="en"))

    return page


# Stage by stage


def test_what_was_registered_says_when_it_is_decided_where_it_goes(town: Town, read: Callable[..., str]):
    page = read(registered(town))
    assert "We have written down what you told us and decide by March 3 (Tuesday) 09:30 where it goes." in page
    assert "received March 2 (Monday) 09:30" in page


def test_a_complaint_says_by_when_they_are_spoken_with(town: Town, read: Callable[..., str]):
    page = read(registered(town, nature="complaint"))
    assert "Your complaint has arrived. We will speak with you about it by March 3 (Tuesday) 09:30." in page


def test_what_was_accepted_says_by_when_they_are_answered_and_why_that_day(town: Town, read: Callable[..., str]):
    """A request: seven working days from Tuesday the 3rd."""
    page = read(accepted(town))
    assert "We have accepted it; you will be answered by March 11 (Wednesday) 17:30." in page
    assert "promised by March 11 (Wednesday) 17:30" in page
    assert "Why that day?" in page


def test_what_a_department_works_on_names_the_department_and_nobody(town: Town, read: Callable[..., str]):
    page = read(matters.investigating(town))
    assert "The department works on it; you will be answered by March 11" in page
    assert f"{town.works.name}, since March 2 (Monday) 09:30" in page


def test_a_result_that_is_there_is_not_told_before_the_answer(town: Town, read: Callable[..., str]):
    page = read(matters.reported(town))
    assert "There is a result; we will tell you by March 11 (Wednesday) 17:30." in page
    assert "result there since March 2 (Monday) 10:30" in page
    assert "屋面防水层破损" not in page
    assert "已重做防水层" not in page


def test_what_was_answered_can_be_read_and_leads_to_the_three_questions(town: Town, read: Callable[..., str]):
    page = read(matters.informed(town))
    assert "You have been answered. Please tell us whether it helped." in page
    assert "屋顶已经修好。" in page
    assert "answered March 2 (Monday) 11:30" in page
    assert f'href="/h/{town.north.code}/e/' in page


def test_after_the_archive_the_questions_stay_open_for_a_month(town: Town, read: Callable[..., str]):
    case = archive(matters.informed(town), town.lin, march(2, 15))
    assert "Not right after all? Tell us" in read(case, march(31, 10))
    page = read(case, datetime(2026, 4, 2, 10, tzinfo=MONDAY.tzinfo))
    assert "The matter is closed." in page
    assert "Not right after all" not in page


def test_an_anonymous_resident_reads_the_answer_and_is_asked_nothing(town: Town, read: Callable[..., str]):
    page = read(matters.informed(town, identity="anonymous", channel="web"))
    assert "There is an answer; you can read it below." in page
    assert "屋顶已经修好。" in page
    assert "/e/" not in page


def test_the_second_round_says_that_it_is_one(town: Town, read: Callable[..., str]):
    case = reopen(matters.informed(town), town.lin, march(3, 10))
    page = read(case, march(3, 11))
    assert "You were not satisfied, so it is handled once more; you will be answered by March 12" in page
    assert "handled again (round 2): you were not satisfied" in page
    # What was answered in the first round is still theirs to read.
    assert "屋顶已经修好。" in page


def test_a_promise_that_was_missed_is_admitted(town: Town, read: Callable[..., str]):
    page = read(matters.investigating(town), march(12, 10))
    assert "We had promised you an answer by March 11 (Wednesday) 17:30 and are late." in page
    assert "010-12345678" in page


def test_several_departments_and_the_street_office_are_said_in_words(town: Town, read: Callable[..., str]):
    [slip, *_others] = matters.coordinated(town)
    assert "Several departments work on it together" in read(slip)
    case = hand_up(matters.referred(town, identity="anonymous"), town.chen, march(2, 10))
    assert "It has been handed up to the street office" in read(case)


def test_merged_matters_keep_a_date_of_their_own_and_name_no_other(town: Town, read: Callable[..., str]):
    case = course_matters.merged(town)
    assert case.main_case is not None
    page = read(case)
    assert "Others brought the same matter; it is handled together, and you will be answered by March 11" in page
    assert case.main_case.number not in page
    assert "please call us" in page


def test_what_was_declined_says_why_and_where_to_go_and_has_no_stages(town: Town, read: Callable[..., str]):
    case = decline(registered(town, identity="anonymous", channel="web"), town.lin, advice="请到区人民法院立案庭办理。")
    page = read(case)
    assert "请到区人民法院立案庭办理。" in page
    assert "courts" in page
    assert 'class="rail"' not in page


def test_what_was_withdrawn_says_so(town: Town, read: Callable[..., str]):
    page = read(withdraw(accepted(town), town.lin, march(2, 10)))
    assert "The matter was withdrawn at your wish." in page
    assert 'class="rail"' not in page


def test_a_letter_of_conclusion_can_be_read_with_where_to_ask_for_a_review(town: Town, read: Callable[..., str]):
    case = conclude(course_matters.second_round(town), town.chen, march(3, 10))
    page = read(case, march(3, 11))
    assert "两轮办理均已查明" in page
    assert "街道办事处信访办" in page


# What is nobody's business outside


def test_returns_recalls_and_what_was_sent_back_are_not_told(town: Town, read: Callable[..., str]):
    slip = matters.transferred(town)
    return_unsigned(
        slip_id=slip.pk, transition_no=slip.transition_no, actor=town.zhao, now=march(2, 10), reason="不属本部门。"
    )
    sent_back = send_back(matters.reported(town, identity="anonymous"), town.lin, march(2, 11))
    for case in (slip, sent_back):
        page = read(case)
        for word in ("return", "recall", "sent back", "不属本部门", "屋面防水层破损"):
            assert word not in page
    assert town.works.name not in read(slip)


@pytest.mark.parametrize(
    "stage",
    [
        matters.registered,
        matters.investigating,
        matters.reported,
        matters.informed,
        course_matters.about_staff,
        course_matters.second_round,
        course_matters.hidden,
    ],
)
def test_no_page_names_anybody(town: Town, read: Callable[..., str], stage: Callable[..., Any]):
    for username in ALL_NAMES:
        Staff.objects.filter(username=username).update(name=f"Nobody-{username}")
    page = read(stage(town), march(3, 10))
    assert "Nobody-" not in page
    assert "王秀兰" not in page


def test_who_is_at_the_desk_today_is_told_with_the_number_to_call(town: Town, read: Callable[..., str]):
    on_shift(town.mei, town.north, march(2, 9))
    on_shift(town.wang, town.north, march(2, 9))
    page = read(registered(town))
    assert "on duty today: Mei (09:00–17:00)" in page
    assert "Wang" not in page


# Limits that move


def test_what_stands_still_says_what_for_and_not_in_the_departments_words(town: Town, read: Callable[..., str]):
    page = read(limits.paused(town), march(10, 10))
    assert "We are waiting for something and have stopped the clock" in page
    assert limits.WAITING not in page


# The wish to withdraw


def test_a_wish_that_waits_is_shown_and_one_that_was_refused_too(town: Town, read: Callable[..., str]):
    case = course_matters.wish_waits(town)
    page = read(case)
    assert "You asked to withdraw it on March 2, 2026, 10:00." in page
    assert "We will call you; until then your matter goes on." in page
    refuse_withdrawal(case, town.feng, march(2, 14))
    page = read(case, march(2, 15))
    assert "The wish to withdraw it was looked at on March 2, 2026, 14:00: your matter goes on." in page
    assert "有人上门劝她撤回" not in page


def test_an_answered_matter_is_not_withdrawn(town: Town, read: Callable[..., str]):
    assert reverse("portal:withdraw", args=["NTH"]) in read(matters.reported(town))
    assert reverse("portal:withdraw", args=["NTH"]) not in read(matters.informed(town, identity="anonymous"))


def test_closed_matters_take_nothing_more_and_say_whom_to_call(town: Town, read: Callable[..., str]):
    case = archive(matters.informed(town), town.lin, march(2, 15))
    page = read(case, march(2, 16))
    assert reverse("portal:add", args=["NTH"]) not in page
    assert "010-12345678" in page


# The rest


def test_the_receipt_promises_no_look_up_by_a_phone_nobody_gave(client: Client, town: Town) -> None:
    client.force_login(town.lin)
    for phone, promised in (("13805716021", True), ("", False)):
        case = accepted(town, resident=a_resident(town, phone=phone))
        page = client.get(f"/cases/{case.number}/receipt/").content.decode()
        assert ("凭您的电话后四位" in page) is promised
        assert ("后四位请留空" in page) is not promised


@pytest.mark.parametrize("stage", [matters.registered, matters.investigating, matters.informed, limits.paused])
def test_the_page_keeps_its_number_of_queries(
    town: Town, client: Client, django_assert_max_num_queries: Any, stage: Callable[..., Any]
):
    case = fresh(stage(town))
    on_shift(town.mei, town.north, march(2, 9))
    with time_machine.travel(march(3, 10), tick=False):
        # The link to the three questions is made by the first look.
        opened(client, case)
        # Three of them let tries of the same moment be counted one after the other.
        with django_assert_max_num_queries(15):
            opened(client, case)


def test_barred_people_change_nothing_in_what_the_resident_reads(town: Town, read: Callable[..., str]):
    slip = matters.transferred(town, nature="complaint")
    before = read(slip)
    bar(case_id=slip.case_id, staff=town.wang, reason="被投诉", actor=town.lin, now=MONDAY)
    assert read(slip).replace(" ", "")[-400:] == before.replace(" ", "")[-400:]


def test_answered_on_the_spot_says_so(town: Town, read: Callable[..., str]):
    page = read(answer(accepted(town), town.lin, march(2, 10)))
    assert "answered on the spot" in page
