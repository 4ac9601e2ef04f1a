from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cases.actions.bar import bar
from cases.actions.handle import report
from cases.models import TransferSlip
from foundation.organization.models import Role, Staff
from tests.builders import Town, person
from tests.cases.steps import ask_pause
from tests.desk.matters import MONDAY, investigating, issued, registered, reported, signed
from web.desk.verbs import SLIP_VERBS, offered

pytestmark = pytest.mark.usefixtures("monday")

INBOX = "/inbox/"
HOUR = timedelta(hours=1)


def opened(client: Client, staff: Staff, query: str = "") -> Any:
    client.force_login(staff)
    response = client.get(INBOX + query)
    assert response.status_code == 200
    return response.context


def slips(client: Client, staff: Staff, query: str = "") -> list[str]:
    return [row.slip.number for row in opened(client, staff, query)["rows"]]


def submitted(town: Town, handler: Staff, **how: Any) -> TransferSlip:
    """A result that waits for the head: in this category results are approved."""
    slip = investigating(town, handler, **how)
    TransferSlip.objects.filter(pk=slip.pk).update(needs_approval=True)
    return report(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=handler,
        now=MONDAY,
        result="防水层破损",
        remedy="已重做",
    )


def test_the_slip_with_the_least_time_left_stands_first(client: Client, town: Town) -> None:
    later = issued(town)
    overdue = signed(town, now=MONDAY - timedelta(days=12))
    urgent = issued(town, urgency="urgent")
    assert slips(client, town.wang) == [overdue.number, urgent.number, later.number]


def test_each_row_tells_the_nearest_clock_and_its_kind(client: Client, town: Town) -> None:
    issued(town)
    [row] = opened(client, town.wang)["rows"]
    assert row.clock.kind == "sign_in"
    assert row.clock.due_at == row.slip.next_due_at


def test_finished_slips_and_those_of_other_departments_and_halls_are_not_here(client: Client, town: Town) -> None:
    reported(town)
    issued(town, town.property)
    issued(town, town.south_works, hall=town.south)
    assert slips(client, town.wang) == []
    assert len(slips(client, town.sun)) == 1
    assert len(slips(client, town.jiang)) == 1


def test_the_chips_count_and_narrow(client: Client, town: Town) -> None:
    mine, colleagues = signed(town, town.wang), signed(town, town.qian)
    new, waiting = issued(town), submitted(town, town.qian)
    context = opened(client, town.wang)
    assert [tab.count for tab in context["tabs"]] == ["4", "1", "1", "1"]
    assert sorted(slips(client, town.wang)) == sorted([mine.number, colleagues.number, new.number, waiting.number])
    assert slips(client, town.wang, "?show=mine") == [mine.number]
    assert slips(client, town.wang, "?show=sign_in") == [new.number]
    assert slips(client, town.wang, "?show=approve") == [waiting.number]
    for tab in context["tabs"]:
        assert len(client.get(tab.url).context["rows"]) == int(tab.count)


def test_to_approve_leaves_out_what_the_director_decides_and_what_one_asked_oneself(client: Client, town: Town) -> None:
    asked = ask_pause(signed(town, town.wang), town.wang)
    ask_pause(signed(town, town.zhao), town.zhao)
    ask_pause(signed(town, town.wang), town.wang, is_shelved=True)
    assert slips(client, town.zhao, "?show=approve") == [asked.number]
    assert opened(client, town.zhao)["tabs"][3].count == "1"


def test_the_button_is_the_first_next_step_the_fsm_offers(client: Client, town: Town) -> None:
    issued(town)
    signed(town, town.wang)
    investigating(town, town.wang)
    signed(town, town.wang, identity="anonymous", channel="web")
    signed(town, town.qian)
    submitted(town, town.qian)
    submitted(town, town.zhao)
    for staff in (town.wang, town.zhao):
        rows = opened(client, staff)["rows"]
        assert len(rows) == 7
        for row in rows:
            slip = TransferSlip.objects.get(pk=row.slip.pk)
            expected = next((verb for verb in offered(slip, staff, SLIP_VERBS) if verb.is_next_step), None)
            assert row.verb is expected, (staff, slip.state, slip.handler)


def test_what_a_colleague_has_in_hand_can_only_be_opened(client: Client, town: Town) -> None:
    signed(town, town.qian)
    [row] = opened(client, town.wang)["rows"]
    assert row.verb is None


def test_head_zhao_sees_who_is_late(client: Client, town: Town) -> None:
    signed(town, town.wang, now=MONDAY - timedelta(days=12))
    signed(town, town.wang)
    signed(town, town.qian)
    issued(town)
    issued(town, town.property, now=MONDAY - timedelta(days=12))
    colleagues = opened(client, town.zhao)["colleagues"]
    assert [(one.name, one.open, one.overdue) for one in colleagues[:2]] == [("Wang", 2, 1), ("Qian", 1, 0)]
    assert [(one.open, one.overdue) for one in colleagues[2:]] == [(1, 0)]
    assert len(client.get(colleagues[0].url).context["rows"]) == 2
    assert len(client.get(colleagues[2].url).context["rows"]) == 1


def test_handler_wang_does_not_see_the_counts_of_colleagues(client: Client, town: Town) -> None:
    signed(town, town.qian)
    assert opened(client, town.wang)["colleagues"] is None


def test_whoever_a_complaint_is_about_does_not_find_it_here_nor_in_a_count(client: Client, town: Town) -> None:
    several = person("ma", Role.HANDLER, Role.HEAD, department=town.works)
    slip = issued(town, nature="complaint")
    bar(case_id=slip.case_id, staff=several, reason="投诉对象", actor=town.lin, now=MONDAY)
    context = opened(client, several)
    assert context["rows"] == []
    assert {tab.count for tab in context["tabs"]} == {"0"}
    assert context["colleagues"] == []
    assert slips(client, several, "?show=sign_in") == []


@pytest.mark.parametrize("name", ["lin", "chen", "feng", "tang", "gu", "he"])
def test_the_inbox_is_for_departments(client: Client, town: Town, name: str) -> None:
    client.force_login(getattr(town, name))
    assert client.get(INBOX).status_code == 403


def test_thirty_slips_are_read_in_two_pages_and_back(client: Client, town: Town) -> None:
    numbers = [issued(town, now=MONDAY - timedelta(minutes=30 - n)).number for n in range(30)]
    first = opened(client, town.wang)
    second = client.get(INBOX + first["page"].older_url).context
    shown = [row.slip.number for row in [*first["rows"], *second["rows"]]]
    assert sorted(shown) == sorted(numbers)
    assert len(second["rows"]) == 5
    assert second["page"].older_url == ""
    back = client.get(INBOX + second["page"].newer_url).context
    assert [row.slip.number for row in back["rows"]] == [row.slip.number for row in first["rows"]]


def test_a_page_keeps_its_filter(client: Client, town: Town) -> None:
    for _number in range(27):
        issued(town)
    page = opened(client, town.wang, "?show=sign_in")["page"]
    assert "show=sign_in" in page.older_url


@pytest.mark.parametrize(
    "query", ["?show=x", "?handler=x", "?after=x", "?after=9-9-9", "?before=-", "?handler=99999999999999999999999"]
)
def test_a_mistyped_address_shows_the_inbox(client: Client, town: Town, query: str) -> None:
    issued(town)
    opened(client, town.wang, query)


def test_thirty_slips_cost_no_more_queries_than_three(queries: Any, town: Town) -> None:
    for _number in range(3):
        issued(town)
    few = {staff: queries(staff, INBOX) for staff in (town.wang, town.zhao)}
    for _number in range(13):
        issued(town)
        signed(town, town.qian)
    assert {staff: queries(staff, INBOX) for staff in (town.wang, town.zhao)} == few
    # One more for a head: what was decided and is not done yet.
    assert max(few.values()) <= 9


def test_an_empty_inbox_says_what_will_come(client: Client, town: Town) -> None:
    client.force_login(town.wang)
    client.cookies["django_language"] = "en"
    assert "The inbox is empty." in client.get(INBOX).content.decode()
    assert "No such slip is open." in client.get(INBOX + "?show=mine").content.decode()


def test_matters_of_the_desk_alone_are_not_in_any_inbox(client: Client, town: Town) -> None:
    registered(town)
    assert slips(client, town.wang) == []
