"""Where somebody begins and what their bar offers, by the roles they hold in the hall they work in now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation.notifications.reading import unread_count
from foundation.organization.models import Hall, Role, Staff
from web.access import hall_of

DESK = (Role.RECEPTIONIST, Role.DIRECTOR)
DEPARTMENT = (Role.HANDLER, Role.HEAD)
OVERSIGHT = (Role.SUPERVISOR, Role.MONITOR)
# Who holds several begins where most of their day happens.
HOMES: tuple[tuple[tuple[Role, ...], str], ...] = (
    (DESK, "desk:home"),
    (DEPARTMENT, "desk:inbox"),
    (OVERSIGHT, "dashboard:home"),
)
ADMINISTRATION = "admin:index"


@dataclass(frozen=True)
class Place:
    label: Promise
    url_name: str
    roles: tuple[Role, ...]
    part_of: tuple[str, ...] = ()
    """Beginnings of the names of further pages that belong here."""

    def holds(self, view_name: str) -> bool:
        return view_name == self.url_name or (bool(self.part_of) and view_name.startswith(self.part_of))


PLACES: tuple[Place, ...] = (
    Place(_("Desk"), "desk:home", DESK),
    Place(_("Register a visit"), "desk:register", DESK, ("desk:register",)),
    Place(_("Inbox"), "desk:inbox", DEPARTMENT, ("desk:inbox",)),
    Place(
        _("Cases"),
        "desk:case_list",
        (*DESK, *DEPARTMENT, Role.SUPERVISOR),
        ("desk:case", "desk:slip", "desk:clock", "desk:resident", "desk:import", "desk:export"),
    ),
    Place(_("Follow-ups"), "desk:follow_up_list", (*DESK, Role.SUPERVISOR), ("desk:follow_up", "desk:late_answer")),
    Place(
        _("Second looks"), "desk:second_look_list", (Role.HEAD, Role.DIRECTOR, Role.SUPERVISOR), ("desk:second_look",)
    ),
    Place(_("Notice board"), "desk:board_list", (*DESK, *OVERSIGHT), ("desk:board",)),
    Place(_("Duty roster"), "desk:duty_list", DESK, ("desk:duty",)),
    Place(_("Supervision notices"), "desk:supervision_list", (Role.SUPERVISOR, Role.DIRECTOR), ("desk:supervision",)),
    Place(_("Dashboard"), "dashboard:home", (*OVERSIGHT, Role.DIRECTOR), ("dashboard:", "desk:hall_record")),
    Place(_("Settings"), ADMINISTRATION, (Role.ADMINISTRATOR,), ("admin:",)),
)


@dataclass(frozen=True)
class Entry:
    label: Promise
    url: str
    active: bool


def home_of(staff: Staff, hall: Hall | None) -> str | None:
    """The name of the page somebody begins with; None for an account without any role."""
    for roles, url_name in HOMES:
        if hall is not None and staff.holds(*roles, hall=hall):
            return url_name
    return ADMINISTRATION if staff.is_staff else None


ACCOUNTS = Place(_("Written accounts"), "desk:hearing_list", (), ("desk:hearing",))
"""Whatever roles they hold: only for who was asked for one."""


def entries(staff: Staff, hall: Hall | None, view_name: str) -> list[Entry]:
    places = [place for place in PLACES if _is_open(place, staff, hall)]
    if staff.was_asked_to_account and hall is not None:
        places.append(ACCOUNTS)
    return [
        Entry(place.label, url, place.holds(view_name))
        for place in places
        if (url := _address(place.url_name)) is not None
    ]


def _address(url_name: str) -> str | None:
    """None while the page is still being built; tests/organization/test_navigate.py says when none is missing."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return None


def _is_open(place: Place, staff: Staff, hall: Hall | None) -> bool:
    if place.url_name == ADMINISTRATION:
        return staff.is_staff
    return hall is not None and staff.holds(*place.roles, hall=hall)


def _may_search(staff: Staff, hall: Hall | None) -> bool:
    """Whoever has the list of cases."""
    return any(place.url_name == "desk:case_list" and _is_open(place, staff, hall) for place in PLACES)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Asked for only where a page shows it, and once: printed papers show none of it."""
    staff = request.user
    if not isinstance(staff, Staff):
        return {"navigation": [], "halls": [], "unread_alerts": 0, "may_search": False}
    view_name = request.resolver_match.view_name if request.resolver_match else ""
    return {
        "navigation": cache(lambda: entries(staff, hall_of(request), view_name)),
        "halls": cache(lambda: staff.halls),
        "unread_alerts": cache(lambda: unread_count(staff)),
        "may_search": cache(lambda: _may_search(staff, hall_of(request))),
    }
