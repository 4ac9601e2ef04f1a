"""Who is part of a case: its owner, handlers, followers-up, named contact, and whoever is barred from it."""

from __future__ import annotations

from typing import Final

from django.db import connection, models
from django.db.models import Q

from cases.vocabulary import PartRole
from foundation.organization.models import Staff

STAFF: Final = [field.attname for field in Staff._meta.concrete_fields]


class Part(models.Model):
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="parts")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="parts")
    role = models.CharField(max_length=12, choices=PartRole.choices)
    round = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "staff", "role", "round"], condition=Q(ended_at=None), name="part_once"
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(role=PartRole.OWNER, ended_at=None), name="part_one_owner"
            ),
        ]
        indexes = [
            models.Index(
                fields=["staff", "case"],
                name="part_barred",
                condition=Q(role=PartRole.BARRED, ended_at=None),
            ),
        ]

    @classmethod
    def active_of(cls, case_id: int | None) -> list[Part]:
        """With the people, in the order they came. Every verb asks it: building the question would take longest."""
        own = [field.attname for field in cls._meta.concrete_fields]
        columns = [f"part.{name}" for name in own] + [f"staff.{name}" for name in STAFF]
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(columns)} FROM {cls._meta.db_table} AS part "  # noqa: S608 - fixed texts
                f"JOIN {Staff._meta.db_table} AS staff ON staff.id = part.staff_id "
                "WHERE part.case_id = %s AND part.ended_at IS NULL ORDER BY part.id",
                [case_id],
            )
            rows = cursor.fetchall()
        parts = []
        for row in rows:
            part = cls.from_db(connection.alias, own, row[: len(own)])
            part.staff = Staff.from_db(connection.alias, STAFF, row[len(own) :])
            parts.append(part)
        return parts
