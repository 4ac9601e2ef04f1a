"""The follow-up: every attempt, what the resident said, and what follows from dissatisfaction."""

from __future__ import annotations

import uuid
from typing import Self, TypeVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Attachment, Case
from cases.vocabulary import StoodIn
from foundation.organization.models import Department, Staff


class Means(models.TextChoices):
    PHONE = "phone", _("by phone")
    VISIT = "visit", _("home visit")
    DESK = "desk", _("at the desk")


class EvaluationChannel(models.TextChoices):
    PHONE = "phone", _("by phone")
    VISIT = "visit", _("home visit")
    DESK_TABLET = "desk_tablet", _("on the tablet at the desk")
    DESK_PAPER = "desk_paper", _("on paper at the desk")
    LINK = "link", _("over the link")


ENTERED_BY_RESIDENT = (EvaluationChannel.DESK_TABLET, EvaluationChannel.DESK_PAPER, EvaluationChannel.LINK)


class Solved(models.TextChoices):
    YES = "yes", _("solved")
    PARTLY = "partly", _("partly solved")
    NO = "no", _("not solved")


class Satisfaction(models.TextChoices):
    SATISFIED = "satisfied", _("satisfied")
    BASICALLY = "basically", _("basically satisfied")
    DISSATISFIED = "dissatisfied", _("not satisfied")


class NotEvaluatedBecause(models.TextChoices):
    UNREACHABLE = "unreachable", _("nobody reached")
    ANONYMOUS = "anonymous", _("anonymous")
    IMPORTED = "imported", _("from an old register, which does not say")


Row = TypeVar("Row", bound=models.Model, covariant=True)


class OfCaseQuerySet(models.QuerySet[Row]):
    def visible_to(self, staff: Staff) -> Self:
        """Whoever sees the case sees its follow-up; barred persons see neither."""
        return self.filter(case__in=Case.objects.visible_to(staff).values("pk"))


def kept(name: str, *erasable: str) -> list[pgtrigger.Trigger]:
    """What residents said is never altered; only free texts can be erased."""
    return [
        pgtrigger.Protect(
            name=f"{name}_stays", operation=pgtrigger.Update, condition=pgtrigger.AnyChange(exclude=list(erasable))
        ),
        pgtrigger.Protect(name=f"{name}_kept", operation=pgtrigger.Delete),
    ]


class FollowUpAttempt(models.Model):
    """One try to ask the resident, whether it reached them or not."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="follow_up_attempts")
    round = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    means = models.CharField(max_length=8, choices=Means.choices)
    is_reached = models.BooleanField()
    remark = models.CharField(max_length=500, blank=True)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True)

    objects = OfCaseQuerySet["FollowUpAttempt"].as_manager()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["case", "round", "at"], name="follow_up_attempt_by_case")]
        triggers = kept("follow_up_attempt", "remark")


class Evaluation(models.Model):
    """The three questions, once a round: were you contacted, is it solved, are you satisfied."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evaluations")
    round = models.PositiveSmallIntegerField()
    is_contacted = models.BooleanField()
    solved = models.CharField(max_length=6, choices=Solved.choices)
    satisfaction = models.CharField(max_length=12, choices=Satisfaction.choices)
    channel = models.CharField(max_length=12, choices=EvaluationChannel.choices)
    is_entered_by_resident = models.BooleanField()
    reasons = models.TextField(blank=True)
    remark = models.TextField(blank=True)
    signature = models.ForeignKey(Attachment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    stood_in = models.CharField(max_length=10, choices=StoodIn.choices, blank=True, default=StoodIn.NOBODY)
    at = models.DateTimeField()
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True)

    objects = OfCaseQuerySet["Evaluation"].as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "round"], name="evaluation_once_a_round"),
            models.CheckConstraint(
                condition=~Q(satisfaction=Satisfaction.DISSATISFIED) & ~Q(solved=Solved.NO) | ~Q(reasons=""),
                name="evaluation_reasons_given",
            ),
            models.CheckConstraint(
                condition=Q(is_entered_by_resident=True, channel__in=ENTERED_BY_RESIDENT, stood_in="")
                | Q(is_entered_by_resident=False) & ~Q(channel__in=ENTERED_BY_RESIDENT),
                name="evaluation_entered_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(channel=EvaluationChannel.DESK_TABLET) | Q(signature__isnull=False),
                name="evaluation_signed_on_tablet",
            ),
            models.CheckConstraint(
                condition=Q(recorded_by__isnull=False) | Q(channel=EvaluationChannel.LINK),
                name="evaluation_recorded_by_somebody",
            ),
        ]
        # The rates of some days.
        indexes = [models.Index(fields=["at"], name="evaluation_by_day")]
        triggers = kept("evaluation", "reasons", "remark", "signature")


class UnevaluatedRound(models.Model):
    """A round that was archived without an evaluation, and why; counted apart from every rate."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="unevaluated_rounds")
    round = models.PositiveSmallIntegerField()
    because = models.CharField(max_length=12, choices=NotEvaluatedBecause.choices)
    closed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    stood_in = models.CharField(max_length=10, choices=StoodIn.choices, blank=True, default=StoodIn.NOBODY)
    at = models.DateTimeField()

    objects = OfCaseQuerySet["UnevaluatedRound"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "round"], name="unevaluated_once_a_round")]
        indexes = [models.Index(fields=["at"], name="unevaluated_by_day")]
        triggers = kept("unevaluated_round")


class Conclusion(models.Model):
    """After two rounds the director ends the matter with a reasoned letter; it counts as not satisfied."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="conclusion")
    round = models.PositiveSmallIntegerField()
    letter = models.TextField()
    review_body = models.CharField(max_length=200)
    """Where the resident can ask for a review."""
    concluded_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    concluded_at = models.DateTimeField()

    objects = OfCaseQuerySet["Conclusion"].as_manager()

    class Meta:
        triggers = kept("conclusion", "letter")


class RectificationNotice(models.Model):
    """The written notice to whoever handled the round, at the moment of the dissatisfied answer."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="rectification_notices")
    round = models.PositiveSmallIntegerField()
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="rectification_notices"
    )
    """Empty only where the desk answered on the spot in a hall that is no department of its own."""
    number = models.CharField(max_length=30, unique=True)
    reasons = models.TextField()
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """Who recorded the answer; empty when the resident sent it over the link."""

    objects = OfCaseQuerySet["RectificationNotice"].as_manager()

    class Meta:
        ordering = ["issued_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["case", "round"], name="rectification_once_a_round")]
        indexes = [models.Index(fields=["department", "-issued_at"], name="rectification_by_department")]
        triggers = kept("rectification", "reasons")

    def __str__(self) -> str:
        return self.number
