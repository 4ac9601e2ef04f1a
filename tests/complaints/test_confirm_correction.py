"""What is to be put right by a date stands there until whoever decided about it has confirmed that it was."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from cases.models import Case
from complaints.models import Correction, Sanction
from foundation.notifications.models import Alert
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests.builders import Town
from tests.cases.steps import archive, fresh, inform, last_entry, march, refused, reopen
from tests.complaints.procedure import confirm_correction, excuse, find_out, in_feedback, sanction

TENTH, TWENTIETH = date(2026, 3, 10), date(2026, 3, 20)


def founded(town: Town, *about: Staff) -> Case:
    about = about or (town.wang,)
    case = in_feedback(town, *about)
    for staff in about:
        excuse(case, town.qian, staff)
    find_out(case, town.qian, verdict="founded", responsible_staff=about[0])
    return fresh(case)


def to_correct(case: Case, by: Staff, day: date = TWENTIETH, staff: Staff | None = None) -> Sanction:
    return sanction(case, by, march(4, 10), staff=staff, kind="correction", text="收费项目上墙公示。", correct_by=day)


def test_director_chen_confirms_that_it_was_put_right(town: Town) -> None:
    case = founded(town)
    decided = to_correct(case, town.chen)
    assert fresh(case).correct_by == TWENTIETH
    confirmed = confirm_correction(case, town.chen, decided, march(18, 15), note="已到现场看过，公示牌已挂。")
    assert (confirmed.sanction, confirmed.confirmed_by) == (decided, town.chen)
    assert confirmed.confirmed_at == march(18, 15)
    assert fresh(case).correct_by is None
    entry = last_entry(case)
    assert (entry.kind, entry.actor, entry.texts) == (
        "complaint.corrected",
        town.chen,
        {"note": "已到现场看过，公示牌已挂。"},
    )


def test_of_several_the_first_day_stands_there_until_the_last_is_confirmed(town: Town) -> None:
    case = founded(town)
    later, sooner = to_correct(case, town.chen, TWENTIETH), to_correct(case, town.chen, TENTH, town.wang)
    assert fresh(case).correct_by == TENTH
    confirm_correction(case, town.chen, sooner, march(9, 10))
    assert fresh(case).correct_by == TWENTIETH
    confirm_correction(case, town.chen, later, march(23, 10))
    assert fresh(case).correct_by is None


def test_what_carries_no_date_waits_for_nobody(town: Town) -> None:
    case = founded(town)
    sanction(case, town.chen, march(4, 10), kind="criticism")
    assert fresh(case).correct_by is None
    with refused(WrongState, case):
        confirm_correction(case, town.chen, Sanction.objects.get(), march(5, 10))


@pytest.mark.parametrize("who", ["lin", "qian", "zhao", "feng", "tang", "gu", "he", "lu", "wang"])
def test_nobody_but_the_director_confirms_it(town: Town, who: str) -> None:
    case = founded(town)
    decided = to_correct(case, town.chen)
    with refused(NotAllowed, case):
        confirm_correction(case, getattr(town, who), decided, march(18, 15))


def test_of_what_is_about_the_director_the_street_office_confirms_it(town: Town) -> None:
    case = founded(town, town.chen)
    decided = to_correct(case, town.tang, staff=town.chen)
    with refused(NotAllowed, case):
        confirm_correction(case, town.feng, decided, march(18, 15))
    assert confirm_correction(case, town.tang, decided, march(18, 15)).confirmed_by == town.tang


def test_it_is_confirmed_in_words_and_about_a_decision_of_this_matter(town: Town) -> None:
    case = founded(town)
    decided = to_correct(case, town.chen)
    with refused(Refused, case, field="note"):
        confirm_correction(case, town.chen, decided, march(18, 15), note="  ")
    elsewhere = to_correct(founded(town), town.chen)
    with refused(Refused, case, field="sanction"):
        confirm_correction(case, town.chen, elsewhere, march(18, 15))


def test_twice_it_is_refused_and_a_stale_page_too(town: Town) -> None:
    case = founded(town)
    sooner, later = to_correct(case, town.chen, TENTH), to_correct(case, town.chen, TWENTIETH)
    drawn = fresh(case).transition_no
    confirm_correction(case, town.chen, sooner, march(9, 10), transition_no=drawn)
    with refused(Stale, case):
        confirm_correction(case, town.chen, later, march(9, 10), transition_no=drawn)
    with refused(Refused, case, field="sanction"):
        confirm_correction(case, town.chen, sooner, march(9, 11))
    confirm_correction(case, town.chen, later, march(9, 12))
    with refused(WrongState, case):
        confirm_correction(case, town.chen, later, march(9, 13))


def test_it_waits_through_the_answer_the_archive_and_a_further_round(town: Town) -> None:
    answered = founded(town)
    to_correct(answered, town.chen)
    inform(answered, town.lin, march(4, 11))
    archived = archive(answered, town.mei, march(4, 12))
    assert archived.correct_by == TWENTIETH
    other = founded(town)
    decided = to_correct(other, town.chen)
    inform(other, town.lin, march(4, 11))
    assert reopen(other, town.mei, march(4, 12)).state == "accepted"
    confirm_correction(other, town.chen, decided, march(18, 15))
    assert fresh(other).correct_by is None


def test_the_head_of_the_department_is_told_without_a_word_of_it(town: Town) -> None:
    case = founded(town)
    to_correct(case, town.chen)
    told = Alert.objects.filter(key__startswith="correction:")
    assert [alert.recipient for alert in told] == [town.zhao]
    assert told[0].params == {"number": case.number}


def test_a_confirmation_stays_as_it_was_written(town: Town) -> None:
    case = founded(town)
    confirmed = confirm_correction(case, town.chen, to_correct(case, town.chen), march(18, 15))
    for change in ({"confirmed_by": town.lin}, {"confirmed_at": march(19, 9)}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Correction.objects.filter(pk=confirmed.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        confirmed.delete()
