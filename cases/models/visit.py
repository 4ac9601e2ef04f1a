"""The contacts about a case: one visit each, numbered."""

from __future__ import annotations

from django.db import models

from cases.models.case import Case
from reception.models import Visit


class CaseVisit(models.Model):
    """The nth contact about a case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="case_visits")
    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="case_visit")
    ordinal = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["case", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["case", "ordinal"], name="case_visit_ordinal_once")]
