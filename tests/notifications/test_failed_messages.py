"""The page of messages that did not arrive, where they were for residents."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.translation import override

from cases.actions.bar import bar
from cases.models import Case
from foundation.notifications.models import Channel, Delivery, DeliveryState, Message
from tests import matters
from tests.builders import Town
from tests.matters import MONDAY

PAGES = ("/deliveries/", "/dashboard/")


@pytest.fixture
def case(town: Town) -> Case:
    return matters.accepted(town)


@pytest.fixture
def failed(case: Case) -> Delivery:
    assert case.resident is not None
    message = Message.objects.create(
        hall=case.hall,
        resident=case.resident,
        key="k",
        text="%(number)s was accepted.",
        params={"number": case.number},
        chain=case.chain,
        created_at=MONDAY,
        failed_at=MONDAY,
    )
    return Delivery.objects.create(
        hall=case.hall,
        message=message,
        channel=Channel.SMS,
        state=DeliveryState.DEAD,
        attempts=8,
        next_attempt_at=MONDAY,
    )


def test_who_looks_after_messages_sees_the_number_in_part_and_the_matter(
    client: Client, town: Town, case: Case, failed: Delivery
) -> None:
    assert case.resident is not None
    with override("en"):
        for staff, finds_case in ((town.feng, True), (town.he, False)):
            client.force_login(staff)
            page = client.get("/deliveries/", headers={"accept-language": "en"}).content.decode()
            assert case.resident.masked_phone in page
            assert case.resident.unseal("phone") not in page
            assert case.resident.name not in page
            assert (f"/cases/{case.number}/" in page) is finds_case
            assert "was accepted" not in page
    client.force_login(town.feng)
    assert client.get("/dashboard/").context["undelivered"] == [failed]


def test_who_is_barred_from_the_matter_sees_nothing_of_it(
    client: Client, town: Town, case: Case, failed: Delivery
) -> None:
    bar(case_id=case.pk, staff=town.feng, reason="被投诉", actor=None, now=MONDAY + timedelta(hours=1))
    client.force_login(town.feng)
    assert client.get("/deliveries/").context["rows"] == []
    assert client.get("/dashboard/").context["undelivered_count"] == 0
    assert client.post(f"/deliveries/{failed.pk}/send-again/").status_code == 404
    client.force_login(town.chen)
    assert [delivery for delivery, _number in client.get("/deliveries/").context["rows"]] == [failed]


def test_it_is_sent_again_by_hand(client: Client, town: Town, failed: Delivery) -> None:
    client.force_login(town.chen)
    client.post(f"/deliveries/{failed.pk}/send-again/")
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("pending", 0)
    assert Message.objects.get().failed_at is None
