"""What rows that hang on a case share, in this room and in those above it."""

from __future__ import annotations

from typing import Self, TypeVar

import pgtrigger
from django.db import models

from cases.models.case import Case
from foundation.organization.models import Staff

Row = TypeVar("Row", bound=models.Model, covariant=True)


class OfCaseQuerySet(models.QuerySet[Row]):
    def visible_to(self, staff: Staff) -> Self:
        """Whoever sees the case sees what hangs on it; barred persons see neither."""
        return self.filter(case__in=Case.objects.visible_to(staff).values("pk"))


def kept(name: str, *erasable: str) -> list[pgtrigger.Trigger]:
    """What was written down is never altered nor taken away; only what is named, such as free texts, can change."""
    return [
        pgtrigger.Protect(
            name=f"{name}_stays", operation=pgtrigger.Update, condition=pgtrigger.AnyChange(exclude=list(erasable))
        ),
        pgtrigger.Protect(name=f"{name}_kept", operation=pgtrigger.Delete),
    ]
