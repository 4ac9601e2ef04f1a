from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.db import connection, connections, transaction
from pytest_django import Settings

from foundation.ledger.models import Chain
from foundation.notifications import delivery
from foundation.notifications.actions import notify, send_again, withdraw
from foundation.notifications.models import Alert, Delivery
from foundation.notifications.reading import inbox
from foundation.notifications.tasks import deliver
from foundation.organization.models import Hall, Role, Staff
from foundation.refusals import NotAllowed, WrongState
from tests.builders import person
from tests.notifications.conftest import NOW
from tests.notifications.receivers import MailServer, MessageService
from tests.running import database_url

BUDGET = timedelta(seconds=60)


class Clock:
    """A clock a test moves by hand."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def run(at: datetime = NOW) -> int:
    return delivery.run(clock=Clock(at), budget=BUDGET)


def tell(*recipients: Staff, hall: Hall, key: str = "slip:7:issued", **fields: Any) -> int:
    values: dict[str, Any] = {
        "level": "yellow",
        "text": "%(number)s is due soon.",
        "params": {"number": "NTH-2026-000412"},
        "url": "/cases/412/",
        "now": NOW,
    }
    return notify(recipients=recipients, hall=hall, key=key, **(values | fields))


def reach(staff: Staff, *, email: str = "", address: str = "", language: str = "en") -> None:
    staff.email, staff.notification_url, staff.language = email, address, language
    staff.save()


def test_a_message_service_receives_number_and_page(north: Hall, wang: Staff, message_service: MessageService) -> None:
    reach(wang, address=message_service.address)
    tell(wang, hall=north)

    assert run() == 1

    [message] = message_service.received
    assert message["title"] == "yellow card · 北苑社区"
    assert message["message"] == "NTH-2026-000412 is due soon.\nhttp://testserver/cases/412/"
    row = Delivery.objects.get()
    assert (row.state, row.sent_at, row.attempts) == ("sent", NOW, 1)
    assert run() == 0
    assert len(message_service.received) == 1


def test_a_mail_server_receives_it_in_the_readers_language(
    north: Hall, wang: Staff, lin: Staff, mail_server: MailServer, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    reach(wang, email="wang@hall.example", language="zh-hans")
    reach(lin, email="lin@hall.example", language="en")
    # A text of Django's own, because its translation is known independently of our catalogue.
    text = "Ensure this value is %(limit_value)s (it is %(show_value)s)."
    tell(wang, lin, hall=north, text=text, params={"limit_value": 3, "show_value": 4})

    assert run() == 2

    mails = {message["To"]: message for message in mail_server.received}
    assert "确保该值为 3 (现在为 4)。" in mails["wang@hall.example"]["Subject"]
    assert "确保该值为 3 (现在为 4)。" in mails["wang@hall.example"].get_content()
    english = mails["lin@hall.example"]
    assert english["Subject"].strip() == "Ensure this value is 3 (it is 4). (yellow card · 北苑社区)"
    assert "http://testserver/cases/412/" in english.get_content()
    assert english["Message-ID"] == f"<alert-{Alert.objects.get(recipient=lin).pk}@testserver>"


def test_what_is_not_due_is_not_sent(north: Hall, wang: Staff) -> None:
    reach(wang, email="wang@hall.example")
    evening = NOW + timedelta(hours=11)
    tell(wang, hall=north, now=evening)
    assert run(evening) == 0
    assert run(evening + timedelta(hours=11) - timedelta(seconds=1)) == 0
    # Eight in the morning in Shanghai.
    assert run(evening + timedelta(hours=11)) == 1


def test_a_backlog_found_at_night_waits_for_the_morning_but_urgent_ones_go(north: Hall, wang: Staff) -> None:
    reach(wang, email="wang@hall.example")
    tell(wang, hall=north)
    tell(wang, hall=north, key="urgent", text="urgent", params={}, urgent=True)
    three_nights_later = NOW + timedelta(days=3, hours=12)

    assert run(three_nights_later) == 1
    assert "urgent" in mail.outbox[0].subject
    assert run(three_nights_later + timedelta(hours=9, minutes=59)) == 0
    assert run(three_nights_later + timedelta(hours=10)) == 1


@pytest.mark.parametrize("reason", ["withdrawn", "marked withdrawn", "address removed", "account closed"])
def test_what_must_not_be_sent_any_more_is_not(north: Hall, wang: Staff, chain: Chain, reason: str) -> None:
    reach(wang, email="wang@hall.example")
    tell(wang, hall=north, chain=chain)
    if reason == "withdrawn":
        withdraw(chain=chain, recipient=wang, now=NOW)
    elif reason == "marked withdrawn":
        Alert.objects.update(withdrawn_at=NOW)
    elif reason == "address removed":
        reach(wang)
    else:
        Staff.objects.filter(pk=wang.pk).update(is_active=False)

    assert run() == 0
    assert mail.outbox == []
    assert Delivery.objects.get().state == "cancelled"


def test_what_is_withdrawn_while_its_claim_waits_is_not_sent(north: Hall, wang: Staff, chain: Chain) -> None:
    reach(wang, email="wang@hall.example")
    tell(wang, hall=north, chain=chain)
    assert delivery.claim(now=NOW) is not None
    withdraw(chain=chain, recipient=wang, now=NOW)
    assert run(NOW + delivery.LEASE) == 0
    assert mail.outbox == []


def test_an_erased_alert_is_not_sent(north: Hall, wang: Staff) -> None:
    reach(wang, email="wang@hall.example")
    tell(wang, hall=north)
    Alert.objects.all().delete()
    assert run() == 0
    assert mail.outbox == []


def test_a_failing_service_is_tried_eight_times_ever_more_rarely_and_then_shown(
    north: Hall, wang: Staff, chen: Staff, message_service: MessageService
) -> None:
    message_service.status = 503
    reach(wang, address=message_service.address)
    reach(chen, email="chen@hall.example")
    tell(wang, hall=north, urgent=True)

    waits = []
    now = NOW
    for tried in range(1, 9):
        assert run(now) == 0
        row = Delivery.objects.get()
        assert row.attempts == tried
        assert "503" in row.last_error
        if row.state == "pending":
            assert run(row.next_attempt_at - timedelta(seconds=1)) == 0
            assert Delivery.objects.get().attempts == tried, "nobody tries before it is time"
            waits.append((row.next_attempt_at - now) / timedelta(minutes=1))
            now = row.next_attempt_at

    assert row.state == "dead"
    for wait, expected in zip(waits, [1, 3, 9, 27, 81, 243, 360], strict=True):
        assert 0.8 * expected <= wait <= 1.2 * expected
    assert "token" not in row.last_error
    assert "pass-word" not in row.last_error
    told = inbox(chen).get()
    assert "Wang" in told.message
    assert told.url == "/deliveries/"
    assert not told.deliveries.exists()

    message_service.status = 200
    send_again(delivery_id=row.pk, actor=chen, now=now)
    assert run(now) == 1
    assert message_service.texts == ["NTH-2026-000412 is due soon.\nhttp://testserver/cases/412/"]


def test_a_service_that_recovers_gets_the_message_once(
    north: Hall, wang: Staff, message_service: MessageService
) -> None:
    message_service.status = 500
    reach(wang, address=message_service.address)
    tell(wang, hall=north)
    run()
    message_service.status = 200
    assert run(NOW + timedelta(minutes=2)) == 1
    assert len(message_service.received) == 1
    assert Delivery.objects.get().last_error == ""


def test_a_refused_mailbox_and_a_server_that_is_away_are_tried_again(
    north: Hall, wang: Staff, mail_server: MailServer, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    mail_server.refusing = True
    reach(wang, email="wang@hall.example")
    tell(wang, hall=north)
    run()
    assert "no such mailbox" in Delivery.objects.get().last_error

    settings.EMAIL_PORT = 1
    run(NOW + timedelta(minutes=2))
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("pending", 2)
    assert "ConnectionRefusedError" in row.last_error


def test_an_address_that_cannot_be_read_fails_at_once(north: Hall, wang: Staff, chen: Staff) -> None:
    reach(wang, address="no-such-service://somewhere")
    tell(wang, hall=north)
    run()
    assert Delivery.objects.get().state == "dead"
    assert inbox(chen).count() == 1


def test_a_failing_address_is_reported_once_a_day_to_each_who_looks_after_it(
    north: Hall, wang: Staff, chen: Staff
) -> None:
    feng = person("feng", Role.SUPERVISOR, hall=north)
    he = person("he", Role.ADMINISTRATOR, hall=north)
    tang = person("tang", Role.SUPERVISOR)
    reach(wang, address="no-such-service://somewhere")
    for day in (0, 0, 0, 1):
        at = NOW + timedelta(days=day)
        tell(wang, hall=north, key=f"{Alert.objects.count()}", now=at)
        run(at)

    assert Delivery.objects.dead().count() == 4
    for caretaker in (chen, feng, he):
        assert inbox(caretaker).count() == 2
    assert inbox(tang).count() == 0, "the hall has its own people"


def test_where_a_hall_has_nobody_the_street_office_is_told(north: Hall, wang: Staff) -> None:
    tang = person("tang", Role.SUPERVISOR)
    reach(wang, address="no-such-service://somewhere")
    tell(wang, hall=north)
    run()
    assert inbox(tang).count() == 1


def test_a_service_that_is_away_does_not_hold_up_the_worker(
    north: Hall, wang: Staff, message_service: MessageService
) -> None:
    message_service.status = 500
    reach(wang, address=message_service.address)
    for number in range(10):
        tell(wang, hall=north, key=f"{number}")
    run()
    assert Delivery.objects.filter(attempts=1).count() == delivery.FAILURES_IN_A_ROW
    run()
    assert Delivery.objects.filter(attempts=1).count() == 2 * delivery.FAILURES_IN_A_ROW


@pytest.mark.django_db(transaction=True)
def test_sending_happens_outside_any_transaction(north: Hall, wang: Staff, message_service: MessageService) -> None:
    reach(wang, address=message_service.address)
    tell(wang, hall=north)
    message_service.answering.clear()

    def work() -> int:
        try:
            return run()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(work)
        assert message_service.asked.wait(20)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%%'"
            )
            assert cursor.fetchone() == (0,)
            # Somebody else can change the row while the message is under way.
            cursor.execute("SET lock_timeout = '2s'")
            cursor.execute("SELECT attempts FROM notifications_delivery FOR UPDATE")
            assert cursor.fetchall() == [(1,)], "the claim is committed before anything is sent"
            cursor.execute("RESET lock_timeout")
        message_service.answering.set()
        assert sending.result() == 1


@pytest.mark.django_db(transaction=True)
def test_a_deliverer_does_not_wait_for_a_message_somebody_holds(north: Hall, wang: Staff) -> None:
    reach(wang, email="wang@hall.example")
    tell(wang, hall=north, key="held", now=NOW - timedelta(minutes=1))
    tell(wang, hall=north, key="free")

    def claim_one() -> str:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            claimed = delivery.claim(now=NOW)
            return claimed.alert.key if claimed and claimed.alert else ""
        finally:
            connections.close_all()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        Delivery.objects.select_for_update().get(alert__key="held")
        assert pool.submit(claim_one).result() == "free"


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_would_not_be_committed_before_sending_is_refused(north: Hall) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        delivery.claim(now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_deliverers_at_once_send_nothing_twice(north: Hall, wang: Staff, message_service: MessageService) -> None:
    reach(wang, address=message_service.address)
    for number in range(40):
        tell(wang, hall=north, key=f"{number}", params={"number": f"NTH-2026-{number:06}"})

    def work(_number: int) -> int:
        try:
            return run()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        shares = list(pool.map(work, range(3)))

    assert sum(shares) == 40
    assert sorted(shares)[1] > 0, "at least two of them had work to do"
    assert set(Counter(message_service.texts).values()) == {1}
    assert len(message_service.texts) == 40


@pytest.mark.django_db(transaction=True)
def test_a_deliverer_killed_while_sending_loses_nothing(
    north: Hall, wang: Staff, message_service: MessageService
) -> None:
    reach(wang, address=message_service.address)
    now = datetime.now(UTC)
    tell(wang, hall=north, now=now - timedelta(minutes=1), urgent=True)
    message_service.answering.clear()

    program = "import django; django.setup(); from foundation.notifications.tasks import deliver; deliver()"
    environment = {
        "DATABASE_URL": database_url(connection.settings_dict["NAME"]),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    worker = subprocess.Popen(
        [sys.executable, "-c", program], cwd=django_settings.BASE_DIR, env=os.environ | environment
    )
    try:
        assert message_service.asked.wait(60)
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    message_service.answering.set()

    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("pending", 1)
    assert run(row.next_attempt_at - timedelta(seconds=1)) == 0, "the claim may still be alive"
    assert run(row.next_attempt_at) == 1
    # Twice where the first one got through before the kill: at least once is the promise, never is not.
    assert len(message_service.received) >= 1
    assert Delivery.objects.get().state == "sent"


def test_a_claim_nobody_finished_is_taken_up_again(north: Hall, wang: Staff) -> None:
    reach(wang, email="wang@hall.example")
    tell(wang, hall=north)
    assert delivery.claim(now=NOW) is not None
    assert delivery.claim(now=NOW) is None
    assert run(NOW + timedelta(minutes=9)) == 0
    assert run(NOW + timedelta(minutes=10)) == 1
    assert len(mail.outbox) == 1


def test_a_message_that_stops_the_program_every_time_ends_among_the_failed(north: Hall, wang: Staff) -> None:
    reach(wang, email="wang@hall.example")
    tell(wang, hall=north, urgent=True)
    now = NOW
    for _time in range(8):
        assert delivery.claim(now=now) is not None
        now += delivery.LEASE
    assert run(now) == 0
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("dead", 8)
    assert mail.outbox == []


def test_the_run_ends_when_its_time_is_spent(north: Hall, wang: Staff) -> None:
    reach(wang, email="wang@hall.example")
    for number in range(5):
        tell(wang, hall=north, key=f"{number}")
    ticks = iter(range(100))
    delivery.run(clock=lambda: NOW + timedelta(seconds=next(ticks)), budget=timedelta(seconds=7))
    assert 0 < len(mail.outbox) < 5


def test_the_task_of_the_beat_schedule_delivers(north: Hall, wang: Staff) -> None:
    assert deliver.name == "foundation.notifications.tasks.deliver"
    reach(wang, email="wang@hall.example")
    tell(wang, hall=north, urgent=True)
    assert deliver() == 1
    assert len(mail.outbox) == 1


def test_only_who_looks_after_the_hall_sends_again_and_only_what_failed(
    north: Hall, south: Hall, wang: Staff, lin: Staff, chen: Staff
) -> None:
    han = person("han", Role.DIRECTOR, hall=south)
    reach(wang, address="no-such-service://somewhere")
    tell(wang, hall=north)
    run()
    row = Delivery.objects.get()
    for stranger in (wang, lin, han):
        with pytest.raises(NotAllowed):
            send_again(delivery_id=row.pk, actor=stranger, now=NOW)
    assert send_again(delivery_id=row.pk, actor=chen, now=NOW).state == "pending"
    with pytest.raises(WrongState):
        send_again(delivery_id=row.pk, actor=chen, now=NOW)


def test_a_failed_message_that_was_withdrawn_is_not_sent_again(
    north: Hall, wang: Staff, chen: Staff, chain: Chain
) -> None:
    reach(wang, address="no-such-service://somewhere")
    tell(wang, hall=north, chain=chain)
    run()
    withdraw(chain=chain, recipient=wang, now=NOW)
    with pytest.raises(WrongState):
        send_again(delivery_id=Delivery.objects.get().pk, actor=chen, now=NOW)
