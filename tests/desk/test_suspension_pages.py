"""Pauses and the extension on the pages: asked and decided there, and never overdue while a clock stands still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from cases.actions.bar import bar
from cases.models import Case, Extension, Pause, TransferSlip
from cases.recompute import recompute
from foundation.deadlines.actions import add_calendar_day
from foundation.organization.models import Staff
from tests import limits, matters
from tests.builders import Town
from tests.cases.steps import fresh, march, resume

FRIDAY_WEEK = march(13, 10)
"""Handling was due on Monday the 9th, the promise on Wednesday the 11th."""


@pytest.fixture
def read(client: Client) -> Callable[..., str]:
    def page(staff: Staff, address: str, **asked: str) -> str:
        client.force_login(staff)
        response = client.get(address, asked, headers={"accept-language": "en"})
        assert response.status_code == 200, address
        return " ".join(response.content.decode().split())

    return page


def of(subject: Case | TransferSlip) -> str:
    return reverse("desk:case_detail", args=[fresh(subject).number])


def verb(subject: Case | TransferSlip, name: str) -> str:
    if isinstance(subject, TransferSlip):
        return reverse("desk:slip_verb", args=[subject.pk, name])
    return reverse("desk:case_verb", args=[subject.number, name])


def press(client: Client, staff: Staff, subject: Case | TransferSlip, name: str, **given: str) -> Any:
    client.force_login(staff)
    form = client.get(verb(subject, name)).context["form"]
    return client.post(verb(subject, name), {**form.initial, **given})


# Asking and deciding


def test_a_pause_is_asked_granted_and_ended_on_the_pages(client: Client, town: Town):
    slip = matters.investigating(town)
    with time_machine.travel(march(3, 10), tick=False):
        asked = press(
            client, town.wang, slip, "ask_pause", reason="weather", text="连日大雨，无法上屋面。", how_long="paused"
        )
        assert asked.status_code == 302
        assert press(client, town.zhao, slip, "grant_pause").status_code == 302
    with time_machine.travel(march(4, 10), tick=False):
        assert press(client, town.wang, slip, "resume").status_code == 302
    pause = Pause.objects.get()
    assert (pause.state, pause.reason, pause.is_shelved, pause.ended_at) == ("ended", "weather", False, march(4, 10))


def test_an_extension_is_asked_granted_and_told_on_the_pages(client: Client, town: Town):
    slip = matters.investigating(town)
    with time_machine.travel(march(3, 10), tick=False):
        wrong = press(client, town.wang, slip, "ask_extension", working_days="9", reason="材料未到。")
        assert wrong.status_code == 422
        assert wrong.context["form"].errors["working_days"]
        assert "材料未到。" in wrong.content.decode()
        press(client, town.wang, slip, "ask_extension", working_days="3", reason="材料未到。")
        assert press(client, town.chen, slip, "grant_extension").status_code == 302
        assert Extension.objects.get().state == "granted"
        case = fresh(slip)
        assert press(client, town.lin, case, "tell_limit").status_code == 302
    assert fresh(slip).limit_changed_at is None


def test_a_form_sent_twice_asks_once(client: Client, town: Town):
    slip = matters.investigating(town)
    with time_machine.travel(march(3, 10), tick=False):
        client.force_login(town.wang)
        form = client.get(verb(slip, "ask_extension")).context["form"]
        given = {**form.initial, "working_days": "3", "reason": "材料未到。"}
        assert client.post(verb(slip, "ask_extension"), given).status_code == 302
        assert client.post(verb(slip, "ask_extension"), given).status_code == 409
    assert Extension.objects.count() == 1


def test_what_the_asker_wrote_is_shown_to_who_decides_and_stays_text(client: Client, town: Town):
    slip = limits.pause_asked(town)
    Pause.objects.update(text="<script>alert(1)</script>等待开挖")
    with time_machine.travel(march(2, 15), tick=False):
        client.force_login(town.zhao)
        page = client.get(verb(slip, "grant_pause")).content.decode()
    assert "等待开挖" in page
    assert "<script>alert(1)" not in page


# What waits for a decision


@time_machine.travel(march(3, 10), tick=False)
def test_the_heads_inbox_offers_the_decision(client: Client, town: Town):
    slip = limits.pause_asked(town)
    for staff, name in ((town.zhao, "grant_pause"), (town.wang, "report")):
        client.force_login(staff)
        [row] = client.get("/inbox/").context["rows"]
        assert (row.slip, row.verb.name) == (slip, name)
    client.force_login(town.zhao)
    assert [row.slip for row in client.get("/inbox/?show=approve").context["rows"]] == [slip]


@time_machine.travel(march(3, 10), tick=False)
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (limits.extension_asked, "grant_extension"),
        (lambda town: limits.pause_asked(town, is_shelved=True), "grant_pause"),
        (limits.desk_asks_pause, "grant_pause"),
    ],
)
def test_the_directors_home_offers_the_decision(client: Client, town: Town, make: Any, name: str):
    make(town)
    client.force_login(town.chen)
    assert [row.verb.name for row in client.get("/desk/").context["rows"]] == [name]


@time_machine.travel(march(3, 10), tick=False)
def test_what_the_head_decides_is_not_on_the_directors_home(client: Client, town: Town):
    limits.pause_asked(town)
    client.force_login(town.chen)
    assert client.get("/desk/").context["rows"] == []


# While it stands still


@time_machine.travel(FRIDAY_WEEK, tick=False)
def test_the_case_page_says_since_when_and_shows_no_card(town: Town, read: Callable[..., str]):
    slip = limits.paused(town)
    page = read(town.wang, of(slip))
    assert "paused since" in page
    assert "overdue" not in page
    assert limits.WAITING in page
    assert "waiting for a third party" in page
    assert "ends by itself on" in page


@time_machine.travel(FRIDAY_WEEK, tick=False)
def test_in_no_list_is_it_overdue_or_due_soon(client: Client, town: Town):
    slip = limits.paused(town)
    client.force_login(town.chen)
    for asked in ("card=red", "card=yellow", "period=due_today", "clock=overdue"):
        assert client.get(f"/cases/?{asked}").context["page"].rows == [], asked
    [row] = client.get("/cases/").context["page"].rows
    assert row.paused_since == limits.LATER
    client.force_login(town.wang)
    [row] = client.get("/inbox/").context["rows"]
    assert (row.slip, row.clock.kind, row.clock.paused_at) == (slip, "handle", limits.LATER)


@time_machine.travel(FRIDAY_WEEK, tick=False)
def test_what_the_desk_paused_does_not_wait_for_the_desk(client: Client, town: Town):
    limits.desk_paused(town)
    client.force_login(town.lin)
    page = client.get("/desk/").context
    assert page["rows"] == []
    assert [row.card for row in page["own_rows"]] == ["paused"]


def test_pauses_cost_the_case_page_no_query_more(queries: Any, town: Town):
    plain = matters.investigating(town)
    limited = matters.investigating(town, resident=fresh(plain).resident)
    for state in ("refused", "refused", "ended"):
        Pause.objects.create(
            case=limited.case,
            slip=limited,
            round=1,
            state=state,
            reason="weather",
            text="大雨",
            asked_by=town.wang,
            asked_at=limits.SOON,
        )
    assert queries(town.lin, of(limited)) == queries(town.lin, of(plain))


# What the resident reads


def status(client: Client, case: Case) -> str:
    address = reverse("portal:status", args=[case.hall.code, case.tracking_code])
    response = client.post(address, {"digits": "6021"}, headers={"accept-language": "en"})
    return " ".join(response.content.decode().split())


@time_machine.travel(march(10, 10), tick=False)
def test_the_status_page_says_what_is_waited_for(client: Client, town: Town):
    case = fresh(limits.paused(town))
    page = status(client, case)
    assert "We are waiting for something and have stopped the clock" in page
    assert "waiting for a third party" in page
    # The words of the department are not for the street.
    assert limits.WAITING not in page


@time_machine.travel(march(10, 10), tick=False)
def test_the_status_page_says_that_it_is_shelved(client: Client, town: Town):
    assert "Your matter is shelved" in status(client, fresh(limits.paused(town, is_shelved=True)))


@time_machine.travel(march(10, 10), tick=False)
def test_status_page_and_receipt_say_the_old_date_the_new_one_and_why(
    client: Client, town: Town, read: Callable[..., str]
):
    """Extended by three working days: the promise moves from Wednesday the 11th to Monday the 16th."""
    case = fresh(limits.extended(town))
    page = status(client, case)
    assert "Your receipt says March 11, 2026" in page
    assert "it was extended once" in page
    receipt = read(town.lin, reverse("desk:print_receipt", args=[case.number]))
    assert "You will be answered by March 16, 2026" in receipt
    assert "Corrected: on the first receipt stands March 11, 2026" in receipt


@time_machine.travel(march(10, 10), tick=False)
def test_nothing_moved_nothing_is_said(client: Client, town: Town, read: Callable[..., str]):
    case = fresh(matters.investigating(town))
    assert "The date has moved" not in status(client, case)
    assert "Corrected" not in read(town.lin, reverse("desk:print_receipt", args=[case.number]))


# Computed anew


@time_machine.travel(march(4, 21), tick=False)
def test_the_page_of_a_change_lists_what_moved_and_leaves_out_whom_one_may_not_see(
    client: Client, town: Town, read: Callable[..., str]
):
    recompute(now=march(2, 9))
    slip = matters.investigating(town)
    hidden = matters.investigating(town, resident=fresh(slip).resident)
    add_calendar_day(
        hall=town.north, actor=town.he, now=march(4, 20), date=date(2026, 3, 6), kind="closure", name="停电"
    )
    recompute(now=march(4, 20))
    listed = reverse("desk:recomputation_list")
    client.force_login(town.chen)
    [change] = client.get(listed).context["page"].rows
    assert (change.looked_at, change.moved_count) == (4, 4)
    detail = reverse("desk:recomputation_detail", args=[change.pk])
    page = read(town.chen, detail)
    assert slip.case.number in page
    bar(case_id=hidden.case_id, staff=town.chen, reason="被投诉", actor=None, now=march(4, 20, 30))
    page = read(town.chen, detail)
    assert slip.case.number in page
    assert hidden.case.number not in page
    # Two of the four: not a figure tells that there is a case one is kept from.
    client.force_login(town.chen)
    answer = client.get(listed)
    assert [change.moved_count for change in answer.context["page"].rows] == [2]
    assert '<td class="n">4</td>' not in answer.content.decode()
    # The administrator sees counts, and no way further.
    counts = read(town.he, listed)
    assert counts.count('<td class="n">4</td>') == 2
    assert detail not in counts
    client.force_login(town.he)
    assert client.get(detail).status_code == 403


@time_machine.travel(march(5, 9), tick=False)
def test_a_pause_that_has_ended_stands_on_the_case_page(town: Town, read: Callable[..., str]):
    slip = limits.paused(town)
    resume(slip, town.wang, march(3, 15))
    page = read(town.lin, of(slip))
    assert "the resident is to be told" in page
    assert "paused since" not in page
