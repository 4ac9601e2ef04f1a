"""Who is on duty when."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation.organization.models.people import Staff
from foundation.organization.models.places import Hall


class DutyShiftQuerySet(models.QuerySet["DutyShift"]):
    def covering(self, at: datetime) -> DutyShiftQuerySet:
        return self.filter(starts_at__lte=at, ends_at__gt=at)


class DutyShift(models.Model):
    """Who is on duty at the desk, or on call outside opening hours."""

    hall = models.ForeignKey(Hall, verbose_name=_("hall"), on_delete=models.CASCADE, related_name="duty_shifts")
    staff = models.ForeignKey(
        Staff, verbose_name=_("staff member"), on_delete=models.CASCADE, related_name="duty_shifts"
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    is_on_call = models.BooleanField(_("on call, outside opening hours"), default=False)

    objects = DutyShiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty shift")
        verbose_name_plural = _("duty shifts")
        ordering = ["hall", "starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="duty_shift_forward"),
            models.UniqueConstraint(fields=["hall", "staff", "starts_at"], name="duty_shift_once"),
        ]
        indexes = [models.Index(fields=["hall", "ends_at"], name="duty_shift_by_end")]

    def __str__(self) -> str:
        return f"{self.staff} {self.starts_at:%Y-%m-%d %H:%M}"
