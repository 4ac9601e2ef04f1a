"""Whom a complaint is about is heard in writing before anything is found, and sees nothing else of it."""

from __future__ import annotations

import pytest

from cases.models import Case
from cases.uploads import CleanFile
from complaints.models import ComplaintSubject, Hearing
from foundation.notifications.models import Alert
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests.builders import Town
from tests.cases.coordination_steps import recall
from tests.cases.steps import fresh, last_entry, march, refused, told
from tests.complaints.procedure import answer, answer_for, ask, excuse, in_feedback, lodged, looked_into
from tests.matters import MONDAY, transferred

SCAN = CleanFile("说明.pdf", "application/pdf", b"%PDF-1.4 account")


def test_wang_is_asked_and_gets_one_alert_that_leads_to_this_page_alone(town: Town) -> None:
    slip = looked_into(town, town.wang)
    hearing = ask(slip, town.qian, town.wang, march(3, 10))
    (alert,) = Alert.objects.filter(recipient=town.wang)
    assert (alert.url, alert.chain, alert.params) == (f"/hearings/{hearing.public_id}/", None, {})
    assert slip.case.number not in alert.text
    assert fresh(slip).unheard == 1
    assert not Case.objects.visible_to(town.wang).exists()
    town.wang.refresh_from_db()
    assert town.wang.was_asked_to_account


def test_wang_answers_and_counts_as_heard_the_investigator_is_told(town: Town) -> None:
    slip = looked_into(town, town.wang)
    hearing = ask(slip, town.qian, town.wang, march(3, 10))
    done = answer(hearing, town.wang, march(4, 10), account=" 按公示价格收费。 ", files=[SCAN])
    assert (done.account, done.accounted_at, done.is_on_paper) == ("按公示价格收费。", march(4, 10), False)
    assert [file.name for file in done.files.all()] == ["说明.pdf"]
    assert fresh(slip).unheard == 0
    entry = last_entry(slip)
    assert (entry.kind, entry.actor, entry.texts["account"]) == (
        "complaint.account_given",
        town.wang,
        "按公示价格收费。",
    )
    assert told(slip, march(4, 10)) == {"qian"}


def test_an_account_is_given_once(town: Town) -> None:
    hearing = ask(looked_into(town, town.wang), town.qian, town.wang)
    answer(hearing, town.wang)
    with pytest.raises(Stale):
        answer(hearing, town.wang, account="改口。")
    assert Hearing.objects.get().account == "按公示价格收费。"


def test_nobody_answers_what_somebody_else_was_asked(town: Town) -> None:
    hearing = ask(looked_into(town, town.wang), town.qian, town.wang)
    for person in (town.zhao, town.chen, town.qian):
        with pytest.raises(Hearing.DoesNotExist):
            answer(hearing, person)


def test_an_account_on_paper_is_recorded_with_its_scan(town: Town) -> None:
    slip = looked_into(town, town.wang)
    ask(slip, town.qian, town.wang, march(3, 10))
    done = answer_for(slip, town.qian, town.wang, march(4, 10), files=[SCAN])
    assert (done.is_on_paper, done.files.count(), done.is_open) == (True, 1, False)
    assert Hearing.objects.count() == 1
    assert fresh(slip).unheard == 0


def test_who_refuses_or_is_away_is_excused_with_a_reason_and_is_asked_no_more(town: Town) -> None:
    slip = looked_into(town, town.wang)
    hearing = ask(slip, town.qian, town.wang)
    with refused(Refused, slip, field="because"):
        excuse(slip, town.qian, town.wang, because="bored")
    with refused(Refused, slip, field="reason"):
        excuse(slip, town.qian, town.wang, reason=" ")
    excuse(slip, town.qian, town.wang, because="absent")
    assert fresh(slip).unheard == 0
    with refused(WrongState, slip) as info:
        answer(hearing, town.wang)
    assert slip.case.number not in str(info.value)
    assert Hearing.objects.get().account == ""


def test_who_is_excused_without_having_been_asked_finds_no_page(town: Town) -> None:
    slip = looked_into(town, town.wang)
    hearing = excuse(slip, town.qian, town.wang, because="left")
    with pytest.raises(Hearing.DoesNotExist):
        answer(hearing, town.wang)


def test_heard_twice_counts_once(town: Town) -> None:
    slip = looked_into(town, town.wang, town.mei)
    excuse(slip, town.qian, town.wang)
    answer_for(slip, town.qian, town.wang)
    assert fresh(slip).unheard == 1
    excuse(slip, town.qian, town.mei)
    assert fresh(slip).unheard == 0


def test_the_text_must_not_name_who_complained_and_asks_something(town: Town) -> None:
    slip = looked_into(town, town.wang)
    with refused(Refused, slip, field="allegations"):
        ask(slip, town.qian, town.wang, allegations="王秀兰说你多收了钱。")
    with refused(Refused, slip, field="allegations"):
        ask(slip, town.qian, town.wang, allegations=" ")


def test_nobody_is_asked_twice_at_the_same_time_nor_who_it_is_not_about(town: Town) -> None:
    slip = looked_into(town, town.wang)
    with refused(Refused, slip, field="person"):
        ask(slip, town.qian, town.mei)
    ask(slip, town.qian, town.wang)
    with refused(Refused, slip, field="person"):
        ask(slip, town.qian, town.wang)


@pytest.mark.parametrize("who", ["lin", "feng", "gu", "he", "lu"])
def test_the_investigator_their_head_and_the_director_hear_nobody_else(town: Town, who: str) -> None:
    slip = looked_into(town, town.wang)
    for step in (ask, answer_for, excuse):
        with refused(NotAllowed, slip):
            step(slip, getattr(town, who), town.wang)
    assert ask(slip, town.zhao, town.wang).opened_by == town.zhao
    assert answer_for(slip, town.chen, town.wang).accounted_at == MONDAY


def test_nobody_is_heard_before_the_investigation_has_begun(town: Town) -> None:
    case = lodged(town, town.wang)
    with refused(WrongState, case):
        ask(case, town.chen, town.wang)
    slip = transferred(town, nature="complaint")
    with refused(Refused, slip, field="person"):
        ask(slip, town.chen, town.wang)


def test_an_older_page_hears_nobody(town: Town) -> None:
    slip = looked_into(town, town.wang)
    drawn = fresh(slip).transition_no
    ask(slip, town.qian, town.wang, transition_no=drawn)
    with refused(Stale, slip):
        excuse(slip, town.qian, town.wang, transition_no=drawn)


def test_who_was_barred_without_being_named_is_named_by_being_heard(town: Town) -> None:
    case = in_feedback(town, town.wang)
    ComplaintSubject.objects.all().delete()
    excuse(case, town.qian, town.wang)
    assert ComplaintSubject.objects.get().staff == town.wang


def test_once_the_case_went_back_to_the_desk_an_account_is_refused_in_words_that_tell_nothing(town: Town) -> None:
    slip = looked_into(town, town.wang)
    hearing = ask(slip, town.qian, town.wang)
    case = recall(slip, town.lin).case
    assert fresh(case).state == "accepted"
    with refused(WrongState, case) as info:
        answer(hearing, town.wang)
    assert case.number not in str(info.value)
