"""The residents of one hall: registered when they come for the first time, known after that."""

from __future__ import annotations

from datetime import date, datetime

from foundation.organization.models import Hall, Staff
from foundation.residents.actions import register_resident
from foundation.residents.models import Resident


class Neighbours:
    def __init__(self, hall: Hall, rows: dict[str, dict[str, str]]) -> None:
        self.hall = hall
        self.rows = rows
        self.met: dict[str, int] = {}

    def known(self, key: str, *, actor: Staff, now: datetime) -> Resident:
        if key not in self.met:
            row = dict(self.rows[key])
            born = row.pop("birth_date", "")
            resident = register_resident(
                hall=self.hall, actor=actor, now=now, birth_date=date.fromisoformat(born) if born else None, **row
            )
            self.met[key] = resident.pk
        return Resident.objects.select_related("hall").get(pk=self.met[key])
