"""What every room's admin.py stands on: an administrator sees and changes reference data of their own halls only."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar, TypeVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import ProtectedError, QuerySet, RestrictedError
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from foundation.organization.models import Category, Department, Hall, Membership, Role, Staff

Row = TypeVar("Row", bound=models.Model)

COUNTED_TO = 1000


def administrator(request: HttpRequest) -> Staff:
    if not isinstance(request.user, Staff):
        raise PermissionDenied
    return request.user


def administers_street(staff: Staff) -> bool:
    """The street office's administrator, and who installed the program: over every hall, halls yet to come included."""
    return staff.is_superuser or any(
        membership.role == Role.ADMINISTRATOR and membership.hall_id is None for membership in staff.active_memberships
    )


def administered_halls(staff: Staff) -> QuerySet[Hall]:
    if administers_street(staff):
        return Hall.objects.all()
    return Hall.objects.filter(
        pk__in={membership.hall_id for membership in staff.active_memberships if membership.role == Role.ADMINISTRATOR}
    )


def choices_for(model: type[models.Model], staff: Staff) -> QuerySet[Any] | None:
    """What an administrator may choose from; None for what has nothing to do with halls."""
    halls = administered_halls(staff)
    if model is Hall:
        return halls
    if model is Department:
        return Department.objects.filter(hall__in=halls)
    if model is Category:
        return Category.objects.filter(hall__in=halls).select_related("parent")
    if model is Staff:
        return Staff.objects.filter(pk__in=Membership.objects.filter(hall__in=halls).values("staff"))
    return None


class HallScopedAdmin(admin.ModelAdmin[Row]):
    """Rows of the administered halls, and choices among them only. Set `hall_lookup` where the hall is further away."""

    hall_lookup: ClassVar[str] = "hall"
    fixed_after_adding: ClassVar[tuple[str, ...]] = ("hall",)
    """What other rows rely on once it is there."""
    # Deleting many at once would not tell what each of them is needed for.
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        rows = super().get_queryset(request)
        staff = administrator(request)
        if administers_street(staff):
            return rows
        return rows.filter(**{f"{self.hall_lookup}__in": administered_halls(staff)})

    def get_form(self, request: HttpRequest, obj: Row | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj is not None:
            # Shown, but not taken from the post; left out of the form, uniqueness within the hall would go unchecked.
            for name in set(self.fixed_after_adding) & form.base_fields.keys():
                form.base_fields[name].disabled = True
        return form

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        choices = choices_for(db_field.related_model, administrator(request))
        if choices is not None:
            kwargs["queryset"] = choices
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    # Rights come from memberships, not from Django's own permission rows.
    def has_module_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, Staff) and request.user.is_staff

    def has_view_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self.has_module_permission(request)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Counts instead of Django's list of names: what hangs on a row may be a million cases, none of them ours."""
        hanging = {True: Counter[str](), False: Counter[str]()}
        for relation in self.opts.related_objects:
            stays = relation.on_delete in (models.PROTECT, models.RESTRICT)
            if stays or relation.on_delete is models.CASCADE:
                rows = relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": objs})
                number = rows.order_by()[:COUNTED_TO].count()
                if number:
                    hanging[stays][str(relation.related_model._meta.verbose_name_plural)] += number
        going = {str(self.opts.verbose_name_plural): len(objs), **hanging[False]}
        return (
            [str(row) for row in objs],
            going,
            set(),
            [_in_words(name, number) for name, number in hanging[True].items()],
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except (ProtectedError, RestrictedError):
            # Somebody used it between the question and the answer.
            messages.error(request, _("This is in use and cannot be deleted. Switch it off instead."))
            return redirect(request.path.removesuffix("delete/") + "change/")


def _in_words(name: str, number: int) -> str:
    return f"{capfirst(name)}: {number}{'+' if number == COUNTED_TO else ''}"
