"""First-contact completion: of what somebody met first in these days, how much has come to its end by now."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from cases.models.case import CaseQuerySet
from web.dashboard.figure import Figure, Reader, Share
from web.dashboard.figure_filters import ENDED


@dataclass(frozen=True)
class Row:
    name: str
    registered: Figure
    ended: Figure
    share: Share


def first_contacts(cases: CaseQuerySet, reader: Reader) -> list[Row]:
    counted = (
        cases.filter(reader.span.holds("registered_at"))
        .order_by()
        .values_list("first_contact_owner", "first_contact_owner__name")
        .annotate(met=Count("pk"), ended=Count("pk", filter=Q(state__in=ENDED)))
    )
    rows = [
        Row(
            name,
            reader.figure("registered", met, person=pk),
            reader.figure("ended", ended, person=pk),
            Share(ended, met),
        )
        for pk, name, met, ended in counted
    ]
    return sorted(rows, key=lambda row: (-row.registered.count, row.name))
