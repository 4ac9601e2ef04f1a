"""Complaints about services and staff: what they are about, and that they were confirmed with who lodged them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from foundation.organization.models import Staff


class ConfirmMeans(models.TextChoices):
    DESK = "desk", _("at the desk")
    PHONE = "phone", _("by phone")
    HOME_VISIT = "home_visit", _("home visit")
    LETTER = "letter", _("by letter")
    MESSAGE = "message", _("by message")


class ComplaintKind(models.TextChoices):
    """The classes of S3, chapter 3.2.1, and the one the office asks for most: how somebody behaved."""

    SERVICE = "service", _("quality of service")
    FACILITIES = "facilities", _("facilities")
    ACTIVITIES = "activities", _("organisation of activities")
    CONDUCT = "conduct", _("conduct of staff")
    OTHER = "other", _("something else")


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def visible_to(self, staff: Staff) -> ComplaintQuerySet:
        """Whoever sees the case; whom the complaint is about is barred from it and sees neither."""
        return self.filter(case__in=Case.objects.visible_to(staff).values("pk"))


class Complaint(models.Model):
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="complaint")
    lodged_at = models.DateTimeField()
    about = models.TextField(blank=True)
    """In the complainant's words; empty where a matter turned out to be a complaint only when it was screened."""
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirm_means = models.CharField(max_length=10, choices=ConfirmMeans.choices, blank=True)
    corrections = models.TextField(blank=True)
    """What the complainant put right when it was read back to them."""

    kind = models.CharField(max_length=10, choices=ComplaintKind.choices, blank=True)
    classified_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    classified_at = models.DateTimeField(null=True, blank=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="", classified_by=None, classified_at=None)
                | ~Q(kind="") & Q(classified_by__isnull=False, classified_at__isnull=False),
                name="complaint_classified_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None, confirm_means="")
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False) & ~Q(confirm_means=""),
                name="complaint_confirmed_by_whom_and_how",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(confirmed_at__gte=F("lodged_at")),
                name="complaint_confirmed_after_lodged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.lodged_at:%Y-%m-%d}"


class ComplaintSubjectQuerySet(models.QuerySet["ComplaintSubject"]):
    def visible_to(self, staff: Staff) -> ComplaintSubjectQuerySet:
        return self.filter(complaint__in=Complaint.objects.visible_to(staff).values("pk"))


class ComplaintSubject(models.Model):
    """A person the complaint is about. That they are barred is a part of the case; this says why."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="subjects")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    objects = ComplaintSubjectQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["complaint", "staff"], name="complaint_subject_once")]
