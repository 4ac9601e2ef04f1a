"""Rows that hang on a case, read in the same query as the case itself: as objects, in their own order."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject


def rows_of(rows: QuerySet[Any], *, of: str = "case", **names: str) -> ArraySubquery:
    """names: the path of a column by the name it gets in the object. Moments come back as text, in ISO form.

    of: the path from a row to the case whose query this is read along with.
    """
    of_case = rows.filter(**{of: OuterRef("pk")})
    return ArraySubquery(of_case.values(row=JSONObject(**{name: F(path) for name, path in names.items()})))
