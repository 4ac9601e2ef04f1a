"""How often strangers did something, how much they brought, and what is good once; never who: a keyed digest."""

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


class Volume(models.Model):
    """How much came in on one day."""

    scope = models.CharField(max_length=40)
    who = models.CharField(max_length=32)
    """As of `Use`."""
    day = models.DateField()
    amount = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "who", "day"], name="throttling_volume_of")]


class Spent(models.Model):
    """Something that proves its sender once and never again, such as a solved puzzle."""

    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="throttling_spent_by_age")]
