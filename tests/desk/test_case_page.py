"""The case page, its papers and the resident's status page open in every stage."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Case
from tests import matters
from tests.builders import Town, make_town


@pytest.fixture
def town(db: None) -> Town:
    return make_town()


STAGES = [
    matters.registered,
    matters.accepted,
    matters.transferred,
    matters.investigating,
    matters.reported,
    matters.informed,
]


@pytest.mark.parametrize("make", STAGES, ids=lambda make: make.__name__)
def test_the_receptionist_opens_a_case_in_each_stage(town: Town, client: Client, make):
    made = make(town)
    case: Case = made if isinstance(made, Case) else made.case
    client.force_login(town.lin)
    page = client.get(reverse("desk:case_detail", args=[case.number]))
    assert page.status_code == 200
    assert case.title in page.content.decode()
    assert "138****6021" in page.content.decode()
    assert client.get(reverse("desk:print_receipt", args=[case.number])).status_code == 200
    for slip in case.slips.all():
        assert client.get(reverse("desk:print_slip", args=[slip.pk])).status_code == 200
    for clock in case.deadlines.all():
        assert client.get(reverse("desk:clock_detail", args=[clock.pk])).status_code == 200


def test_the_case_page_keeps_its_number_of_queries_however_long_the_story(
    town: Town, client: Client, django_assert_max_num_queries
):
    case = matters.informed(town)
    client.force_login(town.lin)
    address = reverse("desk:case_detail", args=[case.number])
    client.get(address)
    with django_assert_max_num_queries(16):
        client.get(address)


def test_the_resident_sees_how_far_it_is_with_code_and_digits_and_no_names(town: Town, client: Client):
    case = matters.reported(town)
    address = reverse("portal:status", args=[town.north.code, case.tracking_code.lower()])
    assert case.title not in client.get(address).content.decode()
    wrong = client.post(address, {"digits": "0000"})
    assert case.title not in wrong.content.decode()
    page = client.post(address, {"digits": "6021"}).content.decode()
    assert case.title in page
    for staff in (town.lin, town.wang):
        assert staff.name not in page
