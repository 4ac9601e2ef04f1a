"""The number a message goes to. Kept apart from `reveal`: no person sees it, and the message is the trace."""

from __future__ import annotations

import logging
import re

from foundation.residents import crypto
from foundation.residents.models import Resident

logger = logging.getLogger(__name__)

_MOBILE = re.compile(r"1[3-9]\d{9}")


def mobile_of(resident: Resident) -> str:
    """The mobile number in plain, for the moment something is sent to it; empty where none is held or can be read."""
    try:
        number = resident.unseal("phone")
    except crypto.Unreadable:
        logger.exception("The phone of resident %s cannot be read.", resident.pk)
        return ""
    return number if _MOBILE.fullmatch(number) else ""
