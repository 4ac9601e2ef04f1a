"""The rectification notice of a coordinated round is that of every department whose result did not hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cases.models import Case
from followups.models import RectificationNotice
from foundation.notifications.models import Alert
from tests.builders import Town
from tests.cases import steps
from tests.followups.stories import evaluated, last_entry
from tests.matters import MONDAY, coordinated

DAY = timedelta(days=1)
UNHAPPY: dict[str, Any] = {"solved": "no", "satisfaction": "dissatisfied", "reasons": "下雨又漏了"}


def told_of_coordination(town: Town, *, property_reports: bool) -> Case:
    """Works leads and Wang reports; property assists, and Sun reports too or head Zhou returns the slip."""
    lead, assisting = coordinated(town)
    assisting = steps.sign_in(assisting, town.zhou, town.sun) if property_reports else assisting
    if property_reports:
        assisting = steps.contact(assisting, town.sun)
        assisting = steps.investigate(assisting, town.sun)
        steps.report(assisting, town.sun)
    else:
        steps.give_back(assisting, town.zhou)
    lead = steps.sign_in(lead, town.zhao, town.wang)
    lead = steps.contact(lead, town.wang)
    lead = steps.investigate(lead, town.wang)
    steps.report(lead, town.wang)
    return steps.inform(steps.fresh(lead), town.chen)


def told() -> set[str]:
    alerts = Alert.objects.filter(key__startswith="notice:")
    return set(alerts.values_list("recipient__username", flat=True))


def test_departments_that_assisted_are_named_and_told(town: Town) -> None:
    case = evaluated(told_of_coordination(town, property_reports=True), actor=town.mei, now=MONDAY + DAY, **UNHAPPY)
    notice = RectificationNotice.objects.get(case=case)
    assert notice.department == town.works
    assert notice.assisting() == [town.property]
    assert told() == {"wang", "qian", "zhao", "sun", "zhou"}
    assert last_entry(case).data["assisting"] == [town.property.name]


def test_a_department_that_gave_its_slip_back_is_not(town: Town) -> None:
    case = evaluated(told_of_coordination(town, property_reports=False), actor=town.mei, now=MONDAY + DAY, **UNHAPPY)
    assert RectificationNotice.objects.get(case=case).assisting() == []
    assert told() == {"wang", "qian", "zhao"}
