"""The filters an address asks for, for whatever lists cases: the list itself, its export, the figures that link to it.

    cases, chips = filtered(Case.objects.visible_to(staff), request.GET, hall, staff, now)

What an address says wrongly (a word nobody offers, another hall's department) is left out and told in a note, never an
error: the list then shows more, and its chips say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q, Value
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.conditions import (
    CARDS,
    CLOCKS,
    PERIODS,
    Day,
    identity_known,
    registered_between,
    with_card,
    with_clock,
    with_department,
    with_failed_clock,
)
from cases.find import LONGEST, Search, search_for
from cases.models.case import CaseQuerySet
from cases.vocabulary import OPEN_STATES, CaseState, Nature, Route
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Category, Department, Hall, Role, Staff
from reception.models import Channel

Words = str | Promise
Asked = Mapping[str, object]
"""What stands in the address, such as request.GET: one value a name."""

LABELS: dict[str, Words] = {
    "state": _("Stage"),
    "category": _("Category"),
    "nature": _("Nature"),
    "department": _("Department"),
    "channel": _("Channel"),
    "period": _("Period"),
    "from": _("Registered from"),
    "to": _("Registered to"),
    "card": _("Card"),
    "clock": _("Time limit"),
    "kind": _("Time limit"),
    "failed": _("Time limit"),
    "owner": _("First contact"),
    "round": _("Round"),
    "route": _("Way"),
    "resident": _("Resident"),
    "figure": _("Figure"),
    "days": _("Days"),
    "unit": _("Department"),
    "topic": _("Category"),
    "person": _("First contact"),
    "waits": _("Waiting"),
    "q": _("Search"),
    "older": _("Search"),
}
"""Every name that narrows, with its word."""


@dataclass(frozen=True)
class Chip:
    """One filter in force, and what to take out of the address to be rid of it."""

    label: Words
    names: tuple[str, ...]


@dataclass
class Narrowed:
    """The conditions an address asks for; notes: what could not be understood or needs a word."""

    condition: Q = field(default_factory=Q)
    chips: list[Chip] = field(default_factory=list)
    notes: list[Words] = field(default_factory=list)
    search: Search | None = None

    def add(self, condition: Q, label: Words, *names: str) -> None:
        self.condition &= condition
        self.chips.append(Chip(label, names))

    def leave_out(self, name: str, value: str) -> None:
        self.notes.append(
            _("%(filter)s “%(value)s” is not known here and was left out.")
            % {"filter": LABELS[name], "value": value[:40]}
        )


@dataclass(frozen=True)
class Choices:
    """What the filters of a hall may name: id and words, in the order of the lists."""

    categories: dict[int, str]
    under: dict[int, list[int]]
    """The categories of each theme, itself among them."""
    departments: dict[int, str]
    owners: dict[int, str]

    def departments_of(self, staff: Staff, hall: Hall) -> dict[int, str]:
        """Those this person may ask for: who sees a case by a slip has the slips of their own departments only."""
        if staff.sees_all_content or hall.pk in staff.content_hall_ids:
            return self.departments
        return {pk: name for pk, name in self.departments.items() if pk in staff.department_ids()}

    @classmethod
    def of(cls, hall: Hall) -> Choices:
        """One query: three would be a third of what a list may cost."""
        categories = Category.objects.filter(hall=hall).values_list(
            Value("category"), "pk", "name", "position", "parent", "parent__name", "parent__position"
        )
        none = (Value(0), Value(0), Value(""), Value(0))
        departments = Department.objects.filter(hall=hall).values_list(Value("department"), "pk", "name", *none)
        desk = Staff.objects.holding(Role.RECEPTIONIST, Role.DIRECTOR, hall=hall)
        owners = desk.values_list(Value("owner"), "pk", "name", *none)
        known = cls({}, {}, {}, {})
        for kind, pk, name, _place, theme, theme_name, _theme_place in sorted(
            categories.order_by().union(departments.order_by(), owners.order_by(), all=True), key=_in_order
        ):
            if kind == "department":
                known.departments[pk] = name
            elif kind == "owner":
                known.owners[pk] = name
            else:
                known.categories[pk] = f"{theme_name} · {name}" if theme else name
                known.under.setdefault(theme or pk, []).append(pk)
        return known


def _in_order(known: tuple[str, int, str, int, int | None, str | None, int | None]) -> tuple[object, ...]:
    """Each theme before what is under it."""
    kind, _pk, name, place, theme, theme_name, theme_place = known
    if theme and theme_place is not None:
        return kind, theme_place, theme_name, 1, place, name
    return kind, place, name, 0, 0, ""


Further = Callable[[Narrowed, Asked, Hall, Staff, datetime, Choices], None]
FURTHER: list[Further] = []
"""Filters of the rooms above, such as what residents said afterwards; each adds its own when the program starts."""


def filtered(
    cases: CaseQuerySet, params: Asked, hall: Hall, staff: Staff, now: datetime
) -> tuple[CaseQuerySet, list[Chip]]:
    """The cases of the hall that the address asks for, and the filters in force. cases: those this person may see."""
    narrowed = narrow(params, hall=hall, staff=staff, now=now, choices=Choices.of(hall))
    return cases.filter(hall=hall).filter(narrowed.condition), narrowed.chips


def narrow(asked: Asked, *, hall: Hall, staff: Staff, now: datetime, choices: Choices) -> Narrowed:
    found = Narrowed()
    _by_words(found, asked, "state", {"open": _("open"), **dict(CaseState.choices)}, _with_state)
    _by_category(found, asked, choices)
    _by_words(found, asked, "nature", dict(Nature.choices), lambda nature: Q(nature=nature))
    departments = {str(pk): name for pk, name in choices.departments_of(staff, hall).items()}
    _by_words(found, asked, "department", departments, lambda key: with_department(int(key)))
    _by_words(found, asked, "channel", dict(Channel.choices), lambda channel: Q(channel=channel))
    _by_words(found, asked, "card", CARDS, lambda card: with_card(card, now))
    _by_time(found, asked, hall, now)
    owners: dict[str, Words] = {
        str(pk): _("met first by %(name)s") % {"name": name} for pk, name in choices.owners.items()
    }
    owners["me"] = _("met first by me")
    _by_words(found, asked, "owner", owners, lambda key: Q(first_contact_owner=staff.pk if key == "me" else int(key)))
    _by_words(found, asked, "round", {"2": _("reopened: second round or later")}, lambda _round: Q(round__gte=2))
    routes = {route.value: route.label for route in Route if route.value}
    _by_words(found, asked, "route", routes, lambda route: Q(route=route))
    resident = _said(asked, "resident")
    if resident.isdecimal():
        found.add(Q(resident=int(resident[:18])) & identity_known(staff), _("one resident"), "resident")
    elif resident:
        found.leave_out("resident", resident)
    for further in FURTHER:
        further(found, asked, hall, staff, now, choices)
    if typed := _said(asked, "q")[:LONGEST]:
        older = _said(asked, "older") == "1"
        search = found.search = search_for(typed, hall=hall, staff=staff, now=now, older=older)
        label = _("“%(words)s”, also in older cases") if older and search.wording else _("“%(words)s”")
        found.add(search.condition, label % {"words": typed}, "q", "older")
        found.notes += search.notes
    return found


def _said(asked: Asked, name: str) -> str:
    return str(asked.get(name) or "").strip()


def _by_words(
    found: Narrowed, asked: Asked, name: str, known: Mapping[str, Words], condition: Callable[[str], Q]
) -> None:
    value = _said(asked, name)
    if value in known:
        found.add(condition(value), known[value], name)
    elif value:
        found.leave_out(name, value)


def _with_state(state: str) -> Q:
    return Q(state__in=OPEN_STATES) if state == "open" else Q(state=state)


def _by_category(found: Narrowed, asked: Asked, choices: Choices) -> None:
    """A theme stands for all that is under it."""
    known = {str(pk): name for pk, name in choices.categories.items()}
    _by_words(found, asked, "category", known, lambda key: Q(category__in=choices.under.get(int(key), [int(key)])))


def _by_time(found: Narrowed, asked: Asked, hall: Hall, now: datetime) -> None:
    day = Day.of(hall, now)
    periods = {name: label for name, (label, _condition) in PERIODS.items()}
    _by_words(found, asked, "period", periods, lambda period: PERIODS[period][1](day))
    first, last = _day(found, asked, "from"), _day(found, asked, "to")
    if first and last and last < first:
        found.notes.append(_("The period ends before it begins; it was left out."))
    elif first and last:
        label = _("registered from %(first)s to %(last)s") % {"first": first, "last": last}
        found.add(registered_between(first, last, hall.zone), label, "from", "to")
    elif first:
        found.add(registered_between(first, None, hall.zone), _("registered from %(first)s") % {"first": first}, "from")
    elif last:
        found.add(registered_between(None, last, hall.zone), _("registered to %(last)s") % {"last": last}, "to")
    clock, kind = _said(asked, "clock"), _said(asked, "kind")
    if clock in CLOCKS:
        kind = kind if kind in ClockKind.values else ""
        when = CLOCKS[clock][0]
        words = _("%(clock)s: %(when)s") % {"clock": ClockKind(kind).label, "when": when} if kind else when
        found.add(with_clock(clock, now, kind), words, "clock", "kind")
    elif clock:
        found.leave_out("clock", clock)
    _by_words(
        found,
        asked,
        "failed",
        {"1": _("with a clock that could not be dealt with")},
        lambda _failed: with_failed_clock(),
    )


def _day(found: Narrowed, asked: Asked, name: str) -> date | None:
    """As an address or a date field writes it: 2026-03-02."""
    value = _said(asked, name)
    try:
        day = parse_date(value)
    except ValueError:
        day = None
    if day is None or not 1900 < day.year < 9000:
        if value:
            found.leave_out(name, value)
        return None
    return day
