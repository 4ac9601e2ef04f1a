"""Run by `manage.py shell` on a running hall: the three clocks of a complaint, each of two minutes.

The 24 hours, the 48 hours and the 7 working days of a complaint are terms: administrator He makes two minutes of them.
Three complaints stand where these clocks run, all begun 50 seconds ago: the warnings are due in 40 seconds, the limits
in 70. Prints the numbers, in the order confirm, investigate, feedback.
"""

from collections.abc import Callable
from datetime import time, timedelta
from types import SimpleNamespace
from typing import Any, cast

from django.utils import timezone

from complaints.actions.confirm import confirm
from complaints.models import ConfirmMeans
from foundation.deadlines.actions import add_calendar_day, add_opening_hours, change_term, remove_opening_hours
from foundation.deadlines.models import Term
from foundation.deadlines.terms import calendar_for
from foundation.organization.models import Hall, Staff
from foundation.residents.models import Resident
from tests import matters
from tests.builders import Town, department
from tests.cases import steps

now = timezone.now()
before = now - timedelta(hours=1)
north = Hall.objects.get(code="NTH")
people = {staff.username: staff for staff in Staff.objects.all()}
admin = people["he"]
town = cast("Town", SimpleNamespace(**people, north=north, works=department(north)))
resident = Resident.objects.get(hall=north, name="王秀兰")

for hours in list(north.opening_hours.all()):
    remove_opening_hours(hours_id=hours.pk, actor=admin, now=before)
for weekday in range(7):
    add_opening_hours(hall=north, actor=admin, now=before, weekday=weekday, opens=time(0), closes=time(23, 59, 59))
today = now.astimezone(north.zone).date()
for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
    if not calendar_for(north).is_working(day):
        add_calendar_day(hall=north, actor=admin, now=before, date=day, kind="extra_day", name="值守")


def lodged(matter: str, made: Callable[..., Any]) -> Any:
    case_or_slip = made(town, now=before, matter=matter, nature="complaint", channel="web", resident=resident)
    case = steps.fresh(case_or_slip)
    confirm(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=before,
        means=ConfirmMeans.PHONE,
        confirmed_at=before,
    )
    return case_or_slip


waits_for_transfer = lodged("楼下餐馆排烟管对着窗，投诉城管不管。", matters.accepted)
is_investigated = lodged("维修师傅约了三次都没有来。", matters.investigating)

for kind in ("confirm", "investigate", "feedback"):
    for term in Term.objects.filter(hall=north, kind=kind).exclude(urgency="urgent"):
        change_term(term_id=term.pk, actor=admin, now=before, length=2, unit="minutes")

begun = timezone.now() - timedelta(seconds=50)
to_confirm = matters.registered(
    town, now=begun, matter="窗口办事让人跑了四趟。", nature="complaint", channel="web", resident=resident
)
slip = steps.transfer(waits_for_transfer, town.lin, town.works, begun)
slip = steps.sign_in(slip, town.zhao, town.wang, begun)
steps.report(is_investigated, town.wang, begun)

print("numbers", to_confirm.number, waits_for_transfer.number, steps.fresh(is_investigated).number)
