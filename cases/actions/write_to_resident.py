"""What the resident of a case is told outside the house, with the way to the page that shows how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse

from cases.models import Case
from cases.vocabulary import Urgency
from foundation.notifications.residents import write_to


def tracking_path(case: Case) -> str:
    """The page of the case for who has its code."""
    return reverse("portal:status", args=[case.hall.code, case.tracking_code])


def write_to_resident(case: Case, text: str, params: Mapping[str, object], *, key: str, now: datetime) -> int:
    """By how many ways it goes out; 0: the resident is unknown, or can be reached by none.

    text: an English message id with %(name)s places; params without personal data. Once for each key.
    """
    if case.resident is None or (case.imported_at is not None and now < case.imported_at):
        # What an old register tells is over.
        return 0
    return write_to(
        resident=case.resident,
        hall=case.hall,
        key=key,
        text=text,
        params=params,
        path=tracking_path(case),
        chain=case.chain,
        now=now,
        urgent=case.urgency == Urgency.URGENT,
    )
