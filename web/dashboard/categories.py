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
    small = set() if reader.sees_cases else _told_together(shown, tallies, said)
    rows = [_row(names[pk], tallies.get(pk, Tally()), said.get(pk, Said()), reader, topic=pk) for pk in shown - small]
    rows.sort(key=lambda row: (-row.registered.count, row.name))
    if small:
        rows.append(_row("", _sum(tallies, small), _said_of(said, small), reader))
    return rows, _row("", _sum(tallies, shown), together(said.values()), reader)


def _told_together(shown: set[int], tallies: dict[int, Tally], said: dict[int, Said]) -> set[int]:
    """The small categories, and with them the next smallest until none can be told from what stands beside them."""

    def sizes(keys: set[int]) -> list[int]:
        return _sizes(_sum(tallies, keys), _said_of(said, keys))

    least = {pk: min((size for size in sizes({pk}) if size), default=0) for pk in shown}
    hidden = {pk for pk in shown if least[pk] < SMALL}
    rest = sorted(shown - hidden, key=lambda pk: (least[pk], pk))
    whole = sizes(shown)
    while hidden and rest:
        # What the whole hall has no more of is told by the last line anyway: no further category would hide it.
        too_few = any(0 < size < min(SMALL, all_of_it) for size, all_of_it in zip(sizes(hidden), whole, strict=True))
        if len(hidden) > 1 and not too_few:
            break
        hidden.add(rest.pop(0))
    return hidden


def _sizes(tally: Tally, said: Said) -> list[int]:
    """The groups a row shows; nothing cannot be recognised."""
    return [tally.registered, tally.archived, tally.reopened, said.asked]


def _said_of(said: dict[int, Said], keys: set[int]) -> Said:
    return together(said[key] for key in keys & set(said))


def _share(share: Share, reader: Reader) -> Share:
    """None of so few to who sees figures only: it would say what became of a neighbour's matter."""
    return share if reader.sees_cases or share.base >= SMALL else Share(0, 0)


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
        _share(Share(tally.reopened, tally.archived), reader),
        reader.figure("content", said["content"], **part),
        _share(said.satisfaction, reader),
    )
