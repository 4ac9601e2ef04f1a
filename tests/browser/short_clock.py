"""Run by `manage.py shell` on a running hall: a clock of one minute, of which the last quarter is about to begin.

Administrator He opens the north hall day and night, gives handlers a minute to contact the resident, and has the
director told one minute after the warning. Then a slip is signed in for Wang, 35 seconds ago: the warning is due in
10 seconds, the limit in 25, the director's turn in 70.
"""

from datetime import time, timedelta
from types import SimpleNamespace
from typing import cast

from django.utils import timezone

from foundation.deadlines.actions import (
    add_calendar_day,
    add_opening_hours,
    change_ladder_step,
    change_term,
    remove_opening_hours,
)
from foundation.deadlines.models import LadderStep, Term
from foundation.deadlines.terms import calendar_for
from foundation.organization.models import Hall, Staff
from foundation.residents.models import Resident
from tests import matters
from tests.builders import Town, department

now = timezone.now()
north = Hall.objects.get(code="NTH")
people = {staff.username: staff for staff in Staff.objects.all()}
admin = people["he"]

for hours in list(north.opening_hours.all()):
    remove_opening_hours(hours_id=hours.pk, actor=admin, now=now)
for weekday in range(7):
    add_opening_hours(hall=north, actor=admin, now=now, weekday=weekday, opens=time(0), closes=time(23, 59, 59))
today = now.astimezone(north.zone).date()
for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
    if not calendar_for(north).is_working(day):
        add_calendar_day(hall=north, actor=admin, now=now, date=day, kind="extra_day", name="值守")

contact = Term.objects.get(hall=north, kind="contact")
change_term(term_id=contact.pk, actor=admin, now=now, length=1, unit="minutes")
step = LadderStep.objects.get(hall=north, audience="director")
change_ladder_step(step_id=step.pk, actor=admin, now=now, anchor="warning", offset_length=1, offset_unit="minutes")

town = SimpleNamespace(**people, north=north, works=department(north))
matters.signed(
    cast("Town", town),
    now=timezone.now() - timedelta(seconds=35),
    resident=Resident.objects.get(hall=north, name="王秀兰"),
)
