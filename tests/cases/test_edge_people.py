"""People at the edges: anonymous, unreachable, hidden, a hall with two staff, the director complained about, others'
dates, thirty at once. Whole lives, not single verbs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions.bar import bar
from cases.actions.register import register_case
from cases.models import Case, TransferSlip
from cases.powers import follow_up_level
from followups.actions.attempt import close_anonymous, close_unreachable, record_attempt
from followups.actions.evaluate import record_evaluation
from followups.models import Evaluation, UnevaluatedRound
from foundation.notifications.models import Alert
from foundation.organization.models import Role, Staff
from foundation.refusals import NotAllowed, Refused
from foundation.residents.actions import register_resident
from reception.actions import register_visit
from tests import course_matters, matters
from tests.builders import HALL_ITSELF, Town, category, department, make_hall, person
from tests.cases import coordination_steps
from tests.cases.course_steps import conclude, name_contact, press
from tests.cases.steps import (
    accept,
    ask_extension,
    fresh,
    grant_extension,
    inform,
    investigate,
    kinds,
    march,
    outcomes,
    reach_nobody,
    refused,
    report,
    running,
    sign_in,
    told,
    transfer,
)
from tests.matters import MONDAY


def form(case: Case | TransferSlip, by: Staff, at: Any) -> dict[str, Any]:
    now = fresh(case)
    return {"case_id": now.pk, "transition_no": now.transition_no, "actor": by, "now": at}


def asked(case: Case, by: Staff, at: Any, *, satisfied: bool) -> Case:
    said: dict[str, Any] = {"contacted": True, "solved": "yes", "satisfaction": "satisfied"}
    if not satisfied:
        said = {"contacted": True, "solved": "no", "satisfaction": "dissatisfied", "reasons": "还在漏水。"}
    return record_evaluation(**form(case, by, at), channel="phone", **said)


# Anonymous.


def test_an_anonymous_matter_is_answered_on_the_tracking_page_and_closed_without_being_asked(town: Town):
    case = matters.registered(town, identity="anonymous", channel="web")
    slip = transfer(accept(case, town.lin), town.lin, town.works)
    slip = sign_in(slip, town.zhao, town.wang, march(2, 10))
    assert "contact" not in running(slip), "There is nobody to contact."
    report(investigate(slip, town.wang, march(2, 11)), town.wang, march(2, 15))
    for means in ("phone", "desk", "home_visit", "letter", "message"):
        with refused(Refused, case, field="means"):
            inform(case, town.lin, march(2, 16), means=means)
    inform(case, town.lin, march(2, 16), means="tracking_page")
    with pytest.raises(Refused):
        asked(fresh(case), town.mei, march(3, 9), satisfied=True)
    assert close_anonymous(**form(case, town.mei, march(3, 9))).state == "archived"
    assert not Evaluation.objects.exists()
    assert UnevaluatedRound.objects.get().because == "anonymous"
    assert kinds(case)[-1] == "case.archived"


# Unreachable.


def test_after_three_attempts_a_message_counts_and_after_three_days_the_follow_up_ends(town: Town):
    case = matters.reported(town)
    for hour in (11, 12, 13):
        with refused(Refused, case, field="means"):
            inform(case, town.lin, march(2, hour), means="message")
        reach_nobody(case, town.lin, march(2, hour))
    inform(case, town.lin, march(2, 14), means="message")
    for day in (3, 4):
        record_attempt(**form(case, town.mei, march(day, 10)), means="phone")
        with refused(Refused, case):
            close_unreachable(**form(case, town.mei, march(day, 11)))
    record_attempt(**form(case, town.mei, march(5, 10)), means="visit")
    assert close_unreachable(**form(case, town.mei, march(5, 10))).state == "archived"
    assert UnevaluatedRound.objects.get().because == "unreachable"


# Hidden identity.


def test_a_hidden_name_stands_on_the_pages_and_papers_of_three_people_alone(client: Client, town: Town):
    slip = matters.signed(town, identity="hidden")
    case = fresh(slip)
    name_contact(case, town.chen, town.mei)
    addresses = [
        reverse("desk:case_detail", args=[case.number]),
        reverse("desk:print_receipt", args=[case.number]),
        reverse("desk:print_paper", args=[case.number, "registration"]),
        reverse("desk:print_slip", args=[slip.pk]),
        reverse("desk:case_list"),
        reverse("desk:case_list") + "?q=王秀兰",
        reverse("desk:alert_list"),
    ]
    for address in addresses:
        for staff in (town.lin, town.qian, town.zhao, town.feng, town.tang):
            client.force_login(staff)
            page = client.get(address).content.decode()
            assert "王秀兰" not in page.replace('value="王秀兰"', "").replace("“王秀兰”", ""), (address, staff.name)
    for staff in (town.chen, town.wang, town.mei):
        client.force_login(staff)
        assert "王秀兰" in client.get(addresses[0]).content.decode(), staff.name
    name_contact(case, town.chen, town.qian)
    client.force_login(town.mei)
    assert "王秀兰" not in client.get(addresses[0]).content.decode()


def test_no_alert_carries_a_hidden_name(town: Town):
    case = course_matters.hidden(town)
    name_contact(case, town.chen, town.mei)
    press(case.slips.get(), town.feng)
    assert not any("王秀兰" in f"{alert.text} {alert.params}" for alert in Alert.objects.all())


# A hall with two staff: receptionist Ma and director Niu.


@pytest.fixture
def tiny(db: None) -> tuple[Staff, Staff, Staff, Case]:
    """And supervisor Tang in the street office; the hall does everything itself."""
    hall = make_hall("TNY", "小巷社区居民接待厅")
    ma, niu = person("ma", Role.RECEPTIONIST, hall=hall), person("niu", Role.DIRECTOR, hall=hall)
    tang = person("tang", Role.SUPERVISOR)
    resident = register_resident(hall=hall, actor=ma, now=MONDAY, name="王秀兰", phone="13805716021")
    visit = register_visit(hall=hall, actor=ma, now=MONDAY, channel="walk_in", matter="楼道灯不亮。", resident=resident)
    case = register_case(visit=visit, actor=ma, now=MONDAY, nature="request", category=category(hall))
    return ma, niu, tang, case


def worked_on(case: Case, desk: Staff, handler: Staff, day: int) -> Case:
    slip = transfer(case, desk, department(case.hall, HALL_ITSELF), march(day, 9))
    slip = sign_in(slip, desk, handler, march(day, 10))
    slip = investigate(slip, handler, march(day, 11))
    report(slip, handler, march(day, 12))
    return inform(case, desk, march(day, 13))


def test_in_a_hall_with_two_staff_the_other_one_follows_up_and_is_marked_as_stood_in(tiny: Any):
    ma, niu, _tang, case = tiny
    accept(case, ma)
    worked_on(case, ma, ma, 2)
    assert follow_up_level(fresh(case), ma) is None
    asked(case, niu, march(3, 9), satisfied=True)
    assert fresh(case).state == "archived"
    assert Evaluation.objects.get().stood_in == "director"


def test_its_second_round_is_handled_by_the_director_and_followed_up_by_the_street(tiny: Any):
    ma, niu, tang, case = tiny
    accept(case, ma)
    worked_on(case, ma, ma, 2)
    asked(case, niu, march(3, 9), satisfied=False)
    slip = transfer(case, ma, department(case.hall, HALL_ITSELF), march(3, 10))
    with refused(Refused, slip, field="handler"):
        sign_in(slip, ma, ma, march(3, 11))
    slip = sign_in(slip, ma, niu, march(3, 11))
    assert slip.handler_level == "director"
    report(investigate(slip, niu, march(3, 12)), niu, march(3, 15))
    inform(case, ma, march(3, 16))
    assert [follow_up_level(fresh(case), one) for one in (ma, niu)] == [None, None]
    asked(case, tang, march(4, 9), satisfied=True)
    assert fresh(case).state == "archived"
    assert Evaluation.objects.get(round=2).stood_in == "street"


# A complaint about the director.


@pytest.fixture
def about_chen(town: Town) -> Case:
    case = matters.accepted(town, nature="complaint")
    return bar(case_id=case.pk, staff=town.chen, reason="被投诉", actor=town.lin, now=MONDAY)


def directs(town: Town, case: Case, who: Staff) -> None:
    """What only the director does: refer, coordinate, extend."""
    coordination_steps.refer(case, town.lin, march(2, 10))
    assert told(case, march(2, 10)) == {who.username}
    lead = coordination_steps.coordinate(case, who, town.works, [town.property], march(2, 11))
    assert fresh(case).route == "coordinated"
    slips = list(fresh(case).slips.order_by("pk"))
    assert lead is not None
    slip = sign_in(slips[0], town.zhao, town.wang, march(2, 12))
    ask_extension(slip, town.wang, march(2, 13), days=2)
    grant_extension(TransferSlip.objects.get(pk=slip.pk), who, march(2, 14))
    assert fresh(case).extension_state == "granted"


def test_what_the_director_would_decide_the_street_supervisor_decides(town: Town, about_chen: Case):
    with refused(NotAllowed, about_chen):
        coordination_steps.coordinate(about_chen, town.chen, town.works, [town.property], march(2, 9, 40))
    with refused(NotAllowed, about_chen):
        coordination_steps.coordinate(about_chen, town.feng, town.works, [town.property], march(2, 9, 40))
    directs(town, about_chen, town.tang)


def test_without_a_street_supervisor_the_halls_supervisors_decide(town: Town, about_chen: Case):
    town.tang.is_active = False
    town.tang.save()
    directs(town, about_chen, town.feng)


def test_a_second_round_about_the_director_is_concluded_above_them(town: Town):
    case = course_matters.second_round(town)
    bar(case_id=case.pk, staff=town.chen, reason="被投诉", actor=town.lin, now=march(3, 9))
    with refused(NotAllowed, case):
        conclude(case, town.chen, march(3, 10))
    assert conclude(case, town.tang, march(3, 10)).state == "archived"


# Handed down.


def handed_down(town: Town, **given: Any) -> Case:
    visit = register_visit(
        hall=town.north,
        actor=town.lin,
        now=MONDAY,
        channel="handed_down",
        matter="十二栋门前路面塌陷。",
        resident=matters.a_resident(town),
        **given,
    )
    return register_case(visit=visit, actor=town.lin, now=MONDAY, nature="request", category=category(town.north))


def test_what_comes_from_above_keeps_its_number_and_its_date_overrides_ours(town: Town):
    case = handed_down(town, outside_number="12345-20260302-0088", outside_due_at=march(4, 12))
    accept(case, town.lin)
    # Ours would be the 11th.
    assert (running(case)["promise"], fresh(case).outside_number) == ("03-04 12:00", "12345-20260302-0088")
    slip = transfer(case, town.lin, town.works, march(2, 10))
    report(
        investigate(sign_in(slip, town.zhao, town.wang, march(2, 11)), town.wang, march(2, 12)),
        town.wang,
        march(3, 15),
    )
    # Two working days would be the 5th: never beyond the promise.
    assert running(case)["feedback"] == "03-04 12:00"
    inform(case, town.lin, march(4, 12, 1))
    assert outcomes(case)["promise"] == "met_late"


def test_both_numbers_find_the_case_and_stand_on_its_page(client: Client, town: Town):
    case = handed_down(town, outside_number="12345-20260302-0088", outside_due_at=march(4, 12))
    client.force_login(town.lin)
    assert case.number in client.get(reverse("desk:case_list"), {"q": "12345-20260302-0088"}).content.decode()
    assert "12345-20260302-0088" in client.get(reverse("desk:case_detail", args=[case.number])).content.decode()


# A group of thirty.


def test_thirty_people_stand_on_the_page_the_receipt_and_the_list(client: Client, town: Town):
    visit = register_visit(
        hall=town.north,
        actor=town.lin,
        now=MONDAY,
        channel="walk_in",
        matter="全楼停水三天。",
        resident=matters.a_resident(town),
        headcount=30,
    )
    case = register_case(visit=visit, actor=town.lin, now=MONDAY, nature="request", category=category(town.north))
    assert case.headcount == 30
    accept(case, town.lin)
    client.force_login(town.lin)
    for address in (
        reverse("desk:case_detail", args=[case.number]),
        reverse("desk:print_receipt", args=[case.number]),
        reverse("desk:case_list"),
    ):
        page = client.get(address, headers={"accept-language": "en"}).content.decode()
        assert ">30<" in page or "30 people" in page or "30 人" in page or "30人" in page, address
