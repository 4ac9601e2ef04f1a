"""The three questions, asked by somebody who did not handle the matter; what the answers decide."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from cases.actions.answer_on_the_spot import answer_on_the_spot
from cases.actions.transfer import sign_in
from cases.models import Case, CaseDeadline
from followups.models import Evaluation, FollowUpAttempt, RectificationNotice
from foundation.notifications.models import Alert
from foundation.organization.models import Membership, Role, Staff
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests.builders import Town
from tests.followups.stories import (
    NO_SIGNATURE,
    WEDNESDAY,
    accepted,
    answered_on_the_spot,
    evaluated,
    informed,
    last_entry,
    outcome_of,
    texts_of_last_entry,
    transferred,
)

UNHAPPY: dict[str, Any] = {"solved": "no", "satisfaction": "dissatisfied", "reasons": "下雨又漏了"}


def told(prefix: str) -> set[str]:
    return set(Alert.objects.filter(key__startswith=prefix).values_list("recipient__username", flat=True))


@pytest.mark.parametrize("satisfaction", ["satisfied", "basically"])
def test_a_satisfied_answer_archives_the_case(town: Town, satisfaction: str) -> None:
    case = evaluated(informed(town), actor=town.mei, satisfaction=satisfaction, remark="谢谢")
    assert case.state == "archived"
    assert case.closed_at == WEDNESDAY
    assert case.responsible_staff is None
    assert case.next_due_at is None
    assert outcome_of(case, "follow_up") == "met"
    evaluation = Evaluation.objects.get(case=case)
    assert evaluation.satisfaction == satisfaction
    assert (evaluation.round, evaluation.recorded_by, evaluation.is_entered_by_resident) == (1, town.mei, False)
    assert [part.staff for part in case.parts.filter(role="follower_up")] == [town.mei]
    assert FollowUpAttempt.objects.get(case=case).is_reached
    assert not RectificationNotice.objects.exists()
    entry = last_entry(case)
    assert entry.kind == "case.archived"
    assert {key: entry.data[key] for key in ("contacted", "solved", "satisfaction", "entered_by_resident")} == {
        "contacted": True,
        "solved": "yes",
        "satisfaction": satisfaction,
        "entered_by_resident": False,
    }
    assert texts_of_last_entry(case) == {"remark": "谢谢"}


def test_a_dissatisfied_answer_begins_a_new_round_with_a_promise_of_its_own(town: Town) -> None:
    case = evaluated(informed(town), actor=town.mei, **UNHAPPY)
    assert (case.state, case.round) == ("accepted", 2)
    assert case.responsible_staff == town.lin
    running = set(CaseDeadline.objects.running().filter(case=case).values_list("kind", "round"))
    assert running == {("dispatch", 2), ("promise", 2)}
    assert outcome_of(case, "follow_up", round=1) == "met"
    assert last_entry(case).kind == "case.reopened"
    assert texts_of_last_entry(case) == {"reasons": "下雨又漏了"}


def test_the_notice_is_there_and_told_the_moment_the_resident_is_dissatisfied(town: Town) -> None:
    case = evaluated(informed(town), actor=town.mei, **UNHAPPY)
    notice = RectificationNotice.objects.get(case=case)
    assert (notice.round, notice.department, notice.reasons) == (1, town.works, "下雨又漏了")
    assert (notice.issued_at, notice.issued_by) == (WEDNESDAY, town.mei)
    assert last_entry(case).data["notice"] == notice.number
    # Handlers Wang and Qian and head Zhao of the works department; the owner learns that it begins anew.
    assert told("notice:") == {"wang", "qian", "zhao"}
    assert told(f"case:{case.pk}:reopened") == {"lin"}


def test_who_is_barred_meanwhile_gets_no_notice(town: Town) -> None:
    case = informed(town)
    case.parts.create(staff=town.qian, role="barred", started_at=WEDNESDAY, reason="被投诉人")
    evaluated(case, actor=town.mei, **UNHAPPY)
    assert told("notice:") == {"wang", "zhao"}
    assert not RectificationNotice.objects.visible_to(town.qian).exists()
    assert RectificationNotice.objects.visible_to(town.zhao).exists()


@pytest.mark.parametrize(
    "said", [{"satisfaction": "dissatisfied"}, {"solved": "no"}, {"satisfaction": "dissatisfied", "reasons": "  "}]
)
def test_dissatisfied_or_unsolved_needs_reasons_and_without_them_nothing_happens(
    town: Town, said: dict[str, Any]
) -> None:
    case = informed(town)
    with pytest.raises(Refused) as refusal:
        evaluated(case, actor=town.mei, **said)
    assert refusal.value.field == "reasons"
    assert Case.objects.get(pk=case.pk).state == "follow_up"
    assert not Evaluation.objects.exists()
    assert not FollowUpAttempt.objects.exists()
    assert not case.parts.filter(role="follower_up").exists()
    assert not told("notice:")


@pytest.mark.parametrize(
    ("field", "value"), [("solved", "maybe"), ("satisfaction", "delighted"), ("channel", "desk_tablet")]
)
def test_words_that_are_not_in_the_lists_are_refused_at_their_field(town: Town, field: str, value: str) -> None:
    said: dict[str, Any] = {field: value}
    with pytest.raises(Refused) as refusal:
        evaluated(informed(town), actor=town.mei, **said)
    assert refusal.value.field == field


def test_who_handled_the_case_does_not_ask(town: Town) -> None:
    case = informed(town)
    Membership.objects.create(staff=town.wang, role=Role.RECEPTIONIST, hall=town.north)
    with pytest.raises(NotAllowed):
        evaluated(case, actor=Staff.objects.get(pk=town.wang.pk))


def test_who_answered_on_the_spot_does_not_ask_but_a_colleague_does(town: Town) -> None:
    case = answered_on_the_spot(town)
    with pytest.raises(NotAllowed):
        evaluated(case, actor=town.lin)
    assert evaluated(case, actor=town.mei).state == "archived"


def test_who_told_the_result_of_a_department_may_ask(town: Town) -> None:
    assert evaluated(informed(town), actor=town.lin).state == "archived"


@pytest.mark.parametrize("name", ["qian", "zhao", "feng", "gu", "he", "lu", "tang"])
def test_nobody_but_desk_and_director_asks(town: Town, name: str) -> None:
    with pytest.raises(NotAllowed):
        evaluated(informed(town), actor=getattr(town, name))


def test_a_case_that_is_still_handled_is_not_evaluated(town: Town) -> None:
    with pytest.raises(WrongState):
        evaluated(accepted(town), actor=town.mei)


def test_of_two_colleagues_who_ask_at_once_one_wins(town: Town) -> None:
    case = informed(town)
    evaluated(case, actor=town.lin)
    with pytest.raises(Stale):
        evaluated(case, actor=town.mei, **UNHAPPY)
    assert Evaluation.objects.get().satisfaction == "satisfied"


def test_the_same_form_sent_twice_evaluates_once(town: Town) -> None:
    key = uuid.uuid4()
    case = informed(town)
    again = evaluated(case, actor=town.mei, submission_key=key, **UNHAPPY)
    with pytest.raises(Stale):
        evaluated(case, actor=town.mei, submission_key=key, **UNHAPPY)
    assert Case.objects.get(pk=case.pk).round == again.round == 2
    assert RectificationNotice.objects.count() == 1


def test_an_anonymous_matter_is_not_evaluated(town: Town) -> None:
    with pytest.raises(Refused):
        evaluated(informed(town, anonymous=True), actor=town.mei)
    assert not Evaluation.objects.exists()


def test_an_evaluation_cannot_be_improved_afterwards(town: Town) -> None:
    evaluated(informed(town), actor=town.mei, **UNHAPPY)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Evaluation.objects.update(satisfaction="satisfied")


def test_the_second_round_is_not_handled_by_who_handled_the_first(town: Town) -> None:
    case = evaluated(informed(town), actor=town.mei, **UNHAPPY)
    slip = transferred(town, case, now=WEDNESDAY)
    with pytest.raises(Refused) as refusal:
        sign_in(slip_id=slip.pk, transition_no=slip.transition_no, actor=town.zhao, now=WEDNESDAY, handler=town.wang)
    assert refusal.value.field == "handler"
    slip = sign_in(slip_id=slip.pk, transition_no=slip.transition_no, actor=town.zhao, now=WEDNESDAY, handler=town.qian)
    assert (slip.state, slip.handler, slip.handler_level) == ("signed", town.qian, "")


def test_the_second_round_is_not_answered_on_the_spot_by_who_answered_the_first(town: Town) -> None:
    case = evaluated(answered_on_the_spot(town), actor=town.mei, **UNHAPPY)
    with pytest.raises(NotAllowed):
        answered_again(case, town.lin)
    assert answered_again(case, town.mei).state == "follow_up"


def answered_again(case: Case, actor: Staff) -> Case:
    return answer_on_the_spot(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=actor,
        now=WEDNESDAY + timedelta(hours=1),
        text="已重新解释",
        signature=NO_SIGNATURE,
    )


def test_a_second_round_is_evaluated_on_its_own_and_by_neither_handler(town: Town) -> None:
    case = evaluated(informed(town), actor=town.mei, **UNHAPPY)
    thursday = WEDNESDAY + timedelta(days=1)
    case = informed(town, case=case, handler=town.qian, now=thursday)
    for handler in (town.wang, town.qian):
        Membership.objects.create(staff=handler, role=Role.RECEPTIONIST, hall=town.north)
        with pytest.raises(NotAllowed):
            evaluated(case, actor=Staff.objects.get(pk=handler.pk), now=thursday)
    case = evaluated(case, actor=town.mei, now=thursday)
    assert case.state == "archived"
    assert list(Evaluation.objects.order_by("round").values_list("round", "satisfaction")) == [
        (1, "dissatisfied"),
        (2, "satisfied"),
    ]


def test_the_notice_about_an_answer_on_the_spot_goes_to_the_hall_itself_and_who_answered(town: Town) -> None:
    case = evaluated(answered_on_the_spot(town), actor=town.mei, **UNHAPPY)
    assert RectificationNotice.objects.get(case=case).department == town.hall_itself
    assert told("notice:") == {"lin"}
