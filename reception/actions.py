"""Registering a contact. The same form sent twice is one visit."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from foundation.organization.models import Hall, Staff
from foundation.refusals import Refused
from foundation.residents.models import Resident
from reception.models import Channel, Identity, Visit


class AlreadyRegistered(Refused):
    """This very form was accepted before; `visit` is the row it made."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(_("This form was already sent; nothing was registered a second time."))
        self.visit = visit


def register_visit(
    *,
    hall: Hall,
    actor: Staff | None,
    now: datetime,
    channel: str,
    matter: str,
    resident: Resident | None,
    identity: str = Identity.NAMED,
    headcount: int = 1,
    received_at: datetime | None = None,
    is_verified: bool = False,
    outside_number: str = "",
    outside_due_at: datetime | None = None,
    submission_key: uuid.UUID | None = None,
) -> Visit:
    """Write down one contact. Raises AlreadyRegistered when the submission key has made a visit before."""
    if channel not in Channel.values:
        raise Refused(_("Choose by which door the matter came."), field="channel")
    if not matter.strip():
        raise Refused(_("Write down what the resident said."), field="matter")
    if headcount < 1:
        raise Refused(_("At least one person came."), field="headcount")
    if resident is not None and resident.hall_id != hall.pk:
        raise Refused(_("This resident is registered in another hall."), field="resident")
    if (resident is None) != (identity == Identity.ANONYMOUS):
        raise Refused(_("Choose the resident, or mark the visit as anonymous."), field="resident")
    received = received_at or now
    if received > now:
        raise Refused(_("The time of receipt lies in the future."), field="received_at")
    visit = Visit(
        submission_key=submission_key or uuid.uuid4(),
        hall=hall,
        resident=resident,
        identity=identity,
        channel=channel,
        matter=matter.strip(),
        headcount=headcount,
        received_at=received,
        registered_at=now,
        registered_by=actor,
        is_verified=is_verified,
        outside_number=outside_number.strip(),
        outside_due_at=outside_due_at,
    )
    visit.pk = _written(visit)
    if visit.pk is None:
        raise AlreadyRegistered(Visit.objects.get(submission_key=visit.submission_key))
    visit._state.adding, visit._state.db = False, connection.alias
    return visit


def _written(visit: Visit) -> int | None:
    """The id of the row; none where the key stands in another. One statement: asking first would not be enough."""
    columns = {
        field.attname: field.get_db_prep_save(getattr(visit, field.attname), connection)
        for field in Visit._meta.concrete_fields
        if not field.primary_key
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Visit._meta.db_table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))}) "  # noqa: S608 - fixed texts
            "ON CONFLICT (submission_key) DO NOTHING RETURNING id",
            list(columns.values()),
        )
        row = cursor.fetchone()
    return row[0] if row else None
