import pytest
from django.test import Client
from django.urls import reverse

from foundation.organization.models import Role
from tests.builders import Town, person
from web.navigation import HOMES, PLACES, entries, home_of

NAMES = sorted({place.url_name for place in PLACES} | {url_name for _, url_name in HOMES})


@pytest.mark.parametrize("url_name", NAMES)
def test_every_page_the_bar_names_exists(url_name: str) -> None:
    assert reverse(url_name).startswith("/")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lin", "desk:home"),
        ("wang", "desk:inbox"),
        ("zhao", "desk:inbox"),
        ("chen", "desk:home"),
        ("feng", "dashboard:home"),
        ("tang", "dashboard:home"),
        ("gu", "dashboard:home"),
        ("he", "admin:index"),
        ("xu", "admin:index"),
    ],
)
def test_everybody_begins_where_their_work_is(client: Client, town: Town, name: str, expected: str) -> None:
    client.force_login(getattr(town, name))
    response = client.get("/")
    assert response.status_code == 302
    assert response["Location"] == reverse(expected)


def test_with_several_roles_one_begins_at_the_desk_and_the_bar_leads_everywhere(town: Town) -> None:
    several = person("ma", Role.RECEPTIONIST, Role.SUPERVISOR, Role.ADMINISTRATOR, hall=town.north)
    assert home_of(several, town.north) == "desk:home"
    urls = {entry.url for entry in entries(several, town.north, "desk:duty_list")}
    assert {reverse("desk:home"), reverse("dashboard:home"), reverse("admin:index")} <= urls


def test_the_bar_marks_the_page_one_is_on(town: Town) -> None:
    assert [entry.url for entry in entries(town.lin, town.north, "desk:duty_list") if entry.active] == [
        reverse("desk:duty_list")
    ]


def test_a_handlers_bar_offers_neither_roster_nor_settings(town: Town) -> None:
    urls = {entry.url for entry in entries(town.wang, town.north, "")}
    assert reverse("desk:duty_list") not in urls
    assert reverse("admin:index") not in urls


def test_an_account_without_a_role_is_told_so(client: Client, db: None) -> None:
    client.force_login(person("nobody"))
    assert client.get("/").status_code == 403
