"""Lists, and what is exported of them, narrowed to what waits for the desk or for this person."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.filters import FURTHER, Asked, Choices, Narrowed
from foundation.organization.models import Hall, Role, Staff
from web.desk.waiting import waiting_clocks

DESK = (Role.RECEPTIONIST, Role.DIRECTOR)


def by_waiting(found: Narrowed, asked: Asked, hall: Hall, staff: Staff, now: datetime, choices: Choices) -> None:
    given = str(asked.get("waits") or "")
    if given == "desk" and staff.holds(*DESK, hall=hall):
        waiting = Q(pk__in=waiting_clocks(hall, staff, now).values("case"))
        found.add(waiting, _("waits for the desk or for me"), "waits")
    elif given == "tell" and staff.holds(*DESK, hall=hall):
        found.add(Q(delay_due_at__isnull=False), _("the resident is to be told that it takes longer"), "waits")
    elif given:
        found.leave_out("waits", given)


FURTHER.append(by_waiting)
