"""Attempts that reach nobody: what they stop and start, and when they are enough."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from cases.models import Case, CaseDeadline
from followups.actions.attempt import close_unreachable, record_attempt
from followups.models import Evaluation, FollowUpAttempt, UnevaluatedRound
from foundation.organization.models import Membership, Role, Staff
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests.builders import Town, person
from tests.followups.stories import (
    SHANGHAI,
    WEDNESDAY,
    accepted,
    evaluated,
    informed,
    last_entry,
    outcome_of,
    texts_of_last_entry,
)


def tried(case: Case, actor: Staff, now: datetime = WEDNESDAY, means: str = "phone", **more: Any) -> Case:
    return record_attempt(case_id=case.pk, transition_no=case.transition_no, actor=actor, now=now, means=means, **more)


def closed(case: Case, actor: Staff, now: datetime) -> Case:
    return close_unreachable(case_id=case.pk, transition_no=case.transition_no, actor=actor, now=now)


def test_the_first_attempt_stops_the_follow_up_clock_and_starts_that_of_the_outcome(town: Town) -> None:
    case = tried(informed(town), town.mei, remark="响铃无人接听")
    assert case.state == "follow_up"
    assert outcome_of(case, "follow_up") == "met"
    outcome = CaseDeadline.objects.get(case=case, kind="outcome")
    assert outcome.outcome == ""
    # Seven days, day and night.
    assert outcome.due_at == WEDNESDAY + timedelta(days=7)
    assert case.next_due_at == outcome.due_at
    assert last_entry(case).kind == "case.follow_up_attempted"
    assert last_entry(case).actor == town.mei
    assert texts_of_last_entry(case) == {"remark": "响铃无人接听"}


def test_a_first_attempt_after_seven_days_is_met_late(town: Town) -> None:
    case = tried(informed(town), town.mei, now=datetime(2026, 3, 10, 9, 31, tzinfo=SHANGHAI))
    assert outcome_of(case, "follow_up") == "met_late"


def test_a_second_attempt_moves_no_clock(town: Town) -> None:
    case = tried(informed(town), town.mei)
    due = case.next_due_at
    case = tried(case, town.mei, now=WEDNESDAY + timedelta(hours=3))
    assert case.next_due_at == due
    assert CaseDeadline.objects.filter(case=case, kind="outcome").count() == 1


def test_whoever_tries_becomes_a_follower_up_of_the_round_once(town: Town) -> None:
    case = tried(informed(town), town.mei)
    case = tried(case, town.mei, now=WEDNESDAY + timedelta(hours=1))
    assert [part.staff for part in case.parts.filter(role="follower_up")] == [town.mei]


def test_the_handler_does_not_follow_up_even_as_a_receptionist(town: Town) -> None:
    case = informed(town)
    Membership.objects.create(staff=town.wang, role=Role.RECEPTIONIST, hall=town.north)
    with pytest.raises(NotAllowed):
        tried(case, Staff.objects.get(pk=town.wang.pk))
    assert not FollowUpAttempt.objects.exists()


@pytest.mark.parametrize("name", ["qian", "zhao", "zhou", "feng", "gu", "he", "lu", "han", "tang", "xu"])
def test_nobody_but_desk_and_director_follows_up_while_a_receptionist_is_left(town: Town, name: str) -> None:
    with pytest.raises(NotAllowed):
        tried(informed(town), getattr(town, name))


def test_a_case_that_is_still_handled_is_not_followed_up(town: Town) -> None:
    with pytest.raises(WrongState):
        tried(accepted(town), town.mei)


def test_a_page_drawn_before_a_colleagues_attempt_is_stale(town: Town) -> None:
    case = informed(town)
    tried(case, town.lin)
    with pytest.raises(Stale):
        tried(case, town.mei)
    assert FollowUpAttempt.objects.count() == 1


def test_the_same_form_sent_twice_is_one_attempt(town: Town) -> None:
    key = uuid.uuid4()
    case = tried(informed(town), town.mei, submission_key=key)
    with pytest.raises(Stale):
        tried(case, town.mei, submission_key=key)
    assert FollowUpAttempt.objects.count() == 1


def test_an_attempt_is_a_call_or_a_home_visit(town: Town) -> None:
    with pytest.raises(Refused) as refusal:
        tried(informed(town), town.mei, means="desk")
    assert refusal.value.field == "means"


def test_an_anonymous_resident_cannot_be_tried(town: Town) -> None:
    with pytest.raises(Refused):
        tried(informed(town, anonymous=True), town.mei)
    assert not FollowUpAttempt.objects.exists()


def test_three_attempts_on_three_days_make_a_resident_unreachable(town: Town) -> None:
    case = informed(town)
    for day in range(3):
        case = tried(case, town.mei, now=WEDNESDAY + timedelta(days=day))
    friday = WEDNESDAY + timedelta(days=2, hours=1)
    case = closed(case, town.mei, friday)
    assert case.state == "archived"
    assert case.closed_at == friday
    assert outcome_of(case, "outcome") == "met"
    mark = UnevaluatedRound.objects.get(case=case)
    assert (mark.round, mark.because, mark.closed_by, mark.stood_in) == (1, "unreachable", town.mei, "")
    assert not Evaluation.objects.exists()
    assert last_entry(case).kind == "case.archived"
    assert last_entry(case).data["not_evaluated_because"] == "unreachable"


def test_many_attempts_on_two_days_are_not_enough(town: Town) -> None:
    case = informed(town)
    for hours in (0, 2, 4, 24, 26):
        case = tried(case, town.mei, now=WEDNESDAY + timedelta(hours=hours))
    with pytest.raises(Refused):
        closed(case, town.mei, WEDNESDAY + timedelta(days=3))
    assert Case.objects.get(pk=case.pk).state == "follow_up"


def test_days_are_those_of_the_hall_not_of_greenwich(town: Town) -> None:
    # 07:30 and 08:30 in Shanghai lie on two days in UTC, on one in the hall.
    case = informed(town)
    case = tried(case, town.mei, now=datetime(2026, 3, 4, 7, 30, tzinfo=SHANGHAI))
    case = tried(case, town.mei, now=datetime(2026, 3, 4, 8, 30, tzinfo=SHANGHAI))
    case = tried(case, town.mei, now=datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI))
    with pytest.raises(Refused):
        closed(case, town.mei, datetime(2026, 3, 6, 9, 0, tzinfo=SHANGHAI))


def test_closing_as_unreachable_twice_archives_once(town: Town) -> None:
    case = informed(town)
    for day in range(3):
        case = tried(case, town.mei, now=WEDNESDAY + timedelta(days=day))
    closed(case, town.mei, WEDNESDAY + timedelta(days=3))
    with pytest.raises(Stale):
        closed(case, town.lin, WEDNESDAY + timedelta(days=3))
    assert UnevaluatedRound.objects.count() == 1


def test_attempts_of_an_earlier_round_do_not_count(town: Town) -> None:
    case = informed(town)
    for day in range(3):
        case = tried(case, town.mei, now=WEDNESDAY + timedelta(days=day))
    friday = WEDNESDAY + timedelta(days=2, hours=1)
    case = evaluated(case, actor=town.mei, now=friday, satisfaction="dissatisfied", reasons="还是漏")
    case = informed(town, case=case, handler=town.qian, now=friday)
    with pytest.raises(Refused):
        closed(case, town.mei, friday)
    case = tried(case, town.mei, now=friday)
    assert outcome_of(case, "outcome", round=2) == ""
    with pytest.raises(Refused):
        closed(case, town.mei, friday)


def test_a_barred_receptionist_follows_nothing_up(town: Town) -> None:
    case = informed(town)
    case.parts.create(staff=town.mei, role="barred", started_at=WEDNESDAY, reason="被投诉人")
    with pytest.raises(NotAllowed):
        tried(case, town.mei)
    assert not FollowUpAttempt.objects.visible_to(town.mei).exists()


def test_what_was_tried_cannot_be_rewritten_or_removed(town: Town) -> None:
    tried(informed(town), town.mei)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        FollowUpAttempt.objects.update(is_reached=True)


def test_a_new_receptionist_may_take_over_the_trying(town: Town) -> None:
    case = tried(informed(town), town.mei)
    hua = person("hua", Role.RECEPTIONIST, hall=town.north)
    case = tried(case, hua, now=WEDNESDAY + timedelta(days=1))
    assert {part.staff for part in case.parts.filter(role="follower_up")} == {town.mei, hua}
