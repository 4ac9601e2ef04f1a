"""Every link of every page of figures, found on the page itself, opens as many cases as its number says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.actions.bar import bar
from followups.actions.attempt import close_anonymous
from foundation.organization.models import Staff
from tests.builders import Town, category
from tests.cases import steps
from tests.dashboard.links import buttons_on, differing, figures_on, found_by
from tests.desk import matters
from tests.desk.matters import MONDAY
from tests.followups.stories import evaluated, informed

DAY = timedelta(days=1)
PAGES = ("/dashboard/", "/dashboard/departments/")
NOW = MONDAY + 8 * DAY
DAYS = "?begins=2026-01-31&ends=2026-03-10"


@pytest.fixture(autouse=True)
def tuesday_after() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def a_busy_hall(town: Town) -> None:
    for days in (0, 1, 5, 20):
        matters.registered(town, now=MONDAY - days * DAY)
    matters.accepted(town)
    matters.answered(town, now=NOW)
    matters.declined(town, now=MONDAY - 10 * DAY)
    for department in (town.works, town.waterworks):
        matters.issued(town, department)
    matters.signed(town, now=MONDAY - 20 * DAY)
    matters.reported(town, now=MONDAY - 10 * DAY)
    matters.reported(town, now=NOW - timedelta(hours=3))
    steps.give_back(matters.issued(town), town.zhao)
    back = steps.give_back(matters.issued(town, now=MONDAY - DAY), town.zhao)
    steps.transfer(back, town.lin, town.property, NOW - DAY)
    matters.issued(town, town.property, now=NOW)
    paused = matters.signed(town, town.sun, town.property, now=NOW - DAY)
    steps.ask_pause(paused, town.sun, NOW - DAY)
    steps.grant_pause(paused, town.zhou, NOW - DAY)
    evaluated(informed(town), actor=town.mei)
    evaluated(informed(town), actor=town.mei, contacted=False, solved="partly", satisfaction="basically")
    again = evaluated(informed(town), actor=town.mei, solved="no", satisfaction="dissatisfied", reasons="还在漏")
    again = informed(town, case=again, handler=town.qian, now=MONDAY + 3 * DAY)
    again = evaluated(
        again, actor=town.mei, now=MONDAY + 4 * DAY, solved="no", satisfaction="dissatisfied", reasons="又漏了"
    )
    nameless = informed(town, anonymous=True)
    close_anonymous(case_id=nameless.pk, transition_no=nameless.transition_no, actor=town.mei, now=MONDAY + 3 * DAY)
    for _number in range(2):
        matters.registered(town, hall=town.south)


def test_every_number_equals_its_list_for_everybody_in_each_period(client: Client, town: Town) -> None:
    a_busy_hall(town)
    for name in ("feng", "chen", "tang"):
        client.force_login(getattr(town, name))
        for page in PAGES:
            drawn = client.get(page + DAYS).content.decode()
            figures = dict(figures_on(drawn))
            assert len(figures) > 25
            assert sum(number > 0 for number in figures.values()) > 15
            assert differing(client, drawn) == []
    client.force_login(town.feng)
    for period in ("this_week", "last_month", "this_quarter", "this_year"):
        for page in PAGES:
            assert differing(client, client.get(f"{page}?period={period}").content.decode()) == [], period


def test_a_director_who_is_complained_about_has_whole_pages_without_that_case(client: Client, town: Town) -> None:
    a_busy_hall(town)
    complaint = matters.issued(town, nature="complaint").case
    bar(case_id=complaint.pk, staff=town.chen, reason="投诉对象", actor=town.lin, now=NOW)
    registered = "/cases/?figure=registered&days=2026-01-31..2026-03-10"
    for page in PAGES:
        client.force_login(town.chen)
        drawn = client.get(page + DAYS).content.decode()
        assert differing(client, drawn) == []
        client.force_login(town.feng)
        whole = dict(figures_on(client.get(page + DAYS).content.decode()))
        assert whole[registered] == dict(figures_on(drawn))[registered] + 1


def test_the_street_opens_each_figure_in_its_hall(client: Client, town: Town) -> None:
    a_busy_hall(town)
    client.force_login(town.tang)
    buttons = buttons_on(client.get("/dashboard/halls/" + DAYS).content.decode())
    assert {hall for _wanted, hall, _number in buttons} == {str(town.north.pk), str(town.south.pk)}
    assert len(buttons) == 10
    for wanted, hall, number in buttons:
        answer = client.post("/dashboard/halls/open/", {"hall": hall, "next": wanted})
        assert answer["Location"] == wanted
        assert found_by(client, wanted) == number, wanted
    of_south = {wanted: number for wanted, hall, number in buttons if hall == str(town.south.pk)}
    assert of_south["/cases/?state=open"] == 2
    assert of_south["/cases/?figure=registered&days=2026-01-31..2026-03-10"] == 2


def test_a_figure_is_of_one_hall(client: Client, town: Town) -> None:
    a_busy_hall(town)
    client.force_login(town.han)
    for page in PAGES:
        drawn = client.get(page + DAYS).content.decode()
        assert differing(client, drawn) == []
        figures = dict(figures_on(drawn))
        assert figures["/cases/?figure=registered&days=2026-01-31..2026-03-10"] == 2
        assert max(figures.values()) == 2


def test_thirty_cases_cost_no_more_queries_than_three(client: Client, town: Town) -> None:
    def cost(staff: Staff, page: str) -> int:
        client.force_login(staff)
        client.get(page + DAYS)
        with CaptureQueriesContext(connection) as captured:
            client.get(page + DAYS)
        return len(captured)

    asked = [(staff, page) for staff in (town.feng, town.chen, town.gu, town.tang) for page in PAGES]
    asked.append((town.tang, "/dashboard/halls/"))
    evaluated(informed(town), actor=town.mei)
    matters.signed(town)
    few = {one: cost(*one) for one in asked}
    a_busy_hall(town)
    matters.registered(town, now=NOW)
    assert {one: cost(*one) for one in asked} == few
    assert max(few.values()) <= 12


def test_a_figure_nobody_offers_is_left_out_and_told(client: Client, town: Town) -> None:
    matters.registered(town, now=NOW)
    client.force_login(town.feng)
    for address in ("?figure=nonsense", "?figure=satisfied", "?figure=satisfied&days=2026-13-01..x"):
        context = client.get("/cases/" + address).context
        assert context["count"] == "1", address
        assert len(context["notes"]) == 1, address


def test_a_chip_says_what_the_figure_is_and_takes_all_of_it_away(client: Client, town: Town) -> None:
    slip = matters.issued(town, now=NOW)
    theme = category(town.north, matters.PLAIN_CATEGORY)
    client.force_login(town.feng)
    client.cookies["django_language"] = "en"
    days = "days=2026-03-09..2026-03-10"
    address = (
        f"/cases/?state=open&figure=slips_issued&{days}&unit={slip.department_id}&topic={theme.pk}&person={town.lin.pk}"
    )
    context = client.get(address).context
    assert context["count"] == "1"
    _stage, figure = context["chips"]
    for word in ("transferred", slip.department.name, theme.name, "Lin"):
        assert word in str(figure.label)
    assert figure.url == "?state=open"
    assert client.get(address.replace(f"unit={slip.department_id}", f"unit={town.property.pk}")).context["count"] == "0"
