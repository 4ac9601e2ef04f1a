"""The words for the time left, as the front desk reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import engines
from django.utils import timezone, translation

from web.time_left import TimeLeft, time_left

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _english_in_shanghai() -> Iterator[None]:
    with translation.override("en"), timezone.override(SHANGHAI):
        yield


def left(due: datetime, warn: datetime | None = None) -> TimeLeft:
    return time_left(due, warn, NOW)


def after(**span: float) -> datetime:
    return NOW + timedelta(**span)


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (after(hours=3), "3 hours left"),
        (after(hours=3, minutes=59), "3 hours left"),
        (after(hours=1), "1 hour left"),
        (after(minutes=59), "59 minutes left"),
        (after(minutes=1), "1 minute left"),
        (after(seconds=20), "less than a minute left"),
        (datetime(2026, 11, 24, 17, 30, tzinfo=SHANGHAI), "by tomorrow 17:30"),
        (datetime(2026, 11, 27, 9, 5, tzinfo=SHANGHAI), "by Nov. 27 09:05"),
        (datetime(2027, 1, 4, 17, 30, tzinfo=SHANGHAI), "by Jan. 4, 2027 17:30"),
    ],
)
def test_before_the_warning_there_are_words_and_no_card(due: datetime, words: str) -> None:
    assert left(due, warn=due - timedelta(seconds=10)).words == words
    assert left(due, warn=due - timedelta(seconds=10)).card == ""


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (after(hours=2), "2 hours left"),
        (after(days=1, hours=4, minutes=20), "1 day 4 hours left"),
        (after(days=2, minutes=20), "2 days left"),
    ],
)
def test_from_the_warning_on_the_card_is_yellow_and_the_time_an_amount(due: datetime, words: str) -> None:
    assert left(due, warn=NOW) == TimeLeft(words, "yellow", due)


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (NOW, "less than a minute overdue"),
        (after(minutes=-5), "5 minutes overdue"),
        (after(hours=-23), "23 hours overdue"),
        (after(days=-1, hours=-3), "1 day overdue"),
        (after(days=-12), "12 days overdue"),
    ],
)
def test_from_the_due_time_on_the_card_is_red(due: datetime, words: str) -> None:
    assert left(due, warn=due - timedelta(hours=1)).words == words
    assert left(due).card == "red"


def test_tomorrow_is_the_halls_tomorrow_and_not_that_of_utc() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=SHANGHAI)
    due = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI).astimezone(ZoneInfo("UTC"))
    assert time_left(due, None, late).words == "by tomorrow 09:00"


def test_dates_follow_the_language() -> None:
    with translation.override("zh-hans"):
        assert "11月27日" in left(datetime(2026, 11, 27, 9, 5, tzinfo=SHANGHAI)).words


def drawn(**context: object) -> str:
    text = '{% load desk %}{% time_left due warn now label="Transfer" paused=paused %}'
    return engines["django"].from_string(text).render({"now": NOW, "paused": False, **context})


def test_a_card_is_never_told_by_colour_alone() -> None:
    yellow = drawn(due=after(hours=2), warn=NOW)
    assert 'aria-label="yellow card"' in yellow
    assert "2 hours left" in yellow
    assert 'datetime="2026-11-23T12:30:00+08:00"' in yellow
    red = drawn(due=after(hours=-2), warn=NOW)
    assert 'aria-label="red card"' in red
    assert "2 hours overdue" in red


def test_a_paused_clock_says_so_and_shows_no_card_however_late_it_looks() -> None:
    paused = drawn(due=after(days=-3), warn=None, paused=True)
    assert "clock paused" in paused
    assert "overdue" not in paused
    assert "card" not in paused


def test_without_a_due_time_nothing_is_shown() -> None:
    assert drawn(due=None, warn=None).strip() == ""
