"""Halls, departments, categories and the people who work in them. Every other room stands on this one."""

from foundation.organization.models.people import (
    CONTENT_ROLES,
    DEPARTMENT_ROLES,
    HALL_ROLES,
    Membership,
    Role,
    Staff,
    StaffManager,
)
from foundation.organization.models.places import (
    ON_PAPER,
    Category,
    CategoryQuerySet,
    Department,
    DepartmentKind,
    DepartmentQuerySet,
    Hall,
    HallQuerySet,
    OpeningHours,
    validate_timezone,
)
from foundation.organization.models.roster import (
    DutyShift,
    DutyShiftQuerySet,
)

__all__ = [
    "CONTENT_ROLES",
    "DEPARTMENT_ROLES",
    "HALL_ROLES",
    "ON_PAPER",
    "Category",
    "CategoryQuerySet",
    "Department",
    "DepartmentKind",
    "DepartmentQuerySet",
    "DutyShift",
    "DutyShiftQuerySet",
    "Hall",
    "HallQuerySet",
    "Membership",
    "OpeningHours",
    "Role",
    "Staff",
    "StaffManager",
    "validate_timezone",
]
