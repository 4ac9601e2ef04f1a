"""Neighbours who brought the same leak: merged, told the result of the main case, and asked on their own.

The main case is looked into by Wang of the works department, whose head is Zhao; Mei asks the neighbour, on the phone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cases.models import Case, TransferSlip
from followups.models import RectificationNotice
from foundation.notifications.models import Alert
from foundation.organization.models import Staff
from tests import matters
from tests.builders import Town
from tests.cases import steps
from tests.cases.course_steps import merge
from tests.followups.stories import evaluated
from tests.matters import MONDAY

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TUESDAY, WEDNESDAY, THURSDAY = MONDAY + DAY, MONDAY + 2 * DAY, MONDAY + 3 * DAY
REASONS = "下雨又漏了，床头全湿。"
NAME, PHONE, ROOM = "李桂芳", "13805716030", "1702"
RESULT = "屋面防水层破损。"


def neighbour(town: Town, main: Case | TransferSlip, at: datetime = MONDAY, *, name: str = NAME, **more: Any) -> Case:
    phone = more.pop("phone", PHONE)
    resident = matters.a_resident(town, name=name, phone=phone, estate="北苑小区", building="3", room=ROOM)
    case = matters.registered(town, now=at, resident=resident, matter="我家卧室也漏，等了三天。", **more)
    return merge(case, main, town.lin, at)


def shared(town: Town, *, now: datetime = MONDAY) -> tuple[Case, TransferSlip]:
    """The works department has reported; the neighbour is to be told. The slip is the main case's."""
    main = matters.investigating(town, now=now)
    case = neighbour(town, main, now)
    main = steps.report(main, town.wang, now + HOUR, result=RESULT, remedy="已重做防水层。")
    return steps.fresh(case), main


def told(town: Town, case: Case, at: datetime = TUESDAY) -> Case:
    return steps.inform(case, town.lin, at)


def unhappy(town: Town, case: Case, at: datetime = WEDNESDAY, **said: Any) -> RectificationNotice:
    """Told already; what the neighbour says about it begins a second round."""
    said = {"solved": "no", "satisfaction": "dissatisfied", "reasons": REASONS} | said
    case = evaluated(steps.fresh(case), actor=town.mei, now=at, **said)
    return RectificationNotice.objects.get(case=case, round=case.round - 1)


def notified(town: Town, *, now: datetime = MONDAY) -> tuple[RectificationNotice, TransferSlip]:
    case, main = shared(town, now=now)
    return unhappy(town, told(town, case, now + DAY), now + 2 * DAY), main


def recipients(notice: RectificationNotice) -> set[str]:
    alerts = Alert.objects.filter(key=f"notice:{notice.pk}", withdrawn_at=None)
    return set(alerts.values_list("recipient__username", flat=True))


def address(notice: RectificationNotice, reader: Staff) -> str:
    """Where the alert of the notice leads."""
    return Alert.objects.get(key=f"notice:{notice.pk}", recipient=reader).url
