"""Halls, departments, categories, people and their roles: what the pages look like and who may do what on them.

They are registered in records/admin.py, which stands above the ledger: each change is written down there. Opening hours
are in foundation/deadlines.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from foundation.organization.administration import (
    HallScopedAdmin,
    administered_halls,
    administers_street,
    administrator,
    choices_for,
)
from foundation.organization.models import Category, Department, DutyShift, Hall, Membership, Staff

# Roles are given by memberships; Django's own groups would be a second list of rights.
admin.site.unregister(Group)


class HallAdmin(HallScopedAdmin[Hall]):
    hall_lookup = "pk"
    # Stands in every case number.
    fixed_after_adding = ("code",)
    list_display = ["code", "name", "phone", "is_active"]
    search_fields = ["code", "name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, Staff) and administers_street(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Hall | None = None) -> bool:
        """A hall is closed, never deleted: its cases stay."""
        return False


class DepartmentAdmin(HallScopedAdmin[Department]):
    list_display = ["name", "kind", "hall", "phone", "is_active"]
    list_filter = [("hall", admin.RelatedOnlyFieldListFilter), "kind", "is_active"]
    list_select_related = ["hall"]
    search_fields = ["name"]


class CategoryAdmin(HallScopedAdmin[Category]):
    list_display = ["name", "parent", "default_department", "needs_approval", "position", "hall", "is_active"]
    list_filter = [
        ("hall", admin.RelatedOnlyFieldListFilter),
        ("parent", admin.RelatedOnlyFieldListFilter),
        "needs_approval",
        "is_active",
    ]
    list_select_related = ["hall", "parent", "default_department"]
    search_fields = ["name", "parent__name"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "parent" and field is not None and field.queryset is not None:
            field.queryset = field.queryset.filter(parent=None)
        return field


@admin.register(DutyShift)
class DutyShiftAdmin(HallScopedAdmin[DutyShift]):
    """To look at; the director keeps the roster on its own page."""

    list_display = ["staff", "hall", "starts_at", "ends_at", "is_on_call"]
    list_filter = [("hall", admin.RelatedOnlyFieldListFilter), "is_on_call"]
    list_select_related = ["staff", "hall"]
    date_hierarchy = "starts_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: DutyShift | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: DutyShift | None = None) -> bool:
        return False


class MembershipFormSet(BaseInlineFormSet[Membership, Staff, forms.ModelForm[Membership]]):
    def _existing_object(self, pk: Any) -> Membership:
        """Django looks a posted row up among those shown, and would fail on a foreign one without words."""
        if pk not in {row.pk for row in self.get_queryset()}:
            raise PermissionDenied(_("You have no rights over this role."))
        return super()._existing_object(pk)  # type: ignore[misc,no-any-return]

    def clean(self) -> None:
        """Django leaves the constraint to the database where the form does not hold all its fields."""
        super().clean()
        held = (
            {
                (membership.role, membership.hall_id, membership.department_id)
                for membership in self.instance.memberships.filter(ended_at=None)
            }
            if self.instance.pk
            else set()
        )
        for form in self.extra_forms:
            given = form.instance
            if not form.has_changed() or form.errors:
                continue
            place = (given.role, given.hall_id, given.department_id)
            if place in held:
                raise ValidationError(_("This person already has this role there."))
            held.add(place)


class MembershipInline(admin.TabularInline[Membership, Staff]):
    """Shared by the two below: only roles in the halls the administrator is responsible for exist for them."""

    model = Membership
    formset = MembershipFormSet
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        rows = super().get_queryset(request).select_related("hall", "department", "staff")
        staff = administrator(request)
        return rows if administers_street(staff) else rows.filter(hall__in=administered_halls(staff))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        staff = administrator(request)
        choices = choices_for(db_field.related_model, staff)
        if choices is not None:
            kwargs["queryset"] = choices
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "hall" and field is not None:
            # Without a hall it would be a role of the street office, over all halls.
            field.required = not administers_street(staff)
        return field

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "ended_at" and field is not None:
            # Django puts no label beside the date and the time of a row in a table.
            field.widget.attrs["aria-label"] = field.label
        return field

    def has_view_permission(self, request: HttpRequest, obj: Staff | None = None) -> bool:
        return administrator(request).is_staff

    def has_add_permission(self, request: HttpRequest, obj: Staff | None = None) -> bool:
        return administrator(request).is_staff

    def has_change_permission(self, request: HttpRequest, obj: Staff | None = None) -> bool:
        return administrator(request).is_staff


class HeldMembershipInline(MembershipInline):
    """A role is ended, not rewritten: who held it when stays known."""

    verbose_name_plural = _("roles")
    fields = ["role", "hall", "department", "ended_at"]
    readonly_fields = ["role", "hall", "department"]
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Staff | None = None) -> bool:
        return False


class NewMembershipInline(MembershipInline):
    verbose_name = _("further role")
    verbose_name_plural = _("further roles")
    fields = ["role", "hall", "department"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).none()

    def get_formset(self, request: HttpRequest, obj: Staff | None = None, **kwargs: Any) -> Any:
        # Somebody without any role would belong to no hall, and its administrator could not find them again.
        return super().get_formset(request, obj, min_num=0 if obj else 1, validate_min=obj is None, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Staff | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Staff | None = None) -> bool:
        return False


class StaffCreationForm(UserCreationForm[Staff]):
    class Meta:
        model = Staff
        fields = ["username", "name"]


class StaffChangeForm(UserChangeForm[Staff]):
    class Meta:
        model = Staff
        fields = ["username", "name", "phone", "email", "notification_url", "is_active"]


class StaffAdmin(UserAdmin[Staff], HallScopedAdmin[Staff]):  # type: ignore[misc]
    """Accounts are closed, never deleted: the ledger names them for good."""

    fixed_after_adding = ()
    form = StaffChangeForm
    add_form = StaffCreationForm
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "name", "password1", "password2")}),)
    inlines = [HeldMembershipInline, NewMembershipInline]
    list_display = ["name", "username", "roles", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "username"]
    ordering = ["name", "pk"]
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Staff]:
        staff = administrator(request)
        people = Staff.objects.order_by(*self.ordering)
        memberships = Membership.objects.filter(ended_at=None).select_related("hall", "department").order_by("pk")
        if not administers_street(staff):
            halls = administered_halls(staff)
            people = people.filter(Exists(Membership.objects.filter(staff=OuterRef("pk"), hall__in=halls)))
            memberships = memberships.filter(hall__in=halls)
        return people.prefetch_related(Prefetch("memberships", memberships, to_attr="shown_memberships"))

    @admin.display(description=_("roles"))
    def roles(self, staff: Staff) -> str:
        memberships: list[Membership] = getattr(staff, "shown_memberships", [])
        return ", ".join(
            f"{membership.get_role_display()} ({membership.department or membership.hall or _('street office')})"
            for membership in memberships
        )

    def get_fieldsets(self, request: HttpRequest, obj: Staff | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        account = ["username", "name", "phone", "email", "notification_url", "is_active"]
        return [(None, {"fields": [*account, "password"] if keeps_account(administrator(request), obj) else account})]

    def get_readonly_fields(self, request: HttpRequest, obj: Staff | None = None) -> Any:
        if obj is None or keeps_account(administrator(request), obj):
            return ()
        return StaffChangeForm.Meta.fields

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        obj = self.get_object(request, id)
        if obj is not None and not keeps_account(administrator(request), obj):
            raise PermissionDenied(_("This person also has roles elsewhere; the street office sets their password."))
        return super().user_change_password(request, id, form_url)

    def has_delete_permission(self, request: HttpRequest, obj: Staff | None = None) -> bool:
        return False


def keeps_account(keeper: Staff, staff: Staff) -> bool:
    """Whose password one may set, one can become: so nobody's who may do anything beyond the keeper's own halls."""
    if staff.is_superuser:
        return keeper.is_superuser
    if administers_street(keeper):
        return True
    beyond = Q(hall=None) | ~Q(hall__in=administered_halls(keeper))
    return not staff.memberships.filter(beyond, ended_at=None).exists()
