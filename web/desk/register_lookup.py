"""What the registration page shows beside the form while somebody types: who it may be, what it may be, until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.models import Case, CaseVisit, Part
from cases.search import Similar, similar_open_cases
from cases.suggestion import Suggestion, usual_category
from cases.vocabulary import Nature, PartRole, Urgency
from foundation.deadlines.models import ClockKind
from foundation.deadlines.terms import schedule
from foundation.organization.duty import on_call
from foundation.organization.models import Category, Hall, Role, Staff
from foundation.refusals import Refused
from foundation.residents.lookup import find_residents
from foundation.residents.models import Resident
from reception.models import Identity, Visit
from web.access import StaffRequest, roles_required
from web.desk.register_form import SHOWN_FIELDS, chosen_resident
from web.desk.verbs.case import categories_of

DESK = (Role.RECEPTIONIST, Role.DIRECTOR)
SHORTEST = 2
"""Characters before a name is looked for: one alone finds half the quarter."""
SHORTEST_PHONE = 7
"""Digits before the phone field is looked for: there a number is typed whole, not by its last four digits."""


@dataclass(frozen=True)
class Known:
    """A resident who was here before, as far as this person may know."""

    resident: Resident
    age: int | None
    visits: int = 0
    last: datetime | None = None
    open_cases: int = 0

    @property
    def fill(self) -> dict[str, str]:
        """The fields that are filled in when they are chosen, by their names in the form."""
        values = {name: getattr(self.resident, name) for name in SHOWN_FIELDS}
        return {
            name: value.isoformat() if isinstance(value, date) else str(value)
            for name, value in values.items()
            if value
        }

    @property
    def held(self) -> dict[str, str]:
        """What is on record and stays masked, by the names of the fields; shown where one would type anew."""
        on_record = _("on record")
        plain = {name: on_record for name in ("unit", "room", "address_note") if getattr(self.resident, name)}
        masked = {
            "phone": self.resident.masked_phone,
            "id_number": self.resident.masked_id_number,
            "email": self.resident.masked_email,
        }
        return plain | {name: value for name, value in masked.items() if value}


@dataclass(frozen=True)
class Likely:
    """An open case that may be the same matter."""

    case: Case
    title: list[tuple[str, bool]]
    ordinal: int
    who: str
    where: str


def known(residents: Sequence[Resident], *, hall: Hall, staff: Staff, now: datetime) -> list[Known]:
    """How often they came and what is open, in two queries; what one is barred from or may not know is not counted."""
    today = now.astimezone(hall.zone).date()
    barred = Part.objects.filter(
        case__case_visits__visit=OuterRef("pk"), staff=staff, role=PartRole.BARRED, ended_at=None
    )
    visits: dict[int, Any] = {
        row["resident"]: row
        for row in Visit.objects.filter(~Exists(barred), resident__in=residents, identity=Identity.NAMED)
        .values("resident")
        .annotate(times=Count("pk"), last=Max("received_at"))
        .order_by()
    }
    open_cases = {
        row["resident"]: row["count"]
        for row in Case.objects.visible_to(staff)
        .open()
        .filter(resident__in=residents, identity=Identity.NAMED)
        .values("resident")
        .annotate(count=Count("pk"))
        .order_by()
    }
    return [
        Known(
            resident,
            resident.age(today),
            visits.get(resident.pk, {}).get("times", 0),
            visits.get(resident.pk, {}).get("last"),
            open_cases.get(resident.pk, 0),
        )
        for resident in residents
    ]


def found(query: str, *, hall: Hall, staff: Staff, now: datetime) -> list[Known]:
    """Raises Refused when somebody has looked up too many."""
    if len(query.strip()) < SHORTEST:
        return []
    residents = find_residents(hall=hall, query=query, staff=staff, now=now)
    return known(residents, hall=hall, staff=staff, now=now) if residents else []


def likely(matter: str, *, hall: Hall, staff: Staff) -> list[Likely]:
    similar = similar_open_cases(hall=hall, text=matter, staff=staff, limit=4)
    contacts = dict(
        CaseVisit.objects.filter(case__in=[one.case.pk for one in similar])
        .values_list("case")
        .annotate(last=Max("ordinal"))
        .order_by()
    )
    return [_likely(one, contacts.get(one.case.pk, 0) + 1) for one in similar]


def _likely(similar: Similar, ordinal: int) -> Likely:
    case = similar.case
    if case.identity == Identity.NAMED and case.resident is not None:
        who = case.resident.name
    else:
        who = str(Identity(case.identity).label)
    place = f"{case.responsible_department.name} " if case.responsible_department else ""
    return Likely(case, marked(case.title, similar.shared), ordinal, who, f"{place}{case.get_state_display()}")


def marked(text: str, terms: Sequence[str]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is one of the terms; pairs that overlap become one piece."""
    hits = [False] * len(text)
    lowered = text.lower()
    for term in terms:
        place = lowered.find(term)
        while place >= 0:
            hits[place : place + len(term)] = [True] * len(term)
            place = lowered.find(term, place + 1)
    pieces: list[tuple[str, bool]] = []
    for character, hit in zip(text, hits, strict=True):
        if pieces and pieces[-1][1] is hit:
            pieces[-1] = (pieces[-1][0] + character, hit)
        else:
            pieces.append((character, hit))
    return pieces


def promised(
    *, hall: Hall, nature: str, category: Category | None, urgency: str, set_from_above: datetime | None, now: datetime
) -> datetime | None:
    """Until when the resident is promised an answer if the matter is accepted now; None while too little is chosen."""
    if nature not in Nature.values or urgency not in Urgency.values or category is None:
        return None
    called = urgency == Urgency.URGENT and bool(on_call(hall, now))
    try:
        plan = schedule(
            hall, kind=ClockKind.PROMISE, start=now, nature=nature, category=category, urgency=urgency, on_call=called
        )
    except LookupError:
        return None
    return set_from_above if set_from_above and set_from_above > plan.start else plan.due_at


@require_POST
@roles_required(*DESK)
def register_residents(request: StaffRequest) -> HttpResponse:
    """Who it may be, by what is typed; or the one who was chosen. By POST: names and numbers stay out of the logs."""
    now = timezone.now()
    context: dict[str, Any] = {}
    if request.POST.get("resident"):
        key = request.POST["resident"]
        resident = chosen_resident(request.user, request.hall, int(key)) if key.isdecimal() else None
        if resident is None:
            raise Http404
        context["chosen"] = known([resident], hall=request.hall, staff=request.user, now=now)[0]
        context["fills"] = "pick" in request.POST
    else:
        context |= look_up(request, _query(request), now)
    return render(request, "desk/register_residents.html", context)


def _query(request: StaffRequest) -> str:
    phone = request.POST.get("phone", "")
    if request.htmx.trigger_name == "phone":
        return phone if sum(character.isdigit() for character in phone) >= SHORTEST_PHONE else ""
    return request.POST.get("name", "") or phone


def look_up(request: StaffRequest, query: str, now: datetime) -> dict[str, Any]:
    """What the part of the page with the residents found needs."""
    context: dict[str, Any] = {"query": query}
    try:
        context["found"] = found(query, hall=request.hall, staff=request.user, now=now)
    except Refused as refusal:
        context["refusal"] = str(refusal)
    return context


@require_POST
@roles_required(*DESK)
def register_similar(request: StaffRequest) -> HttpResponse:
    """Open cases that say nearly the same, and where such matters were filed before."""
    matter = request.POST.get("matter", "")
    suggestion: Suggestion | None = usual_category(hall=request.hall, text=matter, staff=request.user)
    context = {
        "similar": likely(matter, hall=request.hall, staff=request.user),
        "suggestion": suggestion,
        "is_partial": True,
    }
    return render(request, "desk/register_similar.html", context)


@require_POST
@roles_required(*DESK)
def register_promise(request: StaffRequest) -> HttpResponse:
    """The date that would stand on the receipt."""
    key = request.POST.get("category", "")
    context = {
        "promise": promised(
            hall=request.hall,
            nature=request.POST.get("nature", ""),
            category=categories_of(request.hall.pk).filter(pk=key).first() if key.isdecimal() else None,
            urgency=request.POST.get("urgency", ""),
            set_from_above=_moment(request.POST.get("outside_due_at", "")),
            now=timezone.now(),
        ),
    }
    return render(request, "desk/register_promise.html", context)


def _moment(typed: str) -> datetime | None:
    try:
        moment = parse_datetime(typed)
    except ValueError:
        return None
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment
