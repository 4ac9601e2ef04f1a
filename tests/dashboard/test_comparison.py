"""Departments, categories and people beside each other; the expected numbers are counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from cases.models import Case, CaseDeadline
from foundation.organization.models import Staff
from tests.builders import Town, category
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


PLAIN, LEAKS, THIRD, FOURTH = "楼道堆物", "室内上下水渗漏", "油烟异味", "电梯停运"


def some(town: Town, name: str, number: int) -> list[Case]:
    """So many registered in this category on Monday."""
    return [leak(town, category=category(town.north, name)) for _number in range(number)]


def rows_of(client: Client, staff: Staff) -> dict[str, int]:
    return {row.name: row.registered.count for row in opened(client, staff)["categories"]}


def test_a_monitor_sees_no_person_no_link_and_no_small_group(client: Client, town: Town) -> None:
    """Five of one category stand by themselves; two and three of others only among the small ones."""
    [plain, *_more] = some(town, PLAIN, 5)
    some(town, LEAKS, 2)
    some(town, THIRD, 3)
    client.cookies["django_language"] = "en"
    context = opened(client, town.gu)
    assert context["persons"] == []
    assert {row.name: row.registered.count for row in context["categories"]} == {str(plain.category): 5, "": 5}
    assert context["whole"].registered.count == 10
    page = client.get(PAGE).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert "/cases/" not in main
    assert "Lin" not in main
    assert "small categories together" in main
    assert str(category(town.north, LEAKS)) not in main


def test_where_the_small_ones_are_too_few_together_the_next_smallest_is_told_with_them(
    client: Client, town: Town
) -> None:
    """The last line less the other rows would tell of the two."""
    some(town, PLAIN, 7)
    some(town, LEAKS, 6)
    some(town, THIRD, 1)
    some(town, FOURTH, 1)
    assert rows_of(client, town.gu) == {str(category(town.north, PLAIN)): 7, "": 8}
    assert len(rows_of(client, town.feng)) == 4


def test_a_single_small_category_is_not_told_by_another_name(client: Client, town: Town) -> None:
    some(town, PLAIN, 7)
    some(town, LEAKS, 6)
    some(town, THIRD, 4)
    assert rows_of(client, town.gu) == {str(category(town.north, PLAIN)): 7, "": 10}


def test_a_hall_of_few_shows_counts_and_no_shares(client: Client, town: Town) -> None:
    tuesday = MONDAY + DAY
    evaluated(informed(town, now=tuesday), actor=town.mei)
    context = opened(client, town.gu)
    [row] = context["categories"]
    for few in (row, context["whole"]):
        assert (few.name, few.registered.count, few.archived.count, few.content.count) == ("", 1, 1, 1)
        assert few.reopened_share.percent is None
        assert few.satisfaction.percent is None
    assert opened(client, town.feng)["whole"].satisfaction.percent == pytest.approx(100)


def test_few_reopened_cases_are_a_small_group_too(client: Client, town: Town) -> None:
    """Six archived in each of two categories, with one and with five of them reopened."""
    for name, again in ((PLAIN, 1), (LEAKS, 5), (THIRD, 0)):
        made = [case.pk for case in some(town, name, 6)]
        Case.objects.filter(pk__in=made).update(state="archived", closed_at=MONDAY)
        Case.objects.filter(pk__in=made[:again]).update(round=2)
    shown = {row.name: row.reopened.count for row in opened(client, town.gu)["categories"]}
    assert str(category(town.north, PLAIN)) not in shown
    assert shown[""] == 6


def test_an_empty_hall_says_what_to_do(client: Client, town: Town) -> None:
    client.cookies["django_language"] = "en"
    client.force_login(town.feng)
    page = client.get(PAGE).content.decode()
    assert "Once the desk transfers a case, its department stands here." in page
    assert "Choose other days above." in page
