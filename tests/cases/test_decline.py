"""Not accepted (不予受理): on a listed ground, with advice, and the resident told within fifteen days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases.models import Case
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.steps import (
    accept,
    decline,
    fresh,
    kinds,
    last_entry,
    march,
    outcomes,
    refused,
    running,
    tell,
    told,
)
from tests.matters import MONDAY


@pytest.fixture
def case(town: Town) -> Case:
    return matters.registered(town)


@pytest.fixture
def declined(town: Town, case: Case) -> Case:
    return decline(case, town.lin, march(2, 11))


def test_declining_ends_every_clock_but_the_one_for_telling_the_resident(town: Town, case: Case):
    accept(case, town.lin)
    declined = decline(case, town.lin)
    assert (declined.state, declined.decline_ground, declined.closed_at) == ("declined", "court", MONDAY)
    assert outcomes(case) == {"dispatch": "met", "promise": "cancelled", "decline_notice": ""}
    # Fifteen days after 2 March is the 17th, a Tuesday.
    assert running(case) == {"decline_notice": "03-17 09:30"}
    assert declined.next_due_at == march(17, 9, 30)


def test_a_complaint_that_is_declined_need_not_be_confirmed(town: Town):
    case = decline(matters.registered(town, nature="complaint"), town.lin)
    assert outcomes(case)["confirm"] == "cancelled"


def test_the_owner_has_to_tell_the_resident_whoever_declined(town: Town, case: Case):
    assert decline(case, town.mei).responsible_staff == town.lin


def test_ground_and_advice_stand_in_the_record(town: Town, declined: Case):
    entry = last_entry(declined)
    assert (entry.kind, entry.payload["ground"]) == ("case.declined", "court")
    assert entry.texts == {"advice": "请向人民法院起诉。"}
    assert told(declined, march(2, 11)) == set()


@pytest.mark.parametrize(
    ("given", "field"),
    [({"ground": "too_much_work"}, "ground"), ({"ground": ""}, "ground"), ({"advice": " "}, "advice")],
)
def test_only_the_listed_grounds_exist_and_advice_is_always_given(
    town: Town, case: Case, given: dict[str, Any], field: str
):
    with refused(Refused, case, field=field):
        decline(case, town.lin, **given)


@pytest.mark.parametrize("who", ["wang", "zhao", "chen", "feng", "gu", "he", "lu", "han", "tang"])
def test_declining_is_the_receptionists_work(town: Town, case: Case, who: str):
    with refused(NotAllowed, case):
        decline(case, getattr(town, who))


def test_what_a_department_has_cannot_be_declined(town: Town):
    slip = matters.transferred(town)
    with refused(WrongState, slip):
        decline(slip.case, town.lin)


def test_a_stale_page_declines_nothing_and_nothing_is_declined_twice(town: Town, case: Case):
    drawn = fresh(case).transition_no
    accept(case, town.mei)
    with refused(Stale, case):
        decline(case, town.lin, transition_no=drawn)
    decline(case, town.lin)
    with refused(WrongState, case):
        decline(case, town.lin)


# Telling the resident.


def test_the_clock_stops_at_the_moment_the_resident_was_told_not_when_it_was_written_down(town: Town, declined: Case):
    case = tell(declined, town.lin, march(18, 9), told_at=march(17, 9, 30))
    assert outcomes(case)["decline_notice"] == "met"
    assert case.decline_told_at == march(17, 9, 30)
    assert last_entry(case).happened_at == march(17, 9, 30)
    assert (running(case), case.next_due_at, case.responsible_staff) == ({}, None, None)
    assert kinds(case)[-1] == "case.decline_told"


def test_told_after_the_limit_is_met_late(town: Town, declined: Case):
    assert outcomes(tell(declined, town.lin, march(17, 11, 1)))["decline_notice"] == "met_late"


def test_the_director_may_tell_too_nobody_else(town: Town, declined: Case):
    for person in (town.wang, town.zhao, town.feng, town.he, town.lu, town.tang):
        with refused(NotAllowed, declined):
            tell(declined, person)
    assert tell(declined, town.chen).decline_told_at == MONDAY


def test_nobody_is_told_in_the_future_or_before_the_matter_was_registered(town: Town, declined: Case):
    with refused(Refused, declined, field="told_at"):
        tell(declined, town.lin, march(3, 9), told_at=march(3, 9, 1))
    with refused(Refused, declined, field="told_at"):
        tell(declined, town.lin, march(3, 9), told_at=MONDAY - timedelta(days=1))


def test_the_minute_of_registration_itself_is_not_too_early(town: Town):
    case = decline(matters.registered(town, now=MONDAY + timedelta(seconds=40)), town.lin, march(2, 9, 31))
    assert tell(case, town.lin, march(2, 9, 31), told_at=MONDAY).decline_told_at == MONDAY


def test_an_unknown_way_of_telling_is_refused(town: Town, declined: Case):
    with refused(Refused, declined, field="means"):
        tell(declined, town.lin, means="pigeon")


def test_the_resident_is_told_once(town: Town, declined: Case):
    drawn = fresh(declined).transition_no
    tell(declined, town.lin, march(2, 12))
    with refused(Stale, declined):
        tell(declined, town.lin, march(2, 12), transition_no=drawn)
    with refused(WrongState, declined):
        tell(declined, town.lin, march(2, 12))


def test_only_who_was_declined_is_told_so(town: Town, case: Case):
    with refused(WrongState, case):
        tell(case, town.lin)


def test_what_had_its_final_answer_the_director_no_longer_accepts(town: Town, case: Case):
    with refused(NotAllowed, case):
        decline(case, town.lin, ground="final_answer")
    declined = decline(case, town.chen, ground="final_answer")
    assert (declined.state, declined.decline_ground) == ("declined", "final_answer")
    assert set(running(case)) == {"decline_notice"}


def test_every_other_ground_is_the_desks(town: Town, case: Case):
    with refused(NotAllowed, case):
        decline(case, town.chen, ground="court")


def test_an_anonymous_resident_is_told_on_the_tracking_page_and_nobody_else_is(town: Town, declined: Case):
    with refused(Refused, declined, field="means"):
        tell(declined, town.lin, means="tracking_page")
    anonymous = decline(matters.registered(town, identity="anonymous", channel="web"), town.lin)
    with refused(Refused, anonymous, field="means"):
        tell(anonymous, town.lin, means="phone")
    assert tell(anonymous, town.lin, means="tracking_page").decline_told_at is not None
