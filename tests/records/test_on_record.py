"""Who may do what is on record: each change of an account, a role, a department or a category leaves its entry."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from followups.models import SecondLookShare
from foundation.ledger.actions import hall_chain
from foundation.ledger.models import Entry, Text
from foundation.ledger.verify import verify
from foundation.organization.models import Department, Hall, Membership, Role, Staff
from foundation.refusals import Refused
from records.staffing import appoint, hire
from records.standard import found_hall
from tests.builders import PASSWORD, Town, category, person
from tests.matters import MONDAY
from tests.organization.test_administer import STAFF_ADD, account, change, new_person

HASHED = make_password("pond-lotus-74")
NEW_PASSWORD = "heron-by-the-gate-8"
TWICE = {
    "password1": NEW_PASSWORD,
    "password2": NEW_PASSWORD,
    "usable_password": "true",
    "set-password": "1",
}


def entries(hall: Hall) -> list[Entry]:
    return list(Entry.objects.filter(chain=hall_chain(hall)).order_by("seq"))


def kinds(hall: Hall) -> list[str]:
    return [entry.kind for entry in entries(hall)]


def guan(town: Town, **where: Any) -> Staff:
    where = where or {"hall": town.north}
    return hire(
        username="guan",
        name="关雨",
        hashed_password=HASHED,
        actor=town.xu,
        now=MONDAY,
        phone="13800001111",
        **{"roles": [Role.RECEPTIONIST], **where},
    )


@pytest.fixture
def he(client: Client, town: Town) -> Client:
    """The north hall's administrator at work."""
    client.force_login(town.he)
    return client


@pytest.fixture
def xu(town: Town) -> Client:
    """The street office's administrator at work."""
    browser = Client()
    browser.force_login(town.xu)
    return browser


def test_whoever_is_hired_stands_in_the_record_of_their_hall_alone(town: Town) -> None:
    staff = guan(town)
    opened, given = entries(town.north)
    assert (opened.kind, opened.actor, opened.happened_at) == ("account.added", town.xu, MONDAY)
    assert opened.data == {
        "staff": staff.pk,
        "after": {"username": "guan", "name": "关雨", "is_active": True, "is_superuser": False},
    }
    assert given.kind == "membership.added"
    assert given.data == {
        "row": staff.memberships.get().pk,
        "staff": staff.pk,
        "after": {"role": "receptionist", "hall": "NTH", "department": None, "ended_at": None},
    }
    assert kinds(town.south) == []


def test_neither_a_password_nor_a_number_stands_in_the_record(town: Town) -> None:
    guan(town)
    kept = "".join(entry.payload for entry in entries(town.north))
    assert HASHED not in kept
    assert "13800001111" not in kept
    assert not Text.objects.exists()


def test_a_role_in_the_street_office_stands_in_the_record_of_every_hall(town: Town) -> None:
    guan(town, roles=[Role.SUPERVISOR], hall=None)
    assert kinds(town.north) == kinds(town.south) == ["account.added", "membership.added"]
    assert entries(town.south)[1].data["after"] == {
        "role": "supervisor",
        "hall": None,
        "department": None,
        "ended_at": None,
    }


def test_a_further_role_is_one_entry_where_it_is_held(town: Town) -> None:
    appoint(staff=town.lin, role=Role.HANDLER, department=town.south_works, actor=town.xu, now=MONDAY)
    assert kinds(town.north) == []
    [given] = entries(town.south)
    assert (given.kind, given.data["staff"]) == ("membership.added", town.lin.pk)
    assert given.data["after"] == {
        "role": "handler",
        "hall": "STH",
        "department": town.south_works.name,
        "ended_at": None,
    }


def test_what_was_refused_leaves_no_entry(town: Town) -> None:
    with pytest.raises(Refused):
        appoint(staff=town.mei, role=Role.RECEPTIONIST, hall=town.north, actor=town.he, now=MONDAY)
    with pytest.raises(Refused):
        appoint(staff=town.mei, role=Role.DIRECTOR, hall=town.north, actor=town.chen, now=MONDAY)
    with pytest.raises(Refused):
        guan(town, roles=[Role.HANDLER], hall=town.north)
    assert not Entry.objects.exists()


def test_an_account_made_in_the_settings_is_on_record_with_its_role(he: Client, town: Town) -> None:
    assert he.post(STAFF_ADD, new_person(town)).status_code == 302
    assert kinds(town.north) == ["account.added", "membership.added"]
    assert {entry.actor for entry in entries(town.north)} == {town.he}
    assert kinds(town.south) == []


def test_a_role_taken_and_another_given_in_one_go_are_an_entry_each(he: Client, town: Town) -> None:
    answer = he.post(
        change("staff", town.lin.pk),
        account(
            town.lin,
            **{
                "memberships-0-ended_at_0": "2026-03-01",
                "memberships-0-ended_at_1": "09:00",
                "memberships-2-TOTAL_FORMS": "1",
                "memberships-2-0-role": "handler",
                "memberships-2-0-hall": town.north.pk,
                "memberships-2-0-department": town.works.pk,
            },
        ),
    )
    assert answer.status_code == 302
    ended, given = entries(town.north)
    assert ended.kind == "membership.changed"
    assert ended.data["staff"] == town.lin.pk
    assert ended.data["before"] == {"role": "receptionist", "hall": "NTH", "department": None, "ended_at": None}
    assert ended.data["after"] == {
        "role": "receptionist",
        "hall": "NTH",
        "department": None,
        "ended_at": "2026-03-01T01:00:00+00:00",
    }
    assert given.kind == "membership.added"
    assert given.data["after"]["department"] == town.works.name


def test_the_same_page_sent_twice_leaves_one_entry(he: Client, town: Town) -> None:
    ended = {"memberships-0-ended_at_0": "2026-03-01", "memberships-0-ended_at_1": "09:00"}
    for _time in range(2):
        assert he.post(change("staff", town.lin.pk), account(town.lin, **ended)).status_code == 302
    assert kinds(town.north) == ["membership.changed"]


def test_the_end_of_a_street_role_stands_in_the_record_of_every_hall(xu: Client, town: Town) -> None:
    ended = {"memberships-0-ended_at_0": "2026-03-01", "memberships-0-ended_at_1": "09:00"}
    assert xu.post(change("staff", town.tang.pk), account(town.tang, **ended)).status_code == 302
    assert kinds(town.north) == kinds(town.south) == ["membership.changed"]


def test_what_is_saved_unchanged_leaves_no_entry(he: Client, town: Town) -> None:
    assert he.post(change("staff", town.lin.pk), account(town.lin)).status_code == 302
    works = {"name": town.works.name, "kind": town.works.kind, "phone": town.works.phone, "is_active": "on"}
    assert he.post(change("department", town.works.pk), works).status_code == 302
    assert not Entry.objects.exists()


def test_an_account_that_is_closed_and_opened_again_is_on_record(he: Client, town: Town) -> None:
    closed = account(town.lin)
    del closed["is_active"]
    he.post(change("staff", town.lin.pk), closed)
    he.post(change("staff", town.lin.pk), account(town.lin))
    assert kinds(town.north) == ["account.changed", "account.changed"]
    steps = [(entry.data["before"]["is_active"], entry.data["after"]["is_active"]) for entry in entries(town.north)]
    assert steps == [(True, False), (False, True)]


def test_of_a_phone_number_only_that_it_changed_is_on_record(he: Client, town: Town) -> None:
    he.post(change("staff", town.lin.pk), account(town.lin, phone="13800002222"))
    [changed] = entries(town.north)
    assert changed.kind == "account.changed"
    assert changed.data["also"] == ["phone"]
    assert "13800002222" not in changed.payload


def test_a_password_set_by_an_administrator_is_on_record_without_it(he: Client, town: Town) -> None:
    before = Staff.objects.get(pk=town.lin.pk).password
    assert he.post(f"/admin/organization/staff/{town.lin.pk}/password/", TWICE).status_code == 302
    [entry] = entries(town.north)
    assert (entry.kind, entry.actor, entry.data) == ("account.password_set", town.he, {"staff": town.lin.pk})
    town.lin.refresh_from_db()
    assert before != town.lin.password
    assert not Text.objects.exists()


def test_two_passwords_that_differ_set_nothing_and_leave_no_entry(he: Client, town: Town) -> None:
    answer = he.post(f"/admin/organization/staff/{town.lin.pk}/password/", {**TWICE, "password2": "another-one-8"})
    assert answer.status_code == 200
    assert not Entry.objects.exists()


def test_ones_own_new_password_is_on_record_as_ones_own(client: Client, town: Town) -> None:
    client.force_login(town.lin)
    fields = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert client.post(reverse("password_change"), fields).status_code == 302
    [entry] = entries(town.north)
    assert (entry.kind, entry.actor, entry.data) == ("account.password_changed", town.lin, {"staff": town.lin.pk})
    # This browser stays logged in; the new password holds.
    assert client.get(reverse("desk:home")).status_code == 200
    town.lin.refresh_from_db()
    assert town.lin.check_password(NEW_PASSWORD)


def test_the_settings_have_no_door_of_their_own_to_ones_password(he: Client) -> None:
    assert he.get("/admin/password_change/")["Location"] == reverse("password_change")


def test_whoever_works_in_two_halls_is_on_record_in_both(xu: Client, town: Town) -> None:
    both = person("ma", Role.RECEPTIONIST, hall=town.north)
    both.memberships.create(role=Role.DIRECTOR, hall=town.south)
    xu.post(f"/admin/organization/staff/{both.pk}/password/", TWICE)
    assert kinds(town.north) == kinds(town.south) == ["account.password_set"]


def test_a_hall_one_has_left_hears_nothing_more(xu: Client, town: Town) -> None:
    moved = person("ma", Role.RECEPTIONIST, hall=town.north)
    moved.memberships.update(ended_at=MONDAY)
    moved.memberships.create(role=Role.DIRECTOR, hall=town.south)
    xu.post(f"/admin/organization/staff/{moved.pk}/password/", TWICE)
    assert (kinds(town.north), kinds(town.south)) == ([], ["account.password_set"])


def test_forged_posts_from_another_hall_change_nothing_and_leave_no_entry(he: Client, town: Town) -> None:
    ended = {"memberships-0-ended_at_0": "2026-03-01", "memberships-0-ended_at_1": "09:00"}
    for staff in (town.lu, town.tang):
        he.post(change("staff", staff.pk), account(staff, name="stolen", **ended))
        he.post(f"/admin/organization/staff/{staff.pk}/password/", TWICE)
        staff.refresh_from_db()
        assert staff.name != "stolen"
        assert staff.check_password(PASSWORD)
    he.post(STAFF_ADD, new_person(town, **{"memberships-2-0-hall": town.south.pk}))
    he.post(change("department", town.south_works.pk), {"name": "stolen", "kind": "internal", "is_active": "on"})
    he.post(f"/admin/organization/category/{category(town.south).pk}/delete/", {"post": "yes"})
    assert not Membership.objects.exclude(ended_at=None).exists()
    assert not Entry.objects.exists()


def test_a_department_renamed_is_on_record_under_both_names(he: Client, town: Town) -> None:
    was = town.works.name
    he.post(change("department", town.works.pk), {"name": "Works", "kind": "internal", "is_active": "on"})
    [entry] = entries(town.north)
    assert (entry.kind, entry.actor) == ("department.changed", town.he)
    assert (entry.data["before"]["name"], entry.data["after"]["name"]) == (was, "Works")


def test_a_department_made_and_deleted_is_on_record(he: Client, town: Town) -> None:
    fields = {"hall": town.north.pk, "name": "opened by mistake", "kind": "internal", "is_active": "on"}
    he.post("/admin/organization/department/add/", fields)
    made = Department.objects.get(name="opened by mistake")
    he.post(f"/admin/organization/department/{made.pk}/delete/", {"post": "yes"})
    added, removed = entries(town.north)
    assert (added.kind, removed.kind) == ("department.added", "department.removed")
    assert added.data["after"] == {"name": "opened by mistake", "kind": "internal", "is_active": True}
    assert (removed.data["row"], removed.data["before"]) == (made.pk, added.data["after"])


def test_whether_the_head_approves_a_category_is_on_record(he: Client, town: Town) -> None:
    leak = category(town.north)
    assert leak.parent is not None
    assert not leak.needs_approval
    fields = {
        "parent": leak.parent_id,
        "name": leak.name,
        "default_department": leak.default_department_id,
        "needs_approval": "on",
        "position": leak.position,
        "is_active": "on",
    }
    assert he.post(change("category", leak.pk), fields).status_code == 302
    [entry] = entries(town.north)
    assert entry.kind == "category.changed"
    assert entry.data["after"] == {**entry.data["before"], "needs_approval": True}
    assert entry.data["after"]["parent"] == leak.parent.name


def test_how_many_are_looked_at_twice_is_on_record(he: Client, town: Town) -> None:
    share = SecondLookShare.objects.get(hall=town.north, role="director")
    assert share.percent != 7
    assert he.post(f"/admin/followups/secondlookshare/{share.pk}/change/", {"percent": "7"}).status_code == 302
    [entry] = entries(town.north)
    assert (entry.kind, entry.actor) == ("second_look_share.changed", town.he)
    assert entry.data["before"] == {"role": "director", "percent": share.percent}
    assert entry.data["after"] == {"role": "director", "percent": 7}


def test_where_text_messages_go_is_on_record_without_its_secret(he: Client, town: Town) -> None:
    page = "/admin/notifications/smsgateway/"
    he.post(f"{page}add/", {"hall": town.north.pk, "url": "json://one.example/secret-1/{phone}"})
    he.post(f"{page}{town.north.pk}/change/", {"url": "json://two.example/secret-2/{phone}"})
    he.post(f"{page}{town.north.pk}/change/", {"url": ""})
    he.post(f"{page}{town.north.pk}/delete/", {"post": "yes"})
    assert kinds(town.north) == ["sms_gateway.added", "sms_gateway.changed", "sms_gateway.removed"]
    assert entries(town.north)[1].data["also"] == ["url"]
    assert "example" not in "".join(entry.payload for entry in entries(town.north))


def test_when_messages_may_go_out_is_on_record(he: Client, town: Town) -> None:
    page = "/admin/notifications/sendinghours/"
    he.post(f"{page}add/", {"hall": town.north.pk, "starts": "08:00", "ends": "20:00"})
    he.post(f"{page}{town.north.pk}/change/", {"starts": "09:00", "ends": "20:00"})
    added, changed = entries(town.north)
    assert (added.kind, changed.kind) == ("sending_hours.added", "sending_hours.changed")
    assert changed.data["before"] == {"starts": "08:00:00", "ends": "20:00:00"}
    assert changed.data["after"] == {"starts": "09:00:00", "ends": "20:00:00"}


def test_a_new_hall_begins_its_record_with_who_has_a_say_in_it_already(xu: Client, town: Town) -> None:
    found_hall(code="WST", name="西岭社区居民接待厅", actor=town.xu, now=MONDAY)
    xu.post(
        "/admin/organization/hall/add/",
        {"code": "EST", "name": "东坡社区居民接待厅", "timezone": "Asia/Shanghai", "is_active": "on"},
    )
    for code in ("WST", "EST"):
        [founded] = entries(Hall.objects.get(code=code))
        assert (founded.kind, founded.actor) == ("hall.added", town.xu)
        assert founded.data["street"] == [
            {"staff": town.tang.pk, "role": "supervisor"},
            {"staff": town.xu.pk, "role": "administrator"},
        ]


def test_a_hall_that_is_closed_is_on_record(xu: Client, town: Town) -> None:
    xu.post(change("hall", town.north.pk), {"name": town.north.name, "timezone": "Asia/Shanghai"})
    [entry] = entries(town.north)
    assert entry.kind == "hall.changed"
    assert (entry.data["before"]["is_active"], entry.data["after"]["is_active"]) == (True, False)


def test_the_first_hall_and_its_director_are_on_record(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "HALL_CODE": "GHP",
        "HALL_NAME": "光华坪社区居民接待厅",
        "DIRECTOR_USERNAME": "chen",
        "DIRECTOR_NAME": "陈主任",
        "DIRECTOR_PASSWORD": "lotus-pond-47",
    }.items():
        monkeypatch.setenv(name, value)
    call_command("create_first_hall", stdout=StringIO())
    hall = Hall.objects.get()
    assert kinds(hall) == ["hall.added", "account.added", *["membership.added"] * 3]
    assert {entry.actor for entry in entries(hall)} == {None}


def test_an_account_for_everything_made_on_the_command_line_is_on_record_in_every_hall(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", NEW_PASSWORD)
    call_command("createsuperuser", interactive=False, username="root", name="Root", stdout=StringIO())
    assert kinds(town.north) == kinds(town.south) == ["account.added"]
    [entry] = entries(town.south)
    assert entry.actor is None
    assert entry.data["after"]["is_superuser"] is True
    assert Staff.objects.get(username="root").is_superuser


def test_a_password_set_on_the_command_line_is_on_record(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt: NEW_PASSWORD)
    call_command("changepassword", "lin", stdout=StringIO())
    [entry] = entries(town.north)
    assert (entry.kind, entry.actor, entry.data) == ("account.password_set", None, {"staff": town.lin.pk})
    assert kinds(town.south) == []
    town.lin.refresh_from_db()
    assert town.lin.check_password(NEW_PASSWORD)


def test_a_password_that_is_refused_on_the_command_line_leaves_no_entry(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt: "12345678")
    with pytest.raises(CommandError):
        call_command("changepassword", "lin", stdout=StringIO(), stderr=StringIO())
    assert not Entry.objects.exists()


def test_the_ledger_verifies_after_all_of_it(he: Client, town: Town) -> None:
    he.post(STAFF_ADD, new_person(town))
    ended = {"memberships-0-ended_at_0": "2026-03-01", "memberships-0-ended_at_1": "09:00"}
    he.post(change("staff", town.lin.pk), account(town.lin, phone="13800002222", **ended))
    he.post(f"/admin/organization/staff/{town.mei.pk}/password/", TWICE)
    he.post(change("department", town.works.pk), {"name": "Works", "kind": "internal", "is_active": "on"})
    guan(town, roles=[Role.SUPERVISOR], hall=None)
    assert len(entries(town.north)) == 8
    assert list(verify()) == []
