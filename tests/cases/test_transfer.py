"""Transfer (转办): a numbered slip goes to one department, and its clocks begin."""

from __future__ import annotations

from typing import Any

import pytest

from cases.actions.bar import bar
from cases.models import Case, TransferSlip
from foundation.notifications.models import Alert
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town, category
from tests.cases.steps import (
    decline,
    fresh,
    give_back,
    kinds,
    last_entry,
    march,
    outcomes,
    refused,
    running,
    told,
    transfer,
)
from tests.matters import MONDAY


@pytest.fixture
def case(town: Town) -> Case:
    return matters.accepted(town)


def test_the_slip_is_numbered_after_its_case_and_the_department_is_responsible(town: Town, case: Case):
    slip = transfer(case, town.lin, town.works, march(2, 10))
    assert slip.number == "NTH-2026-000001-1"
    assert (slip.state, slip.kind, slip.round, slip.issued_by) == ("issued", "lead", 1, town.lin)
    now = fresh(case)
    assert (now.state, now.route, now.transferred_at) == ("transferred", "transferred", march(2, 10))
    assert (now.responsible_staff, now.responsible_department) == (None, town.works)


@pytest.mark.parametrize(
    ("screening", "handled_by"),
    [
        ({"nature": "consultation"}, "03-03 17:30"),
        ({"nature": "request"}, "03-09 17:30"),
        ({"nature": "complaint"}, "03-11 17:30"),
        ({"nature": "report"}, "03-11 17:30"),
        ({"nature": "request", "urgency": "urgent"}, "03-03 09:30"),
    ],
)
def test_how_long_the_department_has_follows_nature_and_urgency(town: Town, screening: dict[str, Any], handled_by: str):
    slip = matters.transferred(town, **screening)
    assert running(slip)["handle"] == handled_by


def test_signing_in_takes_a_working_day_and_beginning_two_days(town: Town):
    slip = matters.transferred(town)
    assert running(slip) == {
        "promise": "03-11 17:30",
        "sign_in": "03-03 17:30",
        "investigate": "03-04 09:30",
        "handle": "03-09 17:30",
    }
    assert slip.next_due_at == fresh(slip).next_due_at == march(3, 17, 30)


def test_an_urgent_slip_is_signed_in_within_half_an_hour_and_begun_within_two(town: Town):
    limits = running(matters.transferred(town, urgency="urgent"))
    assert (limits["sign_in"], limits["investigate"]) == ("03-02 10:00", "03-02 11:30")


def test_deciding_where_it_goes_is_met_or_met_late(town: Town, case: Case):
    transfer(case, town.lin, town.works, march(3, 9, 30))
    assert outcomes(case)["dispatch"] == "met"
    late = matters.accepted(town, resident=matters.a_resident(town, phone="13805716022"))
    transfer(late, town.lin, town.works, march(3, 9, 31))
    assert outcomes(late)["dispatch"] == "met_late"


def test_everybody_who_can_sign_it_in_is_told_and_the_record_says_what_was_asked(town: Town, case: Case):
    slip = transfer(case, town.lin, town.works, march(2, 10))
    assert told(case, march(2, 10)) == {"wang", "qian", "zhao"}
    alert = Alert.objects.filter(recipient=town.zhao).get()
    assert (alert.level, alert.url, alert.urgent) == ("action", "/cases/NTH-2026-000001/", False)
    entry = last_entry(case)
    assert (entry.kind, entry.payload["slip"], entry.payload["department"]) == (
        "case.transferred",
        slip.number,
        "房屋建设办公室",
    )
    assert entry.texts == {"instruction": "请上门查看。"}


def test_barred_people_of_the_department_are_not_told(town: Town, case: Case):
    bar(case_id=case.pk, staff=town.zhao, reason="被投诉", actor=town.chen, now=MONDAY)
    transfer(case, town.lin, town.works, march(2, 10))
    assert told(case, march(2, 10)) == {"wang", "qian"}


def test_what_the_hall_does_itself_and_what_an_outside_unit_does_concerns_the_desk(town: Town):
    for number, department in enumerate([town.hall_itself, town.waterworks]):
        at = march(2, 10 + number)
        case = matters.accepted(town, identity="anonymous")
        transfer(case, town.mei, department, at)
        assert told(case, at) == {"lin", "chen"}


def test_results_are_approved_by_the_head_where_the_category_asks_but_never_of_outside_units(town: Town):
    structure = category(town.north, "房屋结构安全")
    assert matters.transferred(town, category=structure).needs_approval
    assert not matters.transferred(town, identity="anonymous").needs_approval
    assert not matters.transferred(
        town, identity="anonymous", category=structure, department=town.waterworks
    ).needs_approval


@pytest.mark.parametrize("who", ["wang", "zhao", "chen", "feng", "gu", "he", "lu", "han", "tang"])
def test_transferring_is_the_receptionists_work(town: Town, case: Case, who: str):
    with refused(NotAllowed, case):
        transfer(case, getattr(town, who), town.works)


def test_a_department_of_another_hall_or_one_that_is_closed_cannot_be_chosen(town: Town, case: Case):
    with refused(Refused, case, field="department"):
        transfer(case, town.lin, town.south_works)
    town.property.is_active = False
    town.property.save()
    with refused(Refused, case, field="department"):
        transfer(case, town.lin, town.property)


def test_a_slip_without_words_is_refused(town: Town, case: Case):
    with refused(Refused, case, field="instruction"):
        transfer(case, town.lin, town.works, instruction="  ")


def test_only_an_accepted_case_is_transferred(town: Town):
    case = matters.registered(town)
    with refused(WrongState, case):
        transfer(case, town.lin, town.works)
    decline(case, town.lin)
    with refused(WrongState, case):
        transfer(case, town.lin, town.works)


def test_a_stale_page_transfers_nothing_and_nothing_is_transferred_twice(town: Town, case: Case):
    drawn = fresh(case).transition_no
    transfer(case, town.mei, town.property)
    with refused(Stale, case):
        transfer(case, town.lin, town.works, transition_no=drawn)
    with refused(WrongState, case):
        transfer(case, town.lin, town.works)
    assert TransferSlip.objects.count() == 1
    assert kinds(case).count("case.transferred") == 1


# Returning a slip before it is signed.


def test_a_returned_slip_brings_the_case_back_to_the_desk_with_a_new_day_to_decide(town: Town):
    slip = give_back(matters.transferred(town), town.zhao, march(2, 14))
    assert (slip.state, slip.return_reason, slip.closed_at) == ("returned", "不属于本部门。", march(2, 14))
    case = fresh(slip)
    assert (case.state, case.responsible_staff, case.responsible_department) == ("accepted", town.lin, None)
    assert running(case) == {"promise": "03-11 17:30", "dispatch": "03-03 14:00"}
    assert outcomes(case) == {
        "dispatch": "",
        "promise": "",
        "sign_in": "met",
        "investigate": "cancelled",
        "handle": "cancelled",
    }
    assert (slip.next_due_at, case.next_due_at) == (None, march(3, 14))


def test_the_desk_is_told_of_the_return_with_the_reason_in_the_record(town: Town):
    slip = matters.transferred(town)
    give_back(slip, town.zhao, march(2, 14))
    assert told(slip, march(2, 14)) == {"lin", "chen"}
    assert (kinds(slip)[-1], last_entry(slip).texts) == ("slip.returned", {"reason": "不属于本部门。"})


def test_a_return_after_the_limit_for_signing_is_met_late(town: Town):
    slip = give_back(matters.transferred(town), town.zhao, march(3, 17, 31))
    assert outcomes(slip)["sign_in"] == "met_late"


@pytest.fixture
def returned_twice(town: Town) -> TransferSlip:
    first = give_back(matters.transferred(town), town.zhao, march(2, 10))
    second = transfer(first, town.lin, town.property, march(2, 11))
    return give_back(second, town.zhou, march(2, 14))


def test_the_second_return_goes_to_the_director(town: Town, returned_twice: TransferSlip):
    case = fresh(returned_twice)
    assert (case.is_referred, case.responsible_staff) == (True, town.chen)
    assert told(case, march(2, 14)) == {"chen"}
    for person in (town.lin, town.mei):
        with refused(NotAllowed, case):
            transfer(case, person, town.works)
        with refused(NotAllowed, case):
            decline(case, person)


def test_what_the_director_decides_after_two_returns_is_binding(town: Town, returned_twice: TransferSlip):
    slip = transfer(returned_twice, town.chen, town.works, march(2, 15))
    assert (slip.is_binding, slip.number) == (True, "NTH-2026-000001-3")
    assert last_entry(slip).payload["binding"] is True
    with refused(WrongState, slip):
        give_back(slip, town.zhao)


def test_with_the_director_barred_the_street_decides(town: Town):
    first = give_back(matters.transferred(town), town.zhao, march(2, 10))
    bar(case_id=first.case_id, staff=town.chen, reason="被投诉", actor=town.lin, now=march(2, 10))
    second = give_back(transfer(first, town.lin, town.property, march(2, 11)), town.zhou, march(2, 14))
    assert fresh(second).responsible_staff == town.tang
    assert told(second, march(2, 14)) == {"tang"}
    with refused(NotAllowed, second):
        transfer(second, town.feng, town.works)
    assert transfer(second, town.tang, town.works).is_binding


def test_returning_is_the_departments_own(town: Town):
    slip = matters.transferred(town)
    for person in (town.lin, town.chen, town.feng, town.he, town.sun, town.zhou, town.lu, town.jiang, town.tang):
        with refused(NotAllowed, slip):
            give_back(slip, person)
    assert give_back(slip, town.qian).state == "returned"


def test_a_return_needs_a_reason(town: Town):
    slip = matters.transferred(town)
    with refused(Refused, slip, field="reason"):
        give_back(slip, town.zhao, reason=" ")


def test_a_signed_slip_does_not_simply_go_back(town: Town):
    slip = matters.signed(town)
    with refused(WrongState, slip):
        give_back(slip, town.zhao)


def test_a_stale_page_returns_nothing_and_nothing_is_returned_twice(town: Town):
    slip = matters.transferred(town)
    drawn = slip.transition_no
    give_back(slip, town.wang)
    with refused(Stale, slip):
        give_back(slip, town.zhao, transition_no=drawn)
    with refused(WrongState, slip):
        give_back(slip, town.zhao)
