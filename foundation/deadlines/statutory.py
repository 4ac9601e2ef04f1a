"""Statutory holidays and make-up workdays of mainland China, year by year, from the `holidays` library."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version
from typing import Final

import holidays
from django.utils.translation import gettext_noop

# The State Council has published arrangements with exchanged days since 2001; the library knows them from there on.
FIRST_ARRANGED_YEAR: Final = 2001
LAST_PROBED_YEAR: Final = 2090

# The library's English names differ in small ways from release to release; ours are what the catalogue translates.
NAMES: Final = {
    "New Year": gettext_noop("New Year's Day"),
    "Chinese New Year": gettext_noop("Spring Festival"),
    "Tomb-Sweeping": gettext_noop("Tomb-Sweeping Day"),
    "Labor Day": gettext_noop("Labour Day"),
    "Dragon Boat": gettext_noop("Dragon Boat Festival"),
    "Mid-Autumn": gettext_noop("Mid-Autumn Festival"),
    "National Day": gettext_noop("National Day"),
    "Day off": gettext_noop("day off in exchange for a make-up workday"),
}

# Part of every calendar's version: a new release of the library may bring a new arrangement.
LIBRARY_VERSION: Final = version("holidays")


@dataclass(frozen=True, slots=True)
class StatutoryYear:
    off: Mapping[date, str]
    """Days off by name. Weekends are not among them unless they are themselves a holiday."""
    make_up: frozenset[date]
    """Saturdays and Sundays worked in exchange for days off."""


@cache
def statutory_year(year: int) -> StatutoryYear:
    this = _library_year(year)
    # A make-up workday for New Year may fall into the December before, and then belongs to next year's arrangement.
    worked = {*this.weekend_workdays, *_library_year(year + 1).weekend_workdays}
    return StatutoryYear(
        off={day: _name(name) for day, name in this.items()},
        make_up=frozenset(day for day in worked if day.year == year),
    )


@cache
def last_arranged_year() -> int:
    """The last year whose arrangement (of November the year before) this release of the library knows.

    For later years it still gives the holidays themselves but guesses the days around them. Every arrangement so far
    exchanged at least one weekend day, so a year without any make-up workday is one that nobody has told the library.
    """
    arranged = [
        year
        for year in range(FIRST_ARRANGED_YEAR, LAST_PROBED_YEAR)
        if any(day.year == year for day in _library_year(year).weekend_workdays)
    ]
    return max(arranged)


@cache
def _library_year(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=year, language="en_US", expand=False)


def _name(name: str) -> str:
    """Our name of the holiday; one that we have never heard of keeps the library's."""
    first = re.split(r";|\(observed", name)[0].strip()
    return next((ours for start, ours in NAMES.items() if first.startswith(start)), first)
