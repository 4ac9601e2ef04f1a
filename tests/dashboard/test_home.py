from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.actions.bar import bar
from cases.models import CaseDeadline
from foundation.ledger.actions import seal
from foundation.notifications.actions import notify
from foundation.notifications.models import Alert, Delivery
from foundation.organization.models import Role, Staff
from tests.builders import Town, person
from tests.desk.matters import MONDAY, accepted, answered, declined, informed, issued, registered, reported, signed

DASHBOARD = "/dashboard/"
OWN_PAGES = ("/dashboard/", "/dashboard/departments/")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def monday() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


MONTH = "?begins=2026-01-31&ends=2026-03-02"
"""Thirty-one days to Monday."""


def opened(client: Client, staff: Staff, days: str = MONTH) -> Any:
    client.force_login(staff)
    response = client.get(DASHBOARD + days)
    assert response.status_code == 200
    return response.context


def figures_of(context: Any) -> list[Any]:
    single = [context[name] for name in ("yellow", "red", "due_today", "paused", "failed", "reopened")]
    of_days = [line.total for line in context["chart"].lines]
    of_days += [figure for row in (*context["rates"], *context["punctuality"]) for figure in row.figures]
    of_days += [figure for day in context["chart"].rows for figure in day.figures]
    return [*context["stages"], *single, *of_days, *context["apart"]]


def a_busy_hall(town: Town) -> None:
    registered(town)
    registered(town, now=MONDAY - 20 * HOUR)
    registered(town, now=MONDAY - 5 * DAY)
    accepted(town)
    signed(town, now=MONDAY - 20 * DAY)
    issued(town, town.waterworks)
    reported(town)
    reported(town, now=MONDAY - 10 * DAY)
    informed(town)
    answered(town)
    declined(town, now=MONDAY - 40 * DAY)


def failed_clock(town: Town) -> CaseDeadline:
    clock = CaseDeadline.objects.get(case=registered(town), kind="dispatch")
    CaseDeadline.objects.filter(pk=clock.pk).update(failed_at=MONDAY, failure="ValueError: no ladder step 7")
    return clock


def failed_message(town: Town) -> Delivery:
    notify(recipients=[town.mei], key="late", level="red", text="Something is late", hall=town.north, now=MONDAY)
    return Delivery.objects.create(
        hall=town.north,
        alert=Alert.objects.get(key="late"),
        channel="email",
        state="dead",
        attempts=8,
        next_attempt_at=MONDAY,
        last_error="550 mailbox unknown",
    )


def test_open_cases_are_counted_by_stage(client: Client, town: Town) -> None:
    a_busy_hall(town)
    context = opened(client, town.feng)
    assert [figure.count for figure in context["stages"]] == [3, 1, 2, 2, 2]
    assert context["open_count"] == 10


def test_cards_and_what_is_due_today(client: Client, town: Town) -> None:
    late, near = registered(town, now=MONDAY - 5 * DAY), registered(town, now=MONDAY - 20 * HOUR)
    registered(town)
    context = opened(client, town.feng)
    assert (context["red"].count, context["yellow"].count, context["due_today"].count) == (1, 1, 1)
    assert client.get(context["red"].url).context["rows"][0].case == late
    assert client.get(context["yellow"].url).context["rows"][0].case == near


@pytest.mark.parametrize("name", ["feng", "chen", "tang"])
def test_every_figure_opens_as_many_cases_as_it_says(client: Client, town: Town, name: str) -> None:
    a_busy_hall(town)
    failed_clock(town)
    registered(town, hall=town.south)
    context = opened(client, getattr(town, name))
    figures = figures_of(context)
    assert len(figures) > 20
    assert sum(figure.count > 0 for figure in figures) > 12
    for figure in figures:
        assert client.get(figure.url).context["count"] == str(figure.count), figure.url
    assert client.get(context["open_url"]).context["count"] == str(context["open_count"])


def test_punctuality_is_met_by_finished_and_still_overdue(client: Client, town: Town) -> None:
    """Three dispatches met, one met late, one overdue and open, one running in time: three of five."""
    for _number in range(3):
        issued(town)
    issued_late = registered(town, now=MONDAY - 6 * DAY)
    CaseDeadline.objects.filter(case=issued_late, kind="dispatch").update(
        outcome="met_late", finished_at=MONDAY - 2 * DAY, next_alert_at=None
    )
    registered(town, now=MONDAY - 5 * DAY)
    registered(town)
    dispatch = next(row for row in opened(client, town.feng)["punctuality"] if "kind=dispatch" in row.figures[0].url)
    assert [figure.count for figure in dispatch.figures] == [3, 1, 1]
    assert dispatch.share.percent == pytest.approx(60)


def test_cancelled_in_time_counts_nowhere_cancelled_late_against_it_and_older_ones_not_at_all(
    client: Client, town: Town
) -> None:
    def dispatched(outcome: str, due: timedelta, finished: timedelta) -> None:
        clock = CaseDeadline.objects.get(case=registered(town, now=MONDAY - 60 * DAY), kind="dispatch")
        CaseDeadline.objects.filter(pk=clock.pk).update(
            outcome=outcome, due_at=MONDAY - due, finished_at=MONDAY - finished, next_alert_at=None
        )

    dispatched("cancelled", 2 * DAY, 3 * DAY)
    dispatched("cancelled", 3 * DAY, 2 * DAY)
    dispatched("met", 2 * DAY, 3 * DAY)
    dispatched("met", 31 * DAY, 31 * DAY)
    [dispatch] = opened(client, town.feng)["punctuality"]
    assert [figure.count for figure in dispatch.figures] == [1, 1, 0]
    assert dispatch.share.percent == pytest.approx(50)


def test_what_the_sweep_could_not_deal_with_is_told_with_its_words(client: Client, town: Town) -> None:
    clock = failed_clock(town)
    page = opened_page(client, town.feng)
    assert clock.case.number in page
    assert "ValueError: no ladder step 7" in page


def test_messages_that_did_not_arrive_are_told_with_the_words_of_the_other_side(client: Client, town: Town) -> None:
    failed_message(town)
    page = opened_page(client, town.feng)
    assert "550 mailbox unknown" in page
    assert "/deliveries/" in page


def opened_page(client: Client, staff: Staff) -> str:
    client.force_login(staff)
    client.cookies["django_language"] = "en"
    return client.get(DASHBOARD).content.decode()


def test_the_last_seal_is_shown_and_one_that_does_not_come_is_an_alarm(
    client: Client, town: Town, monday: time_machine.Traveller
) -> None:
    registered(town)
    assert "No seal yet" in opened_page(client, town.feng)
    seal(now=MONDAY)
    context = opened(client, town.feng)
    assert context["seal"].number >= 1
    assert context["seal_digest"].replace(" ", "") == bytes(context["seal"].digest).hex()[:16]
    registered(town)
    assert not opened(client, town.feng)["is_seal_late"]
    monday.move_to(MONDAY + timedelta(minutes=16))
    assert opened(client, town.feng)["is_seal_late"]
    assert "The record is not being sealed" in opened_page(client, town.feng)


def test_a_monitor_sees_figures_and_no_case_no_link_no_name(client: Client, town: Town) -> None:
    a_busy_hall(town)
    failed_clock(town)
    failed_message(town)
    supervisors = opened(client, town.feng)
    page = opened_page(client, town.gu)
    main = page[page.index("<main") : page.index("</main>")]
    context = opened(client, town.gu)
    assert [figure.count for figure in figures_of(context)] == [figure.count for figure in figures_of(supervisors)]
    assert {figure.url for figure in figures_of(context)} == {""}
    assert {address.split("?")[0] for address in re.findall(r'href="([^"]*)"', main)} <= {"", *OWN_PAGES}
    assert not re.search(r"NTH-\d{4}-\d{6}", page)
    for word in ("王秀兰", "漏水", "ValueError", "mailbox", "Mei", "Lin"):
        assert word not in main, word


def test_whoever_a_complaint_is_about_sees_it_in_no_figure_whatever_roles_they_hold(client: Client, town: Town) -> None:
    roles = (Role.RECEPTIONIST, Role.DIRECTOR, Role.SUPERVISOR, Role.MONITOR)
    people = [person("ma", *roles, hall=town.north), person("hu", Role.MONITOR, hall=town.north)]
    case = issued(town, nature="complaint", now=MONDAY - 5 * DAY).case
    CaseDeadline.objects.filter(case=case, outcome="").update(failed_at=MONDAY, failure="broken")
    for one in people:
        bar(case_id=case.pk, staff=one, reason="投诉对象", actor=town.lin, now=MONDAY)
        context = opened(client, one)
        assert {figure.count for figure in figures_of(context)} <= {0}
        assert context["open_count"] == 0
        assert context["failed_clocks"] == []
        assert context["punctuality"] == []


def test_street_supervisor_tang_sees_the_hall_she_chose(client: Client, town: Town) -> None:
    registered(town)
    registered(town, hall=town.south)
    registered(town, hall=town.south)
    assert opened(client, town.tang)["open_count"] == 1
    client.post("/hall/", {"hall": town.south.pk})
    assert client.get(DASHBOARD).context["open_count"] == 2


@pytest.mark.parametrize("name", ["lin", "wang", "zhao", "he", "lu"])
def test_the_dashboard_is_for_supervisors_directors_and_monitors(client: Client, town: Town, name: str) -> None:
    client.force_login(getattr(town, name))
    assert client.get(DASHBOARD).status_code == 403


def test_an_empty_hall_has_an_empty_dashboard_in_words(client: Client, town: Town) -> None:
    page = opened_page(client, town.feng)
    assert "No time limit has ended in these days." in page
    assert "As soon as the desk has registered a visit, its case is counted here." in page
    assert "All clocks are watched" in page


def test_thirty_cases_cost_no_more_queries_than_three(client: Client, town: Town) -> None:
    """Also with everything on the page that is there only when something went wrong."""

    def cost(staff: Staff) -> int:
        opened(client, staff)
        with CaptureQueriesContext(connection) as captured:
            client.get(DASHBOARD)
        return len(captured)

    people = (town.feng, town.tang, town.gu, town.chen)
    registered(town)
    issued(town)
    failed_clock(town)
    failed_message(town)
    few = {staff: cost(staff) for staff in people}
    for _number in range(3):
        a_busy_hall(town)
        failed_clock(town)
    assert {staff: cost(staff) for staff in people} == few
    # One more for a supervisor: what was asked or decided and is not done yet.
    assert max(few.values()) <= 13
