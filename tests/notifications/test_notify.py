from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from foundation.ledger.models import Chain
from foundation.notifications.actions import NewAlert, mark_all_read, mark_read, notify, notify_many, withdraw
from foundation.notifications.models import Alert, Delivery, SendingHours, render
from foundation.notifications.reading import inbox, unread_count
from foundation.organization.models import Hall, Staff
from tests.notifications.conftest import NOW


def tell(*recipients: Staff, hall: Hall, key: str = "slip:7:issued", **fields: Any) -> int:
    values: dict[str, Any] = {
        "level": "action",
        "text": "%(number)s was transferred to you.",
        "params": {"number": "NTH-2026-000412"},
        "url": "/cases/412/",
        "now": NOW,
    }
    return notify(recipients=recipients, hall=hall, key=key, **(values | fields))


def test_who_is_told_finds_it_in_the_inbox(north: Hall, wang: Staff) -> None:
    assert tell(wang, hall=north) == 1
    alert = inbox(wang).get()
    with translation.override("en"):
        assert alert.message == "NTH-2026-000412 was transferred to you."
    assert (alert.created_at, alert.read_at, alert.url, alert.level) == (NOW, None, "/cases/412/", "action")


def test_nobody_is_told_the_same_thing_twice(north: Hall, wang: Staff, lin: Staff) -> None:
    assert tell(wang, hall=north) == 1
    assert tell(wang, lin, hall=north) == 1
    assert tell(wang, lin, lin, hall=north) == 0
    assert Alert.objects.count() == 2


def test_what_was_told_first_stays_as_it_was(north: Hall, wang: Staff) -> None:
    tell(wang, hall=north)
    tell(wang, hall=north, level="red", text="something else", params={}, now=NOW + timedelta(hours=1))
    assert inbox(wang).get().level == "action"


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_write_one_alert_and_one_delivery_for_each_person(north: Hall, wang: Staff, lin: Staff) -> None:
    for staff in (wang, lin):
        staff.email = f"{staff.username}@hall.example"
        staff.save()
    start = Barrier(8)
    rows = many(400, north, wang, lin)

    def tell_everybody(number: int) -> int:
        start.wait()
        try:
            return notify_many(rows if number % 2 else rows[::-1], now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        new = sum(pool.map(tell_everybody, range(8)))

    assert new == 400
    assert Alert.objects.count() == 400
    assert Delivery.objects.count() == 400


def test_alerts_are_written_in_one_order_so_that_two_sweeps_cannot_block_each_other(
    north: Hall, wang: Staff, lin: Staff
) -> None:
    rows = many(30, north, wang, lin)
    notify_many(rows[::-1], now=NOW)
    written = list(Alert.objects.order_by("pk").values_list("recipient_id", "key"))
    assert written == sorted((row.recipient_id, row.key) for row in rows)


def test_the_database_itself_refuses_a_second_alert_with_the_same_key(north: Hall, wang: Staff) -> None:
    tell(wang, hall=north)
    with pytest.raises(IntegrityError, match="alert_once"), transaction.atomic():
        Alert.objects.create(hall=north, recipient=wang, key="slip:7:issued", level="info", text="x", created_at=NOW)


def many(count: int, hall: Hall, *recipients: Staff) -> list[NewAlert]:
    return [
        NewAlert(
            hall=hall,
            recipient_id=recipients[number % len(recipients)].pk,
            key=f"clock:{number}:3",
            level="yellow",
            text="%(number)s is due soon.",
            params={"number": f"NTH-2026-{number:06}"},
            url=f"/cases/{number}/",
        )
        for number in range(count)
    ]


def test_a_thousand_alerts_take_no_more_queries_than_ten(north: Hall, wang: Staff, lin: Staff) -> None:
    wang.email = "wang@hall.example"
    wang.notification_url = "json://localhost/"
    wang.save()
    counts = []
    for count in (10, 1000):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            notify_many(many(count, north, wang, lin), now=NOW)
        counts.append(len([query for query in queries if "SAVEPOINT" not in query["sql"]]))

    assert counts == [2, 2]
    assert Alert.objects.count() == 1000
    # Wang has two addresses for his half, Lin none.
    assert Delivery.objects.count() == 1000


def test_each_address_gets_a_delivery_of_its_own(north: Hall, wang: Staff, lin: Staff) -> None:
    wang.email, wang.notification_url = "wang@hall.example", "json://localhost/"
    wang.save()
    tell(wang, lin, hall=north)
    assert set(Delivery.objects.values_list("alert__recipient__username", "channel", "state", "next_attempt_at")) == {
        ("wang", "email", "pending", NOW),
        ("wang", "message", "pending", NOW),
    }


def test_nothing_is_sent_to_a_closed_account(north: Hall, wang: Staff) -> None:
    wang.email, wang.is_active = "wang@hall.example", False
    wang.save()
    tell(wang, hall=north)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("at", "urgent", "expected"),
    [
        # Shanghai is eight hours ahead: 23:30 on the second, 03:00 on the third, 19:59, 20:00 and 08:00 there.
        ("2026-03-02T15:30Z", False, "2026-03-03T00:00Z"),
        ("2026-03-02T19:00Z", False, "2026-03-03T00:00Z"),
        ("2026-03-02T11:59Z", False, "2026-03-02T11:59Z"),
        ("2026-03-02T12:00Z", False, "2026-03-03T00:00Z"),
        ("2026-03-02T00:00Z", False, "2026-03-02T00:00Z"),
        ("2026-03-02T15:30Z", True, "2026-03-02T15:30Z"),
    ],
)
def test_messages_wait_for_the_morning_unless_urgent(
    north: Hall, wang: Staff, at: str, urgent: bool, expected: str
) -> None:
    wang.email = "wang@hall.example"
    wang.save()
    tell(wang, hall=north, now=datetime.fromisoformat(at), urgent=urgent)
    assert Delivery.objects.get().next_attempt_at == datetime.fromisoformat(expected)
    assert unread_count(wang) == 1


def test_each_hall_keeps_its_own_sending_hours_and_zone(north: Hall, south: Hall, wang: Staff) -> None:
    wang.email = "wang@hall.example"
    wang.save()
    SendingHours.objects.create(hall=north, starts=time(9), ends=time(9, 30))
    south.timezone = "Asia/Urumqi"
    south.save()
    late = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    tell(wang, hall=north, now=late)
    tell(wang, hall=south, key="other", now=late)
    assert dict(Delivery.objects.values_list("hall__code", "next_attempt_at")) == {
        "NTH": datetime(2026, 3, 3, 1, 0, tzinfo=UTC),
        # Seven in the evening there.
        "STH": late,
    }


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "/\t/elsewhere.example",
        "cases/1",
    ],
)
def test_an_alert_never_leads_to_another_site(north: Hall, wang: Staff, url: str) -> None:
    with pytest.raises(ValueError, match="not a path of this site"):
        tell(wang, hall=north, url=url)
    with pytest.raises(IntegrityError, match="alert_url_local"), transaction.atomic():
        Alert.objects.create(hall=north, recipient=wang, key="k", level="info", text="x", url=url, created_at=NOW)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"level": "purple"}, ValueError),
        ({"text": ""}, ValueError),
        ({"params": {}}, KeyError),
        ({"params": {"number": "1", "due_at": "tomorrow"}}, ValueError),
    ],
)
def test_an_alert_nobody_could_read_is_refused_when_written(
    north: Hall, wang: Staff, fields: dict[str, Any], fault: type[Exception]
) -> None:
    with pytest.raises(fault):
        tell(wang, hall=north, **fields)
    assert not Alert.objects.exists()


def test_the_text_is_in_the_readers_language_and_moments_in_the_halls_time(north: Hall) -> None:
    # A text of Django's own, because its translation is known independently of our catalogue.
    text = "Ensure this value is %(limit_value)s (it is %(show_value)s)."
    params = {"limit_value": 3, "show_value": 4}
    moment = {"due_at": "2026-03-02T09:00:00+00:00"}
    with translation.override("en"):
        assert render(text, params, north) == "Ensure this value is 3 (it is 4)."
        assert render("%(unit_label)s", {"unit_label": "Monday"}, north) == "Monday"
        assert render("until %(due_at)s", moment, north) == "until March 2, 2026, 17:00"
    with translation.override("zh-hans"):
        assert render(text, params, north) == "确保该值为 3 (现在为 4)。"
        assert render("%(unit_label)s", {"unit_label": "Monday"}, north) == "星期一"
        assert render("%(due_at)s", moment, north) == "2026年3月2日 17:00"


def test_the_newest_stands_first(north: Hall, wang: Staff) -> None:
    for hour in (3, 1, 2):
        tell(wang, hall=north, key=f"at {hour}", now=NOW + timedelta(hours=hour))
    assert [alert.key for alert in inbox(wang)] == ["at 3", "at 2", "at 1"]


def test_only_the_owner_marks_an_alert_as_read_and_only_once(north: Hall, wang: Staff, lin: Staff) -> None:
    tell(wang, hall=north)
    alert = Alert.objects.get()
    assert mark_read(alert_ids=[alert.pk], staff=lin, now=NOW) == 0
    assert unread_count(wang) == 1
    assert mark_read(alert_ids=[alert.pk], staff=wang, now=NOW) == 1
    assert mark_read(alert_ids=[alert.pk], staff=wang, now=NOW + timedelta(hours=1)) == 0
    alert.refresh_from_db()
    assert alert.read_at == NOW
    assert unread_count(wang) == 0


def test_marking_all_leaves_what_came_in_after_the_page_was_drawn(north: Hall, wang: Staff, lin: Staff) -> None:
    tell(wang, lin, hall=north)
    tell(wang, hall=north, key="later", now=NOW + timedelta(seconds=1))
    assert mark_all_read(staff=wang, until=NOW, now=NOW + timedelta(minutes=1)) == 1
    assert [alert.key for alert in inbox(wang).unread()] == ["later"]
    assert unread_count(lin) == 1


@pytest.mark.parametrize(("unread", "counted"), [(0, 0), (1, 1), (99, 99), (100, 100), (250, 100)])
def test_counting_stops_at_a_hundred(north: Hall, wang: Staff, unread: int, counted: int) -> None:
    notify_many(many(unread, north, wang), now=NOW)
    assert unread_count(wang) == counted


def test_what_is_withdrawn_is_gone_from_that_persons_inbox_alone(
    north: Hall, wang: Staff, lin: Staff, chain: Chain
) -> None:
    for staff in (wang, lin):
        staff.email = "somebody@hall.example"
        staff.save()
    tell(wang, lin, hall=north, chain=chain)
    tell(wang, hall=north, key="another matter")

    assert withdraw(chain=chain, recipient=wang, now=NOW) == 1

    assert [alert.key for alert in inbox(wang)] == ["another matter"]
    assert unread_count(wang) == 1
    assert unread_count(lin) == 1
    states = Delivery.objects.values_list("alert__recipient__username", "alert__key", "state")
    assert set(states) == {
        ("wang", "slip:7:issued", "cancelled"),
        ("lin", "slip:7:issued", "pending"),
        ("wang", "another matter", "pending"),
    }
    assert withdraw(chain=chain, recipient=wang, now=NOW) == 0
    assert tell(wang, hall=north, chain=chain) == 0, "what was withdrawn does not come back by being told again"


def _plan(run: Callable[[], object]) -> str:
    with CaptureQueriesContext(connection) as queries:
        run()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {queries[-1]['sql']}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_inbox_and_count_are_read_from_their_indexes(north: Hall, wang: Staff, lin: Staff) -> None:
    notify_many(many(3000, north, wang, lin), now=NOW)
    Alert.objects.filter(recipient=lin).update(read_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notifications_alert")
    first_page = _plan(lambda: list(inbox(wang)[:25]))
    assert "alert_inbox" in first_page
    assert "Sort" not in first_page
    assert "alert_unread" in _plan(lambda: unread_count(lin))
