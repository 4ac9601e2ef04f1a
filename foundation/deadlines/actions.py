"""What an administrator changes about a hall's time: each change leaves an entry on the hall's own chain.

A rule holds from the next clock on. What changes the calendar or the ladder reaches the clocks that run: see
cases.recompute.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Final, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from foundation.deadlines.models import AnnouncedYear, CalendarDay, LadderStep, Term
from foundation.ledger.actions import append, hall_chain
from foundation.organization.models import Category, Hall, OpeningHours, Role, Staff
from foundation.refusals import NotAllowed, Refused, WrongState

HallRow = TypeVar("HallRow", Term, CalendarDay, AnnouncedYear, LadderStep, OpeningHours)

TERM_FIELDS: Final = ("kind", "variant", "category", "nature", "urgency", "length", "unit", "warning_lead_minutes")
DAY_FIELDS: Final = ("date", "kind", "opens", "closes", "name")
STEP_FIELDS: Final = ("position", "anchor", "offset_length", "offset_unit", "audience", "card")
HOURS_FIELDS: Final = ("weekday", "opens", "closes")


def add_term(
    *,
    hall: Hall,
    actor: Staff | None,
    now: datetime,
    kind: str,
    length: int,
    unit: str,
    variant: str = "",
    category: Category | None = None,
    nature: str = "",
    urgency: str = "",
    warning_lead_minutes: int | None = None,
) -> Term:
    term = Term(
        hall=hall,
        kind=kind,
        variant=variant,
        category=category,
        nature=nature,
        urgency=urgency,
        length=length,
        unit=unit,
        warning_lead_minutes=warning_lead_minutes,
    )
    return _add(term, "term", TERM_FIELDS, actor, now)


def change_term(*, term_id: int, actor: Staff | None, now: datetime, **fields: Any) -> Term:
    """Changes the named fields (see TERM_FIELDS) and leaves the others."""
    return _change(Term, term_id, "term", TERM_FIELDS, fields, actor, now)


def remove_term(*, term_id: int, actor: Staff | None, now: datetime) -> None:
    _remove(Term, term_id, "term", TERM_FIELDS, actor, now)


def add_calendar_day(
    *,
    hall: Hall,
    actor: Staff | None,
    now: datetime,
    date: date,
    kind: str,
    name: str,
    opens: time | None = None,
    closes: time | None = None,
) -> CalendarDay:
    day = CalendarDay(hall=hall, date=date, kind=kind, name=name, opens=opens, closes=closes)
    return _add(day, "calendar_day", DAY_FIELDS, actor, now)


def change_calendar_day(*, day_id: int, actor: Staff | None, now: datetime, **fields: Any) -> CalendarDay:
    """Changes the named fields (see DAY_FIELDS) and leaves the others."""
    return _change(CalendarDay, day_id, "calendar_day", DAY_FIELDS, fields, actor, now)


def remove_calendar_day(*, day_id: int, actor: Staff | None, now: datetime) -> None:
    _remove(CalendarDay, day_id, "calendar_day", DAY_FIELDS, actor, now)


def announce_year(*, hall: Hall, year: int, actor: Staff | None, now: datetime) -> AnnouncedYear:
    """Says that the hall has entered this year's holidays and make-up workdays itself: it is provisional no longer."""
    return _add(AnnouncedYear(hall=hall, year=year), "announced_year", ("year",), actor, now)


def withdraw_year(*, announced_id: int, actor: Staff | None, now: datetime) -> None:
    _remove(AnnouncedYear, announced_id, "announced_year", ("year",), actor, now)


def add_ladder_step(
    *,
    hall: Hall,
    actor: Staff | None,
    now: datetime,
    position: int,
    anchor: str,
    offset_length: int,
    offset_unit: str,
    audience: str,
    card: str = "",
) -> LadderStep:
    step = LadderStep(
        hall=hall,
        position=position,
        anchor=anchor,
        offset_length=offset_length,
        offset_unit=offset_unit,
        audience=audience,
        card=card,
    )
    return _add(step, "ladder_step", STEP_FIELDS, actor, now)


def change_ladder_step(*, step_id: int, actor: Staff | None, now: datetime, **fields: Any) -> LadderStep:
    """Changes the named fields (see STEP_FIELDS) and leaves the others."""
    return _change(LadderStep, step_id, "ladder_step", STEP_FIELDS, fields, actor, now)


def remove_ladder_step(*, step_id: int, actor: Staff | None, now: datetime) -> None:
    _remove(LadderStep, step_id, "ladder_step", STEP_FIELDS, actor, now)


def add_opening_hours(
    *, hall: Hall, actor: Staff | None, now: datetime, weekday: int, opens: time, closes: time
) -> OpeningHours:
    """One stretch of a weekday, 0 is Monday; refused when it overlaps another."""
    hours = OpeningHours(hall=hall, weekday=weekday, opens=opens, closes=closes)
    return _add(hours, "opening_hours", HOURS_FIELDS, actor, now)


def change_opening_hours(*, hours_id: int, actor: Staff | None, now: datetime, **fields: Any) -> OpeningHours:
    """Changes the named fields (see HOURS_FIELDS) and leaves the others."""
    return _change(OpeningHours, hours_id, "opening_hours", HOURS_FIELDS, fields, actor, now)


def remove_opening_hours(*, hours_id: int, actor: Staff | None, now: datetime) -> None:
    _remove(OpeningHours, hours_id, "opening_hours", HOURS_FIELDS, actor, now)


@transaction.atomic
def _add(row: HallRow, noun: str, fields: tuple[str, ...], actor: Staff | None, now: datetime) -> HallRow:
    _must_administer(actor, row.hall)
    _lock_hall(row.hall_id)
    _save(row)
    _record(row.hall, f"{noun}.added", actor, now, {"row": row.pk, "after": _facts(row, fields)})
    return row


@transaction.atomic
def _change(
    model: type[HallRow],
    pk: int,
    noun: str,
    names: tuple[str, ...],
    fields: dict[str, Any],
    actor: Staff | None,
    now: datetime,
) -> HallRow:
    if unknown := fields.keys() - set(names):
        raise TypeError(f"{model.__name__} has no field {', '.join(sorted(unknown))} that can be changed")
    row = _locked(model, pk, actor)
    before = _facts(row, names)
    for name, value in fields.items():
        setattr(row, name, value)
    _save(row)
    after = _facts(row, names)
    if after != before:
        _record(row.hall, f"{noun}.changed", actor, now, {"row": row.pk, "before": before, "after": after})
    return row


@transaction.atomic
def _remove(
    model: type[HallRow], pk: int, noun: str, names: tuple[str, ...], actor: Staff | None, now: datetime
) -> None:
    row = _locked(model, pk, actor)
    before = _facts(row, names)
    row.delete()
    _record(row.hall, f"{noun}.removed", actor, now, {"row": pk, "before": before})


def _locked(model: type[HallRow], pk: int, actor: Staff | None) -> HallRow:
    queryset: models.QuerySet[HallRow] = model._default_manager.select_related("hall")
    found = queryset.filter(pk=pk).first()
    if found is not None:
        _must_administer(actor, found.hall)
        _lock_hall(found.hall_id)
        found = queryset.select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()
    if found is None:
        raise WrongState(_("This entry is no longer there; somebody has removed it. Load the page again."))
    return found


def _lock_hall(hall_id: int) -> None:
    """One change of a hall's time after the other: opening hours are compared with each other."""
    Hall.objects.select_for_update(no_key=True).get(pk=hall_id)


def _must_administer(actor: Staff | None, hall: Hall) -> None:
    # Whoever installed the program is an administrator everywhere, with or without a membership.
    if actor is not None and not actor.is_superuser and not actor.holds(Role.ADMINISTRATOR, hall=hall):
        raise NotAllowed(_("Time limits and the calendar are changed by an administrator of the hall."))


def _save(row: HallRow) -> None:
    try:
        row.full_clean()
        if isinstance(row, OpeningHours):
            refuse_overlap(row)
        with transaction.atomic():
            row.save()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=None if field == NON_FIELD_ERRORS else field) from error
    except IntegrityError as error:
        raise Refused(_("Somebody has just entered the same. Load the page again.")) from error


def refuse_overlap(hours: OpeningHours) -> None:
    """Raises ValidationError: overlapping stretches would count the same minutes twice."""
    overlapping = OpeningHours.objects.filter(
        hall_id=hours.hall_id, weekday=hours.weekday, opens__lt=hours.closes, closes__gt=hours.opens
    ).exclude(pk=hours.pk)
    if overlapping.exists():
        raise ValidationError({"opens": _("These hours overlap others of the same weekday; change those.")})


def _facts(row: HallRow, names: tuple[str, ...]) -> dict[str, object]:
    """The row as the ledger keeps it: ids for other rows, ISO for dates and times."""
    facts: dict[str, object] = {}
    for name in names:
        value = row.serializable_value(name)
        if isinstance(value, date | time):
            facts[name] = value.isoformat()
        else:
            # Members of TextChoices are kept as what they stand for in the database.
            facts[name] = str(value) if isinstance(value, str) else value
    return facts


def _record(hall: Hall, kind: str, actor: Staff | None, now: datetime, payload: dict[str, object]) -> None:
    append(chain=hall_chain(hall), kind=kind, actor=actor, happened_at=now, now=now, payload=payload)
