"""The receipt of the public form: what it gives away, and how often it is written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cases.models import Case
from foundation.notifications.models import Message, SmsGateway
from foundation.residents.actions import register_resident
from tests.builders import Town, on_shift
from tests.portal.telling import Resident, fields_of, receipt_of

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


def test_who_types_somebodys_name_and_number_does_not_learn_what_else_is_on_record(
    resident: Resident, town: Town
) -> None:
    email = "xiulan@resident.example"
    known = register_resident(
        hall=town.north, actor=town.lin, now=timezone.now(), name="王秀兰", phone="13805716021", email=email
    )
    resident.to_check()
    receipt = receipt_of(resident.send())
    case = Case.objects.get()
    assert case.resident == known
    page = resident.client.get(receipt, headers={"accept-language": "en"}).content.decode()
    assert "Send it to me" not in page
    # Nor is anything sent, or counted, for who asks without the button.
    for _time in range(4):
        assert resident.client.post(receipt).status_code == 302
    assert not Message.objects.exists()
    SmsGateway.objects.create(hall=town.north, url="json://localhost/?:phone={phone}")
    page = resident.client.get(receipt, headers={"accept-language": "en"}).content.decode()
    assert "Send it to me (text message)" in page


def test_who_gives_an_address_with_the_matter_may_have_the_receipt_sent_there(resident: Resident) -> None:
    email = {"email": "xiulan@resident.example"}
    resident.to_check(who=email)
    page = resident.client.get(receipt_of(resident.send()), headers={"accept-language": "en"}).content.decode()
    assert "Send it to me (e-mail)" in page
    # The second time they are known, and gave it again.
    resident.to_check(who=email)
    receipt = receipt_of(resident.send())
    assert "Send it to me (e-mail)" in resident.client.get(receipt, headers={"accept-language": "en"}).content.decode()
    assert resident.client.post(receipt).status_code == 302
    assert Message.objects.get().deliveries.get().channel == "email"


def test_sent_again_with_a_guessed_address_the_receipt_does_not_say_whether_it_was_right(
    resident: Resident, town: Town
) -> None:
    email = "xiulan@resident.example"
    register_resident(
        hall=town.north, actor=town.lin, now=timezone.now(), name="王秀兰", phone="13805716021", email=email
    )
    resident.to_check()
    filled_in = fields_of(resident.page)
    receipt_of(resident.send())
    for guess in (email, "other@resident.example"):
        again = resident.client.post(resident.url, {**filled_in, "email": guess, "do": "send"})
        page = resident.client.get(again["Location"], headers={"accept-language": "en"}).content.decode()
        assert "Send it to me" not in page


def test_the_receipt_is_found_by_no_search_engine_and_kept_in_no_cache(resident: Resident) -> None:
    resident.to_check()
    page = resident.client.get(receipt_of(resident.send()))
    assert "noindex" in page["X-Robots-Tag"]
    assert "no-store" in page["Cache-Control"]
