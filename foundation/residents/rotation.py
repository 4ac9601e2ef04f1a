"""Moving sealed values to the first of the keys and their tokens to the present index key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from foundation.ledger.actions import append, hall_chain
from foundation.ledger.models import Text
from foundation.organization.models import Hall, Staff
from foundation.residents import crypto, history
from foundation.residents.models import SEALED_FIELDS, Resident

_COLUMNS = ("phone_sealed", "phone_token", "phone_tail_token", "id_number_sealed", "id_number_token")


@dataclass
class Rotation:
    moved: int = 0
    unreadable: list[int] = field(default_factory=list)
    """Ids of residents with a value that does not open; they are left as they are."""


def rotate_keys(*, actor: Staff | None, now: datetime, batch: int = 500) -> Rotation:
    """Seals everything again that is not under the first key, and indexes again. May be stopped and run again."""
    rotation = Rotation()
    for hall in Hall.objects.order_by("pk"):
        after = 0
        while True:
            with transaction.atomic():
                rows = list(
                    Resident.objects.filter(hall=hall, pk__gt=after, erased_at=None)
                    .order_by("pk")
                    .select_for_update(no_key=True)[:batch]
                )
                if not rows:
                    break
                after = rows[-1].pk
                moved = [resident for resident in rows if _moved(resident, rotation)]
                if moved:
                    Resident.objects.bulk_update(moved, _COLUMNS)
                    append(
                        chain=hall_chain(hall),
                        kind=history.KEYS_ROTATED,
                        actor=actor,
                        happened_at=now,
                        now=now,
                        payload={"residents": len(moved), "key": crypto.current_key_id()},
                    )
            rotation.moved += len(moved)
    return rotation


def keys_in_ledger() -> dict[str, int]:
    """How many numbers in the ledger are still sealed under each key; the ledger cannot be sealed again.

    A key named here may only leave the settings when these old values may become unreadable.
    """
    counts: dict[str, int] = {}
    sealed = Text.objects.filter(entry__kind=history.UPDATED, content__startswith=crypto.TEXT_PREFIX)
    for content in sealed.values_list("content", flat=True).iterator():
        key_id = str(content).split(":", 2)[1]
        counts[key_id] = counts.get(key_id, 0) + 1
    return counts


def _moved(resident: Resident, rotation: Rotation) -> bool:
    """Seals again what needs it; tells whether the row has to be written."""
    moved = False
    for name in SEALED_FIELDS:
        sealed = getattr(resident, f"{name}_sealed")
        if sealed is None:
            continue
        tokens_before = _tokens(resident)
        try:
            current = crypto.key_id_of(sealed) == crypto.current_key_id()
            plain = resident.unseal(name)
        except crypto.Unreadable:
            if resident.pk not in rotation.unreadable:
                rotation.unreadable.append(resident.pk)
            continue
        resident.seal(name, plain)
        if current and _tokens(resident) == tokens_before:
            # Nothing to do: the value keeps the seal it had.
            setattr(resident, f"{name}_sealed", sealed)
        else:
            moved = True
    return moved


def _tokens(resident: Resident) -> list[bytes | None]:
    tokens = (resident.phone_token, resident.phone_tail_token, resident.id_number_token)
    return [bytes(token) if token is not None else None for token in tokens]
