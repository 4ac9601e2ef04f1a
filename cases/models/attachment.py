"""Files of a case: from residents, evidence, signatures. Served only through an access check."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from cases.models.case import Case
from cases.vocabulary import AttachmentKind
from foundation.organization.models import Staff


def stored_name(attachment: Attachment, filename: str) -> str:
    """A random path: nothing of the sender's file name reaches the disk."""
    return f"attachments/{attachment.public_id.hex[:2]}/{attachment.public_id.hex}"


class Attachment(models.Model):
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="attachments")
    slip = models.ForeignKey(
        "cases.TransferSlip", null=True, blank=True, on_delete=models.PROTECT, related_name="attachments"
    )
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=AttachmentKind.choices)
    file = models.FileField(upload_to=stored_name, max_length=120)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["uploaded_at", "pk"]
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty")]
        indexes = [models.Index(fields=["case", "uploaded_at"], name="attachment_by_case")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")
