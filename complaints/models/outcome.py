"""What came of a complaint: whether it proved true, what follows for people, and what the hall says in public."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.models.of_case import OfCaseQuerySet, kept
from cases.vocabulary import Verdict
from foundation.organization.models import Department, Staff


class Finding(models.Model):
    """Whether a complaint or report proved true, and whose doing it was. Put right by a further one; the last holds."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="findings")
    round = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reasons = models.TextField()
    responsible_department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    responsible_staff = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    responsible_other = models.CharField(max_length=120, blank=True)
    """Somebody without an account: of an outside unit, a volunteer, a firm."""
    found_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField()

    objects = OfCaseQuerySet["Finding"].as_manager()

    class Meta:
        ordering = ["found_at", "pk"]
        triggers = kept("finding", "reasons", "responsible_other")
        indexes = [models.Index(fields=["case", "found_at"], name="finding_by_case")]


class SanctionKind(models.TextChoices):
    TALK = "talk", _("talk")
    CRITICISM = "criticism", _("criticism")
    CORRECTION = "correction", _("correction by a date")
    DEDUCTION = "deduction", _("deduction in the assessment")
    DISCIPLINE = "discipline", _("handed to discipline inspection")
    NONE = "none", _("no sanction")


class Sanction(models.Model):
    """What follows for somebody; decided by the director. The complainant learns that measures were taken, no more."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="sanctions")
    round = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=SanctionKind.choices)
    staff = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """Whom it is about; empty: the department, or somebody outside, as the text says."""
    text = models.TextField()
    correct_by = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    objects = OfCaseQuerySet["Sanction"].as_manager()

    class Meta:
        ordering = ["decided_at", "pk"]
        triggers = kept("sanction", "text")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=SanctionKind.CORRECTION, correct_by__isnull=False)
                | ~Q(kind=SanctionKind.CORRECTION) & Q(correct_by=None),
                name="sanction_correction_has_a_date",
            )
        ]
        indexes = [models.Index(fields=["case", "decided_at"], name="sanction_by_case")]


class Correction(models.Model):
    """What was to be put right by a date has been: confirmed by whoever decides about it, and how they know."""

    sanction = models.OneToOneField(Sanction, on_delete=models.PROTECT, related_name="correction")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="corrections")
    note = models.TextField()
    confirmed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()

    objects = OfCaseQuerySet["Correction"].as_manager()

    class Meta:
        ordering = ["confirmed_at", "pk"]
        triggers = kept("correction", "note")


class ApologyKind(models.TextChoices):
    APOLOGY = "apology", _("public apology")
    CORRECTION = "correction", _("public correction")
    NONE = "none", _("nothing in public")


class Apology(models.Model):
    """Whether the hall apologises or puts something right in public; decided by the director, the last one holds.

    The notice board drafts its posting from `text`; of `none` the text is the reason, and stays inside.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="apologies")
    round = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=ApologyKind.choices)
    text = models.TextField()
    decided_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    objects = OfCaseQuerySet["Apology"].as_manager()

    class Meta:
        ordering = ["decided_at", "pk"]
        triggers = kept("apology", "text")
        indexes = [models.Index(fields=["case", "decided_at"], name="apology_by_case")]

    @property
    def is_public(self) -> bool:
        return self.kind != ApologyKind.NONE
