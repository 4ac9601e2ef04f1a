"""Statutory holidays and make-up workdays of mainland China, year by year, from the `holidays` library."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from typing import Final

import holidays
from django.utils.translation import gettext_noop

# The State Council has published arrangements with exchanged days since 2001; the library knows them from there on.
FIRST_ARRANGED_YEAR: Final = 2001
LAST_PROBED_YEAR: Final = 2090

SATURDAY: Final = 5
ONE_DAY: Final = timedelta(days=1)
IN_EXCHANGE: Final = gettext_noop("day off in exchange for a make-up workday")

# The library's English names differ in small ways from release to release; ours are what the catalogue translates.
NAMES: Final = {
    "New Year": gettext_noop("New Year's Day"),
    "Chinese New Year": gettext_noop("Spring Festival"),
    "Tomb-Sweeping": gettext_noop("Tomb-Sweeping Day"),
    "Labor Day": gettext_noop("Labour Day"),
    "Dragon Boat": gettext_noop("Dragon Boat Festival"),
    "Mid-Autumn": gettext_noop("Mid-Autumn Festival"),
    "National Day": gettext_noop("National Day"),
    "Day off": IN_EXCHANGE,
}

# Part of every calendar's version: a new release of the library may bring a new arrangement.
LIBRARY_VERSION: Final = version("holidays")


@dataclass(frozen=True, slots=True)
class StatutoryYear:
    off: Mapping[date, str]
    """Days off by the name of their holiday, and the weekends that touch them."""
    make_up: frozenset[date]
    """Saturdays and Sundays worked in exchange for days off."""


@cache
def statutory_year(year: int) -> StatutoryYear:
    this, following = _library_year(year), _library_year(year + 1)
    # A make-up workday for New Year may fall into the December before, and then belongs to next year's arrangement.
    worked = {*this.weekend_workdays, *following.weekend_workdays}
    named = {day: _name(name) for day, name in [*this.items(), *following.items()]}
    return StatutoryYear(
        off={day: name for block in _blocks(named, worked) for day, name in block.items() if day.year == year},
        make_up=frozenset(day for day in worked if day.year == year),
    )


def _blocks(named: Mapping[date, str], worked: Collection[date]) -> list[dict[date, str]]:
    """The holidays as the notices announce them, from their first day off to their last.

    The library leaves out the weekends before, within and after, which the notices count in: for a hall that opens on
    Saturdays they are days off like the others. Days off in exchange take the name of the holiday they belong to.
    """
    off = set(named)
    for day in named:
        for step in (-ONE_DAY, ONE_DAY):
            neighbour = day + step
            while neighbour.weekday() >= SATURDAY and neighbour not in worked:
                off.add(neighbour)
                neighbour += step
    blocks: list[dict[date, str]] = []
    for day in sorted(off):
        if not blocks or day - ONE_DAY not in blocks[-1]:
            blocks.append({})
        blocks[-1][day] = named.get(day, IN_EXCHANGE)
    for block in blocks:
        current = next((name for name in block.values() if name != IN_EXCHANGE), IN_EXCHANGE)
        for day, name in block.items():
            current = current if name == IN_EXCHANGE else name
            block[day] = current
    return blocks


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
