"""Halls in the administration: a new one is furnished at once, or no case could be registered in it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from foundation.organization.admin import HallAdmin
from foundation.organization.models import Hall
from records.standard import furnish_hall


@admin.register(Hall)
class FurnishedHallAdmin(HallAdmin):
    def save_model(self, request: HttpRequest, obj: Hall, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            furnish_hall(obj)
