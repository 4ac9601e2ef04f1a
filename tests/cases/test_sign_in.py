"""Signing in (签收): the department takes the slip and names its handler."""

from __future__ import annotations

import pytest

from cases.actions.bar import bar
from cases.models import Case, Part, TransferSlip
from cases.people import handler_candidates
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.steps import (
    contact,
    fresh,
    give_back,
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
from tests.matters import MONDAY


@pytest.fixture
def slip(town: Town) -> TransferSlip:
    return matters.transferred(town)


def test_the_handler_is_named_and_responsible(town: Town, slip: TransferSlip):
    signed = sign_in(slip, town.zhao, town.wang, march(2, 14))
    assert (signed.state, signed.handler, signed.signed_at) == ("signed", town.wang, march(2, 14))
    case = fresh(slip)
    assert (case.responsible_staff, case.responsible_department) == (town.wang, town.works)
    assert case.was_handled_by(town.wang)


def test_the_first_contact_owner_stays_whoever_handles_it(town: Town, slip: TransferSlip):
    sign_in(slip, town.zhao, town.wang)
    assert fresh(slip).first_contact_owner == town.lin


def test_the_resident_is_to_be_contacted_within_a_working_day(town: Town, slip: TransferSlip):
    sign_in(slip, town.zhao, town.wang, march(3, 10))
    assert outcomes(slip)["sign_in"] == "met"
    assert running(slip)["contact"] == "03-04 17:30"


def test_nobody_can_be_contacted_about_an_anonymous_matter(town: Town):
    assert "contact" not in running(matters.signed(town, identity="anonymous"))


def test_signed_in_after_closing_time_of_the_next_working_day_is_late(town: Town, slip: TransferSlip):
    sign_in(slip, town.zhao, town.wang, march(3, 17, 31))
    assert outcomes(slip)["sign_in"] == "met_late"


def test_the_handler_is_told_unless_they_signed_it_themselves(town: Town, slip: TransferSlip):
    sign_in(slip, town.zhao, town.wang, march(2, 14))
    assert told(slip, march(2, 14)) == {"wang"}
    other = matters.transferred(town, identity="anonymous")
    sign_in(other, town.qian, town.qian, march(2, 15))
    assert told(other, march(2, 15)) == set()


def test_the_record_names_the_handler(town: Town, slip: TransferSlip):
    sign_in(slip, town.zhao, town.wang)
    entry = last_entry(slip)
    assert (entry.kind, entry.actor, entry.payload["handler"], entry.payload["level"]) == (
        "slip.signed",
        town.zhao,
        town.wang.pk,
        "",
    )


@pytest.mark.parametrize("who", ["lin", "chen", "feng", "gu", "he", "sun", "zhou", "lu", "jiang", "shen", "tang"])
def test_only_the_department_signs_in(town: Town, slip: TransferSlip, who: str):
    with refused(NotAllowed, slip):
        sign_in(slip, getattr(town, who), town.wang)


def test_a_handler_must_be_named_and_must_be_of_the_department(town: Town, slip: TransferSlip):
    for person in (None, town.sun, town.lin, town.chen, town.jiang):
        with refused(Refused, slip, field="handler"):
            sign_in(slip, town.zhao, person)


def test_whoever_left_the_office_is_not_named(town: Town, slip: TransferSlip):
    town.wang.is_active = False
    town.wang.save()
    with refused(Refused, slip, field="handler"):
        sign_in(slip, town.zhao, town.wang)


def test_a_barred_person_is_not_named(town: Town, slip: TransferSlip):
    bar(case_id=slip.case_id, staff=town.wang, reason="被投诉", actor=town.chen, now=MONDAY)
    with refused(Refused, slip, field="handler"):
        sign_in(slip, town.zhao, town.wang)
    with refused(NotAllowed, slip):
        sign_in(slip, town.wang, town.qian)


def test_an_outside_unit_signs_on_paper_through_the_desk_and_has_no_handler(town: Town):
    slip = matters.transferred(town, department=town.waterworks)
    with refused(NotAllowed, slip):
        sign_in(slip, town.zhao, None)
    signed = sign_in(slip, town.lin, None)
    assert (signed.handler, fresh(slip).responsible_staff) == (None, None)
    assert not Part.objects.filter(role="handler").exists()


def test_what_the_hall_does_itself_a_receptionist_handles(town: Town):
    slip = matters.transferred(town, department=town.hall_itself)
    signed = sign_in(slip, town.lin, town.mei)
    assert (signed.handler, signed.handler_level) == (town.mei, "")


def test_a_stale_page_signs_nothing_and_nothing_is_signed_twice(town: Town, slip: TransferSlip):
    drawn = slip.transition_no
    sign_in(slip, town.zhao, town.wang)
    with refused(Stale, slip):
        sign_in(slip, town.qian, town.qian, transition_no=drawn)
    with refused(WrongState, slip):
        sign_in(slip, town.qian, town.qian)
    assert kinds(slip).count("slip.signed") == 1


def test_what_was_returned_is_not_signed_in(town: Town, slip: TransferSlip):
    give_back(slip, town.zhao)
    with refused(WrongState, slip):
        sign_in(slip, town.zhao, town.wang)


# A new round has another handler.


@pytest.fixture
def second_round(town: Town) -> TransferSlip:
    case = reopen(matters.informed(town), town.mei, march(3, 9))
    return transfer(case, town.lin, town.works, march(3, 9))


def test_in_a_new_round_who_handled_it_before_cannot_handle_it_again(town: Town, second_round: TransferSlip):
    assert second_round.round == 2
    assert handler_candidates(second_round).staff == [town.qian, town.zhao]
    with refused(Refused, second_round, field="handler"):
        sign_in(second_round, town.zhao, town.wang)
    assert sign_in(second_round, town.zhao, town.qian).handler == town.qian


def test_in_the_same_round_the_same_handler_may_sign_a_second_slip(town: Town, slip: TransferSlip):
    give_back(slip, town.zhao)
    again = transfer(slip, town.lin, town.works)
    assert sign_in(again, town.zhao, town.wang).handler == town.wang


def test_where_the_department_has_nobody_else_the_director_handles_it_and_is_marked(
    town: Town, second_round: TransferSlip
):
    for person in (town.qian, town.zhao):
        bar(case_id=second_round.case_id, staff=person, reason="被投诉", actor=town.lin, now=MONDAY)
    assert handler_candidates(TransferSlip.objects.get(pk=second_round.pk)).staff == [town.chen]
    slip = sign_in(second_round, town.wang, town.chen)
    assert (slip.handler, slip.handler_level) == (town.chen, "director")
    slip = contact(slip, town.chen, march(3, 10))
    slip = investigate(slip, town.chen, march(3, 10))
    assert report(slip, town.chen, march(3, 10)).state == "reported"


def test_where_nobody_of_the_department_is_left_the_director_signs_in(town: Town, slip: TransferSlip):
    for person in (town.wang, town.qian, town.zhao):
        bar(case_id=slip.case_id, staff=person, reason="被投诉", actor=town.lin, now=MONDAY)
    assert sign_in(slip, town.chen, town.chen).handler_level == "director"


def test_the_case_stays_one_with_all_its_rounds(town: Town, second_round: TransferSlip):
    assert Case.objects.count() == 1
    assert second_round.number == "NTH-2026-000001-2"
