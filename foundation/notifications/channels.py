"""The ways a message leaves the house. What it says: the number and what to do; whose matter it is stays inside."""

from __future__ import annotations

import logging
import re
import smtplib
from urllib.parse import urlsplit

import apprise
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import translation
from django.utils.translation import gettext as _

from foundation.notifications.gateways import address_for
from foundation.notifications.half_addresses import completed
from foundation.notifications.models import Alert, Channel, Delivery, Message, SmsGateway
from foundation.residents.reaching import mobile_of

# Seconds. A server that does not answer must not keep the worker from everything else.
CONNECT_TIMEOUT = 5.0
ANSWER_TIMEOUT = 10.0


class NotDelivered(Exception):
    """The message was not taken; `permanent` when trying again cannot help."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


def place_of(delivery: Delivery) -> str:
    """Where it would go now; people change their addresses while messages wait. Empty: it must not go any more.

    A resident's number is in it, in plain: for sending only, and never to be written down.
    """
    if delivery.message is not None:
        return _place_of_resident(delivery.message, delivery.channel)
    assert delivery.alert is not None
    recipient = delivery.alert.recipient
    if delivery.alert.withdrawn_at or not recipient.is_active:
        return ""
    return recipient.email if delivery.channel == Channel.EMAIL else recipient.notification_url


def _place_of_resident(message: Message, channel: str) -> str:
    resident = message.resident
    if message.withdrawn_at or resident.erased_at:
        return ""
    if channel == Channel.EMAIL:
        return resident.email
    gateway = SmsGateway.objects.filter(hall=message.hall_id).first()
    number = mobile_of(resident) if gateway else ""
    return address_for(gateway.url, number) if gateway and number else ""


def send(delivery: Delivery, place: str) -> None:
    """Sends in the recipient's language. Raises NotDelivered unless the other side has taken the message."""
    if delivery.message is not None:
        _send_to_resident(delivery.message, delivery.channel, place)
    else:
        assert delivery.alert is not None
        _send_to_staff(delivery.alert, delivery.channel, place)


def _send_to_staff(alert: Alert, channel: str, place: str) -> None:
    with translation.override(alert.recipient.language):
        title = _("%(level)s · %(hall)s") % {"level": alert.get_level_display(), "hall": alert.hall.name}
        message = " ".join(alert.message.split())
        link = f"{settings.PUBLIC_BASE_URL}{alert.url}" if alert.url else settings.PUBLIC_BASE_URL
        if channel == Channel.EMAIL:
            body = "\n\n".join([message, link, _ending()])
            try:
                _send_mail(place, f"{message} ({title})", body, message_id=f"alert-{alert.pk}")
            except (OSError, UnicodeError) as error:
                # OSError: nobody there, no answer in time, and all of smtplib's refusals.
                raise NotDelivered(f"{type(error).__name__}: {error}") from error
        else:
            _send_message(place, title, f"{message}\n{link}")


def _send_to_resident(message: Message, channel: str, place: str) -> None:
    """In the language of the house; which one residents read is not known."""
    with translation.override(settings.LANGUAGE_CODE):
        hall, words = message.hall, " ".join(message.words.split())
        headed = _("%(hall)s: %(message)s") % {"hall": hall.name, "message": words}
        link = f"{settings.PUBLIC_BASE_URL}{completed(message.path)}" if message.path else ""
        if channel == Channel.EMAIL:
            phone = _("Telephone of the reception hall: %(phone)s") % {"phone": hall.phone} if hall.phone else ""
            body = "\n\n".join(part for part in (words, link, phone, _ending()) if part)
            try:
                _send_mail(place, headed, body, message_id=f"message-{message.pk}")
            except (OSError, UnicodeError) as error:
                # The whole of it may name the address.
                raise NotDelivered(_without_address(error)) from None
        else:
            _send_message(place, "", f"{headed} {link}".strip())


def _ending() -> str:
    return _("This message was sent by the program of the reception hall. Answers to it are not read.")


def _without_address(error: OSError | UnicodeError) -> str:
    codes: list[int | None] = []
    if isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    elif isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _said in error.recipients.values()]
    elif isinstance(error, OSError):
        codes = [error.errno]
    return " ".join([type(error).__name__, *(str(code) for code in codes if code is not None)])


def _send_mail(place: str, subject: str, body: str, *, message_id: str) -> None:
    host = urlsplit(settings.PUBLIC_BASE_URL).hostname or "localhost"
    mail = EmailMessage(
        subject,
        body,
        to=[place],
        connection=get_connection(timeout=ANSWER_TIMEOUT),
        headers={
            # The same for every attempt: where one arrived twice, mail programs show it once.
            "Message-ID": f"<{message_id}@{host}>",
            # Keeps absence notes from being sent back.
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.send()


def _send_message(place: str, title: str, body: str) -> None:
    # The name goes into an HTTP header, which takes no Chinese: the hall's own name stands in the title.
    asset = apprise.AppriseAsset(app_id="ReceptionHall", app_url=settings.PUBLIC_BASE_URL, async_mode=False)
    service = apprise.Apprise.instantiate(place, asset=asset)
    if service is None:
        raise NotDelivered("The address of the message service cannot be read.", permanent=True)
    service.socket_connect_timeout = CONNECT_TIMEOUT
    service.socket_read_timeout = ANSWER_TIMEOUT
    sender = apprise.Apprise(asset=asset)
    sender.add(service)
    with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as log:  # type: ignore[no-untyped-call]
        taken = sender.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
        said = log.getvalue()
    if not taken:
        # Of what was logged only the number is kept: the rest may hold the address, which carries its password.
        status = re.search(r"error=(\d{3})\b", said)
        raise NotDelivered(
            f"The message service answered {status[1]}." if status else "The message service did not take the message."
        )
