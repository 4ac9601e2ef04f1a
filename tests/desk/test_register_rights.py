"""Who registers: the receptionists; the director writes down, and decides where the hall has no receptionist."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.organization.models import Membership
from tests.builders import Town
from tests.desk.contacts import contact, nothing_is_written, only_case, press

URLS = ["desk:register", "desk:register_residents", "desk:register_similar", "desk:register_promise"]


@pytest.mark.parametrize("name", ["wang", "zhao", "feng", "gu", "he", "tang", "xu"])
def test_everybody_else_is_refused_everywhere(client: Client, town: Town, name: str) -> None:
    client.force_login(getattr(town, name))
    assert client.get(reverse("desk:register")).status_code == 403
    for url_name in URLS:
        assert client.post(reverse(url_name), contact(town, do="register")).status_code == 403
    assert nothing_is_written()


@pytest.mark.parametrize("url_name", URLS[1:])
def test_what_is_typed_never_stands_in_an_address(client: Client, town: Town, url_name: str) -> None:
    client.force_login(town.lin)
    assert client.get(reverse(url_name), {"name": "王秀兰"}).status_code == 405


def test_nobody_logged_in_goes_to_the_log_in_and_back_to_the_form(client: Client, town: Town) -> None:
    url = reverse("desk:register")
    response = client.post(url, contact(town, do="register"), headers={"Referer": f"http://testserver{url}"})
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('login')}?next=%2Fregister%2F&kept=1"
    part = client.post(
        reverse("desk:register_similar"),
        {"matter": "漏水"},
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}"},
    )
    assert part["HX-Redirect"] == f"{reverse('login')}?next=%2Fregister%2F&kept=1"
    assert nothing_is_written()


def test_the_director_registers_and_leaves_the_rest_to_the_receptionists(client: Client, town: Town) -> None:
    client.force_login(town.chen)
    page = client.get(reverse("desk:register")).content.decode()
    assert 'value="register"' in page
    assert 'value="transfer"' not in page
    press(client, "register", contact(town))
    assert only_case().state == "registered"


def test_a_transfer_the_director_forges_is_refused_and_writes_nothing(client: Client, town: Town) -> None:
    client.force_login(town.chen)
    assert press(client, "transfer", contact(town)).status_code == 422
    assert nothing_is_written()


def test_where_no_receptionist_is_left_the_director_transfers(client: Client, town: Town) -> None:
    Membership.objects.filter(role="receptionist", hall=town.north).update(ended_at=timezone.now())
    client.force_login(town.chen)
    assert 'value="transfer"' in client.get(reverse("desk:register")).content.decode()
    press(client, "transfer", contact(town))
    assert only_case().state == "transferred"


def test_a_receptionist_of_the_south_registers_in_the_south(client: Client, town: Town) -> None:
    client.force_login(town.lu)
    page = client.get(reverse("desk:register"))
    form = page.context["form"]
    assert {category.hall_id for category in form.fields["category"].queryset} == {town.south.pk}
    names = {label for _key, label in form.fields["about_staff"].choices}
    assert not any("Wang" in label for label in names)
    # The street office is over both halls.
    assert {"Tang", "Xu"} <= names
