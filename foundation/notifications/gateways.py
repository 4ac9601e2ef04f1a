"""The address of a service that takes text messages, with a place for the number."""

from __future__ import annotations

import apprise
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

PLACE = "{phone}"
# Nobody's: no operator gives out numbers that end in so many zeros.
SAMPLE = "13800000000"


def address_for(url: str, number: str) -> str:
    return url.replace(PLACE, number)


def validate_gateway(url: str) -> None:
    """Raises ValidationError unless a message to a number could be sent over it."""
    if PLACE not in url:
        raise ValidationError(_("Write {phone} where the number goes."), code="place")
    if apprise.Apprise.instantiate(address_for(url, SAMPLE)) is None:
        raise ValidationError(_("This is no address of a message service that the program knows."), code="unreadable")
