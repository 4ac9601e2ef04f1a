"""The ways a message leaves the house. What it says: the number and what to do; whose matter it is stays inside."""

from __future__ import annotations

import logging
import re
from urllib.parse import urlsplit

import apprise
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import translation
from django.utils.translation import gettext as _

from foundation.notifications.models import Alert, Channel

# Seconds. A server that does not answer must not keep the worker from everything else.
CONNECT_TIMEOUT = 5.0
ANSWER_TIMEOUT = 10.0


class NotDelivered(Exception):
    """The message was not taken; `permanent` when trying again cannot help."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


def address(alert: Alert, channel: str) -> str:
    """Where it would go now; people change their addresses while messages wait."""
    return alert.recipient.email if channel == Channel.EMAIL else alert.recipient.notification_url


def send(alert: Alert, channel: str) -> None:
    """Sends in the recipient's language. Raises NotDelivered unless the other side has taken the message."""
    with translation.override(alert.recipient.language):
        title = _("%(level)s · %(hall)s") % {"level": alert.get_level_display(), "hall": alert.hall.name}
        message = " ".join(alert.message.split())
        link = f"{settings.PUBLIC_BASE_URL}{alert.url}" if alert.url else settings.PUBLIC_BASE_URL
        if channel == Channel.EMAIL:
            ending = _("This message was sent by the program of the reception hall. Answers to it are not read.")
            subject = f"{message} ({title})"
            _send_mail(alert, subject, "\n\n".join([message, link, ending]))
        else:
            _send_message(alert, title, f"{message}\n{link}")


def _send_mail(alert: Alert, subject: str, body: str) -> None:
    host = urlsplit(settings.PUBLIC_BASE_URL).hostname or "localhost"
    mail = EmailMessage(
        subject,
        body,
        to=[alert.recipient.email],
        connection=get_connection(timeout=ANSWER_TIMEOUT),
        headers={
            # The same for every attempt: where one arrived twice, mail programs show it once.
            "Message-ID": f"<alert-{alert.pk}@{host}>",
            # Keeps absence notes from being sent back.
            "Auto-Submitted": "auto-generated",
        },
    )
    try:
        mail.send()
    except (OSError, UnicodeError) as error:
        # OSError: nobody there, no answer in time, and all of smtplib's refusals.
        raise NotDelivered(f"{type(error).__name__}: {error}") from error


def _send_message(alert: Alert, title: str, body: str) -> None:
    # The name goes into an HTTP header, which takes no Chinese: the hall's own name stands in the title.
    asset = apprise.AppriseAsset(app_id="ReceptionHall", app_url=settings.PUBLIC_BASE_URL, async_mode=False)
    service = apprise.Apprise.instantiate(alert.recipient.notification_url, asset=asset)
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
