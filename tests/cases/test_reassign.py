"""Another handler (改派): named by the head, or by the director where no head is left."""

from __future__ import annotations

import pytest

from cases.conditions import identity_known
from cases.models import Case, TransferSlip
from cases.powers import knows_identity
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town, category
from tests.cases.coordination_steps import reassign
from tests.cases.steps import (
    approve,
    contact,
    fresh,
    investigate,
    kinds,
    last_entry,
    march,
    refused,
    reject,
    reopen,
    report,
    running,
    sign_in,
    told,
    transfer,
)


@pytest.fixture
def slip(town: Town) -> TransferSlip:
    return matters.signed(town)


def test_qian_takes_over_from_wang_under_the_same_clocks(town: Town, slip: TransferSlip):
    before = running(slip)
    now = reassign(slip, town.zhao, town.qian, march(2, 15))
    assert (now.handler, now.state, fresh(slip).responsible_staff) == (town.qian, "signed", town.qian)
    assert running(slip) == before
    assert told(slip, march(2, 15)) == {"qian", "wang"}
    assert (kinds(slip)[-1], last_entry(slip).texts) == ("slip.reassigned", {"reason": "原承办人请假。"})
    with refused(NotAllowed, slip):
        contact(slip, town.wang)
    assert contact(slip, town.qian).contacted_at


def test_who_had_it_neither_approves_nor_follows_it_up(town: Town):
    slip = matters.investigating(town, category=category(town.north, "房屋结构安全"), handler=town.zhao)
    reassign(slip, town.zhao, town.wang)
    report(slip, town.wang)
    with refused(NotAllowed, slip):
        approve(slip, town.zhao)
    assert fresh(slip).handler_ids == {town.zhao.pk, town.wang.pk}


def test_what_was_submitted_comes_back_to_the_new_handler(town: Town):
    slip = report(matters.investigating(town, category=category(town.north, "房屋结构安全")), town.wang)
    reassign(slip, town.zhao, town.qian)
    reject(slip, town.zhao, march(3, 10))
    assert told(slip, march(3, 10)) == {"qian"}


def test_when_wang_has_left_and_there_is_no_head_the_director_names_another(town: Town, slip: TransferSlip):
    for person in (town.wang, town.zhao):
        person.is_active = False
        person.save()
    assert reassign(slip, town.chen, town.qian).handler == town.qian
    assert investigate(contact(slip, town.qian), town.qian).state == "investigating"


def test_where_nobody_of_the_department_is_left_the_director_handles_it_and_it_is_marked(
    town: Town, slip: TransferSlip
):
    for person in (town.wang, town.qian, town.zhao):
        person.is_active = False
        person.save()
    now = reassign(slip, town.chen, town.chen)
    assert (now.handler, now.handler_level) == (town.chen, "director")


def test_a_new_round_has_another_handler_here_too(town: Town):
    case = matters.informed(town)
    reopen(case, town.mei)
    slip = sign_in(transfer(case, town.lin, town.works), town.zhao, town.qian)
    with refused(Refused, slip, field="handler"):
        reassign(slip, town.zhao, town.wang)
    assert reassign(slip, town.zhao, town.zhao).handler == town.zhao


@pytest.mark.parametrize("who", ["lin", "wang", "qian", "chen", "feng", "he", "sun", "zhou", "shen", "tang"])
def test_naming_is_the_heads_while_there_is_one(town: Town, slip: TransferSlip, who: str):
    with refused(NotAllowed, slip):
        reassign(slip, getattr(town, who), town.qian)


def test_somebody_of_another_department_or_the_same_person_cannot_be_named(town: Town, slip: TransferSlip):
    for person in (town.sun, town.wang, town.jiang, None):
        with refused(Refused, slip, field="handler"):
            reassign(slip, town.zhao, person)


def test_it_says_why(town: Town, slip: TransferSlip):
    with refused(Refused, slip, field="reason"):
        reassign(slip, town.zhao, town.qian, reason=" ")


def test_before_signing_and_after_reporting_nobody_is_named(town: Town):
    unsigned = matters.transferred(town)
    with refused(WrongState, unsigned):
        reassign(unsigned, town.zhao, town.qian)
    done = matters.reported(town, identity="anonymous").slips.get()
    with refused(WrongState, done):
        reassign(done, town.zhao, town.qian)


def test_nobody_is_named_for_a_unit_outside(town: Town):
    slip = sign_in(matters.transferred(town, department=town.waterworks), town.lin, None)
    with refused(NotAllowed, slip):
        reassign(slip, town.chen, town.lin)


def test_a_stale_page_names_nobody_and_nobody_is_named_twice(town: Town, slip: TransferSlip):
    drawn = slip.transition_no
    reassign(slip, town.zhao, town.qian)
    with refused(Stale, slip):
        reassign(slip, town.zhao, town.zhao, transition_no=drawn)
    with refused(Refused, slip, field="handler"):
        reassign(slip, town.zhao, town.qian)


def test_who_handed_a_hidden_matter_on_is_shown_the_name_no_more(town: Town):
    slip = matters.signed(town, identity="hidden")
    assert knows_identity(fresh(slip), town.wang)
    reassign(slip, town.zhao, town.qian, march(3, 10))
    assert not knows_identity(fresh(slip), town.wang)
    assert knows_identity(fresh(slip), town.qian)
    known = Case.objects.filter(pk=slip.case_id)
    assert not known.filter(identity_known(town.wang)).exists()
    assert known.filter(identity_known(town.qian)).exists()
