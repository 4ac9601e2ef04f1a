"""What matters are about: how many, how many needed another round, and what residents said of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from cases.models.case import CaseQuerySet
from foundation.organization.models import Category, Hall
from web.dashboard.figure import Figure, Reader, Share
from web.dashboard.figure_filters import archived, reopened
from web.dashboard.rates import Said, said_by_category, together

SMALL = 5
"""Fewer than this is not shown by itself to who sees figures only: neighbours could tell whose matter it is."""


@dataclass
class Tally:
    registered: int = 0
    archived: int = 0
    reopened: int = 0

    def add(self, other: Tally) -> None:
        self.registered += other.registered
        self.archived += other.archived
        self.reopened += other.reopened


@dataclass(frozen=True)
class Row:
    name: str
    """Empty: the small ones together."""
    registered: Figure
    archived: Figure
    reopened: Figure
    reopened_share: Share
    content: Figure
    satisfaction: Share


def categories(cases: CaseQuerySet, hall: Hall, reader: Reader) -> tuple[list[Row], Row]:
    """The rows, those with most cases first, and the whole hall."""
    span = reader.span
    registered, closed, again = span.holds("registered_at"), archived(span), reopened(span)
    counted = (
        cases.filter(registered | closed)
        .order_by()
        .values("category")
        .annotate(
            n_registered=Count("pk", filter=registered),
            n_archived=Count("pk", filter=closed),
            n_reopened=Count("pk", filter=again),
        )
    )
    tallies = {row["category"]: Tally(row["n_registered"], row["n_archived"], row["n_reopened"]) for row in counted}
    said = said_by_category(hall, reader)
    names = {one.pk: str(one) for one in Category.objects.filter(hall=hall).select_related("parent")}
    shown = {pk for pk in names if pk in tallies or pk in said}
    small = set() if reader.sees_cases else {pk for pk in shown if _least(tallies.get(pk), said.get(pk)) < SMALL}
    rows = [_row(names[pk], tallies.get(pk, Tally()), said.get(pk, Said()), reader, topic=pk) for pk in shown - small]
    rows.sort(key=lambda row: (-row.registered.count, row.name))
    if small:
        rows.append(_row("", _sum(tallies, small), together(said[pk] for pk in small if pk in said), reader))
    return rows, _row("", _sum(tallies, shown), together(said.values()), reader)


def _least(tally: Tally | None, said: Said | None) -> int:
    """The smallest group a row would show, nothing aside."""
    sizes = [tally.registered, tally.archived] if tally else []
    sizes += [said.asked] if said else []
    return min((size for size in sizes if size), default=0)


def _sum(tallies: dict[int, Tally], keys: set[int]) -> Tally:
    whole = Tally()
    for key in keys & set(tallies):
        whole.add(tallies[key])
    return whole


def _row(name: str, tally: Tally, said: Said, reader: Reader, **part: object) -> Row:
    return Row(
        name,
        reader.figure("registered", tally.registered, **part),
        reader.figure("archived", tally.archived, **part),
        reader.figure("reopened", tally.reopened, **part),
        Share(tally.reopened, tally.archived),
        reader.figure("content", said["content"], **part),
        said.satisfaction,
    )
