"""Several counts in one statement, each by the index that serves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

CAP = 1000
"""Further than this nothing is counted on a page that is opened all day; it then says "1,000+"."""


def count_all(querysets: Mapping[str, QuerySet[Any]], *, cap: int | None = CAP) -> dict[str, int]:
    """How many rows each has, by its name; cap + 1 where there are more than cap, which None lifts. One query.

    A queryset that was cut already is counted as it is.
    """
    parts: list[str] = []
    parameters: list[Any] = []
    figures = dict.fromkeys(querysets, 0)
    asked: list[str] = []
    for name, queryset in querysets.items():
        rows = queryset.values("pk")
        if not rows.query.is_sliced:
            rows = rows.order_by()
            if cap is not None:
                rows = rows[: cap + 1]
        try:
            sql, values = rows.query.sql_with_params()
        except EmptyResultSet:
            continue
        # The inner statement is the ORM's own, its values stay parameters.
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608
        parameters += values
        asked.append(name)
    if parts:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(parts), parameters)
            figures.update(zip(asked, cursor.fetchone(), strict=True))
    return figures


def in_words(count: int, *, cap: int = CAP) -> str:
    """ "412", or "1,000+" where counting stopped."""
    return f"{cap:,}+" if count > cap else f"{count:,}"
