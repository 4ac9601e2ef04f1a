"""Telling people something, exactly once, and taking it back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from foundation.ledger.models import Chain
from foundation.notifications.hours import windows
from foundation.notifications.models import Alert, Channel, Delivery, DeliveryState, Level, Message
from foundation.organization.models import Hall, Staff
from foundation.refusals import NotAllowed, WrongState

LEVELS = frozenset(Level.values)
PLAIN_PATH = re.compile(r"(/[0-9A-Za-z_-]+)+/?")
"""What nearly every address is: nothing in it that a browser could read otherwise."""


@dataclass(frozen=True)
class NewAlert:
    """One alert to be written. `text` is an English message id (mark it with gettext_noop), `params` fill it.

    Params hold str, int, bool; no personal data of residents. Names ending in `_at` are ISO moments, names ending
    in `_label` are message ids themselves: both are worded for the reader. `url` is a path of this site or empty.
    `inbox_only` keeps it from being sent anywhere.
    """

    hall: Hall
    recipient_id: int
    key: str
    level: str
    text: str
    params: Mapping[str, object] = field(default_factory=dict)
    url: str = ""
    chain_id: int | None = None
    urgent: bool = False
    inbox_only: bool = False


# Alerts and what is to be sent for them appear together or not at all; who was told already is skipped with both.
_INSERT = """
WITH incoming AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (
        hall_id bigint, recipient_id bigint, key text, level text, text text, params jsonb, url text, chain_id bigint,
        urgent boolean, send_at timestamptz
    )
), fresh AS (
    INSERT INTO notifications_alert
        (hall_id, recipient_id, key, level, text, params, url, chain_id, urgent, created_at)
    SELECT hall_id, recipient_id, key, level, text, params, url, chain_id, urgent, %(now)s FROM incoming
    ON CONFLICT (recipient_id, key) DO NOTHING
    RETURNING id, hall_id, recipient_id, key
), outgoing AS (
    INSERT INTO notifications_delivery (hall_id, alert_id, channel, state, attempts, next_attempt_at, last_error)
    SELECT fresh.hall_id, fresh.id, way.channel, %(pending)s, 0, incoming.send_at, ''
    FROM fresh
    JOIN incoming USING (recipient_id, key)
    JOIN organization_staff staff ON staff.id = fresh.recipient_id AND staff.is_active
    CROSS JOIN LATERAL (VALUES (%(email)s, staff.email), (%(message)s, staff.notification_url))
        AS way (channel, address)
    WHERE way.address <> '' AND incoming.send_at IS NOT NULL
)
SELECT count(*) FROM fresh
"""


def notify(
    *,
    recipients: Iterable[Staff],
    key: str,
    level: str,
    text: str,
    params: Mapping[str, object] | None = None,
    url: str = "",
    hall: Hall,
    chain: Chain | None = None,
    urgent: bool = False,
    inbox_only: bool = False,
    now: datetime,
) -> int:
    """Tells each of these people once, however often it is called with this key. Returns how many are new."""
    rows = [
        NewAlert(
            hall=hall,
            recipient_id=recipient.pk,
            key=key,
            level=level,
            text=text,
            params=params or {},
            url=url,
            chain_id=chain.pk if chain else None,
            urgent=urgent,
            inbox_only=inbox_only,
        )
        for recipient in recipients
    ]
    return notify_many(rows, now=now)


def notify_many(rows: Sequence[NewAlert], *, now: datetime) -> int:
    """Writes many alerts and their deliveries in two statements, however many they are. Returns how many are new."""
    by_key = {(row.recipient_id, row.key): row for row in reversed(rows)}
    if not by_key:
        return 0
    # In one order everywhere: two sweeps that tell the same people then wait for each other instead of deadlocking.
    once = [by_key[key] for key in sorted(by_key)]
    for row in once:
        _check(row)
    window = windows(row.hall for row in once)
    opening = {hall_id: hours.next_moment(now) for hall_id, hours in window.items()}
    send_at = {hall_id: moment.isoformat() for hall_id, moment in opening.items()}
    at_once = now.isoformat()
    # One document: writing ten arrays of a thousand values each costs the driver more than the rest of the work.
    document = [
        {
            "hall_id": row.hall.pk,
            "recipient_id": row.recipient_id,
            "key": row.key,
            "level": str(row.level),
            "text": row.text,
            "params": dict(row.params),
            "url": row.url,
            "chain_id": row.chain_id,
            "urgent": row.urgent,
            "send_at": None if row.inbox_only else at_once if row.urgent else send_at[row.hall.pk],
        }
        for row in once
    ]
    values: dict[str, Any] = {
        "rows": json.dumps(document, ensure_ascii=False),
        "now": now,
        "pending": DeliveryState.PENDING.value,
        "email": Channel.EMAIL.value,
        "message": Channel.MESSAGE.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        (written,) = cursor.fetchone() or (0,)
    return int(written)


def _check(row: NewAlert) -> None:
    """Faults of the caller, found before they stand in somebody's inbox where they would break the page each time."""
    if row.level not in LEVELS:
        raise ValueError(f"{row.key}: there is no level {row.level!r}")
    if not local(row.url):
        raise ValueError(f"{row.key}: {row.url!r} is not a path of this site")
    check_words(row.key, row.text, row.params)


def check_words(key: str, text: str, params: Mapping[str, object]) -> None:
    """Raises for a text that could not be worded for its reader."""
    if not text:
        raise ValueError(f"{key}: there is no text")
    # Not rendered: the sweep writes thousands, and wording a moment for a reader takes longer than all the rest.
    text % params
    for name, value in params.items():
        if name.endswith("_at"):
            datetime.fromisoformat(str(value))


def local(url: str) -> bool:
    """Whether a browser sent there stays on this site; nothing at all is fine too."""
    return (
        url == ""
        or PLAIN_PATH.fullmatch(url) is not None
        or (url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None))
    )


def mark_read(*, alert_ids: Iterable[int], staff: Staff, now: datetime) -> int:
    """Marks alerts of this person as read; others' are not touched. What was read keeps its first moment."""
    return Alert.objects.visible_to(staff).unread().filter(pk__in=list(alert_ids)).update(read_at=now)


def mark_all_read(*, staff: Staff, until: datetime, now: datetime) -> int:
    """Marks all up to that moment (when the page was drawn): what came in meanwhile was not seen and stays unread."""
    return Alert.objects.visible_to(staff).unread().filter(created_at__lte=until).update(read_at=now)


def withdraw(*, chain: Chain, recipient: Staff, now: datetime, page: str = "") -> int:
    """Takes back everything this person was told about this chain, and what is still to be sent of it.

    page: only what leads there, because that page alone is closed to them.
    """
    with transaction.atomic():
        alerts = Alert.objects.filter(chain=chain, recipient=recipient, url__startswith=page)
        withdrawn = alerts.filter(withdrawn_at=None).update(withdrawn_at=now)
        # Failed ones too: nobody may send them again.
        Delivery.objects.filter(alert__in=alerts, state__in=[DeliveryState.PENDING, DeliveryState.DEAD]).update(
            state=DeliveryState.CANCELLED
        )
    return withdrawn


def send_again(*, delivery_id: int, actor: Staff, now: datetime) -> Delivery:
    """Gives a failed message a new set of attempts, once what kept it from arriving has been put right."""
    with transaction.atomic():
        delivery = (
            Delivery.objects.visible_to(actor)
            .select_for_update(no_key=True, of=("self",))
            .filter(pk=delivery_id)
            .first()
        )
        if delivery is None:
            raise NotAllowed(_("You do not look after the messages of this hall."))
        if delivery.state != DeliveryState.DEAD:
            raise WrongState(_("This message is not among the failed ones any more."))
        delivery.state = DeliveryState.PENDING
        delivery.attempts = 0
        delivery.next_attempt_at = now
        delivery.claimed_at = None
        delivery.save(update_fields=["state", "attempts", "next_attempt_at", "claimed_at"])
        if delivery.message_id:
            Message.objects.filter(pk=delivery.message_id).update(failed_at=None)
    return delivery
