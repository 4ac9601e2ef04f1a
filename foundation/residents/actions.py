"""Registering, changing, revealing and erasing residents. Each leaves an entry in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Field
from django.utils.translation import gettext_lazy as _

from foundation.ledger.actions import append, erase_texts, hall_chain
from foundation.ledger.models import Chain
from foundation.organization.models import Hall, Role, Staff
from foundation.refusals import NotAllowed, Refused, WrongState
from foundation.residents import crypto, history, retention, rights
from foundation.residents.fields import (
    birth_date_in,
    check_birth_date,
    is_female,
    normalize_id_number,
    normalize_phone,
)
from foundation.residents.models import SEALED_FIELDS, Resident, Sex
from foundation.residents.names import initials_of, normalize_name, normalize_text

PLAIN_FIELDS = (
    "name",
    "sex",
    "birth_date",
    "employer",
    "estate",
    "building",
    "unit",
    "room",
    "grid",
    "address_note",
    "email",
)
REVEALED_FIELDS = ("phone", "id_number", "address", "email")


def register_resident(
    *,
    hall: Hall,
    actor: Staff | None,
    now: datetime,
    name: str,
    sex: str = "",
    birth_date: date | None = None,
    employer: str = "",
    phone: str = "",
    id_number: str = "",
    estate: str = "",
    building: str = "",
    unit: str = "",
    room: str = "",
    grid: str = "",
    address_note: str = "",
    email: str = "",
) -> Resident:
    """A new resident of the hall. Birth date and sex left empty are taken from the ID number."""
    if actor is not None and not rights.may_write(actor, hall.pk):
        raise NotAllowed(_("Only the hall's own people register residents."))
    given: dict[str, Any] = {
        "name": name,
        "sex": sex,
        "birth_date": birth_date,
        "employer": employer,
        "phone": phone,
        "id_number": id_number,
        "estate": estate,
        "building": building,
        "unit": unit,
        "room": room,
        "grid": grid,
        "address_note": address_note,
        "email": email,
    }
    values = _cleaned(given, today=now.astimezone(hall.zone).date())
    resident = Resident(pk=Resident.objects.next_id(), hall=hall, registered_at=now, updated_at=now)
    _set(resident, values)
    _fill_from_id_number(resident, values)
    _check_row(resident)
    # No savepoint: what can be refused was refused above, and what fails below fails the caller too.
    with transaction.atomic(savepoint=False):
        resident.save(force_insert=True)
        append(
            chain=hall_chain(hall),
            kind=history.REGISTERED,
            actor=actor,
            happened_at=now,
            now=now,
            payload={"resident": resident.pk, "fields": sorted(field for field, value in values.items() if value)},
        )
    return resident


def update_resident(*, resident_id: int, actor: Staff | None, now: datetime, **fields: Any) -> Resident:
    """Changes the fields given, by the names of `register_resident`; the others stay. Old and new go to the ledger."""
    if unknown := fields.keys() - {*PLAIN_FIELDS, *SEALED_FIELDS}:
        raise TypeError(f"A resident has no {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        resident = _locked(resident_id)
        if actor is not None and not rights.may_write(actor, resident.hall_id):
            raise NotAllowed(_("Only the hall's own people change what is known about a resident."))
        values = _cleaned(fields, today=now.astimezone(resident.hall.zone).date())
        texts: dict[str, str] = {}
        changed = [field for field, value in values.items() if _differs(resident, field, value)]
        if not changed:
            return resident
        for field in changed:
            texts[f"{field}.before"] = _ledger_text(resident, field)
        _set(resident, {field: values[field] for field in changed})
        for field in changed:
            texts[f"{field}.after"] = _ledger_text(resident, field)
        resident.updated_at = now
        _check_row(resident)
        resident.save(force_update=True)
        append(
            chain=hall_chain(resident.hall),
            kind=history.UPDATED,
            actor=actor,
            happened_at=now,
            now=now,
            payload={"resident": resident.pk, "fields": sorted(changed)},
            texts=texts,
        )
    return resident


def reveal(
    *, resident: Resident, field: str, reason: str, actor: Staff | None, now: datetime, chain: Chain | None = None
) -> str:
    """The plain phone, ID number, address or e-mail address, once the ledger says who asked for it and why.

    The desk may ask at any time. A department's people must come from a case: they give its chain, and whoever calls
    this for them has checked that the case is theirs to see.
    """
    if field not in REVEALED_FIELDS:
        raise ValueError(f"There is no {field} to reveal; it is one of {', '.join(REVEALED_FIELDS)}.")
    reason = normalize_text(reason)
    if actor is None or not rights.may_reveal(actor, resident, chain):
        raise NotAllowed(_("You may not see this resident's contact data here."))
    if not reason:
        raise Refused(_("Say why you need to see this; the reason is kept."), field="reason")
    with transaction.atomic():
        fresh = _locked(resident.pk)
        try:
            plain = fresh.unseal(field) if field in SEALED_FIELDS else getattr(fresh, field)
        except crypto.Unreadable as error:
            raise Refused(
                _("This value cannot be read: it was altered, or its key is missing. Tell the administrator.")
            ) from error
        if not plain:
            raise Refused(_("Nothing is recorded here."))
        append(
            chain=chain or hall_chain(fresh.hall),
            kind=history.REVEALED,
            actor=actor,
            happened_at=now,
            now=now,
            payload={"resident": fresh.pk, "field": field},
            texts={"reason": reason},
        )
    return str(plain)


def erase_resident(*, resident_id: int, actor: Staff | None, reason: str, now: datetime) -> None:
    """Takes everything personal off the row and out of the hall's chain, for good. The row stays: cases point at it.

    Texts of the cases are not touched here. The reason stays readable, so it must not name the person.
    """
    reason = normalize_text(reason)
    if not reason:
        raise Refused(_("Say why this resident is erased; the reason is kept."), field="reason")
    with transaction.atomic():
        resident = _locked(resident_id)
        if actor is not None and not (actor.is_active and actor.holds(Role.DIRECTOR, hall=resident.hall_id)):
            raise NotAllowed(_("Only the hall's director erases residents."))
        retention.empty(resident)
        resident.updated_at = resident.erased_at = now
        resident.save(force_update=True)
        erase_texts(texts=history.texts_of(resident), actor=actor, reason=reason, now=now)
        append(
            chain=hall_chain(resident.hall),
            kind=history.ERASED,
            actor=actor,
            happened_at=now,
            now=now,
            payload={"resident": resident.pk},
            texts={"reason": reason},
        )


def _locked(resident_id: int) -> Resident:
    resident = Resident.objects.select_related("hall").select_for_update(of=("self",), no_key=True).get(pk=resident_id)
    if resident.erased_at:
        raise WrongState(_("This resident's data were erased."))
    return resident


def _cleaned(fields: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """The values in their one spelling; raises Refused with the field's name."""
    values: dict[str, Any] = {}
    for field, value in fields.items():
        try:
            values[field] = _cleaned_value(field, value, today)
        except ValidationError as error:
            raise Refused(error.messages[0], field=field) from error
    if values.get("name") == "":
        raise Refused(_("A resident needs a name."), field="name")
    return values


def _cleaned_value(field: str, value: Any, today: date) -> Any:
    if field == "birth_date":
        if value is not None:
            check_birth_date(value, today=today)
        return value
    text = normalize_text(value or "")
    if field == "name":
        return normalize_name(text)
    if not text:
        return ""
    if field == "phone":
        return normalize_phone(text)
    if field == "id_number":
        return normalize_id_number(text, today=today)
    return text


def _set(resident: Resident, values: Mapping[str, Any]) -> None:
    for field, value in values.items():
        if field in SEALED_FIELDS:
            resident.seal(field, value)
        else:
            setattr(resident, field, value)
    resident.initials = initials_of(resident.name)[: Resident._meta.get_field("initials").max_length]


def _fill_from_id_number(resident: Resident, values: Mapping[str, Any]) -> None:
    if id_number := values["id_number"]:
        resident.birth_date = resident.birth_date or birth_date_in(id_number)
        resident.sex = resident.sex or (Sex.FEMALE if is_female(id_number) else Sex.MALE)


def _check_row(resident: Resident) -> None:
    """Lengths, choices and the e-mail address, by the model's own fields."""
    for field in PLAIN_FIELDS:
        column = Resident._meta.get_field(field)
        assert isinstance(column, Field)
        try:
            column.clean(getattr(resident, field), resident)
        except ValidationError as error:
            raise Refused(error.messages[0], field=field) from error


def _differs(resident: Resident, field: str, value: Any) -> bool:
    if field not in SEALED_FIELDS:
        return bool(getattr(resident, field) != value)
    try:
        return resident.unseal(field) != str(value)
    except crypto.Unreadable:
        # What cannot be read can still be replaced.
        return True


def _ledger_text(resident: Resident, field: str) -> str:
    """The value for the ledger: numbers stay sealed there too."""
    if field in SEALED_FIELDS:
        sealed: bytes | memoryview | None = getattr(resident, f"{field}_sealed")
        return crypto.as_text(sealed) if sealed is not None else ""
    value = getattr(resident, field)
    return value.isoformat() if isinstance(value, date) else str(value or "")
