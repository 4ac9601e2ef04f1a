"""Residents evaluate themselves, on the tablet or on paper: their signature is what makes it their own."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from cases.actions.answer_on_the_spot import answer_on_the_spot
from cases.actions.sign import Signature
from cases.models import Answer, Attachment, Case
from followups.actions.evaluate import answer_and_evaluate, evaluate_at_desk
from followups.models import Evaluation, FollowUpAttempt, RectificationNotice
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests.builders import Town
from tests.followups.stories import (
    MONDAY,
    NO_SIGNATURE,
    ON_PAPER,
    accepted,
    answered_on_the_spot,
    drawn_signature,
    informed,
    last_entry,
    outcome_of,
    registered,
)


def entered(case: Case, host: Staff, signature: Signature, **said: Any) -> Case:
    answers: dict[str, Any] = {"contacted": True, "solved": "yes", "satisfaction": "satisfied"}
    return evaluate_at_desk(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=host,
        now=MONDAY,
        signature=signature,
        **(answers | said),
    )


def answered_and_entered(case: Case, host: Staff, signature: Signature, **said: Any) -> Case:
    answers: dict[str, Any] = {"contacted": True, "solved": "yes", "satisfaction": "satisfied"}
    return answer_and_evaluate(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=host,
        now=MONDAY,
        text="按规定办理即可",
        signature=signature,
        **(answers | said),
    )


def test_residents_evaluate_even_what_the_receptionist_before_them_answered(town: Town) -> None:
    case = entered(answered_on_the_spot(town, by=town.lin), town.lin, drawn_signature())
    assert case.state == "archived"
    evaluation = Evaluation.objects.get(case=case)
    assert (evaluation.channel, evaluation.is_entered_by_resident, evaluation.stood_in) == ("desk_tablet", True, "")
    assert evaluation.signature is not None
    assert evaluation.signature.kind == "signature"
    assert last_entry(case).data["signature"] == evaluation.signature.sha256
    assert last_entry(case).data["entered_by_resident"] is True
    # The host is no follower-up: they only held the tablet.
    assert not case.parts.filter(role="follower_up").exists()


def test_a_paper_form_is_entered_as_paper(town: Town) -> None:
    case = entered(informed(town), town.lin, ON_PAPER)
    assert Evaluation.objects.get(case=case).channel == "desk_paper"
    assert FollowUpAttempt.objects.get(case=case).means == "desk"


def test_without_a_signature_it_is_not_the_residents_own(town: Town) -> None:
    case = answered_on_the_spot(town)
    with pytest.raises(Refused) as refusal:
        entered(case, town.lin, NO_SIGNATURE)
    assert refusal.value.field == "signature_kind"
    assert Case.objects.get(pk=case.pk).state == "follow_up"
    assert not Evaluation.objects.exists()


def test_an_empty_signature_field_is_refused(town: Town) -> None:
    with pytest.raises(Refused) as refusal:
        entered(answered_on_the_spot(town), town.lin, Signature("tablet"))
    assert refusal.value.field == "signature"


def test_a_dissatisfied_resident_at_the_desk_begins_a_new_round_too(town: Town) -> None:
    case = entered(informed(town), town.lin, ON_PAPER, satisfaction="dissatisfied", reasons="没修好")
    assert (case.state, case.round) == ("accepted", 2)
    assert RectificationNotice.objects.get(case=case).department == town.works


@pytest.mark.parametrize("name", ["wang", "zhao", "feng", "gu", "he", "lu", "tang"])
def test_only_desk_and_director_take_evaluations(town: Town, name: str) -> None:
    with pytest.raises(NotAllowed):
        entered(informed(town), getattr(town, name), ON_PAPER)


def test_a_barred_receptionist_takes_none(town: Town) -> None:
    case = informed(town)
    case.parts.create(staff=town.lin, role="barred", started_at=MONDAY, reason="被投诉人")
    with pytest.raises(NotAllowed):
        entered(case, town.lin, ON_PAPER)


def test_nothing_is_evaluated_before_it_is_answered(town: Town) -> None:
    with pytest.raises(WrongState):
        entered(accepted(town), town.lin, ON_PAPER)


def test_a_second_evaluation_of_the_round_is_refused(town: Town) -> None:
    case = informed(town)
    done = entered(case, town.lin, ON_PAPER)
    with pytest.raises(Stale):
        entered(case, town.lin, ON_PAPER)
    with pytest.raises(WrongState):
        entered(done, town.mei, ON_PAPER)
    assert Evaluation.objects.count() == 1


def test_anonymous_residents_are_left_out_of_satisfaction(town: Town) -> None:
    with pytest.raises(Refused):
        entered(informed(town, anonymous=True), town.lin, ON_PAPER)
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize("nature", ["consultation", "praise", "request"])
def test_a_walk_in_is_answered_evaluated_and_closed_with_one_signature(town: Town, nature: str) -> None:
    case = answered_and_entered(registered(town, nature=nature), town.lin, drawn_signature())
    assert case.state == "archived"
    assert case.route == "on_the_spot"
    assert outcome_of(case, "dispatch") == "met"
    assert outcome_of(case, "follow_up") == "met"
    evaluation = Evaluation.objects.get(case=case)
    assert Answer.objects.get(case=case).signature == evaluation.signature
    assert Attachment.objects.filter(case=case).count() == 1
    assert [entry.kind for entry in case.chain.entries.order_by("seq")][-2:] == [
        "case.answered_on_the_spot",
        "case.archived",
    ]


def test_a_walk_in_who_is_dissatisfied_is_not_closed_whatever_they_asked(town: Town) -> None:
    case = answered_and_entered(
        registered(town, nature="consultation"), town.lin, ON_PAPER, satisfaction="dissatisfied", reasons="没听懂"
    )
    assert (case.state, case.round) == ("accepted", 2)


def test_when_the_evaluation_is_refused_the_answer_is_not_kept_either(town: Town) -> None:
    case = registered(town)
    with pytest.raises(Refused):
        answered_and_entered(case, town.lin, ON_PAPER, satisfaction="dissatisfied")
    with pytest.raises(Refused):
        answered_and_entered(case, town.lin, NO_SIGNATURE)
    assert Case.objects.get(pk=case.pk).state == "registered"
    assert not Answer.objects.exists()


def test_pressing_twice_answers_and_evaluates_once(town: Town) -> None:
    key = uuid.uuid4()
    case = registered(town)
    answered_and_entered(case, town.lin, ON_PAPER, submission_key=key)
    with pytest.raises(Stale):
        answered_and_entered(case, town.lin, ON_PAPER, submission_key=key)
    assert Answer.objects.count() == Evaluation.objects.count() == 1


def test_a_signed_consultation_without_an_evaluation_is_archived_at_once(town: Town) -> None:
    case = registered(town, nature="consultation")
    case = answer_on_the_spot(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=MONDAY,
        text="周一到周五都可以办",
        signature=ON_PAPER,
    )
    assert case.state == "archived"


def test_a_refused_evaluation_leaves_no_signature_on_the_disk(town: Town, tmp_path: Path) -> None:
    case = answered_on_the_spot(town)
    with override_settings(MEDIA_ROOT=tmp_path):
        with pytest.raises(Refused):
            entered(case, town.lin, drawn_signature(), satisfaction="dissatisfied", solved="no", reasons="")
        with pytest.raises(NotAllowed):
            entered(case, town.wang, drawn_signature())
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]
