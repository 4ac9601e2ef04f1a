"""Punctuality: met in time ÷ (finished + open overdue), of a kind of clock, a department, or a hall."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, IntegerField, QuerySet, Value
from django.utils.functional import Promise

from cases.days import ended_in_time, ended_late, still_overdue
from cases.models import CaseDeadline
from cases.vocabulary import ClockOutcome
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Hall
from web.dashboard.figure import Figure, Reader, Share

COUNTED = ("met", "late", "overdue")


@dataclass(frozen=True)
class Punctuality:
    """The counts are of cases, as their lists are; the share is of clocks, of which a case can have several."""

    share: Share
    cases: dict[str, int]


@dataclass(frozen=True)
class Row:
    label: str | Promise
    share: Share
    figures: list[Figure]


def by_kind(hall: Hall, reader: Reader, now: datetime) -> list[Row]:
    found = _read(_tally("kind", CaseDeadline.objects.filter(hall=hall), reader, now))
    return [
        Row(kind.label, found[kind.value].share, reader.figures(found[kind.value].cases, *COUNTED, kind=kind.value))
        for kind in ClockKind
        if kind.value in found
    ]


def of_handling(hall: Hall, reader: Reader, now: datetime) -> dict[int, Punctuality]:
    """By department: how it keeps to the time given for handling."""
    clocks = CaseDeadline.objects.filter(hall=hall, kind=ClockKind.HANDLE, slip__isnull=False)
    return _read(_tally("slip__department", clocks, reader, now))


def by_hall(reader: Reader, now: datetime) -> dict[int, Punctuality]:
    return _read(_tally("hall", CaseDeadline.objects.all(), reader, now))


def _tally(key: str, clocks: QuerySet[CaseDeadline], reader: Reader, now: datetime) -> QuerySet[Any, Any]:
    """One statement of two parts, each by its own index: what ended in these days, and what is still overdue."""
    span, nothing = reader.span, Value(0, IntegerField())
    mine = clocks.filter(reader.not_barred()).order_by()
    met, late = ended_in_time(span), ended_late(span)
    ended = mine.filter(span.holds("finished_at")).exclude(outcome=ClockOutcome.RUNNING)
    columns = ("met_clocks", "met_cases", "late_clocks", "late_cases", "overdue_clocks", "overdue_cases")
    finished = ended.values(key).annotate(
        met_clocks=Count("pk", filter=met),
        met_cases=Count("case", filter=met, distinct=True),
        late_clocks=Count("pk", filter=late),
        late_cases=Count("case", filter=late, distinct=True),
        overdue_clocks=nothing,
        overdue_cases=nothing,
    )
    overdue = (
        mine.filter(still_overdue(span, now))
        .values(key)
        .annotate(
            met_clocks=nothing,
            met_cases=nothing,
            late_clocks=nothing,
            late_cases=nothing,
            overdue_clocks=Count("pk"),
            overdue_cases=Count("case", distinct=True),
        )
    )
    whole: QuerySet[Any, Any] = finished.values(key, *columns).union(overdue.values(key, *columns), all=True)
    return whole


def _read(rows: Iterable[dict[str, Any]]) -> dict[Any, Punctuality]:
    sums: dict[Any, dict[str, int]] = {}
    for row in rows:
        key, *_rest = row.values()
        into = sums.setdefault(key, dict.fromkeys([name for name in row if name.endswith(("_clocks", "_cases"))], 0))
        for name in into:
            into[name] += row[name]
    return {
        key: Punctuality(
            Share(one["met_clocks"], sum(one[f"{name}_clocks"] for name in COUNTED)),
            {name: one[f"{name}_cases"] for name in COUNTED},
        )
        for key, one in sums.items()
        if any(one.values())
    }
