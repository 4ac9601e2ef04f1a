"""The outbox: claim a message, send it outside any lock, mark it.

Whatever stops between two of these steps, the message is sent at least once: a claim moves the next attempt ahead by
LEASE, and a claim that nobody finished is simply due again then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from random import SystemRandom

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_noop

from foundation.notifications import channels
from foundation.notifications.actions import notify
from foundation.notifications.hours import windows
from foundation.notifications.models import (
    DELIVERY_ROLES,
    Channel,
    Delivery,
    DeliveryQuerySet,
    DeliveryState,
    Level,
    Message,
)
from foundation.organization.models import Hall, Staff

MAX_ATTEMPTS = 8
# Longer than any single sending takes, with all its timeouts.
LEASE = timedelta(minutes=10)
# With three times the wait each time, a server that is away for a night is outlived.
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
# A service that is away costs a timeout each time: after so many in a row the rest waits for the next run.
FAILURES_IN_A_ROW = 3

_FAILING = {
    Channel.EMAIL: gettext_noop("E-mails to %(name)s do not arrive. Check the address, then send them again."),
    Channel.MESSAGE: gettext_noop("Messages to %(name)s do not arrive. Check the address, then send them again."),
}
_TO_RESIDENTS_FAILING = {
    Channel.EMAIL: gettext_noop("E-mails to a resident do not arrive. See how else the resident can be told."),
    Channel.SMS: gettext_noop("Text messages to a resident do not arrive. See how else the resident can be told."),
}
_random = SystemRandom()


def run(*, clock: Callable[[], datetime], budget: timedelta) -> int:
    """Sends until nothing is due or the time is spent. Returns how many were sent."""
    started = clock()
    hold_until_opening(now=started)
    sent = failures = 0
    while failures < FAILURES_IN_A_ROW and clock() < started + budget:
        delivery = claim(now=clock())
        if delivery is None:
            break
        outcome = attempt(delivery, clock=clock)
        sent += outcome == DeliveryState.SENT
        # What was cancelled says nothing about the service.
        failures = 0 if outcome == DeliveryState.SENT else failures + (outcome != DeliveryState.CANCELLED)
    return sent


def hold_until_opening(*, now: datetime) -> int:
    """Puts off what became due at a forbidden hour: retries, and the backlog of a program that was away."""
    held = 0
    halls = list(Hall.objects.all())
    for hall_id, window in windows(halls).items():
        opening = window.next_moment(now)
        if opening > now:
            held += Delivery.objects.filter(
                Q(alert__urgent=False) | Q(message__urgent=False),
                hall=hall_id,
                state=DeliveryState.PENDING,
                next_attempt_at__lte=now,
            ).update(next_attempt_at=opening)
    return held


def claim(*, now: datetime) -> Delivery | None:
    """Takes the message that has waited longest, so that nobody else does before LEASE is over; None if none is due."""
    with transaction.atomic(durable=True):
        delivery = (
            Delivery.objects.filter(state=DeliveryState.PENDING, next_attempt_at__lte=now)
            .select_for_update(skip_locked=True, no_key=True, of=("self",))
            .select_related("hall", "alert__hall", "alert__recipient", "message__hall", "message__resident")
            .order_by("next_attempt_at")
            .first()
        )
        if delivery is None:
            return None
        delivery.attempts += 1
        delivery.claimed_at = now
        delivery.next_attempt_at = now + LEASE
        delivery.save(update_fields=["attempts", "claimed_at", "next_attempt_at"])
    return delivery


def attempt(delivery: Delivery, *, clock: Callable[[], datetime]) -> DeliveryState:
    """Sends what was claimed and writes down how it went; PENDING when it will be tried again."""
    place = channels.place_of(delivery)
    if not place:
        _claimed(delivery).update(state=DeliveryState.CANCELLED)
        return DeliveryState.CANCELLED
    if delivery.attempts > MAX_ATTEMPTS:
        return _give_up(delivery, "The program stopped each time while sending.", now=clock())
    try:
        channels.send(delivery, place)
    except channels.NotDelivered as failure:
        if failure.permanent or delivery.attempts == MAX_ATTEMPTS:
            return _give_up(delivery, failure.reason, now=clock())
        wait = back_off(delivery.attempts) * _random.uniform(0.8, 1.2)
        _claimed(delivery).update(next_attempt_at=clock() + wait, claimed_at=None, last_error=_short(failure.reason))
        return DeliveryState.PENDING
    # Also where it was taken back meanwhile: it has gone out, and the row says so.
    Delivery.objects.filter(pk=delivery.pk).exclude(state=DeliveryState.SENT).update(
        state=DeliveryState.SENT, sent_at=clock(), last_error=""
    )
    return DeliveryState.SENT


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many attempts, before chance spreads it."""
    return min(FIRST_WAIT * int(3 ** (attempts - 1)), LONGEST_WAIT)


def _claimed(delivery: Delivery) -> DeliveryQuerySet:
    """The row while the claim is still ours."""
    return Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.PENDING, attempts=delivery.attempts)


def _give_up(delivery: Delivery, reason: str, *, now: datetime) -> DeliveryState:
    """Keeps the message as failed and tells those who can put the address right, once a day for each address."""
    with transaction.atomic():
        given_up = _claimed(delivery).update(
            state=DeliveryState.DEAD, attempts=MAX_ATTEMPTS, claimed_at=None, last_error=_short(reason)
        )
        if given_up:
            _report(delivery, now=now)
    return DeliveryState.DEAD


def _report(delivery: Delivery, *, now: datetime) -> None:
    """Tells those who look after messages; where it was the last way to a resident, the message has failed."""
    if delivery.message is not None:
        # Two ways may fail at the same moment: whoever comes second sees that both have.
        Message.objects.select_for_update(no_key=True).filter(pk=delivery.message.pk).first()
        ways = Delivery.objects.filter(message=delivery.message)
        if not ways.filter(state__in=[DeliveryState.PENDING, DeliveryState.SENT]).exists():
            Message.objects.filter(pk=delivery.message.pk).update(failed_at=now)
        text, params, place = _TO_RESIDENTS_FAILING[Channel(delivery.channel)], {}, "residents"
    else:
        assert delivery.alert is not None
        text, params = _FAILING[Channel(delivery.channel)], {"name": delivery.alert.recipient.name}
        place = hashlib.sha256(channels.place_of(delivery).encode()).hexdigest()[:16]
    day = now.astimezone(delivery.hall.zone).date()
    notify(
        recipients=_caretakers(delivery.hall),
        key=f"delivery-dead:{delivery.channel}:{place}:{day.isoformat()}",
        level=Level.ACTION,
        text=text,
        params=params,
        url=reverse("desk:delivery_list"),
        hall=delivery.hall,
        # Not sent: it would go the way that has just failed.
        inbox_only=True,
        now=now,
    )


def _caretakers(hall: Hall) -> list[Staff]:
    """Those of the hall who look after its messages; where it has none, those of the street office."""
    return list(Staff.objects.holding(*DELIVERY_ROLES, hall=hall)) or list(Staff.objects.holding(*DELIVERY_ROLES))


def _short(reason: str) -> str:
    return reason[:500]
