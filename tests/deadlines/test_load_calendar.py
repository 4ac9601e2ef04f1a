"""A hall's calendar is built once per process and built anew when anything it stands on has changed."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.deadlines.calendar import DayKind
from foundation.deadlines.models import AnnouncedYear, CalendarDay
from foundation.deadlines.terms import calendar_for
from foundation.organization.models import Hall, OpeningHours
from tests.deadlines.week import local

MONDAY = date(2026, 3, 2)


def test_it_knows_opening_hours_and_the_halls_own_days(north: Hall) -> None:
    CalendarDay.objects.create(hall=north, date=MONDAY, kind=DayKind.CLOSURE, name="停电")
    CalendarDay.objects.create(
        hall=north, date=date(2026, 3, 3), kind=DayKind.CHANGED_HOURS, opens=time(10), closes=time(11), name="培训"
    )
    CalendarDay.objects.create(hall=north, date=date(2026, 3, 7), kind=DayKind.EXTRA_DAY, name="开放日")
    calendar = calendar_for(north)
    assert not calendar.is_working(MONDAY)
    assert calendar.day(MONDAY).reason == "closure:停电"
    assert [local(moment) for moment in calendar.open_intervals(date(2026, 3, 3))[0]] == [
        "2026-03-03 10:00",
        "2026-03-03 11:00",
    ]
    assert calendar.is_working(date(2026, 3, 7))
    assert len(calendar.open_intervals(date(2026, 3, 4))) == 2


def test_a_hall_without_any_rows_has_a_calendar_that_never_opens(db: None) -> None:
    calendar = calendar_for(Hall.objects.create(code="NEW", name="新村"))
    assert not any(calendar.is_working(date(2026, 3, day)) for day in range(1, 8))


def test_asking_again_costs_one_query_and_gives_the_same_calendar(north: Hall) -> None:
    first = calendar_for(north)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert calendar_for(north) is first
    assert len(queries) == 1


def _close_on_monday(hall: Hall) -> None:
    CalendarDay.objects.create(hall=hall, date=MONDAY, kind=DayKind.CLOSURE, name="停电")


def _delete_monday_hours(hall: Hall) -> None:
    OpeningHours.objects.filter(hall=hall, weekday=0).delete()


def _behind_the_programs_back(hall: Hall) -> None:
    """As another process does it, or somebody at the database's prompt: no action of ours runs here."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM organization_openinghours WHERE hall_id = %s AND weekday = 0", [hall.pk])


@pytest.mark.parametrize("change", [_close_on_monday, _delete_monday_hours, _behind_the_programs_back])
def test_any_change_is_noticed_and_changes_the_version(north: Hall, change: Any) -> None:
    before = calendar_for(north)
    assert before.is_working(MONDAY)
    change(north)
    after = calendar_for(north)
    assert not after.is_working(MONDAY)
    assert after.version != before.version


def test_another_halls_change_leaves_the_version_alone(north: Hall, south: Hall) -> None:
    before = calendar_for(north)
    _close_on_monday(south)
    assert calendar_for(north) is before


def test_a_year_entered_by_hand_is_provisional_no_longer(north: Hall) -> None:
    assert calendar_for(north).provisional(date(2060, 1, 4))
    AnnouncedYear.objects.create(hall=north, year=2060)
    assert not calendar_for(north).provisional(date(2060, 1, 4))


def test_the_time_zone_is_the_halls(north: Hall) -> None:
    Hall.objects.filter(pk=north.pk).update(timezone="Asia/Urumqi")
    opens, _closes = calendar_for(north).open_intervals(MONDAY)[0]
    assert opens.isoformat() == "2026-03-02T03:00:00+00:00", "nine o'clock six hours east of Greenwich"
