"""The administration's pages whose changes are put on record here; those of a hall's time do so by their own actions.

A new hall is furnished at once, or no case could be registered in it.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from followups.admin import SecondLookShareAdmin
from followups.models import SecondLookShare
from foundation.notifications.admin import SendingHoursAdmin, SmsGatewayAdmin
from foundation.notifications.models import SendingHours, SmsGateway
from foundation.organization.admin import CategoryAdmin, DepartmentAdmin, HallAdmin, StaffAdmin
from foundation.organization.administration import HallScopedAdmin, administrator
from foundation.organization.models import Category, Department, Hall, Staff
from records.on_record import Facts, facts_of, write_down_founding, write_down_row
from records.staffing import Standing, on_record, standing_of, write_down_changes
from records.standard import furnish_hall


class RecordedAdmin(HallScopedAdmin[Any]):
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = self._locked_facts(obj) if change else None
        super().save_model(request, obj, form, change)
        self._write_down(request, _hall_of(obj), obj.pk, before, facts_of(obj))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        # Deleted, the object has lost its id, and with it sometimes its hall.
        before, hall, pk = self._locked_facts(obj), _hall_of(obj), obj.pk
        super().delete_model(request, obj)
        self._write_down(request, hall, pk, before, None)

    def _locked_facts(self, obj: Any) -> Facts:
        return facts_of(self.model._default_manager.select_for_update(no_key=True).get(pk=obj.pk))

    def _write_down(self, request: HttpRequest, hall: Hall, pk: int, before: Facts | None, after: Facts | None) -> None:
        write_down_row(
            self.model,
            pk,
            hall=hall,
            before=before,
            after=after,
            actor=administrator(request),
            now=timezone.now(),
        )


def _hall_of(row: Any) -> Hall:
    hall: Hall = row if isinstance(row, Hall) else row.hall
    return hall


@admin.register(Hall)
class RecordedHallAdmin(RecordedAdmin, HallAdmin):
    def _write_down(self, request: HttpRequest, hall: Hall, pk: int, before: Facts | None, after: Facts | None) -> None:
        if before is not None:
            super()._write_down(request, hall, pk, before, after)
            return
        furnish_hall(hall)
        write_down_founding(hall, actor=administrator(request), now=timezone.now())


@admin.register(Department)
class RecordedDepartmentAdmin(RecordedAdmin, DepartmentAdmin):
    pass


@admin.register(Category)
class RecordedCategoryAdmin(RecordedAdmin, CategoryAdmin):
    pass


@admin.register(SecondLookShare)
class RecordedSecondLookShareAdmin(RecordedAdmin, SecondLookShareAdmin):
    pass


@admin.register(SendingHours)
class RecordedSendingHoursAdmin(RecordedAdmin, SendingHoursAdmin):
    pass


@admin.register(SmsGateway)
class RecordedSmsGatewayAdmin(RecordedAdmin, SmsGatewayAdmin):
    pass


@admin.register(Staff)
class RecordedStaffAdmin(StaffAdmin):
    def save_model(self, request: HttpRequest, obj: Staff, form: Any, change: bool) -> None:
        form.before = standing_of(obj.pk) if change else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The account is saved by now, the roles after it: one entry for each of what changed."""
        super().save_related(request, form, formsets, change)
        before: Standing | None = form.before
        write_down_changes(form.instance.pk, before, actor=administrator(request), now=timezone.now())

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        staff = self.get_object(request, id) if request.method == "POST" else None
        if staff is None:
            return super().user_change_password(request, id, form_url)
        with on_record(staff.pk, actor=administrator(request), now=timezone.now()):
            return super().user_change_password(request, id, form_url)
