"""Sent back to be completed (退回补办): the old limit stays, but at least one working day is left."""

from __future__ import annotations

import pytest

from cases.actions.bar import bar
from cases.models import Case
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town, category
from tests.cases.steps import (
    approve,
    fresh,
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
def case(town: Town) -> Case:
    """Handling is due on Monday the 9th at closing time; the result came on Monday the 2nd."""
    return matters.reported(town)


def test_the_slip_goes_back_to_its_handler(town: Town, case: Case):
    back = send_back(case, town.lin, march(3, 10))
    slip = back.slips.get()
    assert (back.state, back.feedback_at, slip.state, slip.reported_at) == ("transferred", None, "investigating", None)
    assert (back.responsible_staff, back.responsible_department) == (town.wang, town.works)
    assert told(case, march(3, 10)) == {"wang"}
    assert (kinds(case)[-1], last_entry(case).texts) == ("case.sent_back", {"missing": "缺少照片。"})


def test_the_old_limit_stays(town: Town, case: Case):
    send_back(case, town.lin, march(3, 10))
    assert running(case) == {"promise": "03-11 17:30", "handle": "03-09 17:30"}
    assert outcomes(case)["feedback"] == "cancelled"
    handle = case.deadlines.running().get(kind="handle")
    assert (handle.started_at, handle.explanation["overridden"]) == (march(3, 10), "old_limit_kept")
    # Three quarters of the 151.5 hours from Tuesday 10:00 to Monday 17:30.
    assert handle.warn_at == march(8, 3, 37).replace(second=30)
    assert fresh(case).slips.get().next_due_at == march(9, 17, 30)


@pytest.mark.parametrize(
    ("sent_back", "due"),
    [
        (march(6, 16), "03-09 17:30"),  # Friday: Monday is still a whole working day ahead
        (march(9, 9), "03-10 17:30"),  # on the last day itself: until Tuesday
        (march(13, 16), "03-16 17:30"),  # long after it: the next working day is Monday
    ],
)
def test_at_least_one_working_day_is_left(town: Town, case: Case, sent_back, due: str):
    send_back(case, town.lin, sent_back)
    assert running(case)["handle"] == due


def test_the_first_handling_clock_stays_as_it_ended(town: Town, case: Case):
    before = case.deadlines.filter(kind="handle").values().get()
    send_back(case, town.lin)
    assert case.deadlines.filter(kind="handle").order_by("pk").values()[0] == before


def test_it_can_be_reported_and_sent_back_again_and_again(town: Town, case: Case):
    for day in (3, 4):
        send_back(case, town.lin, march(day, 10))
        report(fresh(case).slips.get(), town.wang, march(day, 15))
    assert fresh(case).state == "feedback"
    assert case.deadlines.filter(kind="handle").count() == 3
    assert running(case) == {"promise": "03-11 17:30", "feedback": "03-06 17:30"}


def test_what_the_head_had_approved_is_approved_anew(town: Town):
    slip = matters.investigating(town, category=category(town.north, "房屋结构安全"))
    approve(report(slip, town.wang), town.zhao)
    send_back(slip, town.lin)
    again = fresh(slip).slips.get()
    assert (again.approved_by, report(again, town.wang).state) == (None, "submitted")


def test_when_the_handler_was_barred_meanwhile_the_department_is_responsible(town: Town, case: Case):
    bar(case_id=case.pk, staff=town.wang, reason="被投诉", actor=town.chen, now=MONDAY)
    back = send_back(case, town.lin, march(3, 10))
    assert (back.responsible_staff, back.responsible_department) == (None, town.works)
    assert told(case, march(3, 10)) == {"qian", "zhao"}
    assert report(back.slips.get(), town.qian).handler == town.qian


def test_when_the_handler_left_the_office_meanwhile_the_department_is_responsible(town: Town, case: Case):
    town.wang.is_active = False
    town.wang.save()
    back = send_back(case, town.lin, march(3, 10))
    assert (back.responsible_staff, told(case, march(3, 10))) == (None, {"qian", "zhao"})


def test_the_director_may_send_back_too_nobody_else(town: Town, case: Case):
    for person in (town.wang, town.zhao, town.feng, town.he, town.lu, town.han, town.tang):
        with refused(NotAllowed, case):
            send_back(case, person)
    assert send_back(case, town.chen).state == "transferred"


def test_it_says_what_is_missing(town: Town, case: Case):
    with refused(Refused, case, field="missing"):
        send_back(case, town.lin, missing=" ")


def test_once_the_resident_was_told_nothing_goes_back(town: Town, case: Case):
    inform(case, town.lin)
    with refused(WrongState, case):
        send_back(case, town.lin)


def test_a_stale_page_sends_nothing_back_and_nothing_goes_back_twice(town: Town, case: Case):
    drawn = fresh(case).transition_no
    send_back(case, town.mei)
    with refused(Stale, case):
        send_back(case, town.lin, transition_no=drawn)
    with refused(WrongState, case):
        send_back(case, town.lin)
