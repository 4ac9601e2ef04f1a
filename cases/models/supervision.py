"""The supervision notice: what is wanted, by when, and the answer it must have."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Exists, OuterRef, Q

from cases.models.case import Case
from cases.models.part import Part
from cases.models.slip import TransferSlip
from cases.vocabulary import PartRole
from foundation.organization.models import Hall, Staff


class SupervisionNoticeQuerySet(models.QuerySet["SupervisionNotice"]):
    def visible_to(self, staff: Staff) -> SupervisionNoticeQuerySet:
        """Whoever sees all cases of the hall sees its notices; nobody those about a case they are barred from."""
        reachable = self if staff.sees_all_content else self.filter(case__hall__in=staff.content_hall_ids)
        barred = Part.objects.filter(case=OuterRef("case"), staff=staff, role=PartRole.BARRED, ended_at=None)
        return reachable.filter(~Exists(barred))

    def of_hall(self, hall: Hall) -> SupervisionNoticeQuerySet:
        return self.filter(case__hall=hall)

    def open(self) -> SupervisionNoticeQuerySet:
        return self.filter(answered_at=None, withdrawn_at=None)


class SupervisionNotice(models.Model):
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="supervision_notices")
    slip = models.ForeignKey(
        TransferSlip, null=True, blank=True, on_delete=models.PROTECT, related_name="supervision_notices"
    )
    """The department pressed; empty: the desk."""
    number = models.CharField(max_length=30, unique=True)
    wanted = models.TextField()
    due_at = models.DateTimeField()
    issued_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    """When the slip went back or was recalled before an answer came."""
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True)

    objects = SupervisionNoticeQuerySet.as_manager()

    class Meta:
        ordering = ["issued_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "slip"],
                condition=Q(answered_at=None, withdrawn_at=None),
                nulls_distinct=False,
                name="supervision_one_at_a_time",
            ),
            models.CheckConstraint(condition=Q(answered_at=None) | ~Q(answer=""), name="supervision_answered_in_words"),
        ]
        indexes = [models.Index(fields=["case", "-issued_at"], name="supervision_by_case")]

    def __str__(self) -> str:
        return self.number
