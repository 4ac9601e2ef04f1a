"""What a resident reads when they ask: why then?"""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation

from foundation.deadlines.calendar import DayKind, DayRule, Unit, WorkCalendar, compute
from foundation.deadlines.explanation import explain
from tests.deadlines.week import SHANGHAI, WEEK, at, calendar


def told(start: str, length: int, unit: Unit, hall: WorkCalendar | None = None, **how: Any) -> list[str]:
    extra = how.pop("extra", {})
    why = compute(hall or calendar(), start=at(start), length=length, unit=unit, **how).explanation
    # As it comes back from the database.
    return explain(json.loads(json.dumps({**why, **extra})), zone=SHANGHAI, language="en")


def test_working_days_over_the_spring_festival() -> None:
    assert told("2026-02-12 10:30", 3, Unit.WORKING_DAYS) == [
        "The time limit is 3 working days; it was set off on Feb. 12, 2026, 10:30.",
        "Working days are counted from the next working day; the limit ends when the hall closes on the last.",
        "Counted: Feb. 13, 2026 to Feb. 14, 2026; Feb. 24, 2026.",
        "Worked out of turn and counted: Feb. 14, 2026 (make-up workday).",
        "Not counted: Feb. 15, 2026 to Feb. 23, 2026 (Spring Festival).",
        "It is therefore due on Feb. 24, 2026, 17:00.",
    ]


def test_an_end_moved_over_a_weekend_and_a_closure() -> None:
    hall = calendar(d2026_03_09=DayRule(DayKind.CLOSURE, "power cut"))
    assert told("2026-03-06 16:00", 24, Unit.HOURS, hall) == [
        "The time limit is 24 hours, day and night; it was set off on March 6, 2026, 16:00.",
        "The time would have ended on March 7, 2026, 16:00, when the hall does not work "
        "(March 7, 2026 to March 9, 2026 (weekend, power cut)); "
        "it ends at the same time on the next working day (Civil Code, article 203).",
        "It is therefore due on March 10, 2026, 16:00.",
    ]


def test_an_urgent_matter_that_waited_for_the_opening() -> None:
    assert told("2026-03-06 20:00", 2, Unit.HOURS, urgent=True) == [
        "The time limit is 2 hours, day and night; it was set off on March 6, 2026, 20:00.",
        "That was outside opening hours and nobody was on call, "
        "so the time runs from the next opening, March 9, 2026, 09:00.",
        "It is therefore due on March 9, 2026, 11:00.",
    ]


def test_an_urgent_matter_with_somebody_on_call() -> None:
    sentences = told("2026-03-06 20:00", 1, Unit.MINUTES, urgent=True, on_call=True)
    assert sentences == [
        "The time limit is 1 minute; it was set off on March 6, 2026, 20:00.",
        "Somebody was on call, so this urgent matter's time runs outside opening hours too.",
        "It is therefore due on March 6, 2026, 20:01.",
    ]


def test_a_year_whose_holidays_are_not_announced() -> None:
    hall = WorkCalendar(zone=SHANGHAI, weekly=WEEK, last_arranged_year=2025)
    assert told("2026-03-02 10:00", 7, Unit.DAYS, hall)[-1] == (
        "The public holidays of that year have not all been announced yet; the date may move when they are."
    )


def test_a_date_set_from_above() -> None:
    override = {"overridden": "set_from_above", "overridden_due_at": "2026-03-04T09:00:00+00:00"}
    assert told("2026-03-02 10:00", 7, Unit.DAYS, extra=override)[-2:] == [
        "Counted in this way it would be due on March 9, 2026, 10:00.",
        "The office that handed the matter down set another date, which counts: March 4, 2026, 17:00.",
    ]


def test_an_old_limit_kept_after_sending_back() -> None:
    override = {"overridden": "old_limit_kept", "overridden_due_at": "2026-03-04T09:00:00+00:00"}
    assert told("2026-03-02 10:00", 7, Unit.DAYS, extra=override)[-1] == (
        "The result was sent back to be completed: the old limit stays, one working day at least: March 4, 2026, 17:00."
    )


def test_a_limit_cut_short_by_the_promise() -> None:
    override = {"overridden": "not_beyond_promise", "overridden_due_at": "2026-03-04T09:00:00+00:00"}
    assert told("2026-03-02 10:00", 7, Unit.DAYS, extra=override)[-1] == (
        "The date promised to the resident is earlier, and counts: March 4, 2026, 17:00."
    )


def test_times_are_those_of_the_halls_clock_whatever_the_servers_zone() -> None:
    why = compute(calendar(), start=at("2026-03-02 10:00"), length=2, unit=Unit.WORKING_HOURS).explanation
    assert (
        explain(why, zone=ZoneInfo("Asia/Urumqi"), language="en")[-1] == "It is therefore due on March 2, 2026, 10:00."
    )


def test_without_a_language_the_active_one_is_spoken() -> None:
    why = compute(calendar(), start=at("2026-03-02 10:00"), length=2, unit=Unit.WORKING_HOURS).explanation
    with translation.override("zh-hans"):
        assert "2026年3月2日" in " ".join(explain(why, zone=SHANGHAI))
        assert "March 2, 2026" in " ".join(explain(why, zone=SHANGHAI, language="en"))
