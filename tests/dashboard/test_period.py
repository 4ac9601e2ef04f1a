"""The days a page of figures is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.http import QueryDict
from django.test import Client

from tests.builders import Town
from tests.desk.matters import SHANGHAI, registered
from web.dashboard.period import period_of

FRIDAY = datetime(2026, 5, 15, 12, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("this_week", date(2026, 5, 11), date(2026, 5, 15)),
        ("this_month", date(2026, 5, 1), date(2026, 5, 15)),
        ("last_month", date(2026, 4, 1), date(2026, 4, 30)),
        ("this_quarter", date(2026, 4, 1), date(2026, 5, 15)),
        ("this_year", date(2026, 1, 1), date(2026, 5, 15)),
        ("no such period", date(2026, 5, 1), date(2026, 5, 15)),
    ],
)
def test_named_periods(town: Town, name: str, first: date, last: date) -> None:
    span = period_of(QueryDict(f"period={name}"), town.north, FRIDAY).span
    assert (span.first, span.last) == (first, last)


def test_last_month_in_january_is_december(town: Town) -> None:
    span = period_of(QueryDict("period=last_month"), town.north, datetime(2026, 1, 31, 12, tzinfo=SHANGHAI)).span
    assert (span.first, span.last) == (date(2025, 12, 1), date(2025, 12, 31))


def test_today_is_that_of_the_hall_not_of_greenwich(town: Town) -> None:
    """Five in the afternoon in Greenwich on the 31st is the first of June in the hall."""
    at = datetime(2026, 5, 31, 17, 0, tzinfo=UTC)
    span = period_of(QueryDict("period=this_month"), town.north, at).span
    assert (span.first, span.last) == (date(2026, 6, 1), date(2026, 6, 1))
    assert span.starts == datetime(2026, 5, 31, 16, 0, tzinfo=UTC)
    assert span.ends == datetime(2026, 6, 1, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("begins", "ends", "field"),
    [
        ("2026-05-02", "2026-05-01", "ends"),
        ("2026-02-30", "2026-05-01", "begins"),
        ("", "2026-05-01", "begins"),
        ("2025-01-01", "2026-01-02", "ends"),
        ("0001-01-01", "0001-01-02", "begins"),
    ],
)
def test_days_typed_wrongly_are_told_at_the_field_and_kept(
    client: Client, town: Town, begins: str, ends: str, field: str
) -> None:
    client.force_login(town.feng)
    for page in ("/dashboard/", "/dashboard/departments/"):
        response = client.get(page, {"begins": begins, "ends": ends})
        assert response.status_code == 422
        form = response.context["period"].form
        assert field in form.errors
        assert form["begins"].value() == begins


def test_a_case_registered_at_midnight_belongs_to_the_day_that_begins(client: Client, town: Town) -> None:
    midnight = datetime(2026, 5, 1, 0, 0, tzinfo=SHANGHAI)
    with time_machine.travel(FRIDAY, tick=False):
        registered(town, now=midnight)
        registered(town, now=midnight - timedelta(seconds=1))
        client.force_login(town.feng)
        may, april = (client.get(f"/dashboard/?period={name}").context for name in ("this_month", "last_month"))
        for context, day in ((may, date(2026, 5, 1)), (april, date(2026, 4, 30))):
            [row] = context["chart"].rows
            assert (row.day, [figure.count for figure in row.figures]) == (day, [1, 0])
            assert context["chart"].lines[0].total.count == 1
            assert client.get(row.figures[0].url).context["count"] == "1"


def test_pages_lead_to_each_other_with_the_same_days(client: Client, town: Town) -> None:
    client.force_login(town.tang)
    for address in ("period=last_month", "begins=2026-03-01&ends=2026-03-05"):
        places = client.get(f"/dashboard/?{address}").context["places"]
        assert [place.url for place in places] == [
            f"/dashboard/?{address}",
            f"/dashboard/departments/?{address}",
            f"/dashboard/halls/?{address}",
        ]
    client.force_login(town.feng)
    assert len(client.get("/dashboard/").context["places"]) == 2
