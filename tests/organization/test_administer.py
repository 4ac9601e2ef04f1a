import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.deadlines.models import Term
from foundation.organization.models import Category, Department, Hall, Membership, Role, Staff
from tests.builders import PASSWORD, Town, category, on_shift, person

STAFF_ADD = "/admin/organization/staff/add/"
ADMINISTRATED = ["hall", "department", "category", "staff", "dutyshift"]


def change(model: str, pk: int) -> str:
    return f"/admin/organization/{model}/{pk}/change/"


def new_person(town: Town, **changes: object) -> dict[str, object]:
    return {
        "username": "ding",
        "name": "Ding",
        "password1": "heron-by-the-gate-8",
        "password2": "heron-by-the-gate-8",
        "usable_password": "true",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
        "memberships-2-TOTAL_FORMS": "1",
        "memberships-2-INITIAL_FORMS": "0",
        "memberships-2-0-role": "receptionist",
        "memberships-2-0-hall": town.north.pk,
        "memberships-2-0-department": "",
        **changes,
    }


def account(staff: Staff, **changes: object) -> dict[str, object]:
    """What the page of a person posts when nothing is changed."""
    held = list(Membership.objects.filter(staff=staff).order_by("pk"))
    rows: dict[str, object] = {}
    for number, membership in enumerate(held):
        rows |= {
            f"memberships-{number}-id": membership.pk,
            f"memberships-{number}-staff": staff.pk,
            f"memberships-{number}-ended_at_0": "",
            f"memberships-{number}-ended_at_1": "",
        }
    return {
        "username": staff.username,
        "name": staff.name,
        "phone": staff.phone,
        "email": staff.email,
        "notification_url": "",
        "is_active": "on",
        "memberships-TOTAL_FORMS": len(held),
        "memberships-INITIAL_FORMS": len(held),
        "memberships-2-TOTAL_FORMS": "0",
        "memberships-2-INITIAL_FORMS": "0",
        **rows,
        **changes,
    }


@pytest.fixture
def he(client: Client, town: Town) -> Client:
    """The north hall's administrator at work."""
    client.force_login(town.he)
    return client


@pytest.mark.parametrize("name", ["lin", "wang", "zhao", "chen", "feng", "gu", "tang"])
def test_the_settings_are_closed_to_everybody_but_administrators(client: Client, town: Town, name: str) -> None:
    client.force_login(getattr(town, name))
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 403


def test_the_settings_use_the_halls_own_log_in(client: Client, db: None) -> None:
    answer = client.get("/admin/organization/staff/", follow=True)
    assert answer.redirect_chain[-1][0] == f"{reverse('login')}?next=%2Fadmin%2Forganization%2Fstaff%2F"


@pytest.mark.parametrize("model", ADMINISTRATED)
def test_every_page_opens_and_leads_back_to_the_desk(he: Client, town: Town, model: str) -> None:
    on_shift(town.lin, town.north, timezone.now())
    page = he.get(f"/admin/organization/{model}/")
    assert page.status_code == 200
    assert f'href="{reverse("home")}"' in page.content.decode()
    for row in page.context["cl"].result_list:
        assert he.get(change(model, row.pk)).status_code == 200


@pytest.mark.parametrize("path", ["", "organization/staff/", "organization/staff/add/", "organization/category/add/"])
def test_the_settings_need_nothing_the_content_security_policy_forbids(he: Client, path: str) -> None:
    page = he.get(f"/admin/{path}")
    policy = page["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    text = page.content.decode()
    assert re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>", text) == []
    assert re.findall(r"<style\b|\sstyle=|\son(?:click|load|change|submit)=", text) == []
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", text) == []


def test_no_case_content_is_among_the_settings(he: Client) -> None:
    allowed = {"organization", "deadlines", "notifications"}
    apps = {app["app_label"]: app["models"] for app in he.get("/admin/").context["app_list"]}
    # Of the follow-up only how many are asked a second time.
    assert [model["object_name"] for model in apps.pop("followups")] == ["SecondLookShare"]
    assert apps.keys() <= allowed


def test_an_administrator_sees_the_people_departments_and_categories_of_the_own_hall_only(
    he: Client, town: Town
) -> None:
    shown = {
        model: set(he.get(f"/admin/organization/{model}/?all=").context["cl"].result_list) for model in ADMINISTRATED
    }
    assert shown["hall"] == {town.north}
    assert {row.hall for row in shown["department"]} == {town.north}
    assert {row.hall for row in shown["category"]} == {town.north}
    assert {town.lin, town.wang, town.chen, town.he} <= shown["staff"]
    assert not {town.lu, town.han, town.tang, town.xu} & shown["staff"]


def test_the_street_administrator_sees_all_halls(client: Client, town: Town) -> None:
    client.force_login(town.xu)
    assert set(client.get("/admin/organization/hall/").context["cl"].result_list) == {town.north, town.south}
    assert {town.lin, town.lu, town.tang} <= set(client.get("/admin/organization/staff/").context["cl"].result_list)


def test_the_pages_of_another_halls_rows_do_not_open(he: Client, town: Town) -> None:
    for model, pk in (
        ("hall", town.south.pk),
        ("department", town.south_works.pk),
        ("category", category(town.south).pk),
        ("staff", town.lu.pk),
        ("staff", town.tang.pk),
    ):
        assert he.get(change(model, pk))["Location"] == "/admin/"
        assert he.get(f"/admin/organization/{model}/{pk}/history/").status_code in (302, 404)


def test_a_new_receptionist_can_log_in_and_work(he: Client, town: Town) -> None:
    assert he.post(STAFF_ADD, new_person(town)).status_code == 302
    ding = Staff.objects.get(username="ding")
    assert ding.holds(Role.RECEPTIONIST, hall=town.north)
    assert not ding.is_superuser
    browser = Client()
    answer = browser.post(reverse("login"), {"username": "ding", "password": "heron-by-the-gate-8"})
    assert answer.status_code == 302


def test_an_account_needs_a_role(he: Client, town: Town) -> None:
    fields = new_person(town, **{"memberships-2-TOTAL_FORMS": "0"})
    assert he.post(STAFF_ADD, fields).status_code == 200
    assert not Staff.objects.filter(username="ding").exists()


@pytest.mark.parametrize(
    "forged",
    [
        {"memberships-2-0-hall": "south"},
        {"memberships-2-0-role": "supervisor", "memberships-2-0-hall": ""},
        {"memberships-2-0-role": "administrator", "memberships-2-0-hall": ""},
        {"memberships-2-0-role": "handler", "memberships-2-0-department": "south_works"},
        {
            "memberships-2-0-role": "handler",
            "memberships-2-0-hall": "south",
            "memberships-2-0-department": "south_works",
        },
        {"memberships-2-0-role": "handler"},
        {"memberships-2-0-department": "works"},
        {"memberships-2-0-role": "emperor"},
    ],
)
def test_roles_elsewhere_or_that_do_not_exist_cannot_be_forged(he: Client, town: Town, forged: dict[str, str]) -> None:
    fields = new_person(
        town, **{key: getattr(getattr(town, value, value), "pk", value) for key, value in forged.items()}
    )
    assert he.post(STAFF_ADD, fields).status_code == 200
    assert not Staff.objects.filter(username="ding").exists()


def test_nobody_is_made_superuser_through_the_settings(client: Client, town: Town) -> None:
    client.force_login(town.xu)
    client.post(STAFF_ADD, new_person(town, is_superuser="on", is_staff="on", user_permissions="1"))
    client.post(change("staff", town.lin.pk), account(town.lin, is_superuser="on", is_staff="on"))
    assert Staff.objects.filter(username="ding").exists()
    assert not Staff.objects.filter(is_superuser=True).exists()


def test_a_role_is_ended_and_a_further_one_given(he: Client, town: Town) -> None:
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
    lin = Staff.objects.get(pk=town.lin.pk)
    assert not lin.holds(Role.RECEPTIONIST)
    assert lin.holds(Role.HANDLER, department=town.works)
    assert LogEntry.objects.filter(user=town.he, object_id=str(lin.pk)).exists()


def test_a_role_that_was_held_is_not_rewritten(he: Client, town: Town) -> None:
    he.post(change("staff", town.lin.pk), account(town.lin, **{"memberships-0-role": "director"}))
    assert Membership.objects.get(staff=town.lin).role == Role.RECEPTIONIST


def test_the_same_role_twice_is_said_and_not_a_crash(he: Client, town: Town) -> None:
    fields = account(
        town.lin,
        **{
            "memberships-2-TOTAL_FORMS": "1",
            "memberships-2-0-role": "receptionist",
            "memberships-2-0-hall": town.north.pk,
            "memberships-2-0-department": "",
        },
    )
    assert he.post(change("staff", town.lin.pk), fields).status_code == 200
    assert Membership.objects.filter(staff=town.lin).count() == 1
    twice = {f"memberships-2-1-{name}": fields[f"memberships-2-0-{name}"] for name in ("role", "hall", "department")}
    new = new_person(town, **{"memberships-2-TOTAL_FORMS": "2"}, **twice)
    assert he.post(STAFF_ADD, new).status_code == 200
    assert not Staff.objects.filter(username="ding").exists()


@pytest.fixture
def deputy(town: Town) -> Staff:
    """Works in the north, and also directs the south."""
    deputy = person("ma", Role.RECEPTIONIST, hall=town.north)
    deputy.memberships.create(role=Role.DIRECTOR, hall=town.south)
    return deputy


def test_a_role_in_another_hall_cannot_be_ended_by_a_forged_row(he: Client, town: Town, deputy: Staff) -> None:
    answer = he.post(
        change("staff", deputy.pk),
        account(deputy, **{"memberships-1-ended_at_0": "2026-03-01", "memberships-1-ended_at_1": "09:00"}),
    )
    assert answer.status_code in (200, 403)
    assert not Membership.objects.filter(staff=deputy).exclude(ended_at=None).exists()


@pytest.mark.parametrize("other", ["south", "street"])
def test_the_password_of_somebody_who_may_do_more_is_not_for_a_halls_administrator(
    he: Client, town: Town, other: str
) -> None:
    person_ = person("ma", Role.RECEPTIONIST, hall=town.north)
    if other == "south":
        person_.memberships.create(role=Role.DIRECTOR, hall=town.south)
    else:
        person_.memberships.create(role=Role.SUPERVISOR)
    answer = he.post(
        f"/admin/organization/staff/{person_.pk}/password/",
        {"password1": "heron-by-the-gate-8", "password2": "heron-by-the-gate-8", "usable_password": "true"},
    )
    assert answer.status_code == 403
    he.post(change("staff", person_.pk), account(person_, username="stolen", email="x@example.org"))
    person_.refresh_from_db()
    assert (person_.username, person_.email) == ("ma", "")
    assert person_.check_password(PASSWORD)


def test_a_superusers_password_is_not_for_the_street_administrator(client: Client, town: Town) -> None:
    root = Staff.objects.create_superuser("root", PASSWORD, name="Root")
    client.force_login(town.xu)
    answer = client.post(
        f"/admin/organization/staff/{root.pk}/password/",
        {"password1": "heron-by-the-gate-8", "password2": "heron-by-the-gate-8", "usable_password": "true"},
    )
    assert answer.status_code == 403


def test_a_forgotten_password_is_set_anew(he: Client, town: Town) -> None:
    answer = he.post(
        f"/admin/organization/staff/{town.lin.pk}/password/",
        {
            "password1": "heron-by-the-gate-8",
            "password2": "heron-by-the-gate-8",
            "usable_password": "true",
            "set-password": "1",
        },
    )
    assert answer.status_code == 302
    town.lin.refresh_from_db()
    assert town.lin.check_password("heron-by-the-gate-8")


def test_accounts_and_halls_are_closed_never_deleted(he: Client, town: Town) -> None:
    assert he.post(f"/admin/organization/staff/{town.lin.pk}/delete/", {"post": "yes"}).status_code == 403
    assert he.post(f"/admin/organization/hall/{town.north.pk}/delete/", {"post": "yes"}).status_code == 403
    assert he.get("/admin/organization/hall/add/").status_code == 403


def test_what_is_in_use_is_not_deleted_and_the_page_says_why_without_naming_it(he: Client, town: Town) -> None:
    page = he.post(f"/admin/organization/department/{town.works.pk}/delete/", {"post": "yes"})
    assert page.status_code == 200
    assert Department.objects.filter(pk=town.works.pk).exists()
    assert page.context["protected"]
    assert "Wang" not in page.content.decode()


def test_a_name_that_is_taken_is_said_at_the_form_also_when_renaming(he: Client, town: Town) -> None:
    answer = he.post(
        change("department", town.works.pk), {"name": town.property.name, "kind": "internal", "is_active": "on"}
    )
    assert answer.status_code == 200
    town.works.refresh_from_db()
    assert town.works.name != town.property.name


def test_what_nothing_refers_to_is_deleted(he: Client, town: Town) -> None:
    unused = Department.objects.create(hall=town.north, name="opened by mistake")
    he.post(f"/admin/organization/department/{unused.pk}/delete/", {"post": "yes"})
    assert not Department.objects.filter(pk=unused.pk).exists()


def test_a_category_gets_its_theme_and_department_from_the_own_hall_only(he: Client, town: Town) -> None:
    foreign = Category.objects.filter(hall=town.south, parent=None).first()
    assert foreign is not None
    own = Category.objects.filter(hall=town.north, parent=None).first()
    assert own is not None
    fields = {"hall": town.north.pk, "name": "new", "position": "9", "is_active": "on", "parent": own.pk}
    for forged in ({"parent": foreign.pk}, {"default_department": town.south_works.pk}, {"hall": town.south.pk}):
        assert he.post("/admin/organization/category/add/", {**fields, **forged}).status_code == 200
    assert not Category.objects.filter(name="new").exists()
    assert he.post("/admin/organization/category/add/", fields).status_code == 302
    assert Category.objects.get(name="new").hall == town.north


def test_a_department_stays_in_its_hall_and_a_hall_keeps_its_code(client: Client, town: Town) -> None:
    client.force_login(town.xu)
    client.post(
        change("department", town.works.pk),
        {"hall": town.south.pk, "name": "Works", "kind": "internal", "is_active": "on"},
    )
    town.works.refresh_from_db()
    assert (town.works.hall, town.works.name) == (town.north, "Works")
    client.post(
        change("hall", town.north.pk),
        {"code": "OTHER", "name": "North", "timezone": "Asia/Shanghai", "is_active": "on"},
    )
    town.north.refresh_from_db()
    assert (town.north.code, town.north.name) == ("NTH", "North")


def test_a_new_hall_is_furnished_at_once(client: Client, town: Town) -> None:
    client.force_login(town.xu)
    client.post(
        "/admin/organization/hall/add/",
        {"code": "WST", "name": "West", "timezone": "Asia/Shanghai", "is_active": "on"},
    )
    west = Hall.objects.get(code="WST")
    assert west.opening_hours.count() == 10
    assert Term.objects.filter(hall=west).exists()
    assert west.categories.exists()


def test_the_roster_is_shown_there_but_not_changed(he: Client, town: Town) -> None:
    shift = on_shift(town.lin, town.north, timezone.now() + timedelta(days=1))
    assert he.get("/admin/organization/dutyshift/add/").status_code == 403
    assert he.post(f"/admin/organization/dutyshift/{shift.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_settings_speak_chinese(he: Client) -> None:
    assert settings.LANGUAGE_CODE == "zh-hans"
    assert "首页" in he.get("/admin/organization/staff/").content.decode()
