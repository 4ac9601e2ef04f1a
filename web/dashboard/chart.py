"""Each day's registered and archived: the points of a drawing, and the same numbers as a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, Count, QuerySet, Value
from django.db.models.functions import TruncDate

from cases.days import Span
from cases.models.case import CaseQuerySet
from web.dashboard.figure import Figure, Reader
from web.dashboard.figure_filters import FIGURES, archived

WIDTH, HEIGHT = 920, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 30
LABELS = 8
LINES = ("registered", "archived")


@dataclass(frozen=True)
class Mark:
    """A line of the grid, or a word below it."""

    place: float
    words: str | date


@dataclass(frozen=True)
class Line:
    name: str
    label: Any
    points: str
    dots: list[tuple[float, float]]
    total: Figure


@dataclass(frozen=True)
class Day:
    day: date
    figures: list[Figure]


@dataclass(frozen=True)
class Chart:
    lines: list[Line]
    heights: list[Mark]
    days: list[Mark]
    rows: list[Day]
    """Days on which something happened."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM
    label_y: int = HEIGHT - 8


def draw(cases: CaseQuerySet, reader: Reader) -> Chart:
    span = reader.span
    counts: dict[str, dict[date, int]] = {name: {} for name in LINES}
    registered = _per_day(cases.filter(span.holds("registered_at")), "registered", "registered_at", span)
    closed = _per_day(cases.filter(archived(span)), "archived", "closed_at", span)
    for line, day, count in registered.union(closed, all=True):
        counts[line][day] = count
    days = span.days
    highest = _round_up(max((count for line in counts.values() for count in line.values()), default=0))
    step = (WIDTH - LEFT - RIGHT) / max(len(days) - 1, 1)
    places = [round(LEFT + number * step, 1) for number in range(len(days))]
    tall = HEIGHT - TOP - BOTTOM

    def height_of(count: float) -> float:
        return round(HEIGHT - BOTTOM - tall * count / highest, 1)

    lines = []
    for name in LINES:
        dots = [(place, height_of(counts[name].get(day, 0))) for place, day in zip(places, days, strict=True)]
        total = reader.figure(name, sum(counts[name].values()))
        # A single day is a dot; a whole year of dots would hide the line.
        shown = dots if len(days) <= 31 else []
        lines.append(Line(name, FIGURES[name][0], " ".join(f"{x},{y}" for x, y in dots), shown, total))
    every = -(-len(days) // LABELS)
    return Chart(
        lines=lines,
        heights=[Mark(height_of(highest * share / 2), str(highest * share // 2)) for share in (0, 1, 2)],
        days=[Mark(places[number], days[number]) for number in range(0, len(days), every)],
        rows=[_row(day, counts, reader) for day in days if any(day in line for line in counts.values())],
    )


def _per_day(cases: CaseQuerySet, line: str, field: str, span: Span) -> QuerySet[Any, tuple[Any, ...]]:
    return (
        cases.order_by()
        .annotate(line=Value(line, CharField()), day=TruncDate(field, tzinfo=span.zone))
        .values("line", "day")
        .annotate(count=Count("pk"))
        .values_list("line", "day", "count")
    )


def _row(day: date, counts: dict[str, dict[date, int]], reader: Reader) -> Day:
    of_day = Reader(reader.staff, reader.sees_cases, Span(day, day, reader.span.zone))
    return Day(day, [of_day.figure(name, counts[name].get(day, 0)) for name in LINES])


def _round_up(count: int) -> int:
    """An even number the eye can halve: 2, 4, 10, 20, 40, 100 …"""
    size = 1
    while True:
        for factor in (2, 4, 10):
            if count <= factor * size:
                return factor * size
        size *= 10
