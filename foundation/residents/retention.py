"""What becomes of each stored field when a resident is erased. A test fails when a field is missing here."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from foundation.residents.models import ERASED_NAME, Resident


class Fate(StrEnum):
    ERASE = "erase"
    KEEP = "keep"


RESIDENT = {
    "id": Fate.KEEP,  # cases go on pointing here, or their figures would change
    "hall": Fate.KEEP,
    "name": Fate.ERASE,
    "initials": Fate.ERASE,
    "sex": Fate.ERASE,
    "birth_date": Fate.ERASE,
    "employer": Fate.ERASE,
    "estate": Fate.ERASE,
    "building": Fate.ERASE,
    "unit": Fate.ERASE,
    "room": Fate.ERASE,
    "grid": Fate.ERASE,
    "address_note": Fate.ERASE,
    "email": Fate.ERASE,
    "phone_sealed": Fate.ERASE,
    "phone_token": Fate.ERASE,
    "phone_tail_token": Fate.ERASE,
    "id_number_sealed": Fate.ERASE,
    "id_number_token": Fate.ERASE,
    "registered_at": Fate.KEEP,
    "updated_at": Fate.KEEP,
    "erased_at": Fate.KEEP,
}

# Holds who looked and when, never for whom.
LOOKUP_LOG = {
    "id": Fate.KEEP,
    "hall": Fate.KEEP,
    "staff": Fate.KEEP,
    "kind": Fate.KEEP,
    "found": Fate.KEEP,
    "at": Fate.KEEP,
}


def empty(resident: Resident) -> None:
    """Takes every erasable value off the row in memory."""
    for name, fate in RESIDENT.items():
        if fate is Fate.ERASE:
            setattr(resident, name, _empty_value(name))


def _empty_value(name: str) -> Any:
    if name == "name":
        return ERASED_NAME
    return None if Resident._meta.get_field(name).null else ""
