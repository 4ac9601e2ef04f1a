"""A complaint is confirmed with who lodged it, within 24 hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.actions.accept import accept
from cases.models import Case, CaseDeadline
from complaints.actions.confirm import confirm
from complaints.actions.lodge import lodge
from complaints.models import Complaint
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests.builders import Town
from tests.complaints.stories import MONDAY, complained, last_entry

NOON = MONDAY.replace(hour=12, minute=0)


def lodged(town: Town, *about: Staff, **visit: Any) -> Case:
    case = complained(town, **visit)
    return lodge(case_id=case.pk, about_staff=about, about="多收了钱", actor=town.lin, now=MONDAY).case


def confirmed(case: Case, actor: Staff, *, at: datetime = NOON, now: datetime | None = None, **more: Any) -> Complaint:
    return confirm(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=actor,
        now=now or at,
        confirmed_at=at,
        **({"means": "phone"} | more),
    )


def confirm_outcome(case: Case) -> str:
    return CaseDeadline.objects.get(case=case, kind="confirm").outcome


def test_confirmation_stops_its_clock_and_keeps_what_was_put_right(town: Town) -> None:
    case = lodged(town, town.wang)
    complaint = confirmed(case, town.lin, corrections=" 收了二百元，不是一百元 ")
    assert (complaint.confirmed_at, complaint.confirmed_by, complaint.confirm_means) == (NOON, town.lin, "phone")
    assert complaint.corrections == "收了二百元，不是一百元"
    assert confirm_outcome(case) == "met"
    entry = last_entry(case)
    assert (entry.kind, entry.actor, entry.happened_at) == ("complaint.confirmed", town.lin, NOON)
    assert [(text.name, text.content) for text in entry.texts.all()] == [("corrections", "收了二百元，不是一百元")]
    assert complaint.case.state == "registered"
    assert complaint.case.transition_no == case.transition_no + 1


def test_an_urgent_complaint_of_the_night_may_be_confirmed_before_its_clock_begins(town: Town) -> None:
    # Friday, three in the morning: with nobody on call its day runs from the opening at nine.
    night = MONDAY.replace(day=6, hour=3)
    case = complained(town, nature="request")
    case = accept(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=night,
        nature="complaint",
        category=case.category,
        urgency="urgent",
        headcount=1,
    )
    assert CaseDeadline.objects.get(case=case, kind="confirm").started_at == night.replace(hour=9, minute=0)
    complaint = confirmed(case, town.lin, at=night + timedelta(minutes=5))
    assert (complaint.lodged_at, confirm_outcome(case)) == (night, "met")


def test_a_confirmation_after_24_hours_is_met_late(town: Town) -> None:
    case = lodged(town)
    confirmed(case, town.lin, at=MONDAY + timedelta(hours=24, minutes=1))
    assert confirm_outcome(case) == "met_late"


def test_what_was_confirmed_in_time_and_written_down_later_counts_as_in_time(town: Town) -> None:
    case = lodged(town)
    confirmed(case, town.lin, at=NOON, now=MONDAY + timedelta(days=2))
    assert confirm_outcome(case) == "met"


def test_a_complaint_may_be_confirmed_in_the_very_minute_it_was_lodged(town: Town) -> None:
    """The page's field knows no seconds: 9:29 is what the receptionist gives for half past that minute."""
    lodged_at = MONDAY - timedelta(seconds=40)
    case = lodged(town, received_at=lodged_at)
    complaint = confirmed(case, town.lin, at=MONDAY - timedelta(minutes=1), now=MONDAY)
    assert complaint.confirmed_at == lodged_at
    assert confirm_outcome(case) == "met"


@pytest.mark.parametrize("name", ["wang", "zhao", "chen", "feng", "gu", "he", "lu", "tang"])
def test_only_receptionists_of_the_hall_confirm(town: Town, name: str) -> None:
    case = lodged(town)
    with pytest.raises(NotAllowed):
        confirmed(case, getattr(town, name))
    assert confirm_outcome(case) == ""


def test_who_it_is_about_does_not_confirm_it(town: Town) -> None:
    case = lodged(town, town.mei)
    with pytest.raises(NotAllowed):
        confirmed(case, town.mei)


def test_the_director_confirms_where_all_receptionists_are_barred(town: Town) -> None:
    case = complained(town)
    case = lodge(case_id=case.pk, about_staff=[town.lin, town.mei], about="都推诿", actor=None, now=MONDAY).case
    assert confirmed(case, town.chen).confirmed_by == town.chen


def test_a_second_confirmation_is_refused_in_words(town: Town) -> None:
    case = lodged(town)
    done = confirmed(case, town.lin).case
    with pytest.raises(Stale):
        confirmed(case, town.mei)
    with pytest.raises(WrongState):
        confirmed(done, town.mei, corrections="别的说法")
    assert Complaint.objects.get(case=case).corrections == ""


def test_what_is_no_complaint_waits_for_no_confirmation(town: Town) -> None:
    with pytest.raises(WrongState):
        confirmed(complained(town, nature="request"), town.lin)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"means": "telepathy"}, "means"),
        ({"at": NOON, "now": NOON - timedelta(minutes=1)}, "confirmed_at"),
        ({"at": MONDAY - timedelta(minutes=1)}, "confirmed_at"),
    ],
)
def test_impossible_words_and_hours_are_refused_at_their_field(town: Town, change: dict[str, Any], field: str) -> None:
    case = lodged(town)
    with pytest.raises(Refused) as refusal:
        confirmed(case, town.lin, **change)
    assert refusal.value.field == field
    assert confirm_outcome(case) == ""
    assert Complaint.objects.get(case=case).confirmed_at is None


def test_a_matter_screened_as_a_complaint_only_later_is_confirmed_too(town: Town) -> None:
    case = complained(town, nature="request")
    case = accept(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=NOON,
        nature="complaint",
        category=case.category,
        urgency="normal",
        headcount=1,
    )
    complaint = confirmed(case, town.lin, at=NOON + timedelta(hours=1))
    assert complaint.lodged_at == NOON
    assert confirm_outcome(case) == "met"
