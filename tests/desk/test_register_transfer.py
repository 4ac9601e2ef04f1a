"""Registered, accepted and transferred in one press."""

from __future__ import annotations

import pytest
from django.test import Client

from cases.models import TransferSlip
from foundation.notifications.models import Alert
from foundation.organization.models import Category
from tests.builders import Town, category
from tests.desk.contacts import clock_outcomes, contact, nothing_is_written, only_case, press


def test_it_goes_to_the_usual_department_with_the_matter_as_what_is_asked(desk: Client, town: Town) -> None:
    response = press(desk, "transfer", contact(town))
    assert response.status_code == 302, response.content.decode()
    case, slip = only_case(), TransferSlip.objects.get()
    assert (case.state, case.route, case.responsible_department) == ("transferred", "transferred", town.works)
    assert (slip.department, slip.kind) == (town.works, "lead")
    assert slip.instruction == "楼顶漏水，卧室墙面大片发霉，已经跟物业说过两次。"
    outcomes = clock_outcomes(case)
    assert outcomes == {"dispatch": "met", "promise": "", "sign_in": "", "investigate": "", "handle": ""}
    told = set(Alert.objects.values_list("recipient__username", flat=True))
    assert told == {"wang", "qian", "zhao"}


def test_another_department_and_other_words_go_before_the_usual_ones(desk: Client, town: Town) -> None:
    press(desk, "transfer", contact(town, department=town.property.pk, instruction="请先上门看"))
    slip = TransferSlip.objects.get()
    assert (slip.department, slip.instruction) == (town.property, "请先上门看")


def test_a_category_without_a_usual_department_asks_for_one_and_writes_nothing(desk: Client, town: Town) -> None:
    homeless = category(town.north, "室内上下水渗漏")
    Category.objects.filter(pk=homeless.pk).update(default_department=None)
    response = press(desk, "transfer", contact(town, category=homeless.pk))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["department"]
    assert nothing_is_written()


@pytest.mark.parametrize(("field", "of_south"), [("category", "category"), ("department", "department")])
def test_a_forged_category_or_department_of_another_hall_is_refused(
    desk: Client, town: Town, field: str, of_south: str
) -> None:
    forged = {"category": category(town.south).pk, "department": town.south_works.pk}[of_south]
    response = press(desk, "transfer", contact(town, **{field: forged}))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert nothing_is_written()


def test_an_urgent_matter_has_the_short_limits(desk: Client, town: Town) -> None:
    press(desk, "transfer", contact(town, urgency="urgent"))
    slip = TransferSlip.objects.get()
    handle = slip.deadlines.get(kind="handle")
    assert (handle.length, handle.unit, handle.is_urgent) == (24, "hours", True)


def test_the_slip_of_a_complaint_never_reaches_whom_it_is_about(desk: Client, town: Town) -> None:
    press(desk, "transfer", contact(town, nature="complaint", about_staff=[town.wang.pk], about="态度差"))
    assert only_case().state == "transferred"
    assert set(Alert.objects.values_list("recipient__username", flat=True)) == {"qian", "zhao"}
