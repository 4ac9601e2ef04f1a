"""How a complaint is looked into: interviews, site checks and evidence, and the hearing of those it is about."""

from __future__ import annotations

import uuid
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Attachment, Case, TransferSlip
from cases.models.of_case import OfCaseQuerySet, kept
from cases.vocabulary import SignatureKind
from foundation.organization.models import Staff


class RecordKind(models.TextChoices):
    INTERVIEW = "interview", _("interview")
    SITE_CHECK = "site_check", _("site check")
    EVIDENCE = "evidence", _("evidence")


class InvestigationRecord(models.Model):
    """Who was heard and what they said; what was found where; what a document or photo shows."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="investigation_records")
    slip = models.ForeignKey(TransferSlip, on_delete=models.PROTECT, related_name="investigation_records")
    kind = models.CharField(max_length=10, choices=RecordKind.choices)
    happened_at = models.DateTimeField()
    place = models.CharField(max_length=120, blank=True)
    heard = models.CharField(max_length=120, blank=True)
    text = models.TextField()
    signature_kind = models.CharField(max_length=8, choices=SignatureKind.choices, blank=True)
    signature = models.ForeignKey(Attachment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    unsigned_reason = models.CharField(max_length=200, blank=True)
    files = models.ManyToManyField(Attachment, related_name="+", blank=True)
    recorded_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = OfCaseQuerySet["InvestigationRecord"].as_manager()

    class Meta:
        ordering = ["happened_at", "pk"]
        triggers = kept("investigation_record", "place", "heard", "text", "unsigned_reason")
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=RecordKind.INTERVIEW) | ~Q(heard="") & ~Q(signature_kind=""),
                name="interview_with_whom_and_signed_or_why_not",
            ),
            models.CheckConstraint(
                condition=~Q(kind=RecordKind.SITE_CHECK) | ~Q(place=""), name="site_check_has_a_place"
            ),
        ]
        indexes = [models.Index(fields=["case", "happened_at"], name="investigation_by_case")]


class NotHeardBecause(models.TextChoices):
    REFUSED = "refused", _("refuses to give an account")
    ABSENT = "absent", _("absent, and not to be reached")
    LEFT = "left", _("does not work here any more")


class HearingQuerySet(OfCaseQuerySet["Hearing"]):
    def settled(self) -> HearingQuerySet:
        """Heard, or excused with a reason."""
        return self.exclude(accounted_at=None, not_heard_because="")

    def has_settled(self, *, case: Case, staff: Staff) -> bool:
        """Whether this person was heard about the case, or excused."""
        return self.settled().filter(case=case, staff=staff).exists()

    def asked_of(self, staff: Staff) -> Self:
        """What somebody was asked to answer: this, and nothing else of the case, they may see.

        Also where they were excused since: what told them that they are asked leads there still.
        """
        return self.filter(staff=staff).exclude(allegations="")


class Hearing(models.Model):
    """One person a complaint is about is heard in writing: by a page of their own, on paper, or not at all and why."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="hearings")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="hearings")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.PositiveSmallIntegerField()
    allegations = models.TextField(blank=True)
    """What the person is asked about; the only words of the case they read."""
    opened_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    account = models.TextField(blank=True)
    accounted_at = models.DateTimeField(null=True, blank=True)
    is_on_paper = models.BooleanField(default=False)
    not_heard_because = models.CharField(max_length=10, choices=NotHeardBecause.choices, blank=True)
    reason = models.TextField(blank=True)
    files = models.ManyToManyField(Attachment, related_name="+", blank=True)

    objects = HearingQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at", "pk"]
        triggers = [pgtrigger.Protect(name="hearing_kept", operation=pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                condition=Q(account="", accounted_at=None) | ~Q(account="") & Q(accounted_at__isnull=False),
                name="hearing_accounted_when",
            ),
            models.CheckConstraint(
                condition=Q(not_heard_because="") | ~Q(reason="") & Q(account=""), name="hearing_not_heard_with_reason"
            ),
            models.CheckConstraint(
                condition=~Q(allegations="") | Q(is_on_paper=True) | ~Q(not_heard_because=""),
                name="hearing_asks_something",
            ),
            models.UniqueConstraint(
                fields=["case", "staff"],
                condition=Q(accounted_at=None, not_heard_because=""),
                name="hearing_one_open",
            ),
        ]
        indexes = [models.Index(fields=["staff", "-opened_at"], name="hearing_by_person")]

    @property
    def is_open(self) -> bool:
        return self.accounted_at is None and not self.not_heard_because
