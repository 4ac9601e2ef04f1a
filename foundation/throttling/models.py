"""How often strangers did something, and what can be used once only. Nobody's address is kept, only a keyed digest."""

from django.db import models


class Use(models.Model):
    scope = models.CharField(max_length=40)
    """What was done: `complaint`, `tracking`, …"""
    who = models.CharField(max_length=32)
    """Keyed digest of a network address, a tracking code or a hall."""
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["scope", "who", "at"], name="throttling_use_of"),
            models.Index(fields=["at"], name="throttling_use_by_age"),
        ]


class Spent(models.Model):
    """Something that proves its sender once and never again, such as a solved puzzle."""

    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="throttling_spent_by_age")]
