"""Terms, the hall's own calendar days and the alert ladder: the rows an administrator edits."""

from __future__ import annotations

from typing import Self, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation.deadlines.calendar import LENGTH_MESSAGE, MAX_LENGTH, DayKind, Unit
from foundation.organization.models import Category, Hall, Staff


class ClockKind(models.TextChoices):
    DISPATCH = "dispatch", _("dispatch")
    PROMISE = "promise", _("promise")
    CONFIRM = "confirm", _("confirmation of a complaint")
    SIGN_IN = "sign_in", _("signing in")
    CONTACT = "contact", _("first contact by the handler")
    INVESTIGATE = "investigate", _("start of the investigation")
    HANDLE = "handle", _("handling")
    PLAN = "plan", _("plan")
    FEEDBACK = "feedback", _("informing the resident")
    FOLLOW_UP = "follow_up", _("first follow-up attempt")
    OUTCOME = "outcome", _("outcome of the follow-up")
    DECLINE_NOTICE = "decline_notice", _("telling the resident of the refusal")
    SUPERVISION = "supervision", _("answer to a supervision notice")


class Nature(models.TextChoices):
    CONSULTATION = "consultation", _("consultation")
    REQUEST = "request", _("request")
    COMPLAINT = "complaint", _("complaint")
    REPORT = "report", _("report of wrongdoing")
    SUGGESTION = "suggestion", _("suggestion")
    PRAISE = "praise", _("praise")


class Urgency(models.TextChoices):
    NORMAL = "normal", _("normal")
    URGENT = "urgent", _("urgent")


class Variant(models.TextChoices):
    """Which leg a clock runs on, where one kind is given different time on different legs."""

    LEAD = "lead", _("lead department of a coordinated case")
    ASSISTING = "assisting", _("assisting department")
    OUTSIDE = "outside", _("outside unit")


Row = TypeVar("Row", bound=models.Model, covariant=True)


class HallRowQuerySet(models.QuerySet[Row]):
    def visible_to(self, staff: Staff) -> Self:
        return self.filter(hall__in=Hall.objects.visible_to(staff))


class Term(models.Model):
    """How much time one kind of clock is given in one hall. Empty fields mean "any"; the most specific wins."""

    hall = models.ForeignKey(Hall, verbose_name=_("hall"), on_delete=models.CASCADE, related_name="terms")
    kind = models.CharField(_("time limit"), max_length=20, choices=ClockKind.choices)
    variant = models.CharField(_("leg"), max_length=10, choices=Variant.choices, blank=True)
    category = models.ForeignKey(
        Category,
        verbose_name=_("category"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="terms",
        help_text=_("A theme covers every category under it."),
    )
    nature = models.CharField(_("nature"), max_length=20, choices=Nature.choices, blank=True)
    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency.choices, blank=True)
    length = models.PositiveIntegerField(
        _("length"),
        validators=[MinValueValidator(1, LENGTH_MESSAGE), MaxValueValidator(MAX_LENGTH, LENGTH_MESSAGE)],
    )
    unit = models.CharField(_("unit"), max_length=15, choices=Unit.choices)
    warning_lead_minutes = models.PositiveIntegerField(
        _("warning, minutes before the end"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: the warning comes when three quarters of the time have passed."),
    )

    objects = HallRowQuerySet["Term"].as_manager()

    class Meta:
        verbose_name = _("time limit rule")
        verbose_name_plural = _("time limit rules")
        ordering = ["hall", "kind", "variant", "category", "nature", "urgency"]
        constraints = [
            models.UniqueConstraint(
                fields=["hall", "kind", "variant", "category", "nature", "urgency"],
                nulls_distinct=False,
                name="term_once",
                violation_error_message=_("There is already a rule for exactly this; change that one."),
            ),
            models.CheckConstraint(
                condition=Q(length__gte=1, length__lte=MAX_LENGTH),
                name="term_length",
                violation_error_message=LENGTH_MESSAGE,
            ),
            models.CheckConstraint(
                condition=Q(warning_lead_minutes=None) | Q(warning_lead_minutes__gte=1), name="term_warning_lead"
            ),
            models.CheckConstraint(condition=Q(kind__in=ClockKind.values), name="term_kind"),
            models.CheckConstraint(condition=Q(unit__in=Unit.values), name="term_unit"),
        ]

    def __str__(self) -> str:
        which = [self.get_variant_display(), self.category, self.get_nature_display(), self.get_urgency_display()]
        named = " · ".join(str(part) for part in [self.get_kind_display(), *which] if part)
        return f"{named}: {self.length} {self.get_unit_display()}"

    def clean(self) -> None:
        if self.category_id and self.category and self.category.hall_id != self.hall_id:
            raise ValidationError({"category": _("This category belongs to another hall.")})


class CalendarDay(models.Model):
    """What a hall has decided for one date: closed, open although it would not be, or open at other hours."""

    hall = models.ForeignKey(Hall, verbose_name=_("hall"), on_delete=models.CASCADE, related_name="calendar_days")
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=15, choices=DayKind.choices)
    opens = models.TimeField(_("opens"), null=True, blank=True)
    closes = models.TimeField(
        _("closes"),
        null=True,
        blank=True,
        help_text=_("An extra day without times has the hours of its weekday, or of an ordinary working day."),
    )
    name = models.CharField(
        _("name"),
        max_length=60,
        help_text=_("Residents read it where a time limit is explained, for example: power cut."),
    )

    objects = HallRowQuerySet["CalendarDay"].as_manager()

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ["hall", "-date"]
        constraints = [
            models.UniqueConstraint(
                fields=["hall", "date"],
                name="calendar_day_once",
                violation_error_message=_("This date is already in the calendar; change that entry."),
            ),
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")) | Q(opens=None) | Q(closes=None),
                name="calendar_day_forward",
                violation_error_message=_("The hall must close after it opens."),
            ),
            models.CheckConstraint(
                condition=Q(kind=DayKind.CLOSURE, opens=None, closes=None)
                | Q(kind=DayKind.EXTRA_DAY, opens=None, closes=None)
                | Q(kind__in=[DayKind.EXTRA_DAY, DayKind.CHANGED_HOURS], opens__isnull=False, closes__isnull=False),
                name="calendar_day_times_fit_kind",
                violation_error_message=_(
                    "A closed day has no times, changed hours need both, an extra day has both or none."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.get_kind_display()} {self.name}"


class AnnouncedYear(models.Model):
    """A year whose holiday arrangement the hall has entered itself, day by day, because the program did not know it.

    Without this row every time limit of that year would go on being called provisional until the next update.
    """

    hall = models.ForeignKey(Hall, verbose_name=_("hall"), on_delete=models.CASCADE, related_name="announced_years")
    year = models.PositiveSmallIntegerField(_("year"), validators=[MinValueValidator(2001), MaxValueValidator(2100)])

    objects = HallRowQuerySet["AnnouncedYear"].as_manager()

    class Meta:
        verbose_name = _("year with its holidays entered by hand")
        verbose_name_plural = _("years with their holidays entered by hand")
        ordering = ["hall", "-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["hall", "year"],
                name="announced_year_once",
                violation_error_message=_("This year is already marked."),
            )
        ]

    def __str__(self) -> str:
        return str(self.year)


class Anchor(models.TextChoices):
    WARNING = "warning", _("at the warning")
    DUE = "due", _("at the due time")


class Audience(models.TextChoices):
    RESPONSIBLE = "responsible", _("who is responsible now")
    HEAD = "head", _("their department head")
    DIRECTOR = "director", _("the hall director")
    SUPERVISOR = "supervisor", _("the supervisors")


class Card(models.TextChoices):
    YELLOW = "yellow", _("yellow card")
    RED = "red", _("red card")


class LadderStep(models.Model):
    """One rung of the alert ladder: who is told, and how long after the warning or the due time."""

    hall = models.ForeignKey(Hall, verbose_name=_("hall"), on_delete=models.CASCADE, related_name="ladder_steps")
    position = models.PositiveSmallIntegerField(_("position"), validators=[MinValueValidator(1)])
    anchor = models.CharField(_("counted from"), max_length=10, choices=Anchor.choices)
    offset_length = models.PositiveIntegerField(
        _("time after it"), default=0, validators=[MaxValueValidator(MAX_LENGTH)]
    )
    offset_unit = models.CharField(_("unit"), max_length=15, choices=Unit.choices, default=Unit.WORKING_DAYS)
    audience = models.CharField(_("who is told"), max_length=15, choices=Audience.choices)
    card = models.CharField(_("card"), max_length=10, choices=Card.choices, blank=True)

    objects = HallRowQuerySet["LadderStep"].as_manager()

    class Meta:
        verbose_name = _("alert step")
        verbose_name_plural = _("alert steps")
        ordering = ["hall", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["hall", "position"],
                name="ladder_step_position_once",
                violation_error_message=_("There is already a step at this position."),
            ),
            models.CheckConstraint(
                condition=Q(offset_length__gte=0, offset_length__lte=MAX_LENGTH), name="ladder_step_offset"
            ),
            models.CheckConstraint(condition=Q(anchor__in=Anchor.values), name="ladder_step_anchor"),
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="ladder_step_audience"),
            models.CheckConstraint(condition=Q(offset_unit__in=Unit.values), name="ladder_step_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.get_anchor_display()} + {self.offset_length} {self.get_offset_unit_display()}"
