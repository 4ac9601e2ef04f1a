"""The pages: the inbox, and the messages that did not arrive."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foundation.ledger.models import Chain
from foundation.notifications.actions import NewAlert, notify_many, withdraw
from foundation.notifications.models import Alert, Delivery
from foundation.organization.models import Hall, Role, Staff
from tests.builders import person
from tests.notifications.conftest import NOW

BACKEND = "django.contrib.auth.backends.ModelBackend"


def browser(staff: Staff, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(staff, backend=BACKEND)
    return client


def tell(recipient: Staff, hall: Hall, count: int = 1, **fields: Any) -> list[Alert]:
    values: dict[str, Any] = {"level": "action", "text": "%(number)s waits for you.", "url": "/cases/412/"}
    for number in range(count):
        row = NewAlert(
            hall=hall,
            recipient_id=recipient.pk,
            key=f"{recipient.username}:{number}:{fields}",
            params={"number": f"NTH-2026-{number:06}"},
            **(values | fields),
        )
        notify_many([row], now=NOW + timedelta(minutes=number))
    return list(Alert.objects.filter(recipient=recipient).order_by("pk"))


def fail(recipient: Staff, hall: Hall, count: int = 1) -> list[Delivery]:
    recipient.email = f"{recipient.username}@hall.example"
    recipient.save()
    tell(recipient, hall, count, text="The secret of %(number)s")
    Delivery.objects.filter(alert__recipient=recipient).update(
        state="dead", attempts=8, last_error="SMTPRecipientsRefused: no such mailbox"
    )
    return list(Delivery.objects.filter(alert__recipient=recipient).order_by("pk"))


def test_handler_wang_sees_his_own_alerts_and_nobody_elses(north: Hall, wang: Staff, lin: Staff) -> None:
    tell(wang, north, 2)
    tell(lin, north, text="For Lin alone: %(number)s")
    page = browser(wang).get("/alerts/").text
    assert "NTH-2026-000000 waits for you." in page
    assert "NTH-2026-000001 waits for you." in page
    assert "For Lin alone" not in page


@pytest.mark.parametrize("name", ["alert_open", "alert_read"])
def test_somebody_elses_alert_does_not_exist_for_anybody(north: Hall, wang: Staff, chen: Staff, name: str) -> None:
    [alert] = tell(wang, north)
    address = reverse(f"desk:{name}", args=[alert.pk])
    client = browser(chen)
    answer = client.get(address) if name == "alert_open" else client.post(address)
    assert answer.status_code == 404
    alert.refresh_from_db()
    assert alert.read_at is None


def test_nobody_reads_alerts_without_logging_in(north: Hall, wang: Staff) -> None:
    [alert] = tell(wang, north)
    for address in ("/alerts/", f"/alerts/{alert.pk}/open/", "/deliveries/"):
        answer = Client().get(address)
        assert answer.status_code == 302
        assert answer["Location"] != alert.url


def test_opening_an_alert_marks_it_read_and_leads_to_its_matter(north: Hall, wang: Staff) -> None:
    [alert] = tell(wang, north)
    answer = browser(wang).get(f"/alerts/{alert.pk}/open/")
    assert (answer.status_code, answer["Location"]) == (302, "/cases/412/")
    alert.refresh_from_db()
    assert alert.read_at is not None


def test_an_alert_without_a_page_leads_back_to_the_inbox(north: Hall, wang: Staff) -> None:
    [alert] = tell(wang, north, url="")
    assert browser(wang).get(f"/alerts/{alert.pk}/open/")["Location"] == "/alerts/"


@pytest.mark.parametrize("place", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", ""])
def test_no_form_sends_the_browser_to_another_site(north: Hall, wang: Staff, place: str) -> None:
    [alert] = tell(wang, north)
    answer = browser(wang).post(f"/alerts/{alert.pk}/read/", {"next": place})
    assert (answer.status_code, answer["Location"]) == (302, "/alerts/")


def test_marking_one_read_keeps_the_place_in_the_list(north: Hall, wang: Staff) -> None:
    first, second = tell(wang, north, 2)
    answer = browser(wang).post(f"/alerts/{first.pk}/read/", {"next": "/alerts/?unread=1"})
    assert answer["Location"] == "/alerts/?unread=1"
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.read_at is not None
    assert second.read_at is None


def test_a_link_marks_nothing_read(north: Hall, wang: Staff) -> None:
    [alert] = tell(wang, north)
    client = browser(wang)
    assert client.get(f"/alerts/{alert.pk}/read/").status_code == 405
    assert client.get("/alerts/read/").status_code == 405
    alert.refresh_from_db()
    assert alert.read_at is None


def test_mark_all_as_read_marks_what_the_page_showed(north: Hall, wang: Staff) -> None:
    tell(wang, north, 3)
    client = browser(wang)
    page = client.get("/alerts/")
    until = page.context["alerts"][0].created_at.isoformat()
    assert f'name="until" value="{until}"' in page.text
    tell(wang, north, 5, text="Later: %(number)s")
    client.post("/alerts/read/", {"until": until})
    assert Alert.objects.filter(recipient=wang, read_at=None).count() == 2
    assert client.post("/alerts/read/", {"until": "never"}).status_code == 302
    assert Alert.objects.filter(recipient=wang, read_at=None).count() == 2


def test_what_is_withdrawn_is_shown_nowhere(north: Hall, wang: Staff, chain: Chain) -> None:
    [alert] = tell(wang, north, chain_id=chain.pk)
    withdraw(chain=chain, recipient=wang, now=NOW)
    client = browser(wang)
    assert "NTH-2026-000000" not in client.get("/alerts/").text
    assert client.get(f"/alerts/{alert.pk}/open/").status_code == 404


def test_pages_follow_each_other_without_gap_or_repetition(north: Hall, wang: Staff) -> None:
    alerts = tell(wang, north, 60)
    # Many at one moment: the place in the list must not depend on the moment alone.
    Alert.objects.filter(pk__in=[alert.pk for alert in alerts[20:50]]).update(created_at=NOW)
    client = browser(wang)
    seen: list[int] = []
    address = "/alerts/"
    for _page in range(3):
        context = client.get(address).context
        seen += [alert.pk for alert in context["alerts"]]
        address = f"/alerts/?before={context['next_cursor']}"
    expected = Alert.objects.order_by("-created_at", "-pk").values_list("pk", flat=True)
    assert seen == list(expected)
    assert context["next_cursor"] == ""


@pytest.mark.parametrize("cursor", ["x", "1-", "9999999999999999-1", "9999999999999999999999-1", "-1-1"])
def test_a_cursor_nobody_gave_out_breaks_nothing(north: Hall, wang: Staff, cursor: str) -> None:
    tell(wang, north)
    assert browser(wang).get("/alerts/", {"before": cursor}).status_code == 200


def test_only_unread_ones_can_be_shown(north: Hall, wang: Staff) -> None:
    first, _second = tell(wang, north, 2)
    client = browser(wang)
    client.post(f"/alerts/{first.pk}/read/")
    page = client.get("/alerts/?unread=1").text
    assert "NTH-2026-000001" in page
    assert "NTH-2026-000000" not in page


@pytest.mark.parametrize(("language", "words"), [("en", "it is 4"), ("zh-hans", "现在为 4")])
def test_the_inbox_speaks_the_readers_language(north: Hall, wang: Staff, language: str, words: str) -> None:
    # A text of Django's own, because its translation is known independently of our catalogue.
    row = NewAlert(
        hall=north,
        recipient_id=wang.pk,
        key="k",
        level="red",
        text="Ensure this value is %(limit_value)s (it is %(show_value)s).",
        params={"limit_value": 3, "show_value": 4},
    )
    notify_many([row], now=NOW)
    wang.language = language
    wang.save()
    assert words in browser(wang, language).get("/alerts/").text


@pytest.mark.parametrize(("unread", "words"), [(99, "99"), (120, "99+")])
def test_the_bell_of_every_page_counts_to_ninety_nine(north: Hall, wang: Staff, unread: int, words: str) -> None:
    tell(wang, north, unread)
    assert f">{words}</b>" in browser(wang).get("/alerts/").text


def test_words_from_outside_are_only_words(north: Hall, wang: Staff) -> None:
    tell(wang, north, text="<script>alert(1)</script> %(number)s")
    assert "<script>alert(1)" not in browser(wang).get("/alerts/").text


def test_the_inbox_costs_the_same_with_one_alert_as_with_many(north: Hall, wang: Staff) -> None:
    client = browser(wang)
    counts = []
    for more in (1, 60):
        tell(wang, north, more, text=f"{more}: %(number)s")
        with CaptureQueriesContext(connection) as queries:
            client.get("/alerts/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_director_chen_sees_which_messages_failed_but_not_what_they_said(north: Hall, wang: Staff, chen: Staff) -> None:
    fail(wang, north)
    page = browser(chen).get("/deliveries/").text
    assert "Wang" in page
    assert "wang@hall.example" in page
    assert "no such mailbox" in page
    assert "secret" not in page
    assert "NTH-2026-000000" not in page


def test_passwords_of_message_services_are_not_shown(north: Hall, wang: Staff, chen: Staff) -> None:
    wang.notification_url = "json://user:pass-word@localhost/bot-key"
    wang.save()
    fail(wang, north)
    page = browser(chen).get("/deliveries/").text
    assert "json" in page
    assert "pass-word" not in page
    assert "bot-key" not in page


def test_who_may_see_failed_messages(north: Hall, south: Hall, wang: Staff, lin: Staff, chen: Staff) -> None:
    fail(wang, north)
    for staff, status, shown in [
        (chen, 200, 1),
        (person("feng", Role.SUPERVISOR, hall=north), 200, 1),
        (person("he", Role.ADMINISTRATOR, hall=north), 200, 1),
        (person("tang", Role.SUPERVISOR), 200, 1),
        (person("han", Role.DIRECTOR, hall=south), 200, 0),
        (lin, 403, 0),
        (wang, 403, 0),
        (person("gu", Role.MONITOR, hall=north), 403, 0),
    ]:
        answer = browser(staff).get("/deliveries/")
        assert answer.status_code == status, staff
        if status == 200:
            assert len(answer.context["rows"]) == shown, staff


def test_send_again_takes_a_failed_message_off_the_list_once(north: Hall, wang: Staff, chen: Staff) -> None:
    [failed] = fail(wang, north)
    client = browser(chen)
    answer = client.post(f"/deliveries/{failed.pk}/send-again/", follow=True)
    assert "The message to Wang will be sent again." in answer.text
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("pending", 0)
    answer = client.post(f"/deliveries/{failed.pk}/send-again/", follow=True)
    assert "not among the failed ones any more" in answer.text


def test_nobody_sends_again_for_another_hall(north: Hall, south: Hall, wang: Staff, lin: Staff) -> None:
    [failed] = fail(wang, north)
    han = person("han", Role.DIRECTOR, hall=south)
    assert browser(han).post(f"/deliveries/{failed.pk}/send-again/").status_code == 404
    assert browser(lin).post(f"/deliveries/{failed.pk}/send-again/").status_code == 403
    failed.refresh_from_db()
    assert failed.state == "dead"


def test_the_list_of_failed_messages_is_paged_and_costs_the_same_with_many(
    north: Hall, wang: Staff, chen: Staff
) -> None:
    client = browser(chen)
    fail(wang, north)
    with CaptureQueriesContext(connection) as one:
        client.get("/deliveries/")
    fail(wang, north, 30)
    with CaptureQueriesContext(connection) as many:
        first = client.get("/deliveries/")
    assert len(one) == len(many) <= 8
    second = client.get("/deliveries/", {"before": first.context["next_cursor"]})
    seen = [row.pk for page in (first, second) for row, _case in page.context["rows"]]
    assert seen == list(Delivery.objects.dead().order_by("-pk").values_list("pk", flat=True))
