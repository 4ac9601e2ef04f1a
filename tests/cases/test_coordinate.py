"""Coordination (协调): one lead department and several assisting ones, side by side, and one combined result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cases.actions.bar import bar
from cases.models import Case, TransferSlip
from foundation.notifications.models import Alert
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town, category, department
from tests.cases.coordination_steps import add_department, all_begun, begin_work, coordinate, done, recall
from tests.cases.steps import (
    approve,
    archive,
    fresh,
    give_back,
    inform,
    kinds,
    last_entry,
    march,
    outcomes,
    refused,
    report,
    send_back,
    sign_in,
    told,
    transfer,
)
from tests.matters import MONDAY, SHANGHAI


@pytest.fixture
def case(town: Town) -> Case:
    return matters.referred(town)


def limits(slip: TransferSlip) -> dict[str, str]:
    return {clock.kind: f"{clock.due_at.astimezone(SHANGHAI):%m-%d %H:%M}" for clock in slip.deadlines.running()}


def test_every_department_gets_a_slip_at_once(town: Town, case: Case):
    slips = coordinate(case, town.chen, town.works, [town.property, town.waterworks], march(2, 11))
    assert [(slip.number, slip.department, slip.kind, slip.state) for slip in slips] == [
        ("NTH-2026-000001-1", town.works, "lead", "issued"),
        ("NTH-2026-000001-2", town.property, "assisting", "issued"),
        ("NTH-2026-000001-3", town.waterworks, "assisting", "issued"),
    ]
    now = fresh(case)
    assert (now.state, now.route, now.transferred_at) == ("transferred", "coordinated", march(2, 11))
    assert (now.responsible_staff, now.responsible_department) == (None, town.works)


def test_the_lead_has_ten_working_days_the_others_eight_and_the_plan_three(town: Town, case: Case):
    """Monday the 2nd: the tenth working day after it is Monday the 16th, the eighth Thursday the 12th."""
    lead, assisting = coordinate(case, town.chen, town.works, [town.property], march(2, 11))
    assert limits(lead) == {
        "sign_in": "03-03 17:30",
        "investigate": "03-04 11:00",
        "handle": "03-16 17:30",
        "plan": "03-05 17:30",
    }
    assert limits(assisting) == {"sign_in": "03-03 17:30", "investigate": "03-04 11:00", "handle": "03-12 17:30"}
    assert outcomes(case)["dispatch"] == "met"
    assert fresh(case).deadlines.get(kind="promise", outcome="").due_at == march(11, 17, 30)


def test_an_outside_unit_has_fourteen_days_for_its_plan(town: Town, case: Case):
    """Calendar days: from Monday the 2nd at 11:00 to Monday the 16th at 11:00."""
    _lead, outside = coordinate(case, town.chen, town.works, [town.waterworks], march(2, 11))
    assert limits(outside)["plan"] == "03-16 11:00"
    alone = matters.accepted(town, identity="anonymous")
    assert limits(transfer(alone, town.lin, town.waterworks, march(2, 11)))["plan"] == "03-16 11:00"


def test_each_department_reads_what_all_are_asked_and_what_it_alone_is(town: Town, case: Case):
    own = {town.property.pk: "请提供维修记录。"}
    lead, assisting = coordinate(case, town.chen, town.works, [town.property], own_instructions=own)
    assert lead.instruction == "请联合查明原因并答复。"
    assert assisting.instruction == "请联合查明原因并答复。\n\n请提供维修记录。"
    entry = last_entry(case)
    assert entry.kind == "case.coordinated"
    assert set(entry.texts) == {"instruction", f"instruction_{assisting.pk}"}
    assert "请提供维修记录。" in str(entry.texts[f"instruction_{assisting.pk}"])


def test_everybody_who_can_sign_in_is_told_for_outside_units_the_desk(town: Town, case: Case):
    coordinate(case, town.chen, town.works, [town.property, town.waterworks], march(2, 11))
    assert told(case, march(2, 11)) == {"wang", "qian", "zhao", "sun", "zhou", "lin"}


def test_the_director_may_coordinate_what_nobody_referred(town: Town):
    case = matters.accepted(town)
    coordinate(case, town.chen, town.works, [town.property])
    assert fresh(case).is_referred


@pytest.mark.parametrize("who", ["lin", "mei", "wang", "zhao", "feng", "gu", "he", "lu", "han", "tang"])
def test_coordinating_is_the_directors(town: Town, case: Case, who: str):
    with refused(NotAllowed, case):
        coordinate(case, getattr(town, who), town.works, [town.property])


def test_with_the_director_barred_the_street_coordinates(town: Town, case: Case):
    bar(case_id=case.pk, staff=town.chen, reason="被投诉", actor=town.lin, now=MONDAY)
    with refused(NotAllowed, case):
        coordinate(case, town.feng, town.works, [town.property])
    assert len(coordinate(case, town.tang, town.works, [town.property])) == 2


@pytest.mark.parametrize(
    ("choose", "field"),
    [
        (lambda town: (town.works, []), "assisting"),
        (lambda town: (town.works, [town.works]), "assisting"),
        (lambda town: (town.works, [town.property, town.property]), "assisting"),
        (lambda town: (town.south_works, [town.property]), "lead"),
        (lambda town: (town.works, [town.south_works]), "assisting"),
        (lambda town: (department(town.north, "街道办事处"), [town.property]), "lead"),
    ],
)
def test_one_leads_and_others_assist_each_named_once(town: Town, case: Case, choose: Callable[[Town], Any], field: str):
    lead, assisting = choose(town)
    with refused(Refused, case, field=field):
        coordinate(case, town.chen, lead, assisting)


def test_a_department_that_was_closed_is_not_asked(town: Town, case: Case):
    town.property.is_active = False
    town.property.save()
    with refused(Refused, case, field="assisting"):
        coordinate(case, town.chen, town.works, [town.property])


def test_it_says_what_is_asked(town: Town, case: Case):
    with refused(Refused, case, field="instruction"):
        coordinate(case, town.chen, town.works, [town.property], instruction=" ")


def test_only_what_was_accepted_is_coordinated(town: Town):
    case = matters.registered(town)
    with refused(WrongState, case):
        coordinate(case, town.chen, town.works, [town.property])


def test_a_stale_page_coordinates_nothing_and_nothing_is_coordinated_twice(town: Town, case: Case):
    drawn = fresh(case).transition_no
    coordinate(case, town.chen, town.works, [town.property])
    with refused(Stale, case):
        coordinate(case, town.chen, town.works, [town.property], transition_no=drawn)
    with refused(WrongState, case):
        coordinate(case, town.chen, town.works, [town.property])
    assert TransferSlip.objects.count() == 2


# The results come in.


def test_the_lead_writes_the_combined_result_when_all_others_have_reported(town: Town, case: Case):
    lead, assisting = all_begun(town, coordinate(case, town.chen, town.works, [town.property]))
    with refused(WrongState, lead):
        report(lead, town.wang)
    report(assisting, town.sun, march(3, 10))
    assert fresh(case).state == "transferred"
    assert told(case, march(3, 10)) == {"wang"}
    alert = Alert.objects.get(recipient=town.wang, created_at=march(3, 10))
    assert alert.params["slip"] == lead.number
    report(lead, town.wang, march(4, 10))
    now = fresh(case)
    assert (now.state, now.feedback_at, now.responsible_staff) == ("feedback", march(4, 10), town.chen)
    assert told(case, march(4, 10)) == {"chen"}


def test_the_director_informs_and_the_receptionist_does_not(town: Town, case: Case):
    lead, assisting = coordinate(case, town.chen, town.works, [town.property])
    done(assisting, town.zhou, town.sun)
    done(lead, town.zhao, town.wang)
    with refused(NotAllowed, case):
        inform(case, town.lin)
    told_case = inform(case, town.chen)
    assert told_case.state == "follow_up"
    assert archive(case, town.mei).state == "archived"


def test_what_a_head_must_approve_waits_for_the_others_too(town: Town):
    slips = matters.coordinated(town, category=category(town.north, "房屋结构安全"))
    lead, assisting = all_begun(town, slips)
    with refused(WrongState, lead):
        report(lead, town.wang)
    approve(report(assisting, town.sun), town.zhou)
    assert report(lead, town.wang).state == "submitted"
    assert approve(lead, town.zhao).case.state == "feedback"


def test_sent_back_only_the_lead_works_again(town: Town, case: Case):
    lead, assisting = coordinate(case, town.chen, town.works, [town.property])
    done(assisting, town.zhou, town.sun)
    done(lead, town.zhao, town.wang)
    send_back(case, town.chen, march(3, 10))
    assert [slip.state for slip in fresh(case).slips.order_by("pk")] == ["investigating", "reported"]
    assert report(lead, town.wang).case.state == "feedback"


def test_wang_sees_the_case_through_his_slip_and_so_does_sun(town: Town, case: Case):
    coordinate(case, town.chen, town.works, [town.property])
    for person in (town.wang, town.sun):
        assert Case.objects.visible_to(person).get() == case


# A department goes, the others stay.


def test_one_return_leaves_the_others_at_work(town: Town, case: Case):
    lead, assisting = coordinate(case, town.chen, town.works, [town.property])
    lead = begin_work(lead, town.zhao, town.wang)
    give_back(assisting, town.zhou, march(3, 10))
    now = fresh(case)
    assert (now.state, now.responsible_staff) == ("transferred", town.wang)
    assert told(case, march(3, 10)) == {"chen", "wang"}
    assert report(lead, town.wang).case.state == "feedback"


def test_when_the_lead_goes_the_director_names_another_within_the_time_for_deciding(town: Town, case: Case):
    lead, assisting = coordinate(case, town.chen, town.works, [town.property], march(2, 10))
    give_back(lead, town.zhao, march(2, 14))
    now = fresh(case)
    assert (now.state, now.responsible_staff, now.responsible_department) == ("transferred", town.chen, None)
    assert now.deadlines.get(kind="dispatch", outcome="").due_at == march(3, 14)
    new = add_department(case, town.chen, town.hall_itself, march(2, 15), kind="lead")
    assert (fresh(case).responsible_department, outcomes(case)["dispatch"]) == (town.hall_itself, "met")
    done(assisting, town.zhou, town.sun)
    assert done(new, town.lin, town.lin).case.state == "feedback"


def test_when_the_lead_is_gone_and_the_last_of_the_others_reports_the_case_is_back_at_the_director(
    town: Town, case: Case
):
    lead, assisting = coordinate(case, town.chen, town.works, [town.property], march(2, 10))
    recall(lead, town.chen, march(2, 14))
    done(assisting, town.zhou, town.sun, march(2, 15))
    now = fresh(case)
    assert (now.state, now.responsible_staff, now.is_referred) == ("accepted", town.chen, True)
    assert [clock.due_at for clock in now.deadlines.filter(kind="dispatch", outcome="")] == [march(3, 14)]
    assert "promise" in {clock.kind for clock in now.deadlines.running()}


def test_what_was_reported_in_the_round_is_kept_and_not_asked_for_again(town: Town, case: Case):
    lead, assisting = coordinate(case, town.chen, town.works, [town.property])
    done(assisting, town.zhou, town.sun)
    give_back(lead, town.zhao)
    assert fresh(case).state == "accepted"
    with refused(Refused, case, field="assisting"):
        coordinate(case, town.chen, town.works, [town.property])
    with refused(Refused, case, field="department"):
        transfer(case, town.chen, town.property)
    (again,) = coordinate(case, town.chen, town.hall_itself, [])
    assert done(again, town.lin, town.lin).case.state == "feedback"


def test_a_lead_that_was_approved_while_another_was_asked_waits_for_it_and_then_goes_to_feedback(town: Town):
    """The head approves a result that was submitted before the further department was asked; that one returns it."""
    lead, assisting = all_begun(town, matters.coordinated(town, category=category(town.north, "房屋结构安全")))
    approve(report(assisting, town.sun), town.zhou)
    report(lead, town.wang)
    further = add_department(lead, town.chen, town.hall_itself)
    approve(lead, town.zhao, march(3, 10))
    assert fresh(lead).state == "transferred"
    give_back(further, town.lin, march(4, 10))
    now = fresh(lead)
    assert (now.state, now.feedback_at, now.responsible_staff) == ("feedback", march(4, 10), town.chen)
    assert "feedback" in {clock.kind for clock in now.deadlines.running()}
    assert told(lead, march(4, 10)) == {"chen"}


# Departments that join later.


def test_a_further_department_assists(town: Town, case: Case):
    coordinate(case, town.chen, town.works, [town.property])
    slip = add_department(case, town.chen, town.waterworks, march(3, 10))
    assert (slip.kind, slip.number, slip.wants_plan) == ("assisting", "NTH-2026-000001-3", True)
    assert limits(slip)["handle"] == "03-13 17:30"
    assert (kinds(case)[-1], last_entry(case).payload["department"]) == ("case.department_added", "自来水公司")
    assert told(case, march(3, 10)) == {"lin"}


def test_a_second_lead_is_refused_and_so_is_a_department_that_has_a_slip(town: Town, case: Case):
    coordinate(case, town.chen, town.works, [town.property])
    with refused(Refused, case, field="kind"):
        add_department(case, town.chen, town.waterworks, kind="lead")
    with refused(Refused, case, field="department"):
        add_department(case, town.chen, town.property)


def test_adding_is_the_directors_and_only_to_what_was_coordinated(town: Town, case: Case):
    with refused(WrongState, case):
        add_department(case, town.chen, town.property)
    slips = coordinate(case, town.chen, town.works, [town.property])
    for person in (town.lin, town.zhao, town.feng, town.han, town.tang):
        with refused(NotAllowed, case):
            add_department(case, person, town.waterworks)
    plain = matters.transferred(town, identity="anonymous")
    with refused(WrongState, plain):
        add_department(plain, town.chen, town.property)
    assert len(slips) == 2


def test_a_stale_page_adds_nothing_and_nothing_is_added_twice(town: Town, case: Case):
    coordinate(case, town.chen, town.works, [town.property])
    drawn = fresh(case).transition_no
    add_department(case, town.chen, town.waterworks)
    with refused(Stale, case):
        add_department(case, town.chen, town.hall_itself, transition_no=drawn)
    with refused(Refused, case, field="department"):
        add_department(case, town.chen, town.waterworks)


def test_the_hall_itself_can_assist_and_mei_signs_for_it(town: Town, case: Case):
    _lead, own = coordinate(case, town.chen, town.works, [town.hall_itself])
    assert sign_in(own, town.mei, town.mei).handler == town.mei
