"""What the hall's own chain keeps of a change: the row before and after, who did it and when.

Numbers and addresses of people, and what is merely worded, do not stand there: of them only that they changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Final

from django.db import models

from followups.models import SecondLookShare
from foundation.ledger.actions import NewEntry, append_many, hall_chain
from foundation.notifications.models import SendingHours, SmsGateway
from foundation.organization.models import Category, Department, Hall, Membership, Staff


@dataclass(frozen=True, kw_only=True)
class Kept:
    noun: str
    """Kinds of entries begin with it."""
    fields: tuple[str, ...]
    named_only: tuple[str, ...] = ()


KEPT: Final[dict[type[models.Model], Kept]] = {
    Hall: Kept(
        noun="hall",
        fields=("code", "name", "timezone", "is_active"),
        named_only=("phone", "address", "on_call_phone", "introduction"),
    ),
    Department: Kept(noun="department", fields=("name", "kind", "is_active"), named_only=("phone",)),
    Category: Kept(
        noun="category",
        fields=("name", "parent", "default_department", "needs_approval", "position", "is_active"),
    ),
    Staff: Kept(
        noun="account",
        fields=("username", "name", "is_active", "is_superuser"),
        named_only=("phone", "email", "notification_url"),
    ),
    SecondLookShare: Kept(noun="second_look_share", fields=("role", "percent")),
    SendingHours: Kept(noun="sending_hours", fields=("starts", "ends")),
    # Whoever knows its address can write in the hall's name.
    SmsGateway: Kept(noun="sms_gateway", fields=(), named_only=("url",)),
    Membership: Kept(noun="membership", fields=("role", "hall", "department", "ended_at")),
}


@dataclass(frozen=True)
class Facts:
    """A row as it stood at one moment."""

    kept: dict[str, object]
    named_only: dict[str, object]


@dataclass(frozen=True)
class Change:
    kind: str
    payload: dict[str, object]
    halls: Sequence[Hall]
    """In whose chains it is written."""


def facts_of(row: models.Model) -> Facts:
    kept = KEPT[type(row)]
    return Facts(
        {name: _plain(getattr(row, name)) for name in kept.fields},
        {name: getattr(row, name) for name in kept.named_only},
    )


def difference(
    model: type[models.Model],
    ids: dict[str, object],
    before: Facts | None,
    after: Facts | None,
    halls: Sequence[Hall],
) -> list[Change]:
    """None where there was or is no row. Nothing for what stayed as it was."""
    noun = KEPT[model].noun
    if before == after:
        return []
    if after is None:
        return [Change(f"{noun}.removed", {**ids, "before": before.kept if before else None}, halls)]
    if before is None:
        return [Change(f"{noun}.added", {**ids, "after": after.kept}, halls)]
    also = [name for name, value in after.named_only.items() if value != before.named_only[name]]
    return [Change(f"{noun}.changed", {**ids, "before": before.kept, "after": after.kept, "also": also}, halls)]


def write_down(changes: Iterable[Change], *, actor: Staff | None, now: datetime) -> None:
    """All of them at once: several chains are taken in their one order."""
    chains: dict[int, int] = {}
    entries = []
    for change in changes:
        for hall in change.halls:
            if hall.pk not in chains:
                chains[hall.pk] = hall_chain(hall).pk
            entries.append(
                NewEntry(
                    chain_id=chains[hall.pk],
                    kind=change.kind,
                    actor_id=actor.pk if actor else None,
                    happened_at=now,
                    payload=change.payload,
                )
            )
    append_many(entries, now=now)


def write_down_row(
    model: type[models.Model],
    pk: int,
    *,
    hall: Hall,
    before: Facts | None,
    after: Facts | None,
    actor: Staff | None,
    now: datetime,
) -> None:
    write_down(difference(model, {"row": pk}, before, after, [hall]), actor=actor, now=now)


def write_down_founding(hall: Hall, *, actor: Staff | None, now: datetime) -> None:
    """A new hall, and who has a say in it before anybody is given a role there: the street office, superusers."""
    street = Membership.objects.filter(hall=None, ended_at=None).order_by("pk").values_list("staff", "role")
    founded = Change(
        "hall.added",
        {
            "row": hall.pk,
            "after": facts_of(hall).kept,
            "street": [{"staff": staff, "role": role} for staff, role in street],
            "superusers": list(Staff.objects.filter(is_superuser=True).order_by("pk").values_list("pk", flat=True)),
        },
        [hall],
    )
    write_down([founded], actor=actor, now=now)


def _plain(value: object) -> object:
    """As the ledger can keep it: other rows by the name they had then, moments in UTC."""
    if isinstance(value, Hall):
        return value.code
    if isinstance(value, Department | Category):
        return value.name
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, time):
        return value.isoformat()
    # Members of TextChoices are kept as what they stand for in the database.
    return str(value) if isinstance(value, str) else value
