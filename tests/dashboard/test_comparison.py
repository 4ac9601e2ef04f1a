"""Departments, categories and people beside each other; the expected numbers are counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from cases.models import CaseDeadline
from foundation.organization.models import Staff
from tests.builders import Town
from tests.cases import steps
from tests.desk import matters
from tests.desk.matters import MONDAY
from tests.followups.stories import evaluated, informed
from tests.matters import registered as leak

PAGE = "/dashboard/departments/"
DAY = timedelta(days=1)
NOW = MONDAY + 4 * DAY


@pytest.fixture(autouse=True)
def friday() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def opened(client: Client, staff: Staff, days: str = "") -> Any:
    client.force_login(staff)
    response = client.get(PAGE + days)
    assert response.status_code == 200
    return response.context


def row_of(context: Any, name: str) -> Any:
    return next(row for row in context["departments"] if row.name == name)


def test_what_a_department_has_in_hand_gave_back_and_reported(client: Client, town: Town) -> None:
    """Six slips this month: one open in time, one overdue, two returned, two reported after two and four days."""
    matters.issued(town, now=NOW)
    matters.issued(town, now=MONDAY)
    for _number in range(2):
        steps.give_back(matters.issued(town, now=NOW), town.zhao, NOW)
    for days in (2, 4):
        slip = matters.investigating(town)
        steps.report(slip, town.wang, MONDAY + days * DAY)
    works = row_of(opened(client, town.feng), town.works.name)
    counts = {name.removeprefix("slips_"): figure.count for name, figure in works.figures.items()}
    # The overdue one had one working day to be signed in.
    assert counts == {"open": 2, "overdue": 1, "issued": 6, "returned": 2, "reported": 2}
    assert (works.return_rate.part, works.return_rate.base) == (2, 6)
    assert works.median_days == pytest.approx(3)


def test_a_recalled_or_older_slip_is_no_return_of_these_days(client: Client, town: Town) -> None:
    steps.give_back(matters.issued(town, now=MONDAY - 10 * DAY), town.zhao, MONDAY)
    matters.issued(town)
    works = row_of(opened(client, town.feng), town.works.name)
    assert (works.return_rate.part, works.return_rate.base) == (0, 1)


def test_handling_is_punctual_by_department(client: Client, town: Town) -> None:
    """Works: one of two in time, by hand; property: nothing ended, one still overdue."""
    for outcome in ("met", "met_late"):
        slip = matters.signed(town)
        CaseDeadline.objects.filter(slip=slip, kind="handle").update(
            outcome=outcome, finished_at=NOW - DAY, next_alert_at=None
        )
    matters.issued(town, town.property, now=MONDAY - 30 * DAY)
    context = opened(client, town.feng)
    works, property_ = row_of(context, town.works.name), row_of(context, town.property.name)
    assert (works.punctuality.part, works.punctuality.base) == (1, 2)
    assert [figure.count for figure in works.late] == [1, 0]
    assert (property_.punctuality.part, property_.punctuality.base) == (0, 1)
    assert [figure.count for figure in property_.late] == [0, 1]


def test_the_department_with_most_overdue_comes_first(client: Client, town: Town) -> None:
    matters.issued(town, town.works, now=NOW)
    matters.issued(town, town.property, now=MONDAY - 20 * DAY)
    names = [row.name for row in opened(client, town.feng)["departments"]]
    assert names == [town.property.name, town.works.name]


def test_categories_with_their_reopened_share_and_satisfaction(client: Client, town: Town) -> None:
    """Three of one category: content at once, content in the second round, and only registered."""
    tuesday = MONDAY + DAY
    evaluated(informed(town, now=tuesday), actor=town.mei)
    case = evaluated(
        informed(town, now=tuesday), actor=town.mei, solved="no", satisfaction="dissatisfied", reasons="还在漏"
    )
    case = informed(town, case=case, handler=town.qian, now=MONDAY + 2 * DAY)
    evaluated(case, actor=town.mei, now=MONDAY + 3 * DAY)
    matters.registered(town)
    context = opened(client, town.feng)
    rows = {row.name: row for row in context["categories"]}
    [three] = rows.values()
    assert [figure.count for figure in (three.registered, three.archived, three.reopened, three.content)] == [
        3,
        2,
        1,
        2,
    ]
    assert three.reopened_share.percent == pytest.approx(50)
    # Three answers, two of them content.
    assert (three.satisfaction.part, three.satisfaction.base) == (2, 3)
    assert context["whole"].registered.count == 3


def test_first_contact_completion_by_person(client: Client, town: Town) -> None:
    """Lin met three first, of which one is declined and one archived; Mei one that is open."""
    matters.registered(town)
    matters.declined(town)
    evaluated(informed(town, now=MONDAY + DAY), actor=town.mei)
    matters.registered(town, by=town.mei)
    rows = {row.name: row for row in opened(client, town.chen)["persons"]}
    assert (rows["Lin"].share.part, rows["Lin"].share.base) == (2, 3)
    assert (rows["Mei"].share.part, rows["Mei"].share.base) == (0, 1)


def test_a_monitor_sees_no_person_no_link_and_no_small_group(client: Client, town: Town) -> None:
    """Five of one category stand by themselves; two of another only among the small ones."""
    for _number in range(5):
        matters.registered(town)
    leaks = [leak(town), leak(town)]
    client.cookies["django_language"] = "en"
    context = opened(client, town.gu)
    assert context["persons"] == []
    names = {row.name: row.registered.count for row in context["categories"]}
    assert names == {str(matters.registered(town).category): 5, "": 2}
    assert str(leaks[0].category) not in names
    assert context["whole"].registered.count == 7
    page = client.get(PAGE).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert "/cases/" not in main
    assert "Lin" not in main
    assert "categories with fewer than 5" in main


def test_an_empty_hall_says_what_to_do(client: Client, town: Town) -> None:
    client.cookies["django_language"] = "en"
    client.force_login(town.feng)
    page = client.get(PAGE).content.decode()
    assert "Once the desk transfers a case, its department stands here." in page
    assert "Choose other days above." in page
