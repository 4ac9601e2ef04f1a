"""Halls, departments, categories and the people who work in them. Every other room stands on this one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    RECEPTIONIST = "receptionist", _("receptionist")
    HANDLER = "handler", _("handler")
    HEAD = "head", _("department head")
    DIRECTOR = "director", _("hall director")
    SUPERVISOR = "supervisor", _("supervisor")
    MONITOR = "monitor", _("resident monitor")
    ADMINISTRATOR = "administrator", _("administrator")


DEPARTMENT_ROLES = (Role.HANDLER, Role.HEAD)
HALL_ROLES = (Role.RECEPTIONIST, Role.DIRECTOR, Role.MONITOR)
CONTENT_ROLES = (Role.RECEPTIONIST, Role.DIRECTOR, Role.SUPERVISOR)
"""Roles that see all cases of their hall; handlers and heads see those of their department, others none."""


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
    """One reception hall (社区居民接待厅). Every row of content belongs to exactly one."""

    code = models.CharField(_("code"), max_length=8, unique=True, validators=[RegexValidator(r"^[A-Z][A-Z0-9]{1,7}$")])
    name = models.CharField(_("name"), max_length=80)
    timezone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai", validators=[validate_timezone])
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    on_call_phone = models.CharField(_("on-call phone"), max_length=30, blank=True)
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


class DepartmentQuerySet(models.QuerySet["Department"]):
    def visible_to(self, staff: Staff) -> DepartmentQuerySet:
        return self.filter(hall__in=Hall.objects.visible_to(staff))


class Department(models.Model):
    """Whoever a matter can be transferred to: a department, the hall itself (自办), or an outside unit."""

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
    """What a matter is about (类别): two levels, a theme and what is under it. Terms refer to it."""

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


class StaffManager(BaseUserManager["Staff"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Staff:
        staff: Staff = self.model(username=username, **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> Staff:
        return self.create_user(username, password, is_superuser=True, **fields)

    def holding(
        self, *roles: Role, hall: Hall | None = None, department: Department | None = None
    ) -> models.QuerySet[Staff]:
        """Active people who hold one of the roles in the hall or the department; hall=None means the street office."""
        held = Q(memberships__role__in=roles, memberships__ended_at__isnull=True)
        held &= Q(memberships__department=department) if department else Q(memberships__hall=hall)
        return self.filter(held, is_active=True).distinct()


class Staff(AbstractBaseUser, PermissionsMixin):
    """A person with an account. What they may do is told by their memberships alone."""

    username = models.CharField(_("user name"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=40)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    notification_url = models.CharField(
        _("message address"),
        max_length=300,
        blank=True,
        help_text=_(
            "Where messages go besides the inbox: an apprise address of WeCom, DingTalk, Feishu or an SMS gateway."
        ),
    )
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    shortcuts_enabled = models.BooleanField(_("keyboard shortcuts"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)

    objects: ClassVar[StaffManager] = StaffManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff members")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Whether Django's admin (reference data only) opens for this person."""
        return self.is_superuser or self.holds(Role.ADMINISTRATOR)

    @cached_property
    def active_memberships(self) -> list[Membership]:
        """Loaded once per request: every access rule reads from here."""
        return list(self.memberships.filter(ended_at=None).select_related("hall", "department").order_by("pk"))

    @property
    def belongs_to_street(self) -> bool:
        return any(membership.hall_id is None for membership in self.active_memberships)

    @property
    def sees_all_halls(self) -> bool:
        """Whether the content of every hall is open: a street supervisor, never a street administrator."""
        return any(
            membership.hall_id is None and membership.role == Role.SUPERVISOR for membership in self.active_memberships
        )

    @property
    def hall_ids(self) -> set[int]:
        return {membership.hall_id for membership in self.active_memberships if membership.hall_id is not None}

    @property
    def sees_all_content(self) -> bool:
        """A supervisor of the street office sees the cases of every hall."""
        return any(
            membership.hall_id is None and membership.role in CONTENT_ROLES for membership in self.active_memberships
        )

    @property
    def content_hall_ids(self) -> set[int]:
        """Halls of which this person sees every case they are not barred from."""
        return {
            membership.hall_id
            for membership in self.active_memberships
            if membership.hall_id is not None and membership.role in CONTENT_ROLES
        }

    def department_ids(self, *roles: Role) -> set[int]:
        """Departments in which this person holds one of the roles (any department role if none is named)."""
        wanted = roles or DEPARTMENT_ROLES
        return {
            membership.department_id
            for membership in self.active_memberships
            if membership.department_id is not None and membership.role in wanted
        }

    def holds(self, *roles: Role, hall: Hall | int | None = None, department: Department | int | None = None) -> bool:
        """Whether the person holds one of the roles. A street membership (no hall) counts for every hall.

        With neither hall nor department: anywhere. With a department: in exactly that department.
        """
        hall_id = hall.pk if isinstance(hall, Hall) else hall
        department_id = department.pk if isinstance(department, Department) else department
        return any(
            membership.role in roles
            and (hall_id is None or membership.hall_id in (hall_id, None))
            and (department_id is None or membership.department_id == department_id)
            for membership in self.active_memberships
        )


class Membership(models.Model):
    """One role of one person, in a hall or a department. Without a hall: the street office, over all halls."""

    staff = models.ForeignKey(
        Staff, verbose_name=_("staff member"), on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    hall = models.ForeignKey(
        Hall, verbose_name=_("hall"), null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    department = models.ForeignKey(
        Department,
        verbose_name=_("department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "role", "hall", "department"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="membership_once",
            ),
            models.CheckConstraint(
                condition=Q(role__in=DEPARTMENT_ROLES, department__isnull=False, hall__isnull=False)
                | Q(role__in=HALL_ROLES, department__isnull=True, hall__isnull=False)
                | Q(role__in=[Role.SUPERVISOR, Role.ADMINISTRATOR], department__isnull=True),
                name="membership_place_fits_role",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="membership_department_of_hall",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__department__isnull=False),
                func="""
                    IF NOT EXISTS (SELECT 1 FROM organization_department
                                   WHERE id = NEW.department_id AND hall_id = NEW.hall_id) THEN
                        RAISE EXCEPTION 'membership: the department belongs to another hall'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.staff} · {self.get_role_display()} · {self.department or self.hall or _('street office')}"

    def clean(self) -> None:
        """The sentences a person needs before the database's constraints would refuse."""
        if self.role in DEPARTMENT_ROLES and self.department is None:
            raise ValidationError({"department": _("This role needs a department.")})
        if self.role not in DEPARTMENT_ROLES and self.department is not None:
            raise ValidationError({"department": _("This role is held in the hall, not in a department.")})
        if self.role in (*HALL_ROLES, *DEPARTMENT_ROLES) and self.hall is None:
            raise ValidationError({"hall": _("This role needs a hall.")})
        if self.department is not None and self.department.hall_id != self.hall_id:
            raise ValidationError({"department": _("The department belongs to another hall.")})


class DutyShiftQuerySet(models.QuerySet["DutyShift"]):
    def covering(self, at: datetime) -> DutyShiftQuerySet:
        return self.filter(starts_at__lte=at, ends_at__gt=at)


class DutyShift(models.Model):
    """Who is on duty (值班) at the desk, or on call outside opening hours."""

    hall = models.ForeignKey(Hall, verbose_name=_("hall"), on_delete=models.CASCADE, related_name="duty_shifts")
    staff = models.ForeignKey(
        Staff, verbose_name=_("staff member"), on_delete=models.CASCADE, related_name="duty_shifts"
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    is_on_call = models.BooleanField(_("on call, outside opening hours"), default=False)

    objects = DutyShiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty shift")
        verbose_name_plural = _("duty shifts")
        ordering = ["hall", "starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="duty_shift_forward"),
            models.UniqueConstraint(fields=["hall", "staff", "starts_at"], name="duty_shift_once"),
        ]
        indexes = [models.Index(fields=["hall", "ends_at"], name="duty_shift_by_end")]

    def __str__(self) -> str:
        return f"{self.staff} {self.starts_at:%Y-%m-%d %H:%M}"
