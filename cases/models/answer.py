"""What the resident was told, every attempt of it, and how they signed."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from cases.models.attachment import Attachment
from cases.models.case import Case
from cases.vocabulary import AnswerMeans, SignatureKind
from foundation.organization.models import Staff


class Answer(models.Model):
    """One attempt to tell the resident. Reached: the text was told; otherwise only the attempt counts."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="answers")
    round = models.PositiveSmallIntegerField()
    means = models.CharField(max_length=14, choices=AnswerMeans.choices)
    is_reached = models.BooleanField()
    told_to = models.CharField(max_length=60, blank=True)
    text = models.TextField(blank=True)
    signature_kind = models.CharField(max_length=8, choices=SignatureKind.choices, default=SignatureKind.NONE)
    signature = models.ForeignKey(Attachment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    unsigned_reason = models.CharField(max_length=200, blank=True)
    answered_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True)

    class Meta:
        ordering = ["answered_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(is_reached=False) | ~Q(text=""), name="answer_reached_with_text"),
            models.CheckConstraint(
                condition=Q(is_reached=False)
                | Q(signature_kind=SignatureKind.TABLET, signature__isnull=False)
                | Q(signature_kind=SignatureKind.PAPER)
                | Q(signature_kind=SignatureKind.NONE) & ~Q(unsigned_reason=""),
                name="answer_signed_or_why_not",
            ),
        ]
        indexes = [models.Index(fields=["case", "round"], name="answer_by_case")]
