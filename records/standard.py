"""What a new hall starts with: opening hours, departments, categories, terms, ladder. All of it can be edited later."""

from __future__ import annotations

import json
from datetime import datetime, time
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from followups.second_look import seed_shares
from foundation.deadlines.calendar import Unit
from foundation.deadlines.models import ClockKind, Term
from foundation.deadlines.terms import seed_ladder, seed_terms
from foundation.organization.administration import administers_street
from foundation.organization.models import Category, Department, Hall, OpeningHours, Staff
from foundation.refusals import NotAllowed, Refused
from records.on_record import write_down_founding

DATA = Path(__file__).resolve().parent / "data"
INHERITED = ("department", "needs_approval")
WORKING_WEEK = range(5)
STRETCHES = ((time(9), time(12)), (time(13, 30), time(17, 30)))


@transaction.atomic
def found_hall(
    *,
    code: str,
    name: str,
    actor: Staff | None,
    now: datetime,
    phone: str = "",
    address: str = "",
    on_call_phone: str = "",
) -> Hall:
    """A new hall, furnished. Only the street office's administrator founds one."""
    if actor is not None and not administers_street(actor):
        raise NotAllowed(_("Halls are made by the administrator of the street office."))
    hall = Hall(code=code, name=name, phone=phone, address=address, on_call_phone=on_call_phone)
    try:
        hall.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=None if field == NON_FIELD_ERRORS else field) from error
    hall.save(force_insert=True)
    furnish_hall(hall)
    write_down_founding(hall, actor=actor, now=now)
    return hall


@transaction.atomic
def furnish_hall(hall: Hall) -> None:
    """Gives the hall what it has none of yet; what an administrator has made or changed stays as it is."""
    # Two at once would both find nothing.
    Hall.objects.select_for_update(no_key=True).get(pk=hall.pk)
    if not hall.opening_hours.exists():
        _open(hall)
    if not hall.departments.exists():
        _found_departments(hall)
    seed_terms(hall)
    seed_ladder(hall)
    seed_shares(hall)
    if not hall.categories.exists():
        _list_categories(hall)


def _open(hall: Hall) -> None:
    OpeningHours.objects.bulk_create(
        OpeningHours(hall=hall, weekday=weekday, opens=opens, closes=closes)
        for weekday in WORKING_WEEK
        for opens, closes in STRETCHES
    )


def _found_departments(hall: Hall) -> None:
    Department.objects.bulk_create(Department(hall=hall, **row) for row in _read("departments.json"))


def _list_categories(hall: Hall) -> None:
    """What an item does not say is as for its theme; follow-up days need no copy, a theme's term covers its items."""
    departments = {department.name: department for department in hall.departments.all()}
    follow_up_days: list[tuple[Category, int]] = []

    def category(row: dict[str, Any], position: int, parent: Category | None) -> Category:
        made = Category(
            hall=hall,
            parent=parent,
            name=row["name"],
            position=position,
            default_department=departments.get(row.get("department", "")),
            needs_approval=row.get("needs_approval", False),
        )
        if "follow_up_days" in row:
            follow_up_days.append((made, row["follow_up_days"]))
        return made

    rows = _read("categories.json")
    themes = Category.objects.bulk_create(category(row, position, None) for position, row in enumerate(rows, start=1))
    Category.objects.bulk_create(
        category({key: row[key] for key in INHERITED if key in row} | item, position, theme)
        for row, theme in zip(rows, themes, strict=True)
        for position, item in enumerate(row["items"], start=1)
    )
    Term.objects.bulk_create(
        Term(hall=hall, kind=ClockKind.FOLLOW_UP, category=made, length=days, unit=Unit.DAYS)
        for made, days in follow_up_days
    )


def _read(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return rows
