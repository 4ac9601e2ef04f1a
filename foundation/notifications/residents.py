"""Telling residents something outside the house: by e-mail, by text message, exactly once, through the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise

from foundation.ledger.models import Chain
from foundation.notifications.actions import check_words, local
from foundation.notifications.hours import windows
from foundation.notifications.models import Channel, Delivery, DeliveryState, Message, SmsGateway
from foundation.organization.models import Hall
from foundation.residents.models import Resident
from foundation.residents.reaching import mobile_of

# Without a mail server set up, mail ends in a log: nobody is reached by it.
_NOWHERE = ("console.EmailBackend", "dummy.EmailBackend")


def ways_to(resident: Resident | None, hall: Hall) -> list[Channel]:
    """How this hall can write to this resident, who may be unknown or erased."""
    if resident is None or resident.erased_at is not None:
        return []
    ways = []
    if resident.email and not settings.EMAIL_BACKEND.endswith(_NOWHERE):
        ways.append(Channel.EMAIL)
    if resident.has_phone and SmsGateway.objects.filter(hall=hall).exists() and mobile_of(resident):
        ways.append(Channel.SMS)
    return ways


def reach(resident: Resident | None, hall: Hall) -> list[str | Promise]:
    """The same in words, so that a page can say how somebody will be written to; empty: in no way."""
    return [way.label for way in ways_to(resident, hall)]


def write_to(
    *,
    resident: Resident,
    hall: Hall,
    key: str,
    text: str,
    params: Mapping[str, object],
    path: str,
    chain: Chain | None,
    now: datetime,
    urgent: bool = False,
) -> int:
    """Tells a resident once, however often it is called with this key. Returns by how many ways; 0: by none.

    text: an English message id (gettext_noop) with %(name)s; params as in NewAlert, without personal data.
    path: of the page that says more, such as /h/GHP/t/…/, on this site.
    """
    check_words(key, text, params)
    if not local(path):
        raise ValueError(f"{key}: {path!r} is not a path of this site")
    with transaction.atomic():
        told = Message.objects.filter(resident=resident, key=key).first()
        if told is not None:
            return told.deliveries.count()
        ways = ways_to(resident, hall)
        if not ways:
            # No row: once they can be reached, they can still be told.
            return 0
        message, is_new = Message.objects.get_or_create(
            resident=resident,
            key=key,
            defaults={
                "hall": hall,
                "text": text,
                "params": dict(params),
                "path": path,
                "chain": chain,
                "urgent": urgent,
                "created_at": now,
            },
        )
        if is_new:
            send_at = now if urgent else windows([hall])[hall.pk].next_moment(now)
            Delivery.objects.bulk_create(
                Delivery(hall=hall, message=message, channel=way, next_attempt_at=send_at) for way in ways
            )
        return message.deliveries.count()


def take_back(*, resident: Resident, key: str, now: datetime) -> int:
    """Takes back what was not sent yet of a message that is not true any more. Returns how many are not sent."""
    with transaction.atomic():
        messages = Message.objects.filter(resident=resident, key=key)
        messages.filter(withdrawn_at=None).update(withdrawn_at=now)
        unsent = Delivery.objects.filter(message__in=messages, state__in=[DeliveryState.PENDING, DeliveryState.DEAD])
        return unsent.update(state=DeliveryState.CANCELLED)


def forget(*, resident: Resident) -> int:
    """Everything this resident was written goes, sent or not: they are erased. Returns how many messages went."""
    Delivery.objects.filter(message__resident=resident).delete()
    return Message.objects.filter(resident=resident).delete()[0]
