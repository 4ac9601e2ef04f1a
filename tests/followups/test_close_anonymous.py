"""An anonymous matter ends on the tracking page: one press by somebody who did not handle it."""

from __future__ import annotations

import pytest

from cases.models import Case
from followups.actions.attempt import close_anonymous
from followups.models import Evaluation, UnevaluatedRound
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests.builders import Town
from tests.followups.stories import WEDNESDAY, accepted, answered_on_the_spot, informed, last_entry, outcome_of


def closed(case: Case, actor: Staff) -> Case:
    return close_anonymous(case_id=case.pk, transition_no=case.transition_no, actor=actor, now=WEDNESDAY)


def test_an_anonymous_matter_is_archived_without_an_evaluation_and_counted_apart(town: Town) -> None:
    case = closed(informed(town, anonymous=True), town.mei)
    assert case.state == "archived"
    assert outcome_of(case, "follow_up") == "met"
    assert UnevaluatedRound.objects.get(case=case).because == "anonymous"
    assert not Evaluation.objects.exists()
    assert last_entry(case).data["not_evaluated_because"] == "anonymous"


def test_a_known_resident_is_asked_not_closed(town: Town) -> None:
    case = informed(town)
    with pytest.raises(Refused):
        closed(case, town.mei)
    assert Case.objects.get(pk=case.pk).state == "follow_up"
    assert not case.parts.filter(role="follower_up").exists()


def test_who_answered_it_does_not_close_it(town: Town) -> None:
    case = answered_on_the_spot(town, anonymous=True)
    with pytest.raises(NotAllowed):
        closed(case, town.lin)
    assert closed(case, town.mei).state == "archived"


@pytest.mark.parametrize("name", ["wang", "zhao", "feng", "lu"])
def test_nobody_but_desk_and_director_closes_it(town: Town, name: str) -> None:
    with pytest.raises(NotAllowed):
        closed(informed(town, anonymous=True), getattr(town, name))


def test_it_is_closed_once_and_only_when_it_was_answered(town: Town) -> None:
    with pytest.raises(WrongState):
        closed(accepted(town, anonymous=True), town.mei)
    case = informed(town, anonymous=True)
    closed(case, town.mei)
    with pytest.raises(Stale):
        closed(case, town.lin)
    assert UnevaluatedRound.objects.count() == 1
