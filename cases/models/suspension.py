"""What moves a limit: pauses, shelving and the one extension of a case."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from cases.models.case import Case
from cases.models.slip import TransferSlip
from cases.vocabulary import ExtensionState, PauseReason, PauseState
from foundation.organization.models import Staff

OPEN_PAUSES = (PauseState.ASKED, PauseState.RUNNING)


class Pause(models.Model):
    """Clocks that stand still: of a slip (its handling, and of the lead the promise), or of the case in feedback."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="pauses")
    slip = models.ForeignKey(TransferSlip, null=True, blank=True, on_delete=models.PROTECT, related_name="pauses")
    round = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=PauseState.choices, default=PauseState.ASKED)
    reason = models.CharField(max_length=12, choices=PauseReason.choices)
    is_shelved = models.BooleanField(default=False)
    """Beyond ten working days; approved by the director, reviewed every month."""
    text = models.TextField()
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    """When it was refused, or granted and so begun."""
    decision = models.TextField(blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    """When it ends by itself (the cap of ten working days); of a shelved one: when it must be reviewed next."""
    ended_at = models.DateTimeField(null=True, blank=True)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "slip"],
                condition=Q(state__in=OPEN_PAUSES),
                nulls_distinct=False,
                name="pause_one_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="pause_with_reason"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("decided_at")), name="pause_ends_after_it_began"
            ),
        ]
        indexes = [
            models.Index(fields=["ends_at"], name="pause_next_look", condition=Q(state=PauseState.RUNNING)),
            models.Index(fields=["case", "-asked_at"], name="pause_by_case"),
        ]


class Extension(models.Model):
    """At most once a case, granted before the limit has passed; it moves handling and promise together."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="extensions")
    slip = models.ForeignKey(TransferSlip, on_delete=models.PROTECT, related_name="extensions")
    state = models.CharField(max_length=8, choices=ExtensionState.choices, default=ExtensionState.ASKED)
    working_days = models.PositiveSmallIntegerField()
    reason = models.TextField()
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.TextField(blank=True)
    old_due_at = models.DateTimeField(null=True, blank=True)
    """The promised date before and after, kept for the paper that is signed."""
    new_due_at = models.DateTimeField(null=True, blank=True)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            # The same matter is put off once at most: the database itself refuses a second.
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=(ExtensionState.ASKED, ExtensionState.GRANTED)),
                name="extension_once_a_case",
            ),
            models.CheckConstraint(condition=Q(working_days__gte=1) & ~Q(reason=""), name="extension_with_reason"),
        ]
