"""Pages of a long list by cursor: each begins where the one before ended, however far down, and no row is skipped
when others come in meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

PAGE = 25
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    newer_url: str
    older_url: str


def page_of(
    rows: QuerySet[Row],
    asked: QueryDict,
    *,
    by: str,
    descending: bool = False,
    size: int = PAGE,
    pick: Callable[[QuerySet[Row], int], list[Row]] | None = None,
) -> Page[Row]:
    """The page asked for by ?after=… or ?before=…, ordered by a moment and the id; rows without the moment come last.

    The links keep whatever else stands in the address. A cursor nobody gave out shows the first page.
    pick: takes the first so many of the ordered rows, where only some of them are meant.
    """
    after, before = _read(asked.get("after", "")), _read(asked.get("before", ""))
    forward = before is None
    cursor = after if forward else before
    # Backwards is the same walk in the other direction, turned round at the end.
    falling = descending == forward
    sign = "-" if falling else ""
    ordered = rows.order_by(f"{sign}{by}", f"{sign}pk")
    if cursor is not None:
        ordered = ordered.filter(_beyond(cursor, by, falling=falling, empty_last=not descending and forward))
    found = pick(ordered, size + 1) if pick is not None else list(ordered[: size + 1])
    more, shown = len(found) > size, found[:size]
    if not forward:
        shown.reverse()
    if not shown and cursor is not None:
        # Everything beyond the cursor has moved away meanwhile: back to the beginning.
        return Page([], _address(asked), "")
    further = more if forward else True
    back = more if not forward else cursor is not None
    return Page(
        shown,
        _address(asked, "before", _cursor(shown[0], by)) if shown and back else "",
        _address(asked, "after", _cursor(shown[-1], by)) if shown and further else "",
    )


def _beyond(cursor: tuple[datetime | None, int], by: str, *, falling: bool, empty_last: bool) -> Q:
    at, pk = cursor
    compare = "lt" if falling else "gt"
    if at is None:
        same = Q(**{by: None, f"pk__{compare}": pk})
        return same if empty_last else same | Q(**{f"{by}__isnull": False})
    # The first condition says nothing new, but it is the one an index can begin at.
    reached = Q(**{f"{by}__{compare}e": at}) & (Q(**{f"{by}__{compare}": at}) | Q(**{f"pk__{compare}": pk}))
    return reached | Q(**{by: None}) if empty_last else reached


def _cursor(row: Model, by: str) -> str:
    at: datetime | None = getattr(row, by)
    return f"{(at - _EPOCH) // timedelta(microseconds=1) if at else ''}-{row.pk}"


def _read(text: str) -> tuple[datetime | None, int] | None:
    moment, dash, pk = text.rpartition("-")
    if not dash or not _is_number(pk, 18) or (moment and not _is_number(moment, 16)):
        return None
    return (_EPOCH + timedelta(microseconds=int(moment)) if moment else None), int(pk)


def _is_number(text: str, longest: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= longest


def _address(asked: QueryDict, name: str = "", value: str = "") -> str:
    parameters = asked.copy()
    parameters.pop("after", None)
    parameters.pop("before", None)
    if name:
        parameters[name] = value
    return f"?{parameters.urlencode()}"
