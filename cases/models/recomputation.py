"""What a change of calendar, opening hours or ladder did to the clocks that were running."""

from __future__ import annotations

from django.db import models

from cases.models.deadline import CaseDeadline
from foundation.organization.models import Hall, Staff


class HallClocks(models.Model):
    """What the running clocks of a hall were last computed with; another digest means: compute them again."""

    hall = models.OneToOneField(Hall, on_delete=models.PROTECT, related_name="+")
    calendar_version = models.CharField(max_length=80)
    ladder_version = models.CharField(max_length=80)


class RecomputationQuerySet(models.QuerySet["Recomputation"]):
    def visible_to(self, staff: Staff) -> RecomputationQuerySet:
        return self if staff.sees_all_content else self.filter(hall__in=staff.content_hall_ids)


class Recomputation(models.Model):
    """One change that reached the running clocks of a hall."""

    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    calendar_version = models.CharField(max_length=80)
    looked_at = models.PositiveIntegerField(default=0)
    """How many running clocks were computed anew."""

    objects = RecomputationQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["hall", "-at"], name="recomputation_by_hall")]


class MovedClock(models.Model):
    """A clock whose due time is another since then; the ledger of its case has an entry too."""

    recomputation = models.ForeignKey(Recomputation, on_delete=models.PROTECT, related_name="moved")
    clock = models.ForeignKey(CaseDeadline, on_delete=models.PROTECT, related_name="+")
    was_due_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["recomputation", "clock"], name="moved_clock_once")]
