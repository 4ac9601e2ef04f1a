"""The list of cases: every filter stands in the address, so that a list can be kept, sent and gone back to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cases.models import Case
from cases.vocabulary import OPEN_STATES, CaseState
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Category, Department, Hall, Role, Staff
from reception.models import Channel
from web.access import StaffRequest, roles_required
from web.case_filters import (
    CARDS,
    CLOCKS,
    PERIODS,
    Day,
    cases_of,
    for_rows,
    identity_known,
    shown_name,
    with_card,
    with_clock,
    with_department,
    with_failed_clock,
)
from web.desk.find import LONGEST, search_for
from web.desk.waiting import waiting_clocks
from web.figures import count_all, in_words
from web.keyset import page_of

DESK = (Role.RECEPTIONIST, Role.DIRECTOR)
READERS = (*DESK, Role.HANDLER, Role.HEAD, Role.SUPERVISOR)
Words = str | Promise


@dataclass(frozen=True)
class Chip:
    """One filter in force, and the address without it."""

    label: Words
    url: str


@dataclass(frozen=True)
class Choice:
    value: str
    label: Words
    is_chosen: bool


@dataclass(frozen=True)
class Selection:
    name: str
    label: Words
    any_label: Words
    choices: list[Choice]


@dataclass
class Narrowed:
    """The conditions an address asks for; what it says wrongly is left out."""

    condition: Q = field(default_factory=Q)
    chips: list[Chip] = field(default_factory=list)
    notes: list[Words] = field(default_factory=list)
    by_time_left: bool = False

    def add(self, condition: Q, label: Words, asked: QueryDict, *names: str) -> None:
        self.condition &= condition
        self.chips.append(Chip(label, without(asked, *names)))


@require_safe
@roles_required(*READERS)
def case_list(request: StaffRequest) -> HttpResponse:
    hall, staff, asked, now = request.hall, request.user, request.GET, timezone.now()
    categories = list(Category.objects.filter(hall=hall).select_related("parent"))
    departments = list(Department.objects.filter(hall=hall))
    narrowed = narrow(asked, hall=hall, staff=staff, now=now, categories=categories, departments=departments)
    cases = cases_of(hall, staff).filter(narrowed.condition)
    by = "next_due_at" if narrowed.by_time_left else "registered_at"
    page = page_of(for_rows(cases, staff), asked, by=by, descending=not narrowed.by_time_left)
    return render(
        request,
        "desk/case_list.html",
        {
            "now": now,
            "page": page,
            "rows": [_row(case) for case in page.rows],
            "count": in_words(count_all({"found": cases})["found"]),
            "chips": narrowed.chips,
            "notes": narrowed.notes,
            "by_time_left": narrowed.by_time_left,
            "other_order_url": _address(asked, order="" if narrowed.by_time_left else "due"),
            "kept": _kept(asked),
            "selections": _selections(asked, categories, departments),
            "quick": _quick(asked, staff, hall),
            "may_register": staff.holds(*DESK, hall=hall),
        },
    )


def narrow(
    asked: QueryDict,
    *,
    hall: Hall,
    staff: Staff,
    now: datetime,
    categories: Iterable[Category],
    departments: Iterable[Department],
) -> Narrowed:
    """Values nobody could have chosen are passed over: the list then shows more, and its chips say so."""
    found = Narrowed(by_time_left=asked.get("order") == "due")
    _by_what_it_is(found, asked, categories, departments)
    _by_time(found, asked, hall, now)
    if asked.get("owner") == "me":
        found.add(Q(first_contact_owner=staff), _("met first by me"), asked, "owner")
    if (resident := asked.get("resident", "")).isdecimal():
        found.add(Q(resident=int(resident[:18])) & identity_known(staff), _("one resident"), asked, "resident")
    if asked.get("waits") == "desk" and staff.holds(*DESK, hall=hall):
        waiting = waiting_clocks(hall, staff, now).values("case")
        found.add(Q(pk__in=waiting), _("waits for the desk or for me"), asked, "waits")
        found.by_time_left = True
    if typed := asked.get("q", "").strip()[:LONGEST]:
        search = search_for(typed, hall=hall, staff=staff, now=now)
        found.add(search.condition, _("“%(words)s”") % {"words": typed}, asked, "q")
        found.notes += search.notes
    return found


def _by_what_it_is(
    found: Narrowed, asked: QueryDict, categories: Iterable[Category], departments: Iterable[Department]
) -> None:
    state = asked.get("state", "")
    if state == "open":
        found.add(Q(state__in=OPEN_STATES), _("open"), asked, "state")
    elif state in CaseState.values:
        found.add(Q(state=state), CaseState(state).label, asked, "state")
    for category in categories:
        if str(category.pk) == asked.get("category"):
            found.add(Q(category=category) | Q(category__parent=category), str(category), asked, "category")
    for department in departments:
        if str(department.pk) == asked.get("department"):
            found.add(with_department(department.pk), department.name, asked, "department")
    channel = asked.get("channel", "")
    if channel in Channel.values:
        found.add(Q(channel=channel), Channel(channel).label, asked, "channel")


def _by_time(found: Narrowed, asked: QueryDict, hall: Hall, now: datetime) -> None:
    card, period = asked.get("card", ""), asked.get("period", "")
    clock, kind = asked.get("clock", ""), asked.get("kind", "")
    if card in CARDS:
        found.add(with_card(card, now), CARDS[card], asked, "card")
    if period in PERIODS:
        label, condition = PERIODS[period]
        found.add(condition(Day.of(hall, now)), label, asked, "period")
    if clock in CLOCKS:
        label = CLOCKS[clock][0]
        if kind in ClockKind.values:
            label = _("%(clock)s: %(when)s") % {"clock": ClockKind(kind).label, "when": label}
        found.add(with_clock(clock, now, kind if kind in ClockKind.values else ""), label, asked, "clock", "kind")
    if asked.get("failed") == "1":
        found.add(with_failed_clock(), _("with a clock that could not be dealt with"), asked, "failed")


def _row(case: Case) -> dict[str, object]:
    is_known: bool = case.is_name_known  # type: ignore[attr-defined]  # annotated by for_rows
    kind: str = case.clock_kind  # type: ignore[attr-defined]
    holders = [one.name for one in (case.responsible_department, case.responsible_staff) if one is not None]
    return {
        "case": case,
        "holder": " ".join(holders),
        "who": shown_name(case, is_known=is_known),
        "kind": ClockKind(kind).label if kind else "",
    }


# Addresses


def _address(asked: QueryDict, **changes: str) -> str:
    """The same list with other values, from its beginning; an empty value takes the filter away."""
    parameters = asked.copy()
    for name in ("after", "before", *changes):
        parameters.pop(name, None)
    for name, value in changes.items():
        if value:
            parameters[name] = value
    return f"?{parameters.urlencode()}"


def without(asked: QueryDict, *names: str) -> str:
    return _address(asked, **dict.fromkeys(names, ""))


SELECTED = ("state", "category", "department", "channel", "card")


def _kept(asked: QueryDict) -> list[tuple[str, str]]:
    """What the form of the selections must carry along."""
    return [(name, str(asked[name])) for name in asked if name not in (*SELECTED, "after", "before") and asked[name]]


def _selections(asked: QueryDict, categories: list[Category], departments: list[Department]) -> list[Selection]:
    offered: dict[str, tuple[Words, Words, list[tuple[str, Words]]]] = {
        "state": (_("Stage"), _("any stage"), [("open", _("open")), *CaseState.choices]),
        "category": (_("Category"), _("any category"), [(str(one.pk), str(one)) for one in categories]),
        "department": (_("Department"), _("any department"), [(str(one.pk), one.name) for one in departments]),
        "channel": (_("Channel"), _("any channel"), list(Channel.choices)),
        "card": (_("Card"), _("with or without"), list(CARDS.items())),
    }
    return [
        Selection(
            name,
            label,
            any_label,
            [Choice(str(value), text, str(value) == asked.get(name, "")) for value, text in choices],
        )
        for name, (label, any_label, choices) in offered.items()
    ]


def _quick(asked: QueryDict, staff: Staff, hall: Hall) -> list[Chip]:
    """Filters one press away that are not in force yet."""
    offered: list[tuple[str, str, Words]] = [("state", "open", _("open"))]
    if staff.holds(*DESK, hall=hall):
        offered += [("waits", "desk", _("waits for the desk or for me")), ("owner", "me", _("met first by me"))]
    offered += [
        ("card", "red", _("overdue")),
        ("card", "yellow", _("due soon")),
        ("period", "today", PERIODS["today"][0]),
        ("period", "due_today", PERIODS["due_today"][0]),
    ]
    return [Chip(label, _address(asked, **{name: value})) for name, value, label in offered if not asked.get(name)]
