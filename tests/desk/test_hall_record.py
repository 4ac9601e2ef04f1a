"""Directors and supervisors read what was changed in the hall itself: who may do what, and the rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse

from followups.models import SecondLookShare
from foundation.deadlines.actions import (
    add_calendar_day,
    add_ladder_step,
    add_opening_hours,
    add_term,
    announce_year,
    change_ladder_step,
    change_opening_hours,
    change_term,
    remove_ladder_step,
    remove_opening_hours,
    remove_term,
    withdraw_year,
)
from foundation.deadlines.models import Term
from foundation.ledger.actions import append, hall_chain
from foundation.organization.models import Department, Role, Staff
from foundation.residents.actions import register_resident
from records.staffing import appoint, hire
from records.standard import found_hall
from tests.builders import PASSWORD, Town, category
from tests.matters import MONDAY
from tests.organization.test_administer import account, change

HASHED = make_password("pond-lotus-74")
PAGE = "/record/"

Read = Callable[..., str]


@pytest.fixture
def read(client: Client) -> Read:
    def page(staff: Staff, language: str = "en", **asked: str) -> str:
        client.force_login(staff)
        response = client.get(PAGE, asked, headers={"accept-language": language})
        assert response.status_code == 200
        return " ".join(response.content.decode().split())

    return page


def guan(town: Town, **where: Any) -> Staff:
    where = where or {"hall": town.north, "roles": [Role.RECEPTIONIST]}
    return hire(username="guan", name="关雨", hashed_password=HASHED, actor=town.xu, now=MONDAY, **where)


def test_who_was_given_which_role_by_whom_stands_there(town: Town, read: Read) -> None:
    staff = guan(town)
    appoint(staff=staff, role=Role.HANDLER, department=town.works, actor=town.he, now=MONDAY + timedelta(days=1))
    for reader in (town.chen, town.feng, town.tang):
        shown = read(reader)
        assert "Xu opened the account of 关雨" in shown
        assert "user name: guan" in shown
        assert f"Xu gave 关雨 a role: receptionist, {town.north.name}" in shown
        assert f"He gave 关雨 a role: handler, {town.works.name}" in shown


def test_the_newest_stands_first(town: Town, read: Read) -> None:
    staff = guan(town)
    appoint(staff=staff, role=Role.HANDLER, department=town.works, actor=town.he, now=MONDAY + timedelta(days=1))
    shown = read(town.chen)
    assert shown.index("handler,") < shown.index("receptionist,") < shown.index("opened the account")


def test_a_role_taken_and_an_account_closed_are_said_as_such(town: Town, read: Read) -> None:
    browser = Client()
    browser.force_login(town.he)
    closed = account(
        town.lin, **{"memberships-0-ended_at_0": "2026-03-01", "memberships-0-ended_at_1": "09:00"}, phone="13800002222"
    )
    del closed["is_active"]
    browser.post(change("staff", town.lin.pk), closed)
    shown = read(town.chen)
    assert "He closed the account of Lin" in shown
    assert "active: yes → no" in shown
    assert "Changed, contents not kept: phone" in shown
    assert "13800002222" not in shown
    assert f"He took a role from Lin: receptionist, {town.north.name}" in shown


def test_a_role_in_the_street_office_is_read_in_every_hall(town: Town, read: Read) -> None:
    guan(town, roles=[Role.SUPERVISOR])
    for reader in (town.chen, town.han):
        assert "Xu gave 关雨 a role: supervisor, street office" in read(reader)


def test_nothing_of_another_hall_stands_there(town: Town, read: Read) -> None:
    guan(town)
    assert "关雨" not in read(town.han)


def test_whoever_has_a_say_from_the_beginning_is_named_with_the_new_hall(town: Town, read: Read) -> None:
    Staff.objects.create_superuser("root", PASSWORD, name="Root")
    west = found_hall(code="WST", name="西岭社区居民接待厅", actor=town.xu, now=MONDAY)
    director = guan(town, hall=west, roles=[Role.DIRECTOR])
    shown = read(director)
    assert "Xu founded the hall" in shown
    assert "Tang is supervisor in the street office" in shown
    assert "Root may change every setting of every hall" in shown


def test_rules_are_told_with_what_they_were_before(town: Town, read: Read) -> None:
    term = Term.objects.filter(hall=town.north, kind="follow_up", category__isnull=False).first()
    assert term is not None
    change_term(term_id=term.pk, length=9, actor=town.he, now=MONDAY)
    add_calendar_day(hall=town.north, actor=town.he, now=MONDAY, date=date(2026, 3, 6), kind="closure", name="停电")
    shown = read(town.chen)
    assert "He changed: time limit rule “first follow-up attempt”" in shown
    assert f"length: {term.length} → 9" in shown
    assert "He added: calendar day" in shown
    assert "停电" in shown


@pytest.mark.parametrize(
    ("about", "first", "second"),
    [("people", True, False), ("time", False, True), ("data", False, False), ("nonsense", True, True)],
)
def test_the_list_is_narrowed_to_what_it_is_about(
    town: Town, read: Read, about: str, *, first: bool, second: bool
) -> None:
    guan(town)
    add_calendar_day(hall=town.north, actor=town.he, now=MONDAY, date=date(2026, 3, 6), kind="closure", name="停电")
    shown = read(town.chen, about=about)
    assert ("关雨" in shown, "停电" in shown) == (first, second)


def test_residents_are_not_among_it(town: Town, read: Read) -> None:
    register_resident(hall=town.north, actor=town.lin, now=MONDAY, name="王秀兰", phone="13805716021")
    shown = read(town.chen)
    assert "王秀兰" not in shown
    assert "Nothing of this kind has been changed so far." in shown


def test_one_goes_through_a_long_record_and_back(town: Town, client: Client) -> None:
    staff = guan(town)
    chain = hall_chain(town.north)
    for number in range(60):
        append(
            chain=chain,
            kind="account.password_set",
            actor=town.he,
            happened_at=MONDAY,
            now=MONDAY,
            payload={"staff": staff.pk},
        )
        if number % 2:
            # What is not shown lies in between.
            append(chain=chain, kind="resident.registered", actor=town.lin, happened_at=MONDAY, now=MONDAY)
    client.force_login(town.chen)
    seen: list[int] = []
    address, back = PAGE, []
    while address:
        page = client.get(address).context["page"]
        seen += [entry.seq for entry in page.entries]
        back.append(page.newer_url)
        address = page.older_url and PAGE + page.older_url
    assert len(seen) == len(set(seen)) == 62
    assert seen == sorted(seen, reverse=True)
    # Back from the last page to the one before it, which leads to the first.
    middle = client.get(PAGE + back[2]).context["page"]
    assert [entry.seq for entry in middle.entries] == seen[25:50]
    first = client.get(PAGE + middle.newer_url).context["page"]
    assert [entry.seq for entry in first.entries] == seen[:25]
    assert first.newer_url == ""


def test_an_address_nobody_gave_out_shows_the_first_page(town: Town, read: Read) -> None:
    guan(town)
    assert "关雨" in read(town.chen, before="99999999999999999999", after="x'--")


def test_queries_do_not_grow_with_what_is_listed(
    town: Town, client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        staff = hire(
            username=f"guan{number}",
            name=f"关{number}",
            hashed_password=HASHED,
            roles=[Role.RECEPTIONIST],
            hall=town.north,
            actor=town.he,
            now=MONDAY,
        )
        appoint(staff=staff, role=Role.HANDLER, department=town.works, actor=town.xu, now=MONDAY)
    client.force_login(town.chen)
    client.get(PAGE)
    with django_assert_max_num_queries(8):
        assert client.get(PAGE).status_code == 200


def test_the_dashboard_leads_there_and_not_for_monitors(town: Town, client: Client) -> None:
    for staff, leads in ((town.chen, True), (town.feng, True), (town.gu, False)):
        client.force_login(staff)
        assert (f'href="{PAGE}"' in client.get(reverse("dashboard:home")).content.decode()) is leads


def test_whatever_is_changed_is_told_in_words(town: Town, read: Read) -> None:
    common: dict[str, Any] = {"actor": town.he, "now": MONDAY}
    leak = category(town.north)
    theme = leak.parent
    assert theme is not None
    term = add_term(hall=town.north, kind="handle", length=3, unit="days", category=leak, **common)
    change_term(term_id=term.pk, category=theme, **common)
    remove_term(term_id=term.pk, **common)
    step = add_ladder_step(
        hall=town.north,
        position=9,
        anchor="due",
        offset_length=5,
        offset_unit="working_days",
        audience="supervisor",
        card="red",
        **common,
    )
    change_ladder_step(step_id=step.pk, audience="director", **common)
    remove_ladder_step(step_id=step.pk, **common)
    hours = add_opening_hours(hall=town.north, weekday=5, opens=time(9), closes=time(12), **common)
    change_opening_hours(hours_id=hours.pk, closes=time(11, 30), **common)
    remove_opening_hours(hours_id=hours.pk, **common)
    year = announce_year(hall=town.north, year=2031, **common)
    withdraw_year(announced_id=year.pk, **common)
    browser = Client()
    browser.force_login(town.xu)
    fields = {"hall": town.north.pk, "name": "开错的部门", "kind": "internal", "is_active": "on"}
    browser.post("/admin/organization/department/add/", fields)
    made = Department.objects.get(name="开错的部门")
    browser.post(f"/admin/organization/department/{made.pk}/delete/", {"post": "yes"})
    browser.post(change("hall", town.north.pk), {"name": "北苑接待厅", "timezone": "Asia/Shanghai", "is_active": "on"})
    share = SecondLookShare.objects.get(hall=town.north, role="head")
    browser.post(f"/admin/followups/secondlookshare/{share.pk}/change/", {"percent": "7"})
    gateway = {"hall": town.north.pk, "url": "json://one.example/secret-1/{phone}"}
    browser.post("/admin/notifications/smsgateway/add/", gateway)
    gateway["url"] = "json://two.example/secret-2/{phone}"
    browser.post(f"/admin/notifications/smsgateway/{town.north.pk}/change/", gateway)
    hours_of_messages = {"hall": town.north.pk, "starts": "08:30", "ends": "20:00"}
    browser.post("/admin/notifications/sendinghours/add/", hours_of_messages)
    for kind in ("register.import_begun", "register.imported", "register.exported", "hall.clocks_recomputed"):
        append(chain=hall_chain(town.north), kind=kind, actor=None, happened_at=MONDAY, now=MONDAY)
    shown = read(town.chen)
    assert shown.count("<time ") == 22
    assert not re.findall(r"[a-z_]+\.(?:added|changed|removed|import_begun|imported|exported|clocks_recomputed)", shown)
    for words in (
        "He added: time limit rule “handling”",
        f"category: {theme.name} · {leak.name} → {theme.name}",
        "He changed: alert step “9”",
        "who is told: the supervisors → the hall director",
        "He removed: alert step “9”",
        "He added: opening hours “Saturday”",
        "closes: 12:00 → 11:30",
        "He added: year with its holidays entered by hand “2031”",
        "Xu added: department “开错的部门”",
        "Xu removed: department “开错的部门”",
        "Xu changed what is set for the hall",
        "Xu changed: share of second looks “department head”",
        f"percent: {share.percent} → 7",
        "Xu added: text message service",
        "Changed, contents not kept: address of the service",
        "Xu added: sending hours",
        "from: 08:30",
        f"name: {town.north.name} → 北苑接待厅",
        "the program took the register out of the house",
    ):
        assert words in shown, words
