"""What hangs on the notice board of a hall: drafted, reviewed for personal data, published, taken down."""

from __future__ import annotations

import uuid
from datetime import date, datetime

import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin

from cases.lifecycle import step
from cases.models import Case, Part
from cases.powers import acts_as_director, acts_as_receptionist
from cases.vocabulary import PartRole
from foundation.organization.models import Hall, Role, Staff

LONGEST_TITLE = 80
LONGEST_TEXT = 4000


class PostingKind(models.TextChoices):
    OUTCOME = "outcome", _("what became of a matter")
    IMPROVEMENT = "improvement", _("improvement from a suggestion")
    CORRECTION = "correction", _("apology or correction")
    PRAISE = "praise", _("praise passed on")
    FIGURES = "figures", _("figures of a month")
    NOTICE = "notice", _("notice")


FROM_A_CASE = (PostingKind.OUTCOME, PostingKind.IMPROVEMENT, PostingKind.CORRECTION, PostingKind.PRAISE)


class PostingState(models.TextChoices):
    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("to be reviewed")
    PUBLISHED = "published", _("on the board")
    TAKEN_DOWN = "taken_down", _("taken down")


UNPUBLISHED = (PostingState.DRAFT, PostingState.IN_REVIEW)


class TakenDownBecause(models.TextChoices):
    OVER = "over", _("it is over")
    WRONG = "wrong", _("something in it is not right")
    PERSONAL = "personal", _("it tells who somebody is")


# Who may do what with a posting. One about a case goes by the powers on that case: whoever is barred from it has none.


def directs(posting: Posting, staff: Staff) -> bool:
    """The director; on a case the director is barred from, and where a hall has none, the next level."""
    if posting.case is not None:
        return acts_as_director(posting.case, staff)
    return directs_board(posting.hall, staff)


def directs_board(hall: Hall, staff: Staff) -> bool:
    if staff.holds(Role.DIRECTOR, hall=hall):
        return True
    is_above = staff.holds(Role.SUPERVISOR, hall=hall)
    return is_above and not Staff.objects.holding(Role.DIRECTOR, hall=hall).exists()


def keeps_board(hall: Hall, staff: Staff) -> bool:
    """Who drafts what comes from no case: the desk and whoever directs."""
    return staff.holds(Role.RECEPTIONIST, hall=hall) or directs_board(hall, staff)


def edits(posting: Posting, staff: Staff) -> bool:
    """The desk, whoever directs, and who drafted it, as long as they may see its case."""
    if posting.case is None:
        return keeps_board(posting.hall, staff)
    if posting.case.bars(staff):
        return False
    is_drafter = posting.drafted_by_id == staff.pk and Case.objects.visible_to(staff).contains(posting.case)
    return is_drafter or acts_as_receptionist(posting.case, staff) or acts_as_director(posting.case, staff)


def edits_now(posting: Posting, staff: Staff) -> bool:
    """What was handed in lies with whoever directs; nobody else changes it under their eyes."""
    return directs(posting, staff) if posting.state == PostingState.IN_REVIEW else edits(posting, staff)


class PostingQuerySet(models.QuerySet["Posting"]):
    def visible_to(self, staff: Staff) -> PostingQuerySet:
        """What is on the board, everybody of the hall; the rest, whoever sees its case or all content of the hall.

        Whoever is barred from the case finds neither its draft nor what was taken down.
        """
        published = Q(state=PostingState.PUBLISHED)
        if not staff.belongs_to_street:
            published &= Q(hall__in=staff.hall_ids)
        inside = Q(pk__isnull=False) if staff.sees_all_content else Q(hall__in=staff.content_hall_ids)
        if staff.department_ids():
            of_departments = Case.objects.visible_to(staff).filter(slips__department__in=staff.department_ids())
            inside |= Q(case__in=of_departments.values("pk"))
        barred = Part.objects.filter(case=OuterRef("case"), staff=staff, role=PartRole.BARRED, ended_at=None)
        return self.filter(published | inside & ~Exists(barred))

    def published(self) -> PostingQuerySet:
        return self.filter(state=PostingState.PUBLISHED)


class Posting(FSMModelMixin, models.Model):
    hall = models.ForeignKey(Hall, on_delete=models.PROTECT, related_name="postings")
    kind = models.CharField(max_length=12, choices=PostingKind.choices)
    state = FSMField(default=PostingState.DRAFT, choices=PostingState.choices, protected=True, max_length=10)
    transition_no = models.PositiveIntegerField(default=0)
    """Grows with every action on it: what is published is what was on the page of whoever pressed."""
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="postings")
    """What it was drafted from. No page that is open to everybody tells which."""
    month = models.DateField(null=True, blank=True)
    """Of figures: the first day of their month."""
    title = models.CharField(max_length=LONGEST_TITLE)
    raised = models.TextField(blank=True)
    """What was raised; empty where nobody raised anything."""
    text = models.TextField()
    """What was done, or what there is to say."""
    remark = models.CharField(max_length=500, blank=True)
    """Of whoever directs to whoever drafted: what must change."""
    drafted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    handed_in_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of what was published; the hall's record has it too."""
    taken_down_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    taken_down_at = models.DateTimeField(null=True, blank=True)
    taken_down_because = models.CharField(max_length=8, choices=TakenDownBecause.choices, blank=True)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=FROM_A_CASE, case__isnull=False) | ~Q(kind__in=FROM_A_CASE) & Q(case=None),
                name="posting_case_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind=PostingKind.FIGURES, month__isnull=False)
                | ~Q(kind=PostingKind.FIGURES) & Q(month=None),
                name="posting_month_fits_kind",
            ),
            models.CheckConstraint(condition=~Q(title="") & ~Q(text=""), name="posting_says_something"),
            models.CheckConstraint(
                condition=Q(state__in=UNPUBLISHED, published_at=None, published_by=None, digest="")
                | ~Q(state__in=UNPUBLISHED) & Q(published_at__isnull=False, published_by__isnull=False) & ~Q(digest=""),
                name="posting_published_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state=PostingState.TAKEN_DOWN, taken_down_at__isnull=False, taken_down_by__isnull=False)
                & ~Q(taken_down_because="")
                | ~Q(state=PostingState.TAKEN_DOWN) & Q(taken_down_at=None, taken_down_by=None, taken_down_because=""),
                name="posting_taken_down_for_a_reason",
            ),
            models.UniqueConstraint(
                fields=["hall", "month"],
                condition=Q(kind=PostingKind.FIGURES) & ~Q(state=PostingState.TAKEN_DOWN),
                name="posting_figures_once_a_month",
            ),
        ]
        indexes = [
            models.Index(
                fields=["hall", "-published_at", "-id"],
                name="posting_on_the_board",
                condition=Q(state=PostingState.PUBLISHED),
            ),
            models.Index(fields=["hall", "state", "-drafted_at", "-id"], name="posting_by_state"),
        ]
        triggers = [
            # What everybody could read stays what it was; only what was taken down can be erased.
            pgtrigger.Protect(
                name="posting_published_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state=PostingState.PUBLISHED)
                & (
                    pgtrigger.Q(new__state__in=UNPUBLISHED)
                    | ~pgtrigger.Q(new__title=pgtrigger.F("old__title"))
                    | ~pgtrigger.Q(new__raised=pgtrigger.F("old__raised"))
                    | ~pgtrigger.Q(new__text=pgtrigger.F("old__text"))
                ),
            ),
            pgtrigger.Protect(
                name="posting_taken_down_stays_so",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state=PostingState.TAKEN_DOWN)
                & ~pgtrigger.Q(new__state=PostingState.TAKEN_DOWN),
            ),
            pgtrigger.Protect(
                name="posting_published_kept",
                operation=pgtrigger.Delete,
                condition=~pgtrigger.Q(old__state__in=UNPUBLISHED),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_published(self) -> bool:
        return bool(self.state == PostingState.PUBLISHED)

    @property
    def texts(self) -> dict[str, str]:
        """Everything of it that is read, by the name of its field."""
        return {name: getattr(self, name) for name in ("title", "raised", "text") if getattr(self, name)}

    @property
    def paragraphs(self) -> dict[str, list[str]]:
        """The two longer texts by their paragraphs."""
        return {
            name: [line for line in getattr(self, name).splitlines() if line.strip()] for name in ("raised", "text")
        }

    @step(field=state, source=UNPUBLISHED, target=None, permission=edits_now)
    def change(self, *, title: str, raised: str, text: str) -> None:
        self.title, self.raised, self.text = title, raised, text

    @step(field=state, source=UNPUBLISHED, target=None, permission=edits_now)
    def discard(self) -> None:
        """It is not going to be published: its row goes."""

    @step(field=state, source=PostingState.DRAFT, target=PostingState.IN_REVIEW, permission=edits)
    def hand_in(self, *, now: datetime) -> None:
        """The draft goes to whoever directs."""
        self.handed_in_at, self.remark = now, ""

    @step(field=state, source=PostingState.IN_REVIEW, target=PostingState.DRAFT, permission=directs)
    def give_back(self, *, remark: str) -> None:
        """To whoever drafted it, with what must change."""
        self.handed_in_at, self.remark = None, remark

    @step(field=state, source=PostingState.IN_REVIEW, target=PostingState.PUBLISHED, permission=directs)
    def publish(self, *, by: Staff, now: datetime, digest: str) -> None:
        """It hangs on the board from now on, as it is."""
        self.published_by, self.published_at, self.digest, self.remark = by, now, digest, ""

    @step(field=state, source=PostingState.PUBLISHED, target=PostingState.TAKEN_DOWN, permission=directs)
    def take_down(self, *, by: Staff, now: datetime, because: str) -> None:
        """Whoever follows its address is told that it was taken down."""
        self.taken_down_by, self.taken_down_at, self.taken_down_because = by, now, because


def first_of_month(day: date) -> date:
    return day.replace(day=1)
