"""What each department has in hand, and how it keeps to its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q

from cases.models import TransferSlip
from foundation.organization.models import Hall
from web.dashboard.figure import Figure, Reader, Share
from web.dashboard.figure_filters import open_slips, overdue_slips, returned_slips
from web.dashboard.punctuality import Punctuality, of_handling

COUNTED = ("slips_open", "slips_overdue", "slips_issued", "slips_returned", "slips_reported")


class Median(Aggregate):
    """Half took longer."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True)
class Row:
    name: str
    figures: dict[str, Figure]
    return_rate: Share
    punctuality: Share | None
    late: list[Figure]
    median_days: float | None


def departments(hall: Hall, reader: Reader, now: datetime) -> list[Row]:
    span = reader.span
    issued, reported = span.holds("issued_at"), span.holds("reported_at")
    conditions: dict[str, Q] = {
        "slips_open": open_slips(now),
        "slips_overdue": overdue_slips(now),
        "slips_issued": issued,
        "slips_returned": returned_slips(span),
        "slips_reported": reported,
    }
    counted: dict[str, Any] = {
        name: Count("case", filter=condition, distinct=True) for name, condition in conditions.items()
    }
    took = ExpressionWrapper(F("reported_at") - F("issued_at"), output_field=DurationField())
    slips = (
        TransferSlip.objects.filter(hall=hall)
        .filter(open_slips(now) | issued | reported)
        .filter(reader.not_barred())
        .order_by()
        .values("department", "department__name")
        .annotate(
            **counted,
            all_issued=Count("pk", filter=issued),
            all_returned=Count("pk", filter=conditions["slips_returned"]),
            median=Median(took, filter=reported),
        )
    )
    handling = of_handling(hall, reader, now)
    rows = [_row(dict(row), handling.get(row["department"]), reader) for row in slips]
    return sorted(rows, key=_most_overdue_first)


def _row(row: dict[str, Any], handling: Punctuality | None, reader: Reader) -> Row:
    unit, median = row["department"], row["median"]
    return Row(
        row["department__name"],
        {name: reader.figure(name, row[name], unit=unit) for name in COUNTED},
        Share(row["all_returned"], row["all_issued"]),
        handling.share if handling else None,
        reader.figures(handling.cases, "late", "overdue", kind="handle", unit=unit) if handling else [],
        median.total_seconds() / 86400 if median is not None else None,
    )


def _most_overdue_first(row: Row) -> tuple[int, int, str]:
    return -row.figures["slips_overdue"].count, -row.figures["slips_open"].count, row.name
