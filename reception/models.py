"""Visits: who came, by which door, and what they said. One row of the registration form each."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.organization.models import Hall, Staff
from foundation.residents.models import Resident


class Channel(models.TextChoices):
    WALK_IN = "walk_in", _("visit")
    PHONE = "phone", _("phone call")
    LETTER = "letter", _("letter")
    SUGGESTION_BOX = "suggestion_box", _("suggestion box")
    EMAIL = "email", _("e-mail")
    WEB = "web", _("web")
    WECHAT = "wechat", _("WeChat")
    GRID_WORKER = "grid_worker", _("grid worker")
    HANDED_DOWN = "handed_down", _("handed down from above")
    PATROL = "patrol", _("found on patrol")


class Identity(models.TextChoices):
    NAMED = "named", _("named")
    HIDDEN = "hidden", _("identity hidden")
    ANONYMOUS = "anonymous", _("anonymous")


class Visit(models.Model):
    """One contact of a resident, or of nobody known. Who may see it is who may see its case."""

    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="visits")
    resident = models.ForeignKey(Resident, null=True, blank=True, on_delete=models.PROTECT, related_name="visits")
    identity = models.CharField(max_length=10, choices=Identity.choices, default=Identity.NAMED)
    channel = models.CharField(max_length=20, choices=Channel.choices)
    matter = models.TextField()
    headcount = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField()
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="registered_visits")
    is_verified = models.BooleanField(default=False)
    """Whether the entry was read back to the resident and found right."""
    outside_number = models.CharField(max_length=60, blank=True)
    outside_due_at = models.DateTimeField(null=True, blank=True)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(headcount__gte=1), name="visit_headcount_positive"),
            models.CheckConstraint(
                condition=Q(identity=Identity.ANONYMOUS, resident=None)
                | ~Q(identity=Identity.ANONYMOUS) & Q(resident__isnull=False),
                name="visit_resident_unless_anonymous",
            ),
            models.CheckConstraint(condition=~Q(matter=""), name="visit_matter_given"),
        ]
        indexes = [
            models.Index(fields=["hall", "-received_at"], name="visit_by_day"),
            models.Index(fields=["resident", "-received_at"], name="visit_by_resident"),
        ]
