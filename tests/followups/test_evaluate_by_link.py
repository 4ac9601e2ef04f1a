"""Residents answer the three questions over the link: it counts as if somebody had asked, and once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from cases.actions.bar import bar
from cases.models import Case, CaseDeadline
from followups.actions.attempt import close_anonymous, close_unreachable, record_attempt
from followups.actions.evaluate import evaluate_by_link
from followups.links import NoSuchLink, UsedLink, link_for
from followups.models import Evaluation, EvaluationLink, FollowUpAttempt, LateAnswer, RectificationNotice
from foundation.notifications.models import Alert
from foundation.refusals import Refused, Stale
from tests.builders import Town
from tests.followups.stories import (
    TUESDAY,
    WEDNESDAY,
    evaluated,
    informed,
    last_entry,
    outcome_of,
    texts_of_last_entry,
)

DAY = timedelta(days=1)
UNHAPPY: dict[str, Any] = {"solved": "no", "satisfaction": "dissatisfied", "reasons": "下雨又漏了"}


def token(case: Case, at: Any = TUESDAY) -> str:
    return link_for(Case.objects.get(pk=case.pk), now=at).path.split("/")[-2]


def answer(case_or_token: Case | str, at: Any = WEDNESDAY, **said: Any) -> LateAnswer | None:
    given = token(case_or_token) if isinstance(case_or_token, Case) else case_or_token
    answers: dict[str, Any] = {"contacted": True, "solved": "yes", "satisfaction": "satisfied"}
    return evaluate_by_link(token=given, now=at, **(answers | said))


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def told(prefix: str) -> set[str]:
    return set(Alert.objects.filter(key__startswith=prefix).values_list("recipient__username", flat=True))


def unreachable(town: Town, **how: Any) -> Case:
    case = informed(town, **how)
    for day in range(3):
        case = record_attempt(
            case_id=case.pk,
            transition_no=case.transition_no,
            actor=town.mei,
            now=WEDNESDAY + day * DAY,
            means="phone",
        )
    return close_unreachable(case_id=case.pk, transition_no=case.transition_no, actor=town.mei, now=WEDNESDAY + 2 * DAY)


@pytest.mark.parametrize("satisfaction", ["satisfied", "basically"])
def test_a_satisfied_resident_archives_their_own_case(town: Town, satisfaction: str) -> None:
    case = informed(town)
    assert answer(case, satisfaction=satisfaction, remark="谢谢师傅") is None
    case = fresh(case)
    assert (case.state, case.closed_at) == ("archived", WEDNESDAY)
    said = Evaluation.objects.get(case=case)
    assert (said.channel, said.is_entered_by_resident, said.recorded_by, said.stood_in) == ("link", True, None, "")
    assert (said.is_contacted, said.satisfaction, said.remark) == (True, satisfaction, "谢谢师傅")
    assert outcome_of(case, "follow_up") == "met"
    entry = last_entry(case)
    assert (entry.kind, entry.actor) == ("case.archived", None)
    assert entry.data["channel"] == "link"
    # Nobody of the house followed it up.
    assert not FollowUpAttempt.objects.exists()
    assert not case.parts.filter(role="follower_up").exists()


def test_a_dissatisfied_one_gets_a_new_round_and_the_department_its_notice(town: Town) -> None:
    case = informed(town)
    answer(case, contacted=False, **UNHAPPY)
    case = fresh(case)
    assert (case.state, case.round, case.responsible_staff) == ("accepted", 2, town.lin)
    running = set(CaseDeadline.objects.running().filter(case=case).values_list("kind", "round"))
    assert running == {("dispatch", 2), ("promise", 2)}
    notice = RectificationNotice.objects.get(case=case)
    assert (notice.round, notice.department, notice.reasons, notice.issued_by) == (1, town.works, "下雨又漏了", None)
    assert told("notice:") == {"wang", "qian", "zhao"}
    assert told(f"case:{case.pk}:reopened") == {"lin"}
    assert texts_of_last_entry(case) == {"reasons": "下雨又漏了"}


def test_reasons_are_asked_for_and_without_them_the_link_stays_good(town: Town) -> None:
    case = informed(town)
    with pytest.raises(Refused) as refusal:
        answer(case, satisfaction="dissatisfied", reasons="  ")
    assert refusal.value.field == "reasons"
    assert not Evaluation.objects.exists()
    answer(case)
    assert fresh(case).state == "archived"


@pytest.mark.parametrize("said", [{"solved": "maybe"}, {"satisfaction": "delighted"}])
def test_words_that_are_not_in_the_lists_are_refused(town: Town, said: dict[str, Any]) -> None:
    case = informed(town)
    with pytest.raises(Refused) as refusal:
        answer(case, **said)
    assert refusal.value.field == next(iter(said))
    assert EvaluationLink.objects.get().used_at is None


def test_of_two_tabs_one_answers(town: Town) -> None:
    given = token(informed(town))
    answer(given)
    with pytest.raises(UsedLink):
        answer(given, **UNHAPPY)
    assert Evaluation.objects.get().satisfaction == "satisfied"
    assert not LateAnswer.objects.exists()


@pytest.mark.parametrize("wrong", ["", "x" * 44, "😀" * 44])
def test_a_guessed_address_is_nobodys(town: Town, wrong: str) -> None:
    case = informed(town)
    token(case)
    with pytest.raises(NoSuchLink):
        answer(wrong)
    assert fresh(case).state == "follow_up"


def test_the_half_that_the_database_holds_opens_nothing(town: Town) -> None:
    case = informed(town)
    token(case)
    with pytest.raises(NoSuchLink):
        answer(EvaluationLink.objects.get().public_id * 2)


def test_after_thirty_days_it_opens_nothing_and_sounds_like_a_wrong_one(town: Town) -> None:
    given = token(informed(town))
    with pytest.raises(NoSuchLink) as expired:
        answer(given, at=TUESDAY + 30 * DAY)
    with pytest.raises(NoSuchLink) as wrong:
        answer("x" * 44)
    assert str(expired.value) == str(wrong.value)
    assert not Evaluation.objects.exists()


def test_a_colleague_who_was_on_the_phone_meanwhile_is_told_the_page_is_stale(town: Town) -> None:
    case = informed(town)
    answer(case)
    with pytest.raises(Stale):
        evaluated(case, actor=town.mei)
    assert Evaluation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_resident_and_colleague_in_the_same_second_one_of_them_evaluates(town: Town) -> None:
    case = informed(town)
    given = token(case)
    together = threading.Barrier(2)
    became: list[str] = []

    def run(who: str) -> None:
        together.wait()
        try:
            if who == "resident":
                became.append("late" if answer(given) else "evaluated")
            else:
                evaluated(case, actor=town.mei)
                became.append("asked")
        except Stale:
            became.append("stale")
        finally:
            connection.close()

    people = [threading.Thread(target=run, args=(who,)) for who in ("resident", "mei")]
    for one in people:
        one.start()
    for one in people:
        one.join(30)
    assert sorted(became) in (["evaluated", "stale"], ["asked", "late"])
    assert Evaluation.objects.count() == 1
    assert fresh(case).state == "archived"


def test_what_comes_after_the_archive_is_kept_and_counts_nowhere(town: Town) -> None:
    case = evaluated(informed(town), actor=town.mei)
    late = answer(case, at=WEDNESDAY + DAY, contacted=False, **UNHAPPY)
    assert late is not None
    assert (late.came, late.decision, late.archived_at, late.round) == ("after_archive", "", WEDNESDAY, 1)
    assert (late.is_contacted, late.solved, late.satisfaction, late.reasons) == (
        False,
        "no",
        "dissatisfied",
        "下雨又漏了",
    )
    assert Evaluation.objects.get().satisfaction == "satisfied"
    case = fresh(case)
    assert (case.state, case.late_answer_at) == ("archived", WEDNESDAY + DAY)
    assert last_entry(case).kind == "case.late_answer"
    assert texts_of_last_entry(case) == {"reasons": "下雨又漏了"}
    assert told("late:") == {"chen"}


def test_nobody_reached_them_but_the_link_still_does(town: Town) -> None:
    late = answer(unreachable(town), at=WEDNESDAY + 9 * DAY, **UNHAPPY)
    assert late is not None
    assert told("late:") == {"chen"}


def test_a_barred_director_hears_nothing_the_street_office_does(town: Town) -> None:
    case = evaluated(informed(town), actor=town.mei)
    bar(case_id=case.pk, staff=town.chen, reason="被投诉人", actor=None, now=WEDNESDAY)
    answer(case, at=WEDNESDAY + DAY, **UNHAPPY)
    assert told("late:") == {"tang"}
    assert not LateAnswer.objects.visible_to(town.chen).exists()


def test_thanks_that_come_late_are_kept_and_ask_nobody_for_anything(town: Town) -> None:
    case = evaluated(informed(town), actor=town.mei)
    late = answer(case, at=WEDNESDAY + DAY, remark="谢谢")
    assert late is not None
    assert (late.decision, fresh(case).late_answer_at, told("late:")) == ("not_needed", None, set())
    assert fresh(case).transition_no == case.transition_no


def test_who_was_told_on_the_phone_that_it_begins_anew_is_still_listened_to(town: Town) -> None:
    case = informed(town)
    given = token(case)
    case = evaluated(case, actor=town.mei, **UNHAPPY)
    late = answer(given, at=WEDNESDAY + DAY, **(UNHAPPY | {"reasons": "请派别人来"}))
    assert late is not None
    assert (late.came, late.round, late.decision) == ("new_round", 1, "not_needed")
    assert (fresh(case).round, fresh(case).transition_no) == (2, case.transition_no)
    assert told("late:") == {"lin"}


def test_an_anonymous_resident_who_is_content_is_left_out_of_the_rates(town: Town) -> None:
    case = informed(town, anonymous=True)
    late = answer(case)
    assert late is not None
    assert (late.came, fresh(case).state) == ("anonymous", "follow_up")
    assert not Evaluation.objects.exists()
    case = close_anonymous(
        case_id=case.pk, transition_no=fresh(case).transition_no, actor=town.mei, now=WEDNESDAY + DAY
    )
    assert case.state == "archived"


def test_an_anonymous_resident_who_is_not_gets_a_new_round_like_anybody(town: Town) -> None:
    case = informed(town, anonymous=True)
    late = answer(case, **UNHAPPY)
    assert late is not None
    assert (fresh(case).state, fresh(case).round) == ("accepted", 2)
    assert RectificationNotice.objects.get(case=case).reasons == "下雨又漏了"
    assert not Evaluation.objects.exists()
    assert told("notice:") == {"wang", "qian", "zhao"}


def test_an_anonymous_resident_is_heard_after_the_archive_too(town: Town) -> None:
    case = informed(town, anonymous=True)
    case = close_anonymous(case_id=case.pk, transition_no=case.transition_no, actor=town.mei, now=WEDNESDAY)
    late = answer(case, at=WEDNESDAY + DAY, **UNHAPPY)
    assert late is not None
    assert (late.came, told("late:")) == ("after_archive", {"chen"})


def test_what_was_said_late_cannot_be_improved_afterwards(town: Town) -> None:
    answer(evaluated(informed(town), actor=town.mei), at=WEDNESDAY + DAY, **UNHAPPY)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        LateAnswer.objects.update(satisfaction="satisfied")
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        LateAnswer.objects.all().delete()
