"""Who asked for the status of a case from outside, counted to slow down guessing; nothing in it tells who or what."""

from __future__ import annotations

from django.db import models


class StatusLookup(models.Model):
    address_token = models.CharField(max_length=32)
    """Keyed digest of the visitor's network address: counts, but cannot be read back."""
    code_token = models.CharField(max_length=32)
    looked_up_at = models.DateTimeField()
    is_right = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["address_token", "looked_up_at"], name="status_lookup_by_address"),
            models.Index(fields=["code_token", "looked_up_at"], name="status_lookup_by_code"),
            models.Index(fields=["looked_up_at"], name="status_lookup_by_time"),
        ]
