"""The list of cases: every filter stands in the address, so that a list can be kept, sent and gone back to."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cases.conditions import CARDS, PERIODS
from cases.filters import LABELS, Choices, Narrowed, Words, narrow
from cases.find import Search
from cases.models import Case
from cases.vocabulary import CaseState, Nature, Route
from foundation.organization.models import Hall, Role, Staff
from reception.models import Channel
from records.exporting.job import EXPORTERS
from web.access import StaffRequest, roles_required
from web.case_filters import cases_of, for_rows
from web.desk.rows import row_of, with_texts
from web.figures import count_all, in_words
from web.keyset import page_of

DESK = (Role.RECEPTIONIST, Role.DIRECTOR)
READERS = (*DESK, Role.HANDLER, Role.HEAD, Role.SUPERVISOR)


@dataclass(frozen=True)
class Link:
    """A filter, and the address with it or without it."""

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


@require_safe
@roles_required(*READERS)
def case_list(request: StaffRequest) -> HttpResponse:
    hall, staff, asked, now = request.hall, request.user, request.GET, timezone.now()
    choices = Choices.of(hall)
    narrowed = narrow(asked, hall=hall, staff=staff, now=now, choices=choices)
    cases = cases_of(hall, staff).filter(narrowed.condition)
    is_a_queue = asked.get("waits") in ("desk", "tell")
    by_time_left = is_a_queue or asked.get("order") == "due"
    by = "next_due_at" if by_time_left else "registered_at"
    page = page_of(
        cases,
        asked,
        by=by,
        descending=not by_time_left,
        pick=lambda rows, most: _labelled(rows, most, staff, narrowed.search),
    )
    return render(
        request,
        "desk/case_list.html",
        {
            "now": now,
            "page": page,
            "rows": [row_of(case, narrowed.search) for case in page.rows],
            "count": in_words(count_all({"found": cases})["found"]),
            "chips": [Link(chip.label, without(asked, *chip.names)) for chip in narrowed.chips],
            "notes": narrowed.notes,
            "by_time_left": by_time_left,
            # What waits for somebody is done by the time left on it, in no other order.
            "other_order_url": "" if is_a_queue else _address(asked, order="" if by_time_left else "due"),
            "kept": _kept(asked),
            "selections": _selections(asked, choices, staff, hall),
            "days": [{"name": name, "label": LABELS[name], "value": asked.get(name, "")} for name in DAYS],
            "older_url": _address(asked, older="1") if _looks_at_recent(narrowed) else "",
            "quick": _quick(asked, staff, hall),
            "may_register": staff.holds(*DESK, hall=hall),
            "may_export": staff.holds(*EXPORTERS, hall=hall),
            "may_import": staff.holds(Role.DIRECTOR, hall=hall),
            "filters": asked.urlencode(),
        },
    )


def _labelled(rows: QuerySet[Case], most: int, staff: Staff, search: Search | None) -> list[Case]:
    """The first of the rows with what is shown of them.

    Which they are is asked first and by itself: where few fit, labels would be joined for all that do not, and in one
    statement PostgreSQL would rather read the whole table.
    """
    labelled = for_rows(Case.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[:most])), staff)
    return list((with_texts(labelled) if search else labelled).order_by(*rows.query.order_by))


def _looks_at_recent(narrowed: Narrowed) -> bool:
    return narrowed.search is not None and bool(narrowed.search.wording) and not narrowed.search.older


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


SELECTED = ("state", "category", "nature", "department", "channel", "card", "period", "owner")
DAYS = ("from", "to")


def _kept(asked: QueryDict) -> list[tuple[str, str]]:
    """What the form of the selections must carry along."""
    return [
        (name, str(asked[name])) for name in asked if name not in (*SELECTED, *DAYS, "after", "before") and asked[name]
    ]


def _selections(asked: QueryDict, known: Choices, staff: Staff, hall: Hall) -> list[Selection]:
    departments = known.departments_of(staff, hall)
    offered: dict[str, tuple[Words, Words, list[tuple[str, Words]]]] = {
        "state": (_("Stage"), _("any stage"), [("open", _("open")), *CaseState.choices]),
        "category": (_("Category"), _("any category"), [(str(pk), name) for pk, name in known.categories.items()]),
        "nature": (_("Nature"), _("any nature"), list(Nature.choices)),
        "department": (_("Department"), _("any department"), [(str(pk), name) for pk, name in departments.items()]),
        "channel": (_("Channel"), _("any channel"), list(Channel.choices)),
        "card": (_("Card"), _("with or without"), list(CARDS.items())),
        "period": (_("Period"), _("any period"), [(name, label) for name, (label, _day) in PERIODS.items()]),
        "owner": (
            _("First contact"),
            _("anybody"),
            [("me", _("me")), *((str(pk), name) for pk, name in known.owners.items() if pk != staff.pk)],
        ),
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


def _quick(asked: QueryDict, staff: Staff, hall: Hall) -> list[Link]:
    """Filters one press away that are not in force yet."""
    offered: list[tuple[str, str, Words]] = [("state", "open", _("open"))]
    if staff.holds(*DESK, hall=hall):
        offered += [
            ("waits", "desk", _("waits for the desk or for me")),
            ("waits", "tell", _("residents to be told")),
            ("owner", "me", _("met first by me")),
        ]
    offered += [
        ("card", "red", _("overdue")),
        ("card", "yellow", _("due soon")),
        ("period", "today", PERIODS["today"][0]),
        ("period", "due_today", PERIODS["due_today"][0]),
        ("round", "2", _("reopened")),
        ("route", Route.COORDINATED.value, _("coordinated")),
    ]
    return [Link(label, _address(asked, **{name: value})) for name, value, label in offered if not asked.get(name)]
