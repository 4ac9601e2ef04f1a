"""Django's command, but what it makes stands in every hall's record: whoever has such an account may do everything."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.db import transaction
from django.utils import timezone

from foundation.organization.models import Staff
from records.staffing import write_down_changes


class Command(createsuperuser.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            known = list(Staff.objects.filter(is_superuser=True).values_list("pk", flat=True))
            super().handle(*args, **options)
            for staff in Staff.objects.filter(is_superuser=True).exclude(pk__in=known):
                write_down_changes(staff.pk, None, actor=None, now=timezone.now())
