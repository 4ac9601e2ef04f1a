"""Punctuality of what an old register says was answered, against a count made here from the two times alone."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from pathlib import Path

import holidays
import pytest

from cases.models import CaseDeadline
from tests.builders import Town
from tests.records.registers import HEADINGS, as_csv, taken_in

pytestmark = pytest.mark.django_db

# What the halls of the tests promise and when they close, in words of their own.
PROMISED = {"咨询": 1, "求助": 7, "建议": 7, "投诉": 15, "举报": 15}
CLOSES = time(17, 30)
STATUTORY = holidays.country_holidays("CN", years=range(2015, 2021))


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def is_worked(day: date) -> bool:
    return day in STATUTORY.weekend_workdays or (day.weekday() < 5 and day not in STATUTORY)


def is_in_time(nature: str, received: datetime, answered: datetime) -> bool:
    """Day by day: the working days after the day of receipt, until the last one's closing time."""
    day, left = received.date(), PROMISED[nature]
    while left:
        day += timedelta(days=1)
        left -= is_worked(day)
    return answered <= datetime.combine(day, CLOSES)


def test_it_equals_an_independent_count(town: Town) -> None:
    draw = random.Random(20190509)
    rows, expected = [], {}
    for number in range(1, 61):
        nature = draw.choice(list(PROMISED))
        received = datetime(2015, 1, 1) + timedelta(minutes=draw.randrange(5 * 365 * 24 * 60))
        # Around the limit, so that a day more or less would be noticed.
        answered = received + timedelta(
            days=PROMISED[nature] * 7 / 5 + draw.uniform(-3, 4), minutes=draw.randrange(600)
        )
        answered = max(answered.replace(second=0, microsecond=0), received)
        expected[str(number)] = is_in_time(nature, received, answered)
        times = f"{received:%Y-%m-%d %H:%M}", f"{answered:%Y-%m-%d %H:%M}"
        rows.append([str(number), times[0], "", "", f"第{number}件事", nature, "施工噪声", "已答复。", times[1]])
    taken_in(town, as_csv(rows, headings=HEADINGS))
    promises = CaseDeadline.objects.filter(kind="promise").select_related("case")
    found = {clock.case.outside_number: clock.outcome for clock in promises}
    assert found == {number: "met" if in_time else "met_late" for number, in_time in expected.items()}
    assert 10 < sum(expected.values()) < 50, "both kinds are among them"
