"""Messages to residents: what goes out, by which ways, exactly once, and what of it is never written down."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.utils.translation import override
from pytest_django import Settings

from foundation.notifications import delivery
from foundation.notifications.actions import notify, send_again
from foundation.notifications.gateways import validate_gateway
from foundation.notifications.models import Delivery, Message, SmsGateway
from foundation.notifications.reading import inbox
from foundation.notifications.residents import forget, reach, take_back, write_to
from foundation.organization.models import Hall, Role, Staff
from foundation.residents.actions import erase_resident, register_resident, update_resident
from foundation.residents.models import Resident
from tests.builders import person
from tests.notifications.conftest import NOW
from tests.notifications.receivers import MailServer, MessageService

BUDGET = timedelta(seconds=60)
MOBILE = "13812346021"
NUMBER = "NTH-2026-000412"


def run(at: datetime = NOW) -> int:
    return delivery.run(clock=lambda: at, budget=BUDGET)


def a_resident(hall: Hall, **given: Any) -> Resident:
    return register_resident(hall=hall, actor=None, now=NOW, name="王秀兰", **given)


def write(resident: Resident, **changed: Any) -> int:
    values: dict[str, Any] = {
        "hall": resident.hall,
        "key": "case:412:accepted",
        "text": "%(number)s was accepted.",
        "params": {"number": NUMBER},
        "path": "/h/NTH/t/ABCD/",
        "chain": None,
        "now": NOW,
    }
    return write_to(resident=resident, **(values | changed))


@pytest.fixture(autouse=True)
def english(settings: Settings) -> None:
    """The words as they stand in the source."""
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def gateway(north: Hall, message_service: MessageService) -> SmsGateway:
    return SmsGateway.objects.create(hall=north, url=f"{message_service.address}?:phone={{phone}}")


def with_mail_server(settings: Settings, server: MailServer) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False


def test_a_mobile_phone_gets_hall_words_and_link_and_nothing_else(
    north: Hall, gateway: SmsGateway, message_service: MessageService
) -> None:
    wang = a_resident(north, phone=MOBILE)

    assert write(wang) == 1
    assert run() == 1

    [sent] = message_service.received
    assert sent["phone"] == MOBILE
    assert sent["message"] == f"北苑社区: {NUMBER} was accepted. http://testserver/h/NTH/t/ABCD/"
    assert "王" not in str(sent)
    assert Delivery.objects.get().state == "sent"
    assert run() == 0


def test_a_mailbox_gets_the_same_with_the_halls_telephone(
    north: Hall, mail_server: MailServer, settings: Settings
) -> None:
    with_mail_server(settings, mail_server)
    Hall.objects.filter(pk=north.pk).update(phone="010-12345678")
    wang = a_resident(Hall.objects.get(pk=north.pk), email="xiulan@resident.example")

    assert write(wang) == 1
    assert run() == 1

    [sent] = mail_server.received
    assert sent["To"] == "xiulan@resident.example"
    assert sent["Subject"].strip() == f"北苑社区: {NUMBER} was accepted."
    body = sent.get_content()
    assert "http://testserver/h/NTH/t/ABCD/" in body
    assert "010-12345678" in body
    assert "王" not in body
    assert sent["Message-ID"] == f"<message-{Message.objects.get().pk}@testserver>"


def test_residents_are_written_to_in_the_language_of_the_house(
    north: Hall, gateway: SmsGateway, message_service: MessageService, settings: Settings
) -> None:
    settings.LANGUAGE_CODE = "zh-hans"
    # A text of Django's own, because its translation is known independently of our catalogue.
    text = "Ensure this value is %(limit_value)s (it is %(show_value)s)."
    write(a_resident(north, phone=MOBILE), text=text, params={"limit_value": 3, "show_value": 4})
    assert run() == 1
    assert "确保该值为 3 (现在为 4)。" in message_service.texts[0]


def test_who_has_both_is_written_to_by_both_and_the_page_can_say_so(
    north: Hall, gateway: SmsGateway, message_service: MessageService
) -> None:
    wang = a_resident(north, phone=MOBILE, email="xiulan@resident.example")
    with override("en"):
        assert [str(way) for way in reach(wang, north)] == ["e-mail", "text message"]
    assert write(wang) == 2
    assert run() == 2
    assert len(mail.outbox) == len(message_service.received) == 1


@pytest.mark.parametrize("given", [{}, {"phone": "010-88886666"}], ids=["nothing", "a landline"])
def test_who_has_neither_mailbox_nor_mobile_is_not_written_to(
    north: Hall, gateway: SmsGateway, given: dict[str, str]
) -> None:
    wang = a_resident(north, **given)
    assert (write(wang), reach(wang, north), Message.objects.count()) == (0, [], 0)
    # Once there is a way, they can still be told.
    update_resident(resident_id=wang.pk, actor=None, now=NOW, phone=MOBILE)
    assert write(Resident.objects.get(pk=wang.pk)) == 1


def test_a_hall_without_a_service_writes_to_no_phone(north: Hall, south: Hall, message_service: MessageService) -> None:
    SmsGateway.objects.create(hall=south, url=f"{message_service.address}?:phone={{phone}}")
    assert write(a_resident(north, phone=MOBILE)) == 0


def test_without_a_mail_server_nobody_is_reached_by_mail(north: Hall, settings: Settings) -> None:
    wang = a_resident(north, email="xiulan@resident.example")
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert (write(wang), reach(wang, north)) == (0, [])


def test_told_twice_is_told_once(north: Hall) -> None:
    wang = a_resident(north, email="xiulan@resident.example")
    assert [write(wang), write(wang, text="something else")] == [1, 1]
    assert run() == 1
    assert write(wang) == 1
    assert run() == 0
    assert len(mail.outbox) == 1
    assert write(wang, key="case:412:delay") == 1
    assert run() == 1


@pytest.mark.django_db(transaction=True)
def test_told_by_several_at_once_is_told_once(north: Hall) -> None:
    wang = a_resident(north, email="xiulan@resident.example")

    def one(_number: int) -> int:
        try:
            return write(wang)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(8))) == [1] * 8
    assert Message.objects.count() == Delivery.objects.count() == 1


def test_a_message_goes_out_in_the_halls_hours_unless_it_is_urgent(north: Hall) -> None:
    wang = a_resident(north, email="xiulan@resident.example")
    night = NOW + timedelta(hours=13)
    write(wang, now=night)
    write(wang, key="urgent", now=night, urgent=True)
    assert run(night) == 1
    # Eight in the morning in Shanghai.
    eight = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    assert run(eight - timedelta(seconds=1)) == 0
    assert run(eight) == 1


def test_a_retry_at_night_waits_for_the_morning(north: Hall) -> None:
    write(a_resident(north, email="xiulan@resident.example"))
    assert run(NOW + timedelta(hours=13)) == 0
    assert run(NOW + timedelta(hours=22)) == 1


@pytest.mark.parametrize("reason", ["taken back", "erased", "address removed"])
def test_what_must_not_be_sent_any_more_is_not(north: Hall, reason: str) -> None:
    wang = a_resident(north, email="xiulan@resident.example")
    write(wang)
    if reason == "taken back":
        assert take_back(resident=wang, key="case:412:accepted", now=NOW) == 1
    elif reason == "erased":
        erase_resident(resident_id=wang.pk, actor=None, reason="本人申请", now=NOW)
    else:
        update_resident(resident_id=wang.pk, actor=None, now=NOW, email="")
    assert run() == 0
    assert mail.outbox == []
    assert Delivery.objects.get().state == "cancelled"


def test_a_service_taken_away_cancels_what_waits(north: Hall, gateway: SmsGateway) -> None:
    write(a_resident(north, phone=MOBILE))
    gateway.delete()
    assert run() == 0
    assert Delivery.objects.get().state == "cancelled"


def test_who_is_erased_leaves_no_message(north: Hall) -> None:
    wang, li = (a_resident(north, email=f"{name}@resident.example") for name in ("xiulan", "li"))
    write(wang)
    write(li)
    assert forget(resident=wang) == 1
    assert Message.objects.get().resident == li
    assert Delivery.objects.count() == 1


def fail_for_good(at: datetime = NOW) -> None:
    for _time in range(delivery.MAX_ATTEMPTS):
        run(at)
        at += timedelta(hours=12)


def test_neither_number_nor_password_is_written_down_when_a_service_fails(
    north: Hall, gateway: SmsGateway, message_service: MessageService, chen: Staff, capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    message_service.status = 503
    write(a_resident(north, phone=MOBILE), urgent=True)
    with caplog.at_level(logging.INFO):
        fail_for_good()

    row = Delivery.objects.get()
    assert (row.state, row.last_error) == ("dead", "The message service answered 503.")
    assert row.address_name == "138****6021"
    told = inbox(chen).get()
    assert (told.url, MOBILE in told.message, "王" in told.message) == ("/deliveries/", False, False)
    said = caplog.text + "".join(capfd.readouterr())
    assert [secret for secret in (MOBILE, "pass-word", "secret-token") if secret in said] == []


def test_no_mailbox_is_written_down_when_a_server_refuses_it(
    north: Hall, mail_server: MailServer, settings: Settings
) -> None:
    with_mail_server(settings, mail_server)
    mail_server.refusing = True
    write(a_resident(north, email="xiulan@resident.example"))
    run()
    row = Delivery.objects.get()
    assert row.last_error == "SMTPRecipientsRefused 550"
    assert row.address_name == "x****@resident.example"

    settings.EMAIL_PORT = 1
    run(NOW + timedelta(minutes=2))
    assert Delivery.objects.get().last_error.startswith("ConnectionRefusedError")


def test_a_message_has_failed_when_its_last_way_has(
    north: Hall, gateway: SmsGateway, message_service: MessageService, chen: Staff
) -> None:
    message_service.status = 500
    write(a_resident(north, phone=MOBILE, email="xiulan@resident.example"), urgent=True)
    fail_for_good()
    assert Delivery.objects.get(channel="sms").state == "dead"
    assert len(mail.outbox) == 1
    assert Message.objects.get().failed_at is None

    li = a_resident(north, phone="13912340000")
    write(li, urgent=True)
    fail_for_good()
    message = Message.objects.get(resident=li)
    assert message.failed_at is not None

    message_service.status = 200
    later = NOW + timedelta(days=10)
    send_again(delivery_id=message.deliveries.get().pk, actor=chen, now=later)
    message.refresh_from_db()
    assert message.failed_at is None
    assert run(later) == 1


def test_a_delivery_is_of_an_alert_or_of_a_message(north: Hall, lin: Staff) -> None:
    wang = a_resident(north, email="xiulan@resident.example")
    write(wang)
    lin.email = "lin@hall.example"
    lin.save()
    notify(recipients=[lin], key="k", level="info", text="t", hall=north, now=NOW)
    of_message, of_alert = Delivery.objects.get(alert=None), Delivery.objects.get(message=None)
    for changed in ({"message": None}, {"alert": of_alert.alert}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.filter(pk=of_message.pk).update(**changed)


@pytest.mark.parametrize(
    "wrong", [{"text": ""}, {"params": {}}, {"path": "//elsewhere.example/"}, {"params": {"number": 1, "due_at": "?"}}]
)
def test_faults_of_the_caller_are_refused(north: Hall, wrong: dict[str, Any]) -> None:
    wang = a_resident(north, email="xiulan@resident.example")
    with pytest.raises((ValueError, KeyError)):
        write(wang, **wrong)
    assert Message.objects.count() == 0


@pytest.mark.parametrize("url", ["json://localhost/sms/", "no-such-service://{phone}", "{phone}", "json://"])
def test_a_service_that_could_not_be_used_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        validate_gateway(url)


@pytest.fixture
def administrator_he(north: Hall) -> Staff:
    return person("he", Role.ADMINISTRATOR, hall=north)


@pytest.fixture
def at_administration(client: Client, administrator_he: Staff) -> Callable[..., Any]:
    client.force_login(administrator_he)
    return client.post


def test_an_administrator_sets_up_the_service_and_its_secrets_are_never_shown(
    north: Hall, client: Client, at_administration: Callable[..., Any]
) -> None:
    url = "json://user:pass-word@sms.example/secret-token/?:phone={phone}"
    refused = at_administration(
        "/admin/notifications/smsgateway/add/", {"hall": north.pk, "url": "json://sms.example/"}
    )
    assert refused.status_code == 200
    assert SmsGateway.objects.count() == 0
    at_administration("/admin/notifications/smsgateway/add/", {"hall": north.pk, "url": url})
    assert SmsGateway.objects.get().url == url

    change = f"/admin/notifications/smsgateway/{north.pk}/change/"
    for page in ("/admin/notifications/smsgateway/", change, f"/admin/notifications/smsgateway/{north.pk}/history/"):
        shown = client.get(page, follow=True).content.decode()
        assert "json://***" in shown or page.endswith("history/")
        assert [secret for secret in ("pass-word", "secret-token", "sms.example") if secret in shown] == []
    at_administration(change, {"hall": north.pk, "url": ""})
    assert SmsGateway.objects.get().url == url
    at_administration(change, {"hall": north.pk, "url": "json://other.example/?:to={phone}"})
    assert SmsGateway.objects.get().url == "json://other.example/?:to={phone}"


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.DIRECTOR, Role.SUPERVISOR])
def test_nobody_but_administrators_sees_that_page(client: Client, north: Hall, role: Role) -> None:
    client.force_login(person("somebody", role, hall=north))
    assert client.get("/admin/notifications/smsgateway/").status_code in (302, 403)
