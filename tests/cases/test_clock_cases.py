"""The clock cases of the process, each with its dates worked out by hand, on the real calendar of 2026.

The north hall is open Monday to Friday from 9:00 to 12:00 and from 13:30 to 17:30: seven hours. Holidays of 2026 used
here: Qingming, Saturday 4 to Monday 6 April; Labour Day, Friday 1 to Tuesday 5 May, for which Saturday 9 May is worked
(调休); National Day, Thursday 1 to Wednesday 7 October, for which Sunday 20 September and Saturday 10 October are
worked.
"""

from __future__ import annotations

from datetime import date, datetime

import pytest

from cases.actions.end_pauses import end_pauses
from cases.models import CaseDeadline, Pause
from cases.recompute import recompute
from cases.sweep import sweep
from foundation.deadlines.actions import add_calendar_day, remove_calendar_day
from foundation.deadlines.explanation import explain
from foundation.notifications.models import Alert
from foundation.refusals import NotAllowed, Refused, WrongState
from tests import matters
from tests.builders import Town, on_shift
from tests.cases.steps import (
    ask_extension,
    ask_pause,
    fresh,
    grant_extension,
    grant_pause,
    kinds,
    march,
    refused,
    report,
    resume,
    running,
    standing_still,
    told,
)
from tests.matters import SHANGHAI


def on(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def why(clock: CaseDeadline) -> str:
    return " ".join(explain(clock.explanation, zone=SHANGHAI, language="en"))


# An end on a day nobody works (Civil Code, article 203)


def test_an_end_on_the_weekend_moves_to_the_same_time_on_monday(town: Town):
    """Registered on Friday 6 March at 15:00; 24 hours later is Saturday; Monday the 9th at 15:00."""
    case = matters.registered(town, now=march(6, 15))
    assert running(case) == {"dispatch": "03-09 15:00"}
    assert "Civil Code" in why(case.deadlines.get())


def test_an_end_on_a_holiday_moves_to_the_first_day_that_is_worked(town: Town):
    """Friday 3 April 10:00 and 24 hours is Saturday, then Qingming until Monday the 6th: Tuesday the 7th, 10:00."""
    assert running(matters.registered(town, now=on(4, 3, 10))) == {"dispatch": "04-07 10:00"}


def test_an_end_on_a_saturday_that_is_worked_stays(town: Town):
    """Friday 8 May 10:00 and 24 hours is Saturday 9 May, a make-up workday."""
    assert running(matters.registered(town, now=on(5, 8, 10))) == {"dispatch": "05-09 10:00"}


# Make-up workdays


def test_a_make_up_workday_is_counted(town: Town):
    """Accepted on Wednesday 29 April; promised in seven working days.

    30 April (1); 1 to 5 May off; 6, 7, 8 May (2, 3, 4); Saturday 9 May worked (5); Sunday off; 11, 12 May (6, 7).
    """
    case = matters.accepted(town, now=on(4, 29, 10))
    assert running(case)["promise"] == "05-12 17:30"
    assert "2026" in why(case.deadlines.get(kind="promise"))


def test_a_sunday_worked_for_national_day_is_counted(town: Town):
    """Transferred on Friday 18 September: five working days are Sunday 20, Monday 21, 22, 23, Thursday 24."""
    slip = matters.transferred(town, now=on(9, 18, 10))
    assert running(slip)["handle"] == "09-24 17:30"


# Pauses


def test_a_pause_over_a_holiday_moves_nothing(town: Town):
    """Paused on Wednesday 30 September at closing time, resumed on Thursday 8 October when the hall opens.

    Transferred on Monday 28 September: handling five working days, 29, 30 September, 8, 9 October, Saturday 10 October
    (worked); the promise seven, Monday 12 and Tuesday 13 October.
    """
    slip = matters.investigating(town, now=on(9, 28, 10))
    before = {"promise": "10-13 17:30", "handle": "10-10 17:30"}
    assert running(slip) == before
    ask_pause(slip, town.wang, on(9, 30, 17))
    grant_pause(slip, town.zhao, on(9, 30, 17, 30))
    assert standing_still(slip) == {"handle", "promise"}
    resume(slip, town.wang, on(10, 8, 9))
    assert running(slip) == before
    # Nothing has moved, so there is nothing to tell the resident.
    assert fresh(slip).limit_changed_at is None
    sentences = why(fresh(slip).deadlines.get(kind="handle"))
    assert "nothing moves" in sentences


def test_why_then_tells_of_the_pause_and_of_the_extension(town: Town):
    """Paused from Tuesday 10:00 to Wednesday 15:00: 6 h and 4.5 h.

    Handling, Monday 9 March 17:30, moves over Tuesday the 10th (7 h) into Wednesday (3 h until noon, half an hour after
    13:30): the 11th, 14:00. Two working days more: the 13th.
    """
    slip = matters.investigating(town)
    ask_pause(slip, town.wang, march(3, 10))
    grant_pause(slip, town.zhao, march(3, 10))
    resume(slip, town.wang, march(4, 15))
    assert running(slip)["handle"] == "03-11 14:00"
    ask_extension(slip, town.wang, march(5, 10), days=2)
    grant_extension(slip, town.chen, march(5, 11))
    assert running(slip)["handle"] == "03-13 17:30"
    sentences = explain(fresh(slip).deadlines.get(kind="handle").explanation, zone=SHANGHAI, language="en")
    counted, pause, extension = sentences[-3:]
    assert "Counted in this way it would be due on" in counted
    assert "17:30" in counted
    assert "10 hours 30 minutes of opening time" in pause
    assert "14:00" in pause
    assert "extended once, by 2 working days" in extension


def test_what_was_extended_is_not_paused_afterwards(town: Town):
    slip = matters.investigating(town)
    ask_extension(slip, town.wang, march(3, 10))
    grant_extension(slip, town.chen, march(3, 11))
    with refused(WrongState, slip):
        ask_pause(slip, town.wang, march(4, 10))


def test_what_ran_out_is_neither_paused_nor_extended(town: Town):
    slip = matters.investigating(town)
    with refused(Refused, slip):
        ask_pause(slip, town.wang, march(10, 9))
    with refused(Refused, slip):
        ask_extension(slip, town.wang, march(10, 9))


# What is shelved: 挂账


def test_shelved_reviewed_every_month_and_resumed(town: Town):
    """Shelved on Tuesday 3 March at ten; looked at on Friday 3 April; then 3 May is in the holiday: Wednesday 6 May.

    Resumed on Monday 11 May at ten. Working time between: March 6 h of the 3rd and 20 days (4 to 31 March); April 20
    days (30 less four weekends and Monday 6 April: 1-3, 7-10, 13-17, 20-24, 27-30 = 3 + 4 + 5 + 5 + 4 = 21 days);
    May: 6, 7, 8, 9 and one hour of the 11th. 6 h + 45 days + 1 h = 46 days of seven hours.
    Handling was due on Monday 9 March 17:30, so 46 working days later: March has 16 left (10 to 31), April 21 (37), May
    6, 7, 8, 9 (41), then 11, 12, 13, 14, 15 (46): Friday 15 May 17:30. The promise, 11 March: two days more, 19 May.
    """
    on_shift(town.lin, town.north, march(2, 9), hours=24 * 90)
    slip = matters.investigating(town)
    ask_pause(slip, town.wang, march(3, 9, 30), is_shelved=True)
    assert told(slip, march(3, 9, 30)) == {"chen"}
    with refused(NotAllowed, slip):
        grant_pause(slip, town.zhao, march(3, 10))
    grant_pause(slip, town.chen, march(3, 10))
    # The resident is to be told at once.
    assert fresh(slip).limit_changed_at == march(3, 10)
    assert Pause.objects.get().ends_at == on(4, 3, 10)
    assert end_pauses(now=on(4, 3, 9, 59)).reviewed == 0
    assert end_pauses(now=on(4, 3, 10)).reviewed == 1
    assert told(slip, on(4, 3, 10)) == {"chen"}
    assert end_pauses(now=on(4, 3, 10)).reviewed == 0
    assert Pause.objects.get().ends_at == on(5, 6, 10)
    assert standing_still(slip) == {"handle", "promise"}
    sweep(now=on(5, 11, 9, 30))
    assert not Alert.objects.filter(key__startswith="clock:").exists()
    resume(slip, town.chen, on(5, 11, 10))
    assert running(slip) == {"promise": "05-19 17:30", "handle": "05-15 17:30"}
    assert "slip.shelved" in kinds(slip)


def test_shelving_does_not_use_up_the_ten_days(town: Town):
    slip = matters.investigating(town)
    ask_pause(slip, town.wang, march(3, 10), is_shelved=True)
    grant_pause(slip, town.chen, march(3, 10))
    resume(slip, town.wang, march(31, 10))
    ask_pause(slip, town.wang, march(31, 11))
    grant_pause(slip, town.zhao, march(31, 11))
    # Ten from Tuesday 31 March: 1 to 3 April, 7 to 10, 13 to 15.
    assert Pause.objects.get(state="running").ends_at == on(4, 15, 17, 30)


@pytest.mark.parametrize(
    ("granted", "review"),
    [
        (on(1, 30, 10), on(2, 28, 10)),  # February has no 30th; Saturday 28 February is worked (调休)
        (on(11, 30, 15), on(12, 30, 15)),
        (on(4, 1, 10), on(5, 6, 10)),  # 1 to 5 May are off
    ],
)
def test_the_review_is_on_the_same_day_of_the_next_month(town: Town, granted: datetime, review: datetime):
    slip = matters.investigating(town, now=granted)
    ask_pause(slip, town.wang, granted, is_shelved=True)
    grant_pause(slip, town.chen, granted)
    assert Pause.objects.get().ends_at == review


# Urgent at night


def test_urgent_at_night_with_nobody_on_call_begins_when_the_hall_opens(town: Town):
    """Tuesday 3 March 23:00: dispatch, 30 minutes, from Wednesday 9:00; due at 9:30."""
    case = matters.registered(town, now=march(3, 23), urgency="urgent")
    assert running(case) == {"dispatch": "03-04 09:30"}


def test_urgent_at_night_with_somebody_on_call_begins_at_once(town: Town):
    """The same with Mei on call from 20:00: due at 23:30."""
    on_shift(town.mei, town.north, march(3, 20), hours=12, on_call=True)
    case = matters.registered(town, now=march(3, 23), urgency="urgent")
    assert running(case) == {"dispatch": "03-03 23:30"}


def test_urgent_hours_do_not_wait_for_monday(town: Town):
    """Transferred on Friday 6 March at 16:00: handling within 24 hours ends on Saturday at 16:00."""
    slip = matters.transferred(town, now=march(6, 16), urgency="urgent")
    assert running(slip)["handle"] == "03-07 16:00"


# The calendar changes afterwards


def test_a_closure_added_afterwards_moves_what_runs(town: Town):
    """The hall is closed on Thursday 5 March: handling, Monday the 9th, becomes Tuesday; the promise the 12th."""
    recompute(now=march(2, 9))
    slip = matters.investigating(town)
    assert running(slip) == {"promise": "03-11 17:30", "handle": "03-09 17:30"}
    add_calendar_day(
        hall=town.north, actor=town.he, now=march(3, 9), date=date(2026, 3, 5), kind="closure", name="停电"
    )
    recompute(now=march(3, 9, 1))
    assert running(slip) == {"promise": "03-12 17:30", "handle": "03-10 17:30"}
    assert fresh(slip).limit_changed_at == march(3, 9, 1)
    assert "停电" in why(fresh(slip).deadlines.get(kind="handle"))


def test_a_make_up_day_taken_back_moves_what_runs(town: Town):
    """The hall works on Saturday 7 March, and then does not: handling, Friday and Saturday counted, moves to Monday."""
    extra = add_calendar_day(
        hall=town.north, actor=town.he, now=march(2, 8), date=date(2026, 3, 7), kind="extra_day", name="集中接访"
    )
    recompute(now=march(2, 9))
    slip = matters.investigating(town)
    # 3, 4, 5, 6 and Saturday 7 March.
    assert running(slip) == {"promise": "03-10 17:30", "handle": "03-07 17:30"}
    remove_calendar_day(day_id=extra.pk, actor=town.he, now=march(4, 9))
    recompute(now=march(4, 9, 1))
    assert running(slip) == {"promise": "03-11 17:30", "handle": "03-09 17:30"}


def test_a_closure_inside_a_pause_makes_the_pause_shorter(town: Town):
    """Paused from Tuesday 3 March 10:00 to Friday 6 March 10:00: 6 + 7 + 7 + 1 h, three days: handling until the 12th.

    Then Thursday the 5th turns out to have been closed: the pause was two days; but the handling lost that day, too:
    counted without the 5th it ends on Tuesday the 10th, and two days later is the 12th again.
    """
    recompute(now=march(2, 9))
    slip = matters.investigating(town)
    ask_pause(slip, town.wang, march(3, 10))
    grant_pause(slip, town.zhao, march(3, 10))
    resume(slip, town.wang, march(6, 10))
    assert running(slip)["handle"] == "03-12 17:30"
    add_calendar_day(
        hall=town.north, actor=town.he, now=march(6, 11), date=date(2026, 3, 5), kind="closure", name="停电"
    )
    recompute(now=march(6, 12))
    assert running(slip)["handle"] == "03-12 17:30"
    (move,) = fresh(slip).deadlines.get(kind="handle").explanation["moves"]
    assert move["minutes"] == 14 * 60


# Never beyond the promise


def test_informing_never_takes_longer_than_what_was_promised(town: Town):
    """Reported on Tuesday 10 March; two working days would be Thursday, but Wednesday the 11th was promised."""
    slip = matters.investigating(town)
    report(slip, town.wang, march(9, 10))
    assert running(slip) == {"promise": "03-11 17:30", "feedback": "03-11 17:30"}


def test_a_result_out_of_a_pause_has_the_promise_that_moved(town: Town):
    """Paused from Friday 6 March 17:00 to Tuesday 10 March 17:30: half an hour and two days, 14.5 h.

    The promise, Wednesday the 11th 17:30, moves over Thursday and Friday to Monday the 16th, 9:30. Informing: two
    working days from Tuesday the 10th are Thursday the 12th, which the old promise would have cut to the 11th.
    """
    slip = matters.investigating(town)
    ask_pause(slip, town.wang, march(6, 17))
    grant_pause(slip, town.zhao, march(6, 17))
    report(slip, town.wang, march(10, 17, 30))
    assert running(slip) == {"promise": "03-16 09:30", "feedback": "03-12 17:30"}


def test_a_date_from_above_keeps_informing_before_it_however_long_it_stood_still(town: Town):
    """The office above wants it by Friday 6 March 12:00. Reported on Tuesday the 3rd; two working days: the 5th, 17:30.

    Paused from Wednesday 9:00 to Thursday 9:00, seven hours, it would be Friday 17:30; the date from above counts.
    """
    slip = matters.investigating(town, channel="handed_down", outside_due_at=march(6, 12), outside_number="12345-7")
    report(slip, town.wang, march(3, 10))
    case = fresh(slip)
    assert running(case) == {"promise": "03-06 12:00", "feedback": "03-05 17:30"}
    ask_pause(case, town.lin, march(3, 15))
    grant_pause(case, town.chen, march(4, 9))
    assert standing_still(case) == {"feedback"}
    resume(case, town.lin, march(5, 9))
    assert running(case) == {"promise": "03-06 12:00", "feedback": "03-06 12:00"}
