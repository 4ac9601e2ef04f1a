"""The four places of a hall's public site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Place:
    label: Promise
    url_name: str
    part_of: tuple[str, ...] = ()
    """Further pages that belong here."""


PLACES: Final = (
    Place(pgettext_lazy("the hall's public site", "Home"), "portal:home", ("portal:procedure",)),
    Place(_("Tell us"), "portal:tell", ("portal:sent",)),
    Place(_("How far is it?"), "portal:track", ("portal:status", "portal:add", "portal:withdraw")),
    Place(_("Notice board"), "portal:board", ("portal:posting",)),
)


@dataclass(frozen=True)
class Entry:
    label: Promise
    url: str
    current: str
    """The value of aria-current: page, true (a page that belongs here), or empty."""


def entries(hall_code: str, view_name: str) -> list[Entry]:
    """In their order; what has no page yet is left out."""
    return [
        Entry(place.label, url, _current(place, view_name))
        for place in PLACES
        if (url := _address(place.url_name, hall_code)) is not None
    ]


def _address(url_name: str, hall_code: str) -> str | None:
    try:
        return reverse(url_name, args=[hall_code])
    except NoReverseMatch:
        return None


def _current(place: Place, view_name: str) -> str:
    if view_name == place.url_name:
        return "page"
    return "true" if view_name in place.part_of else ""
