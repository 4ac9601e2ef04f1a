"""The result is reported (办结反馈); where the category asks for it, after the head has approved."""

from __future__ import annotations

import pytest

from cases import powers
from cases.actions.bar import bar
from cases.models import TransferSlip
from foundation.organization.models import Membership, Role, Staff
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town, category
from tests.cases.steps import (
    approve,
    fresh,
    inform,
    investigate,
    kinds,
    last_entry,
    march,
    outcomes,
    refused,
    reject,
    report,
    running,
    sign_in,
    told,
)
from tests.followups import stories
from tests.matters import MONDAY


@pytest.fixture
def slip(town: Town) -> TransferSlip:
    return matters.investigating(town)


def test_the_result_brings_the_case_back_to_its_owner(town: Town, slip: TransferSlip):
    slip = report(slip, town.wang, march(4, 10))
    assert (slip.state, slip.result, slip.remedy) == ("reported", "防水层破损。", "已重做防水。")
    assert slip.reported_at == slip.closed_at == march(4, 10)
    case = fresh(slip)
    assert (case.state, case.feedback_at) == ("feedback", march(4, 10))
    assert (case.responsible_staff, case.responsible_department) == (town.lin, None)


@pytest.mark.parametrize(
    ("nature", "answer_by"),
    [
        ("request", "03-06 17:30"),  # two working days after Wednesday: Thursday, Friday
        ("complaint", "03-13 17:30"),  # seven: 5, 6, 9–13 March
    ],
)
def test_the_resident_is_to_be_told_within_days(town: Town, nature: str, answer_by: str):
    slip = report(matters.investigating(town, nature=nature), town.wang, march(4, 10))
    assert running(slip)["feedback"] == answer_by


def test_the_answer_is_never_due_after_the_promise(town: Town, slip: TransferSlip):
    report(slip, town.wang, march(10, 10))
    assert running(slip) == {"promise": "03-11 17:30", "feedback": "03-11 17:30"}
    clock = fresh(slip).deadlines.get(kind="feedback")
    assert clock.explanation["overridden"] == "not_beyond_promise"


def test_once_the_promise_is_broken_the_answer_has_its_own_days_again(town: Town, slip: TransferSlip):
    report(slip, town.wang, march(12, 10))
    assert running(slip)["feedback"] == "03-16 17:30"


def test_the_departments_clocks_are_over(town: Town, slip: TransferSlip):
    report(slip, town.wang, march(9, 17, 30))
    assert {kind: how for kind, how in outcomes(slip).items() if kind not in ("promise", "feedback")} == {
        "dispatch": "met",
        "sign_in": "met",
        "contact": "met",
        "investigate": "met",
        "handle": "met",
    }


def test_a_result_after_five_working_days_is_late(town: Town, slip: TransferSlip):
    assert outcomes(report(slip, town.wang, march(9, 17, 31)))["handle"] == "met_late"


def test_a_contact_that_was_never_made_ends_as_cancelled(town: Town):
    slip = matters.signed(town)
    investigate(slip, town.wang)
    assert outcomes(report(slip, town.wang, march(4, 10)))["contact"] == "cancelled"


def test_the_owner_is_told_and_the_record_holds_the_result(town: Town, slip: TransferSlip):
    report(slip, town.wang, march(4, 10))
    assert told(slip, march(4, 10)) == {"lin"}
    entry = last_entry(slip)
    assert (entry.kind, entry.payload["state"]) == ("slip.reported", "feedback")
    assert entry.texts == {"result": "防水层破损。", "remedy": "已重做防水。"}


def test_result_and_remedy_must_be_given(town: Town, slip: TransferSlip):
    with refused(Refused, slip, field="result"):
        report(slip, town.wang, result=" ")
    with refused(Refused, slip, field="remedy"):
        report(slip, town.wang, remedy="")


@pytest.mark.parametrize("who", ["lin", "qian", "chen", "feng", "he", "sun", "zhou", "jiang", "tang"])
def test_reporting_is_the_handlers_work(town: Town, slip: TransferSlip, who: str):
    with refused(NotAllowed, slip):
        report(slip, getattr(town, who))


def test_the_head_may_report_for_the_handler(town: Town, slip: TransferSlip):
    assert report(slip, town.zhao).handler == town.wang


def test_for_an_outside_unit_the_desk_reports(town: Town):
    slip = sign_in(matters.transferred(town, department=town.waterworks), town.lin, None)
    slip = investigate(slip, town.lin)
    with refused(NotAllowed, slip):
        report(slip, town.zhao)
    assert fresh(report(slip, town.mei)).state == "feedback"


def test_before_the_investigation_there_is_nothing_to_report(town: Town):
    slip = matters.signed(town)
    with refused(WrongState, slip):
        report(slip, town.wang)


def test_a_stale_page_reports_nothing_and_nothing_is_reported_twice(town: Town, slip: TransferSlip):
    drawn = slip.transition_no
    report(slip, town.zhao)
    with refused(Stale, slip):
        report(slip, town.wang, transition_no=drawn)
    with refused(WrongState, slip):
        report(slip, town.wang)


# Where the head approves.


@pytest.fixture
def submitted(town: Town) -> TransferSlip:
    """Unsafe structure: Wang has written the result and submitted it."""
    slip = matters.investigating(town, category=category(town.north, "房屋结构安全"))
    return report(slip, town.wang, march(4, 10))


def test_a_result_that_needs_approval_waits_for_the_head(town: Town, submitted: TransferSlip):
    assert (submitted.state, submitted.result, submitted.reported_at) == ("submitted", "防水层破损。", None)
    assert fresh(submitted).state == "transferred"
    assert running(submitted)["handle"] == "03-09 17:30"
    assert told(submitted, march(4, 10)) == {"zhao"}
    assert kinds(submitted)[-1] == "slip.submitted"


def test_the_head_approves_and_the_case_is_back_at_the_desk(town: Town, submitted: TransferSlip):
    slip = approve(submitted, town.zhao, march(5, 10))
    assert (slip.state, slip.approved_by, slip.reported_at) == ("reported", town.zhao, march(5, 10))
    assert (fresh(slip).state, outcomes(slip)["handle"]) == ("feedback", "met")
    assert told(slip, march(5, 10)) == {"lin"}
    assert kinds(slip)[-1] == "slip.approved"


def test_the_head_rejects_and_the_handler_keeps_what_was_written(town: Town, submitted: TransferSlip):
    slip = reject(submitted, town.zhao, march(5, 10))
    assert (slip.state, slip.result) == ("investigating", "防水层破损。")
    assert (running(slip)["handle"], told(slip, march(5, 10))) == ("03-09 17:30", {"wang"})
    assert last_entry(slip).texts == {"reason": "缺少现场照片。"}
    assert report(slip, town.wang, march(5, 11)).state == "submitted"


def test_when_the_handler_was_barred_meanwhile_the_department_hears_of_the_rejection(
    town: Town, submitted: TransferSlip
):
    bar(case_id=submitted.case_id, staff=town.wang, reason="被投诉", actor=town.chen, now=march(4, 12))
    reject(submitted, town.zhao, march(5, 10))
    assert told(submitted, march(5, 10)) == {"qian"}


def test_approving_and_rejecting_is_the_heads_alone(town: Town, submitted: TransferSlip):
    for person in (town.wang, town.qian, town.lin, town.chen, town.feng, town.zhou, town.shen, town.tang):
        with refused(NotAllowed, submitted):
            approve(submitted, person)
        with refused(NotAllowed, submitted):
            reject(submitted, person)


def test_a_head_does_not_approve_their_own_work_the_director_does(town: Town):
    slip = matters.investigating(town, category=category(town.north, "房屋结构安全"), handler=town.zhao)
    submitted = report(slip, town.zhao, march(4, 10))
    assert told(slip, march(4, 10)) == {"chen"}
    with refused(NotAllowed, submitted):
        approve(submitted, town.zhao)
    assert approve(submitted, town.chen).approved_by == town.chen


def test_where_the_director_handled_it_for_want_of_others_the_street_approves(town: Town):
    slip = matters.transferred(town, category=category(town.north, "房屋结构安全"))
    for person in (town.wang, town.qian, town.zhao):
        bar(case_id=slip.case_id, staff=person, reason="被投诉", actor=town.lin, now=MONDAY)
    slip = sign_in(slip, town.chen, town.chen)
    slip = investigate(slip, town.chen)
    submitted = report(slip, town.chen, march(4, 10))
    assert told(slip, march(4, 10)) == {"tang"}
    for person in (town.chen, town.feng, town.zhao):
        with refused(NotAllowed, submitted):
            approve(submitted, person)
    assert approve(submitted, town.tang).state == "reported"


def test_only_what_was_submitted_is_decided_and_only_once(town: Town, submitted: TransferSlip):
    unwritten = matters.investigating(town, identity="anonymous")
    with refused(WrongState, unwritten):
        approve(unwritten, town.zhao)
    drawn = submitted.transition_no
    reject(submitted, town.zhao)
    with refused(Stale, submitted):
        approve(submitted, town.zhao, transition_no=drawn)
    with refused(WrongState, submitted):
        approve(submitted, town.zhao)


def test_a_rejection_says_what_is_missing(town: Town, submitted: TransferSlip):
    with refused(Refused, submitted, field="reason"):
        reject(submitted, town.zhao, reason="")


def test_a_head_who_wrote_the_result_for_the_handler_does_not_approve_it(town: Town):
    slip = matters.investigating(town, category=category(town.north, "房屋结构安全"))
    submitted = report(slip, town.zhao, march(4, 10))
    assert told(slip, march(4, 10)) == {"chen"}
    with refused(NotAllowed, submitted):
        approve(submitted, town.zhao)
    assert approve(submitted, town.chen).approved_by == town.chen


def test_a_head_at_the_desk_does_not_follow_up_a_result_of_their_own(town: Town, slip: TransferSlip):
    Membership.objects.create(staff=town.zhao, role=Role.RECEPTIONIST, hall=town.north)
    zhao = Staff.objects.get(pk=town.zhao.pk)
    report(slip, zhao, march(4, 10))
    case = inform(slip, town.lin, march(4, 11))
    assert not powers.follows_up(case, zhao)
    assert powers.follows_up(case, town.mei)


def test_a_head_who_handled_the_first_round_does_not_write_the_result_of_the_second(town: Town):
    case = stories.informed(town, handler=town.zhao)
    case = stories.evaluated(case, actor=town.mei, solved="no", satisfaction="dissatisfied", reasons="还在漏")
    slip = sign_in(stories.transferred(town, case, now=march(5, 9)), town.zhao, town.wang)
    slip = investigate(slip, town.wang, march(5, 10))
    with refused(NotAllowed, slip):
        report(slip, town.zhao, march(5, 11))
    assert report(slip, town.wang, march(5, 11)).state == "reported"
