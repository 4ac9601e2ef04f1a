"""The people who work in the halls, and the roles they hold there."""

from __future__ import annotations

from typing import Any, ClassVar

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from foundation.organization.models.places import Department, Hall


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
    was_asked_to_account = models.BooleanField(default=False, editable=False)
    """Whether somebody ever asked them for a written account of a complaint: their bar then has the page for it."""
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

    @cached_property
    def halls(self) -> list[Hall]:
        """Where this person may work, in order of their codes; every hall for the street office. Loaded once, too:
        the page and the bar above it both ask."""
        if self.belongs_to_street:
            return list(Hall.objects.filter(is_active=True).order_by("code"))
        halls = {membership.hall for membership in self.active_memberships if membership.hall is not None}
        return sorted((hall for hall in halls if hall.is_active), key=lambda hall: hall.code)

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
