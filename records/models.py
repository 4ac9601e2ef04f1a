"""Old registers that come in, registers that go out: a row for each piece of work, which any worker can go on with.

The file somebody gave is kept beside the row until the work is long done; nothing of its contents is copied in here.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.vocabulary import Nature
from foundation.organization.models import Category, Hall, Role, Staff
from reception.models import Channel


class ImportState(models.TextChoices):
    DRAFT = "draft", _("to be set up")
    CHECKING = "checking", _("being tried")
    CHECKED = "checked", _("tried")
    RUNNING = "running", _("coming in")
    DONE = "done", _("done")
    FAILED = "failed", _("not possible")


class ExportState(models.TextChoices):
    RUNNING = "running", _("being written")
    DONE = "done", _("done")
    FAILED = "failed", _("not possible")


def import_name(job: ImportJob, filename: str) -> str:
    return f"imports/{job.hall_id}/{job.public_id.hex}"


def export_name(job: ExportJob, filename: str) -> str:
    return f"exports/{job.hall_id}/{uuid.uuid4().hex}"


class Work(models.Model):
    """Work that outlives the process doing it: claimed for a while, and free again when the claim was not renewed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    total = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    """How many rows are done with, in the order in which they are taken."""
    error = models.CharField(max_length=300, blank=True)
    claim = models.UUIDField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    """Claims since the work last got on; what never gets on is given up."""
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def percent(self) -> int:
        return min(100, self.position * 100 // self.total) if self.total else 0


class ImportJobQuerySet(models.QuerySet["ImportJob"]):
    def visible_to(self, staff: Staff) -> ImportJobQuerySet:
        """A register of old is the directors' business, of each hall's own."""
        directed = {one.hall_id for one in staff.active_memberships if one.role == Role.DIRECTOR.value}
        return self.filter(hall__in=directed)

    def waiting(self, now: datetime) -> ImportJobQuerySet:
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        return self.filter(free, state__in=[ImportState.CHECKING, ImportState.RUNNING]).order_by("pk")


class ImportJob(Work):
    """One file of an old register."""

    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """Empty: whoever runs the program's commands."""
    actor = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """In whose name the matters are registered; chosen before anything begins."""
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.DRAFT)
    file = models.FileField(upload_to=import_name, max_length=120)
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    """{our field: number of the column, from 0}"""
    nature = models.CharField(max_length=12, choices=Nature.choices, default=Nature.REQUEST)
    """Of rows that do not say; category and channel likewise."""
    channel = models.CharField(max_length=20, choices=Channel.choices, default=Channel.WALK_IN)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    suggests = models.BooleanField(default=False)
    """Whether a row without a category of ours gets the one that similar cases have."""
    imported = models.PositiveIntegerField(default=0)
    already = models.PositiveIntegerField(default=0)
    faulty = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["hall", "-created_at"], name="import_by_hall"),
            models.Index(fields=["id"], name="import_unfinished", condition=Q(state__in=["checking", "running"])),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_at_work(self) -> bool:
        return self.state in (ImportState.CHECKING, ImportState.RUNNING)


class ImportFault(models.Model):
    """A row that cannot come in, and why. The row itself stays in the file."""

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="faults")
    line = models.PositiveIntegerField()
    field = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["job", "line"], name="import_fault_once")]


class ImportedCase(models.Model):
    """By which a row of an old register is known again: importing it twice changes nothing."""

    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=80)
    """Their number; for a register without numbers a keyed digest of time and matter."""
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="imported_as")
    job = models.ForeignKey(ImportJob, on_delete=models.PROTECT, related_name="cases")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hall", "key"], name="imported_once_in_hall")]


class ExportJobQuerySet(models.QuerySet["ExportJob"]):
    def visible_to(self, staff: Staff) -> ExportJobQuerySet:
        """Only who asked for it: another reader would have been shown other cases and other names."""
        return self.filter(asked_by=staff)

    def waiting(self, now: datetime) -> ExportJobQuerySet:
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        return self.filter(free, state=ExportState.RUNNING).order_by("pk")


class ExportJob(Work):
    """One register asked for as an Excel file."""

    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ExportState.choices, default=ExportState.RUNNING)
    filters = models.TextField(blank=True)
    """The list as its address said it; emptied with the file, because words that were looked for stand in it."""
    language = models.CharField(max_length=10)
    file = models.FileField(upload_to=export_name, max_length=120, blank=True)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True)

    objects = ExportJobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["asked_by", "-created_at"], name="export_by_asker"),
            models.Index(fields=["id"], name="export_unfinished", condition=Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"{self.hall.code} {self.created_at:%Y-%m-%d}"
