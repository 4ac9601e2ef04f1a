"""Who is part of a case: its owner, handlers, followers-up, named contact, and whoever is barred from it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.vocabulary import PartRole
from foundation.organization.models import Staff


class Part(models.Model):
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="parts")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="parts")
    role = models.CharField(max_length=12, choices=PartRole.choices)
    round = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "staff", "role", "round"], condition=Q(ended_at=None), name="part_once"
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(role=PartRole.OWNER, ended_at=None), name="part_one_owner"
            ),
        ]
        indexes = [
            models.Index(
                fields=["staff", "case"],
                name="part_barred",
                condition=Q(role=PartRole.BARRED, ended_at=None),
            ),
        ]
