"""Halls, their opening hours, departments and categories."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

import pgtrigger
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from foundation.organization.models.people import Staff


def validate_timezone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone; write it like Asia/Shanghai."), params={"name": name})


class HallQuerySet(models.QuerySet["Hall"]):
    def visible_to(self, staff: Staff) -> HallQuerySet:
        """Halls in which this person holds any role; a membership without a hall (the street office) opens all.

        Any role, so also an administrator's: who may see a hall's cases is told by their roles, not by this.
        """
        if staff.belongs_to_street:
            return self
        return self.filter(pk__in=staff.hall_ids)


class Hall(models.Model):
    """One reception hall. Every row of content belongs to exactly one."""

    code = models.CharField(_("code"), max_length=8, unique=True, validators=[RegexValidator(r"^[A-Z][A-Z0-9]{1,7}$")])
    name = models.CharField(_("name"), max_length=80)
    timezone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai", validators=[validate_timezone])
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    on_call_phone = models.CharField(_("on-call phone"), max_length=30, blank=True)
    introduction = models.TextField(
        _("what the hall does"),
        max_length=1000,
        blank=True,
        help_text=_("For residents, on the hall's public page, in a few sentences. Empty: the usual words."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = HallQuerySet.as_manager()

    class Meta:
        verbose_name = _("hall")
        verbose_name_plural = _("halls")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class OpeningHours(models.Model):
    """One stretch of opening time on a weekday; a lunch break makes two rows for one day."""

    hall = models.ForeignKey(Hall, verbose_name=_("hall"), on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(
        _("weekday"),
        choices=[
            (0, _("Monday")),
            (1, _("Tuesday")),
            (2, _("Wednesday")),
            (3, _("Thursday")),
            (4, _("Friday")),
            (5, _("Saturday")),
            (6, _("Sunday")),
        ],
    )
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["hall", "weekday", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["hall", "weekday", "opens"], name="opening_hours_once"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="opening_hours_forward"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="opening_hours_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class DepartmentKind(models.TextChoices):
    INTERNAL = "internal", _("department")
    HALL = "hall", _("the hall itself")
    OUTSIDE = "outside", _("outside unit without accounts")
    STREET = "street", _("street office")


ON_PAPER = (DepartmentKind.OUTSIDE, DepartmentKind.STREET)
"""Departments nobody of which works in the hall: the desk signs in and reports in their name, from paper."""


class DepartmentQuerySet(models.QuerySet["Department"]):
    def visible_to(self, staff: Staff) -> DepartmentQuerySet:
        return self.filter(hall__in=Hall.objects.visible_to(staff))


class Department(models.Model):
    """Whoever a matter can be transferred to: a department, the hall itself, or an outside unit."""

    hall = models.ForeignKey(Hall, verbose_name=_("hall"), on_delete=models.PROTECT, related_name="departments")
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=DepartmentKind.choices, default=DepartmentKind.INTERNAL)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["hall", "name"]
        constraints = [
            models.UniqueConstraint(fields=["hall", "name"], name="department_name_once_in_hall"),
            models.UniqueConstraint(
                fields=["hall"], condition=Q(kind=DepartmentKind.HALL), name="department_hall_itself_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CategoryQuerySet(models.QuerySet["Category"]):
    def visible_to(self, staff: Staff) -> CategoryQuerySet:
        return self.filter(hall__in=Hall.objects.visible_to(staff))


class Category(models.Model):
    """What a matter is about: two levels, a theme and what is under it. Terms refer to it."""

    hall = models.ForeignKey(Hall, verbose_name=_("hall"), on_delete=models.PROTECT, related_name="categories")
    parent = models.ForeignKey(
        "self", verbose_name=_("theme"), null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    name = models.CharField(_("name"), max_length=60)
    default_department = models.ForeignKey(
        Department, verbose_name=_("usual department"), null=True, blank=True, on_delete=models.SET_NULL
    )
    needs_approval = models.BooleanField(
        _("the department head approves results"),
        default=False,
    )
    position = models.PositiveSmallIntegerField(_("place in the list"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["hall", "parent__position", "parent__name", "position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["hall", "parent", "name"], nulls_distinct=False, name="category_name_once")
        ]
        triggers = [
            pgtrigger.Trigger(
                name="category_stays_in_hall",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF EXISTS (SELECT 1 FROM organization_category theme WHERE theme.id = NEW.parent_id
                               AND (theme.hall_id <> NEW.hall_id OR theme.parent_id IS NOT NULL))
                       OR EXISTS (SELECT 1 FROM organization_category item WHERE item.parent_id = NEW.id
                                  AND (item.hall_id <> NEW.hall_id OR NEW.parent_id IS NOT NULL))
                       OR EXISTS (SELECT 1 FROM organization_department department
                                  WHERE department.id = NEW.default_department_id
                                  AND department.hall_id <> NEW.hall_id) THEN
                        RAISE EXCEPTION 'category: two levels, theme and department of the same hall'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.parent.name} · {self.name}" if self.parent else self.name

    def clean(self) -> None:
        if self.parent is not None:
            if self.parent.hall_id != self.hall_id:
                raise ValidationError({"parent": _("The theme belongs to another hall.")})
            if self.parent.parent_id is not None:
                raise ValidationError({"parent": _("Choose a theme; there are only two levels.")})
            if self.pk is not None and self.children.exists():
                raise ValidationError(
                    {"parent": _("This is a theme with categories under it; it cannot be put under another.")}
                )
        if self.default_department is not None and self.default_department.hall_id != self.hall_id:
            raise ValidationError({"default_department": _("The department belongs to another hall.")})
