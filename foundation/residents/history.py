"""What the ledger holds about a resident. Entries of kind `resident.…` name their resident in the payload."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import JSONField, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext

from foundation.ledger.models import HALL_CHAIN, Entry, Text
from foundation.residents import crypto
from foundation.residents.fields import mask_id_number, mask_phone
from foundation.residents.models import SEALED_FIELDS, Resident, sealing_place

REGISTERED = "resident.registered"
UPDATED = "resident.updated"
REVEALED = "resident.revealed"
ERASED = "resident.erased"
KEYS_ROTATED = "resident.keys_rotated"


def entries_of(resident: Resident) -> QuerySet[Entry]:
    """Entries about this resident on the hall's own chain. What stands in cases belongs to the cases."""
    return (
        Entry.objects.filter(chain__hall_id=resident.hall_id, chain__number=HALL_CHAIN, kind__startswith="resident.")
        .annotate(contents=Cast("payload", JSONField()))
        .filter(contents__resident=resident.pk)
        .order_by("seq")
    )


def texts_of(resident: Resident) -> QuerySet[Text]:
    return Text.objects.filter(entry__in=entries_of(resident).values("pk"))


def masked_texts(resident_id: int, texts: Mapping[str, str | None]) -> dict[str, str]:
    """Texts of a `resident.…` entry as they may be shown: sealed numbers masked, erased ones said to be erased."""
    return {name: _masked(resident_id, name.partition(".")[0], content) for name, content in texts.items()}


def _masked(resident_id: int, field: str, content: str | None) -> str:
    if content is None:
        return gettext("erased")
    if field not in SEALED_FIELDS or not content:
        return content
    try:
        plain = crypto.unseal_text(content, place=sealing_place(resident_id, field))
    except crypto.Unreadable:
        return gettext("unreadable")
    return mask_phone(plain) if field == "phone" else mask_id_number(plain)
