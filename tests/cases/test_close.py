"""How a round ends: archived, or reopened with a promise of its own. The room followups decides which."""

from __future__ import annotations

import pytest

from cases.models import Case
from foundation.refusals import NotAllowed, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.steps import (
    answer,
    archive,
    decline,
    give_back,
    inform,
    investigate,
    kinds,
    march,
    outcomes,
    refused,
    reopen,
    report,
    running,
    sign_in,
    transfer,
)


@pytest.fixture
def case(town: Town) -> Case:
    """Told on Monday at 11:30; the follow-up is due on Thursday."""
    return matters.informed(town)


def test_an_archived_case_has_nothing_running_and_nobody_responsible(town: Town, case: Case):
    archived = archive(case, town.mei, march(4, 10))
    assert (archived.state, archived.closed_at) == ("archived", march(4, 10))
    assert (running(case), outcomes(case)["follow_up"]) == ({}, "met")
    assert (archived.responsible_staff, archived.responsible_department, archived.next_due_at) == (None, None, None)
    assert kinds(case)[-1] == "case.archived"


def test_archived_after_the_limit_the_follow_up_was_late(town: Town, case: Case):
    archive(case, town.mei, march(5, 11, 31))
    assert outcomes(case)["follow_up"] == "met_late"


def test_an_archived_case_neither_reopens_nor_is_archived_again(town: Town, case: Case):
    archive(case, town.mei)
    for ending in (archive, reopen):
        with refused(WrongState, case):
            ending(case, town.mei)


def test_before_the_resident_was_told_no_round_ends(town: Town):
    slip = matters.transferred(town)
    for ending in (archive, reopen):
        with refused(WrongState, slip):
            ending(slip, town.mei)


def test_a_new_round_begins_at_the_owners_desk_with_a_promise_of_its_own(town: Town, case: Case):
    again = reopen(case, town.mei, march(4, 10))
    assert (again.state, again.round, again.route) == ("accepted", 2, "")
    assert (again.responsible_staff, again.responsible_department) == (town.lin, None)
    assert (again.accepted_at, again.transferred_at, again.feedback_at, again.informed_at) == (
        march(4, 10),
        None,
        None,
        None,
    )
    # Seven working days after Wednesday the 4th: 5, 6, 9–13 March.
    assert running(case) == {"dispatch": "03-05 10:00", "promise": "03-13 17:30"}
    assert again.promise_due_at == march(13, 17, 30)
    assert list(case.deadlines.filter(kind="promise").order_by("pk").values_list("round", "outcome")) == [
        (1, "met"),
        (2, ""),
    ]
    assert kinds(case)[-1] == "case.reopened"


def test_the_date_set_from_above_was_for_the_first_round(town: Town, case: Case):
    Case.objects.filter(pk=case.pk).update(outside_due_at=march(5, 12))
    assert reopen(case, town.mei, march(4, 10)).promise_due_at == march(13, 17, 30)


def test_after_two_returns_and_a_decision_of_the_director_the_new_round_begins_at_the_desk_again(town: Town):
    slip = give_back(matters.transferred(town, identity="anonymous"), town.zhao)
    slip = give_back(transfer(slip, town.lin, town.property), town.zhou)
    slip = investigate(sign_in(transfer(slip, town.chen, town.works), town.zhao, town.wang), town.wang)
    report(slip, town.wang)
    inform(slip, town.lin, march(3, 10), means="tracking_page")
    again = reopen(slip, town.mei, march(4, 10))
    assert (again.is_referred, again.responsible_staff) == (False, town.lin)
    assert not transfer(again, town.lin, town.works).is_binding


def test_in_a_new_round_the_matter_is_not_answered_by_who_answered_it_before(town: Town):
    case = reopen(answer(matters.registered(town), town.lin), town.mei, march(3, 9))
    with refused(NotAllowed, case):
        answer(case, town.lin)
    assert answer(case, town.mei).state == "follow_up"


def test_in_a_new_round_it_may_turn_out_that_it_is_not_for_the_hall(town: Town, case: Case):
    reopen(case, town.mei, march(4, 10))
    assert outcomes(decline(case, town.lin, march(4, 11)))["promise"] == "cancelled"
