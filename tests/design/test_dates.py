"""Dates as an office writes them, in both languages."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.utils import timezone, translation
from django.utils.formats import date_format

from cases.days import Span
from foundation import dates
from tests.matters import SHANGHAI

MORNING = datetime(2026, 11, 3, 9, 5)


@pytest.mark.parametrize(
    ("kind", "chinese", "english"),
    [
        ("DATE_FORMAT", "2026年11月3日", "Nov. 3, 2026"),
        ("DATETIME_FORMAT", "2026年11月3日 09:05", "Nov. 3, 2026, 09:05"),
        ("SHORT_DATE_FORMAT", "11月3日", "Nov. 3"),
        ("SHORT_DATETIME_FORMAT", "11月3日 09:05", "Nov. 3, 09:05"),
        ("MONTH_DAY_FORMAT", "11月3日", "November 3"),
        ("TIME_FORMAT", "09:05", "09:05"),
    ],
)
def test_the_clock_has_24_hours_and_months_no_leading_zero(kind: str, chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert date_format(MORNING, kind) == chinese
    with translation.override("en"):
        assert date_format(MORNING, kind) == english


def test_weekdays_are_written_out() -> None:
    with translation.override("zh-hans"):
        assert date_format(date(2026, 11, 23), "l") == "星期一"


DECEMBER, JANUARY = datetime(2026, 12, 30, 9, 5, tzinfo=SHANGHAI), date(2027, 1, 4)


def test_what_was_in_december_has_its_year_in_january() -> None:
    with translation.override("zh-hans"):
        assert (dates.day(DECEMBER, JANUARY), dates.moment(DECEMBER, JANUARY)) == (
            "2026年12月30日",
            "2026年12月30日 09:05",
        )
        assert (dates.day(DECEMBER, date(2026, 12, 31)), dates.moment(DECEMBER, date(2026, 12, 31))) == (
            "12月30日",
            "12月30日 09:05",
        )
    with translation.override("en"):
        assert dates.moment(DECEMBER, JANUARY) == "Dec. 30, 2026, 09:05"
        assert dates.day(date(2026, 12, 30), date(2026, 12, 31)) == "Dec. 30"


def test_what_is_to_be_done_in_january_has_its_year_in_december() -> None:
    with translation.override("zh-hans"):
        assert dates.moment(datetime(2027, 1, 4, 17, 30, tzinfo=SHANGHAI), date(2026, 12, 30)) == "2027年1月4日 17:30"


def test_the_year_begins_at_midnight_in_the_hall() -> None:
    """Five in the afternoon of 31 December in UTC is one in the morning of New Year's Day in China."""
    with translation.override("zh-hans"), timezone.override(SHANGHAI):
        assert dates.moment(datetime(2026, 12, 31, 17, tzinfo=UTC), JANUARY) == "1月1日 01:00"


def test_days_over_new_year_say_which_year_each_is_in() -> None:
    this_year = timezone.localdate().year
    span = Span(date(this_year - 1, 12, 30), date(this_year, 1, 5), SHANGHAI)
    with translation.override("zh-hans"):
        assert f"{this_year - 1}年12月30日" in str(span)
        assert f"{this_year}年" not in str(span)


def drawn(template: str, at: object) -> str:
    return engines["django"].from_string(template).render({"at": at})


def test_pages_say_so_too_without_loading_anything() -> None:
    now = timezone.now()
    before = now.replace(year=now.year - 1, month=12, day=30)
    with translation.override("zh-hans"):
        assert drawn("{{ at|short_moment }}", before).startswith(f"{now.year - 1}年12月30日 ")
        assert drawn("{{ at|short_day }}", timezone.localdate(before)) == f"{now.year - 1}年12月30日"
        assert "年" not in drawn("{{ at|short_moment }} {{ at|short_day }}", now)
        assert drawn("{{ at|short_moment }}{{ at|short_day }}", None) == ""


@pytest.mark.parametrize("suffix", ["html", "py"])
def test_no_page_leaves_the_year_out_by_itself(suffix: str) -> None:
    folders = ["templates", "cases", "complaints", "followups", "foundation", "reception", "records", "web"]
    own = settings.BASE_DIR / "foundation" / "dates.py"
    files: list[Path] = [file for folder in folders for file in (settings.BASE_DIR / folder).rglob(f"*.{suffix}")]
    assert len(files) > 50
    formats = ("SHORT_DATE", "MONTH_DAY_FORMAT")
    assert [
        str(file) for file in files if file != own and any(form in file.read_text(encoding="utf-8") for form in formats)
    ] == []
