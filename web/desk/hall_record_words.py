"""Entries of the hall's own chain as people read them: who, did what, and each field before and after."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from followups.models import SecondLookShare
from foundation import dates
from foundation.deadlines.models import AnnouncedYear, CalendarDay, LadderStep, Term
from foundation.ledger.models import Entry
from foundation.notifications.models import SendingHours, SmsGateway
from foundation.organization.models import Category, Department, Hall, Membership, OpeningHours, Role, Staff
from web.desk.story import Told

MODELS: dict[str, type[models.Model]] = {
    "hall": Hall,
    "account": Staff,
    "membership": Membership,
    "department": Department,
    "category": Category,
    "term": Term,
    "calendar_day": CalendarDay,
    "announced_year": AnnouncedYear,
    "ladder_step": LadderStep,
    "opening_hours": OpeningHours,
    "second_look_share": SecondLookShare,
    "sending_hours": SendingHours,
    "sms_gateway": SmsGateway,
}
NAMED_BY = {
    "term": "kind",
    "calendar_day": "date",
    "announced_year": "year",
    "ladder_step": "position",
    "opening_hours": "weekday",
    "second_look_share": "role",
    "sending_hours": "",
    "sms_gateway": "",
}
"""The field a row is called by; empty: there is one in a hall. The others have a name."""
TITLES: dict[str, str | Promise] = {
    "added": gettext_lazy("added: %(what)s"),
    "changed": gettext_lazy("changed: %(what)s"),
    "removed": gettext_lazy("removed: %(what)s"),
    "hall.added": gettext_lazy("founded the hall"),
    "hall.changed": gettext_lazy("changed what is set for the hall"),
    "account.added": gettext_lazy("opened the account of %(person)s"),
    "account.changed": gettext_lazy("changed the account of %(person)s"),
    "account.closed": gettext_lazy("closed the account of %(person)s"),
    "account.opened_again": gettext_lazy("opened the account of %(person)s again"),
    "account.password_set": gettext_lazy("set a new password for %(person)s"),
    "account.password_changed": gettext_lazy("changed their own password"),
    "membership.added": gettext_lazy("gave %(person)s a role: %(role)s, %(place)s"),
    "membership.ended": gettext_lazy("took a role from %(person)s: %(role)s, %(place)s"),
    "membership.given_back": gettext_lazy("gave %(person)s a role back: %(role)s, %(place)s"),
    "membership.changed": gettext_lazy("changed a role of %(person)s: %(role)s, %(place)s"),
    "membership.removed": gettext_lazy("removed a role of %(person)s: %(role)s, %(place)s"),
    "register.import_begun": gettext_lazy("began to take in an old register"),
    "register.imported": gettext_lazy("took in an old register"),
    "register.exported": gettext_lazy("took the register out of the house"),
    "resident.keys_rotated": gettext_lazy("put personal data under a new key"),
    "hall.clocks_recomputed": gettext_lazy("the calendar changed: time limits were computed anew"),
}
NOTHING = "–"


@dataclass(frozen=True)
class Known:
    """Names of what entries know by id."""

    hall: Hall
    people: dict[int, Staff]
    categories: dict[int, Category]

    def person(self, pk: int) -> str:
        return self.people[pk].name if pk in self.people else NOTHING


def told(entries: Collection[Entry], hall: Hall) -> list[Told]:
    """In the order given. Two queries more, however many there are."""
    read = [(entry, entry.data) for entry in entries]
    people, categories = set[int](), set[int]()
    for entry, data in read:
        people |= {data["staff"]} if "staff" in data else set()
        people |= {held["staff"] for held in data.get("street", [])} | set(data.get("superusers", []))
        if entry.kind.startswith("term."):
            sides = (data.get("before", {}), data.get("after", {}))
            categories |= {side["category"] for side in sides if side.get("category") is not None}
    known = Known(
        hall,
        Staff.objects.in_bulk(people) if people else {},
        Category.objects.select_related("parent").in_bulk(categories) if categories else {},
    )
    return [
        Told(
            title=_title(entry.kind, data, known),
            when=entry.happened_at,
            by=entry.actor.name if entry.actor else _("the program"),
            text="\n".join(_lines(entry.kind, data, known)),
        )
        for entry, data in read
    ]


def _title(kind: str, data: dict[str, Any], known: Known) -> str:
    noun, _dot, change = kind.partition(".")
    if noun == "account":
        return str(TITLES[_of_account(kind, data)]) % {"person": known.person(data["staff"])}
    if noun == "membership":
        row = _row(data)
        return str(TITLES[_of_role(kind, data)]) % {
            "person": known.person(data["staff"]),
            "role": Role(row["role"]).label,
            "place": _place(row, known),
        }
    if kind in TITLES:
        return str(TITLES[kind])
    return str(TITLES[change]) % {"what": _what(noun, _row(data), known)}


def _row(data: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = data["after"] if "after" in data else data["before"]
    return row


def _of_account(kind: str, data: dict[str, Any]) -> str:
    if kind == "account.changed" and data["before"]["is_active"] != data["after"]["is_active"]:
        return "account.opened_again" if data["after"]["is_active"] else "account.closed"
    return kind


def _of_role(kind: str, data: dict[str, Any]) -> str:
    if kind != "membership.changed":
        return kind
    was, now_is = data["before"]["ended_at"], data["after"]["ended_at"]
    if bool(was) == bool(now_is):
        return kind
    return "membership.ended" if now_is else "membership.given_back"


def _place(row: dict[str, Any], known: Known) -> str:
    if row["hall"] is None:
        return _("street office")
    return str(row["department"] or known.hall.name)


def _what(noun: str, row: dict[str, Any], known: Known) -> str:
    name = NAMED_BY.get(noun, "name")
    if not name:
        return str(MODELS[noun]._meta.verbose_name)
    return _("%(noun)s “%(name)s”") % {
        "noun": MODELS[noun]._meta.verbose_name,
        "name": _worded(noun, name, row[name], known),
    }


def _lines(kind: str, data: dict[str, Any], known: Known) -> list[str]:
    noun, _dot, change = kind.partition(".")
    lines: list[str] = []
    if change == "changed":
        lines = list(_differences(noun, data["before"], data["after"], known))
        if also := data.get("also", []):
            names = _(", ").join(_label(noun, name) for name in also)
            lines.append(_("Changed, contents not kept: %(fields)s") % {"fields": names})
    elif change in ("added", "removed") and noun != "membership":
        # Its name stands in the title, and whatever is new is in use.
        row = _row(data)
        lines = [
            _("%(field)s: %(value)s") % {"field": _label(noun, name), "value": _worded(noun, name, value, known)}
            for name, value in row.items()
            if value not in (None, "", False) and name not in (NAMED_BY.get(noun, "name"), "is_active")
        ]
    lines += [
        _("%(person)s is %(role)s in the street office, over all halls")
        % {"person": known.person(held["staff"]), "role": Role(held["role"]).label}
        for held in data.get("street", [])
    ]
    return lines + [
        _("%(person)s may change every setting of every hall") % {"person": known.person(pk)}
        for pk in data.get("superusers", [])
    ]


def _differences(noun: str, before: dict[str, Any], after: dict[str, Any], known: Known) -> Iterable[str]:
    for name, value in after.items():
        if value != before.get(name):
            yield _("%(field)s: %(before)s → %(after)s") % {
                "field": _label(noun, name),
                "before": _worded(noun, name, before.get(name), known),
                "after": _worded(noun, name, value, known),
            }


def _label(noun: str, name: str) -> str:
    return str(_field(noun, name).verbose_name)


def _field(noun: str, name: str) -> models.Field[Any, Any]:
    field = MODELS[noun]._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field


def _worded(noun: str, name: str, value: Any, known: Known) -> str:
    field = _field(noun, name)
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.related_model is Category and isinstance(value, int):
        return str(known.categories.get(value, NOTHING))
    if isinstance(field, models.DateTimeField) and (moment := parse_datetime(value)):
        return dates.moment(moment)
    if isinstance(field, models.DateField) and (day := parse_date(value)):
        return date_format(day, "DATE_FORMAT")
    if isinstance(field, models.TimeField):
        return str(value)[:5]
    return str(dict(field.flatchoices).get(value, value))
