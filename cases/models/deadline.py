"""The clocks of a case and its slips: one row each. A finished row never changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pgtrigger
from django.db import models
from django.db.models import F, Q

from cases.models.case import Case
from cases.models.slip import TransferSlip
from cases.vocabulary import ClockOutcome
from foundation.deadlines.calendar import Unit
from foundation.deadlines.models import ClockKind, Term
from foundation.organization.models import Hall

END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)


TOLD_OF = (ClockKind.PROMISE, ClockKind.FEEDBACK)
"""Clocks whose end the resident waits for."""
UNTOLD = Q(outcome="", paused_at=None, kind__in=TOLD_OF) & (Q(told_for=None) | ~Q(told_for=F("due_at")))


class CaseDeadlineQuerySet(models.QuerySet["CaseDeadline"]):
    def running(self) -> CaseDeadlineQuerySet:
        return self.filter(outcome=ClockOutcome.RUNNING)

    def ticking(self) -> CaseDeadlineQuerySet:
        """Running and not paused."""
        return self.running().filter(paused_at=None)

    def due_for_a_look(self, now: datetime) -> CaseDeadlineQuerySet:
        return self.running().filter(next_alert_at__lte=now)

    def warned_and_untold(self, now: datetime) -> CaseDeadlineQuerySet:
        """Those that come to their end, of which nobody has seen to it yet that the resident hears it."""
        return self.filter(UNTOLD, warn_at__lte=now)


class CaseDeadline(models.Model):
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="deadlines")
    slip = models.ForeignKey(TransferSlip, null=True, blank=True, on_delete=models.PROTECT, related_name="deadlines")
    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=ClockKind.choices)
    round = models.PositiveSmallIntegerField()
    term = models.ForeignKey(Term, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    length = models.PositiveIntegerField()
    unit = models.CharField(max_length=14, choices=Unit.choices)
    is_urgent = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    next_alert_at = models.DateTimeField(null=True, blank=True)
    """When the sweep looks at this row next; empty: never again."""
    paused_at = models.DateTimeField(null=True, blank=True)
    """Since when it stands still; due_at is then still the old one, and moves by the paused working time at the end."""
    told_for = models.DateTimeField(null=True, blank=True)
    """The due time of which it was seen to that the resident hears before it that it may take longer."""
    step = models.PositiveSmallIntegerField(default=0)
    """Position of the last step of the alert ladder that was taken."""
    outcome = models.CharField(max_length=10, choices=ClockOutcome.choices, blank=True, default=ClockOutcome.RUNNING)
    finished_at = models.DateTimeField(null=True, blank=True)
    explanation = models.JSONField()
    """Why this hour: shape as in foundation.deadlines.calendar, with what has moved it since (.moves)."""
    failure = models.TextField(blank=True)
    """What went wrong when the sweep looked at this row; shown to supervisors until a look succeeds."""
    failed_at = models.DateTimeField(null=True, blank=True)

    objects = CaseDeadlineQuerySet.as_manager()

    class Meta:
        triggers = [
            pgtrigger.Protect(
                name="finished_deadline_stays",
                operation=pgtrigger.Update,
                # A term that an administrator deletes may be forgotten; length and unit stand on the row itself.
                condition=pgtrigger.Condition(
                    "OLD.outcome <> '' AND to_jsonb(OLD) - 'term_id' IS DISTINCT FROM to_jsonb(NEW) - 'term_id'"
                ),
            ),
            pgtrigger.Protect(name="deadline_kept", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "slip", "kind"],
                condition=Q(outcome=""),
                nulls_distinct=False,
                name="deadline_runs_once",
            ),
            models.UniqueConstraint(
                fields=["case", "round"], condition=Q(kind="promise"), name="deadline_one_promise_a_round"
            ),
            models.CheckConstraint(condition=Q(due_at__gte=F("started_at")), name="deadline_forward"),
            # PostgreSQL knows infinity, Python does not: one such row would keep every sweep from reading.
            models.CheckConstraint(
                condition=Q(due_at__lt=END_OF_TIME, warn_at__lt=END_OF_TIME)
                & (Q(next_alert_at=None) | Q(next_alert_at__lt=END_OF_TIME)),
                name="deadline_readable",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", finished_at=None) | ~Q(outcome="") & Q(finished_at__isnull=False),
                name="deadline_finished_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(paused_at=None) | Q(outcome="", next_alert_at=None), name="deadline_paused_while_running"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_alert_at"],
                name="deadline_next_look",
                condition=Q(outcome="", next_alert_at__isnull=False),
            ),
            models.Index(fields=["warn_at"], name="deadline_untold", condition=UNTOLD),
            models.Index(fields=["hall", "kind", "due_at"], name="deadline_running", condition=Q(outcome="")),
            models.Index(fields=["case", "-started_at"], name="deadline_by_case"),
            models.Index(fields=["hall", "finished_at"], name="deadline_finished", condition=~Q(outcome="")),
            models.Index(fields=["hall", "failed_at"], name="deadline_failed", condition=Q(failed_at__isnull=False)),
            models.Index(fields=["hall"], name="deadline_paused", condition=Q(outcome="", paused_at__isnull=False)),
        ]

    @property
    def is_running(self) -> bool:
        return self.outcome == ClockOutcome.RUNNING

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @property
    def was_late(self) -> bool:
        """Cancelled after its due time counts as late, like met late."""
        return self.finished_at is not None and self.finished_at > self.due_at
