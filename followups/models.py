"""The follow-up: every attempt, what the resident said, and what follows from dissatisfaction."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cases.models import Attachment, Case, Part, TransferSlip
from cases.models.of_case import OfCaseQuerySet, kept
from cases.vocabulary import PartRole, SlipKind, StoodIn
from followups.posting import Posting as Posting
from foundation.notifications.half_addresses import token_of
from foundation.organization.models import Department, Hall, Role, Staff


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


HAPPY = (Satisfaction.SATISFIED, Satisfaction.BASICALLY)


class NotEvaluatedBecause(models.TextChoices):
    UNREACHABLE = "unreachable", _("nobody reached")
    ANONYMOUS = "anonymous", _("anonymous")
    IMPORTED = "imported", _("from an old register, which does not say")


class EvaluationLink(models.Model):
    """The resident's own way to the three questions of one round."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evaluation_links")
    round = models.PositiveSmallIntegerField()
    public_id = models.CharField(max_length=22, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = OfCaseQuerySet["EvaluationLink"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "round"], name="evaluation_link_once_a_round")]
        triggers = kept("evaluation_link", "expires_at", "sent_at", "used_at")

    def is_open(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at

    @property
    def path(self) -> str:
        """Within the site; who sends it puts the site's address before it."""
        return f"/h/{self.case.hall.code}/e/{token_of(self.public_id)}/"

    @property
    def half_path(self) -> str:
        """As it waits in the outbox: it is completed as it leaves."""
        return f"/h/{self.case.hall.code}/e/{self.public_id}!/"


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

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="conclusions")
    round = models.PositiveSmallIntegerField()
    letter = models.TextField()
    review_body = models.CharField(max_length=200)
    """Where the resident can ask for a review."""
    concluded_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    concluded_at = models.DateTimeField()

    objects = OfCaseQuerySet["Conclusion"].as_manager()

    class Meta:
        # Once more, where the director reopened what was concluded.
        constraints = [models.UniqueConstraint(fields=["case", "round"], name="conclusion_once_a_round")]
        triggers = kept("conclusion", "letter")


class RectificationNoticeQuerySet(OfCaseQuerySet["RectificationNotice"]):
    def visible_to(self, staff: Staff) -> Self:
        """Whoever sees the case; and the departments it is addressed to.

        Those whose result a merged case was answered with see the notice, and nothing else of that resident's case.
        """
        mine = staff.department_ids()
        shared = TransferSlip.objects.filter(shared_with=OuterRef("case"), department__in=mine)
        addressed = Q(department__in=mine) | Q(Exists(shared), round=1)
        seen = Q(case__in=Case.objects.visible_to(staff).values("pk"))
        barred = Part.objects.filter(case=OuterRef("case"), staff=staff, role=PartRole.BARRED, ended_at=None)
        return self.filter(seen | addressed).filter(~Exists(barred))


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

    objects = RectificationNoticeQuerySet.as_manager()

    class Meta:
        ordering = ["issued_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["case", "round"], name="rectification_once_a_round")]
        indexes = [models.Index(fields=["department", "-issued_at"], name="rectification_by_department")]
        triggers = kept("rectification", "reasons")

    def __str__(self) -> str:
        return self.number

    def assisting(self) -> list[Department]:
        """Those whose results went into that of the round: what did not hold is theirs as well."""
        slips = TransferSlip.objects.answering(self.case, self.round).filter(kind=SlipKind.ASSISTING)
        return list(Department.objects.filter(pk__in=slips.values("department")).order_by("name", "pk"))


REOPENED_WITHIN = timedelta(days=30)
"""After the archive; later the matter is registered anew."""


class LateAnswer(models.Model):
    """What was said beside the one evaluation of a round: kept, shown, and counted in no rate."""

    class Came(models.TextChoices):
        AFTER_ARCHIVE = "after_archive", _("after the matter was archived")
        ANONYMOUS = "anonymous", _("from a resident who stays anonymous")
        NEW_ROUND = "new_round", _("after the matter had moved on")
        SECOND_LOOK = "second_look", _("at a second look")

    class Decision(models.TextChoices):
        WAITS = "", _("waits for the director")
        NOT_NEEDED = "not_needed", _("nothing to decide")
        REOPENED = "reopened", _("reopened")
        CLOSED = "closed", _("stays closed")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="late_answers")
    round = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    came = models.CharField(max_length=13, choices=Came.choices)
    is_contacted = models.BooleanField(null=True)
    solved = models.CharField(max_length=6, choices=Solved.choices, blank=True)
    satisfaction = models.CharField(max_length=12, choices=Satisfaction.choices, blank=True)
    """The three answers; a second look tells in its own words what differs."""
    reasons = models.TextField(blank=True)
    remark = models.TextField(blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    """When the matter had been archived; empty where it was not."""
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True, default=Decision.WAITS)
    decided_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    word = models.TextField(blank=True)

    objects = OfCaseQuerySet["LateAnswer"].as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decision="reopened")
                | Q(archived_at__isnull=False, decided_at__lte=F("archived_at") + REOPENED_WITHIN),
                name="late_answer_reopened_in_time",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["", "not_needed"], decided_by=None, decided_at=None)
                | Q(decision__in=["reopened", "closed"], decided_by__isnull=False, decided_at__isnull=False),
                name="late_answer_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(came="second_look") | Q(is_contacted__isnull=False) & ~Q(solved="") & ~Q(satisfaction=""),
                name="late_answer_to_all_questions",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "at"], name="late_answer_by_case"),
            models.Index(fields=["at"], name="late_answer_waiting", condition=Q(decision="")),
        ]
        triggers = [
            *kept("late_answer", "reasons", "remark", "decision", "decided_by", "decided_at", "word"),
            pgtrigger.Protect(
                name="late_answer_decided",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__decided_at__isnull=False)
                & ~pgtrigger.Q(new__decision=pgtrigger.F("old__decision")),
            ),
        ]

    @property
    def is_unhappy(self) -> bool:
        """Whether somebody has to decide what becomes of it."""
        unhappy = self.satisfaction == Satisfaction.DISSATISFIED or self.solved == Solved.NO
        return unhappy or self.came == LateAnswer.Came.SECOND_LOOK


class SecondLookShare(models.Model):
    """How many in a hundred of the archived rounds a role looks at once more; set by the hall."""

    LOOKING = ((Role.DIRECTOR.value, Role.DIRECTOR.label), (Role.HEAD.value, Role.HEAD.label))

    hall = models.ForeignKey(Hall, on_delete=models.CASCADE, related_name="second_look_shares", verbose_name=_("hall"))
    role = models.CharField(_("role"), max_length=13, choices=LOOKING)
    percent = models.PositiveSmallIntegerField(_("percent"))

    class Meta:
        verbose_name = _("share of second looks")
        verbose_name_plural = _("shares of second looks")
        constraints = [
            models.UniqueConstraint(fields=["hall", "role"], name="second_look_share_once_a_role"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="second_look_share_at_most_all"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.percent} %"


class SecondLook(models.Model):
    """Head, director or who stands in asked the resident once more, about a round others handled and followed up."""

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed: it is as the follow-up says")
        DIFFERS = "differs", _("differs from what the follow-up says")
        NOT_REACHED = "not_reached", _("nobody reached")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="second_looks")
    round = models.PositiveSmallIntegerField()
    role = models.CharField(
        max_length=13, choices=(*SecondLookShare.LOOKING, (Role.SUPERVISOR.value, Role.SUPERVISOR.label))
    )
    """As what they looked; a supervisor where neither head nor director was left for it."""
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=11, choices=Outcome.choices)
    differs = models.TextField(blank=True)
    remark = models.TextField(blank=True)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True)

    objects = OfCaseQuerySet["SecondLook"].as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round", "role"],
                condition=~Q(outcome="not_reached"),
                name="second_look_once_a_role",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="differs") | ~Q(differs=""), name="second_look_says_what_differs"
            ),
        ]
        indexes = [models.Index(fields=["case", "round", "role"], name="second_look_of_round")]
        triggers = kept("second_look", "differs", "remark")
