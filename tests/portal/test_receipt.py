"""The receipt of the public form: what it gives away, and how often it is written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from foundation.notifications.models import Message, SmsGateway
from tests.builders import Town, on_shift
from tests.portal.telling import Resident, receipt_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def resident(town: Town, client: Client) -> Resident:
    on_shift(town.lin, town.north, timezone.now() - timedelta(hours=1))
    return Resident(client, town.north)


def test_a_number_is_written_to_a_few_times_a_day_however_often_somebody_types_it(
    resident: Resident, town: Town
) -> None:
    """Else anybody could make the hall send messages, which it pays for, to anybody."""
    SmsGateway.objects.create(hall=town.north, url="json://localhost/?:phone={phone}")
    answers = []
    for name in ("王秀兰", "李大明", "赵小燕", "陈国强"):
        resident.to_check(who={"name": name})
        answers.append(resident.client.post(receipt_of(resident.send())))
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert Message.objects.count() == 3
    assert "Retry-After" in answers[-1]
    other = Resident(Client(), town.north).to_check(who={"phone": "13805716022"})
    assert other.client.post(receipt_of(other.send())).status_code == 302


def test_the_receipt_is_found_by_no_search_engine_and_kept_in_no_cache(resident: Resident) -> None:
    resident.to_check()
    page = resident.client.get(receipt_of(resident.send()))
    assert "noindex" in page["X-Robots-Tag"]
    assert "no-store" in page["Cache-Control"]
