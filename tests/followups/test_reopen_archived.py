"""The director reads what came after the archive: within thirty days a new round, or a word why it stays closed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from cases.actions.bar import bar
from cases.models import Case, CaseDeadline
from followups.actions.conclude import conclude
from followups.actions.late import keep_closed, reopen_archived
from followups.models import Conclusion, LateAnswer, RectificationNotice
from foundation.notifications.models import Alert
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests.builders import Town
from tests.followups.stories import WEDNESDAY, evaluated, informed, last_entry, texts_of_last_entry
from tests.followups.test_evaluate_by_link import UNHAPPY, answer, fresh, told

DAY = timedelta(days=1)
THURSDAY = WEDNESDAY + DAY
FRIDAY = WEDNESDAY + 2 * DAY


def unsettled(town: Town, at: datetime = THURSDAY) -> Case:
    """Archived on Wednesday as satisfied; on Thursday the resident says over the link that it is not."""
    case = evaluated(informed(town), actor=town.mei)
    answer(case, at=at, **UNHAPPY)
    return fresh(case)


def reopened(case: Case, by: Staff, at: datetime = FRIDAY, *, reason: str = "请另派人查看") -> Case:
    return reopen_archived(case_id=case.pk, transition_no=case.transition_no, actor=by, now=at, reason=reason)


def closed(case: Case, by: Staff, at: datetime = FRIDAY, *, word: str = "已上门说明") -> Case:
    return keep_closed(case_id=case.pk, transition_no=case.transition_no, actor=by, now=at, word=word)


def test_the_director_reopens_it_with_a_promise_of_its_own(town: Town) -> None:
    case = reopened(unsettled(town), town.chen)
    assert (case.state, case.round, case.closed_at, case.late_answer_at) == ("accepted", 2, None, None)
    assert (case.responsible_staff, case.informed_at, case.route) == (town.lin, None, "")
    running = set(CaseDeadline.objects.running().filter(case=case).values_list("kind", "round"))
    assert running == {("dispatch", 2), ("promise", 2)}
    late = LateAnswer.objects.get()
    assert (late.decision, late.decided_by, late.decided_at, late.word) == (
        "reopened",
        town.chen,
        FRIDAY,
        "请另派人查看",
    )
    entry = last_entry(case)
    assert (entry.kind, entry.actor) == ("case.reopened_after_archive", town.chen)
    assert texts_of_last_entry(case) == {"reason": "请另派人查看"}


def test_the_department_gets_its_notice_with_the_residents_own_words(town: Town) -> None:
    case = reopened(unsettled(town), town.chen)
    notice = RectificationNotice.objects.get(case=case)
    assert (notice.round, notice.department, notice.issued_by) == (1, town.works, town.chen)
    assert notice.reasons == "下雨又漏了\n请另派人查看"
    assert told("notice:") == {"wang", "qian", "zhao"}


@pytest.mark.parametrize("name", ["lin", "mei", "wang", "zhao", "feng", "gu", "he", "han", "tang"])
def test_nobody_but_the_director_decides(town: Town, name: str) -> None:
    case = unsettled(town)
    with pytest.raises(NotAllowed):
        reopened(case, getattr(town, name))
    with pytest.raises(NotAllowed):
        closed(case, getattr(town, name))
    assert fresh(case).state == "archived"
    assert not RectificationNotice.objects.exists()


def test_for_a_barred_director_the_street_office_decides(town: Town) -> None:
    case = evaluated(informed(town), actor=town.mei)
    bar(case_id=case.pk, staff=town.chen, reason="被投诉人", actor=None, now=WEDNESDAY)
    answer(case, at=THURSDAY, **UNHAPPY)
    case = fresh(case)
    with pytest.raises(NotAllowed):
        reopened(case, town.chen)
    assert reopened(case, town.tang).round == 2


def test_it_is_reopened_until_the_thirtieth_day_and_no_later(town: Town) -> None:
    case = unsettled(town)
    with pytest.raises(Refused):
        reopened(case, town.chen, WEDNESDAY + 30 * DAY + timedelta(seconds=1))
    assert fresh(case).state == "archived"
    assert reopened(case, town.chen, WEDNESDAY + 30 * DAY).round == 2


def test_the_database_does_not_take_a_later_one_either(town: Town) -> None:
    unsettled(town)
    with pytest.raises(IntegrityError, match="late_answer_reopened_in_time"), transaction.atomic():
        LateAnswer.objects.update(decision="reopened", decided_by=town.chen, decided_at=WEDNESDAY + 31 * DAY)


def test_without_a_reason_nothing_happens(town: Town) -> None:
    case = unsettled(town)
    with pytest.raises(Refused) as refusal:
        reopened(case, town.chen, reason="  ")
    assert refusal.value.field == "reason"
    with pytest.raises(Refused) as refusal:
        closed(case, town.chen, word="")
    assert refusal.value.field == "word"


def test_what_nobody_complained_about_after_the_archive_stays_archived(town: Town) -> None:
    case = evaluated(informed(town), actor=town.mei)
    with pytest.raises(WrongState):
        reopened(case, town.chen)
    answer(case, at=THURSDAY)
    with pytest.raises(WrongState):
        reopened(fresh(case), town.chen)
    assert not RectificationNotice.objects.exists()


def test_a_page_drawn_before_the_answer_came_is_stale(town: Town) -> None:
    before = evaluated(informed(town), actor=town.mei)
    answer(before, at=THURSDAY, **UNHAPPY)
    with pytest.raises(Stale):
        reopened(before, town.chen)


def test_it_is_decided_once(town: Town) -> None:
    case = unsettled(town)
    reopened(case, town.chen)
    with pytest.raises(Stale):
        reopened(case, town.chen)
    with pytest.raises(WrongState):
        closed(fresh(case), town.chen)
    assert fresh(case).round == 2
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        LateAnswer.objects.update(decision="closed")


def test_it_stays_closed_with_a_word(town: Town) -> None:
    case = closed(unsettled(town), town.chen)
    assert (case.state, case.late_answer_at, case.closed_at) == ("archived", None, WEDNESDAY)
    late = LateAnswer.objects.get()
    assert (late.decision, late.decided_by, late.word) == ("closed", town.chen, "已上门说明")
    assert (last_entry(case).kind, texts_of_last_entry(case)) == ("case.late_answer_closed", {"word": "已上门说明"})


def test_the_new_round_is_answered_evaluated_and_archived_like_any_other(town: Town) -> None:
    case = reopened(unsettled(town), town.chen)
    case = informed(town, case=case, handler=town.qian, now=FRIDAY)
    answer(case, at=FRIDAY + DAY)
    assert (fresh(case).state, fresh(case).round) == ("archived", 2)


def test_what_was_concluded_can_be_reopened_and_concluded_once_more(town: Town) -> None:
    case = evaluated(informed(town), actor=town.mei, **UNHAPPY)
    case = informed(town, case=case, handler=town.qian, now=THURSDAY)
    case = concluded(case, town.chen, THURSDAY)
    answer(case, at=FRIDAY, **UNHAPPY)
    case = reopened(fresh(case), town.chen, FRIDAY)
    assert case.round == 3
    case = informed(town, case=case, handler=town.zhao, now=FRIDAY)
    concluded(case, town.chen, FRIDAY)
    assert list(Conclusion.objects.order_by("round").values_list("round", flat=True)) == [2, 3]
    assert Alert.objects.filter(key__contains=":concluded:").count() == 2


def concluded(case: Case, by: Staff, at: datetime) -> Case:
    return conclude(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=by,
        now=at,
        letter="已无法再办",
        review_body="街道办事处",
    )
