"""Dates as an office writes them, in both languages."""

from datetime import date, datetime

import pytest
from django.utils import translation
from django.utils.formats import date_format

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
