"""The administrator's page for the shares of second looks. A hall has one of each from its beginning.

Registered in records/admin.py, where each change is put on record.
"""

from __future__ import annotations

from django.http import HttpRequest

from followups.models import SecondLookShare
from foundation.organization.administration import HallScopedAdmin


class SecondLookShareAdmin(HallScopedAdmin[SecondLookShare]):
    list_display = ("hall", "role", "percent")
    fixed_after_adding = ("hall", "role")

    # Made with the hall: a role without a share would look at nothing, and nobody would notice.
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SecondLookShare | None = None) -> bool:
        return False
