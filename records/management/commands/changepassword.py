"""Django's command, but the record of the person's halls says that it was used."""

from __future__ import annotations

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.db import transaction
from django.utils import timezone

from foundation.organization.models import Staff
from records.staffing import write_down_password


class Command(changepassword.Command):
    def handle(self, *args: Any, **options: Any) -> str | None:
        with transaction.atomic():
            answer = super().handle(*args, **options)
            # Without a name it was the one who is logged in on this machine, as in Django's command.
            staff = Staff.objects.get(username=options["username"] or getpass.getuser())
            write_down_password(staff.pk, actor=None, now=timezone.now())
        return answer
