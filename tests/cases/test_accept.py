"""Acceptance (受理): the promise begins, and its date stands on the receipt."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from cases.actions.bar import bar
from cases.actions.register import register_case
from cases.models import Case
from foundation.notifications.models import Message
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from reception.actions import register_visit
from tests import matters
from tests.builders import Town, category
from tests.cases.steps import accept, decline, fresh, kinds, last_entry, march, outcomes, refused, running, told
from tests.matters import LEAK, MONDAY


@pytest.fixture
def case(town: Town) -> Case:
    return matters.registered(town)


@pytest.mark.parametrize(
    ("nature", "promised"),
    [
        ("consultation", "03-03 17:30"),  # one working day
        ("request", "03-11 17:30"),  # seven: 3, 4, 5, 6, 9, 10, 11 March
        ("suggestion", "03-11 17:30"),
        ("praise", "03-11 17:30"),
        ("complaint", "03-23 17:30"),  # fifteen: 3–6, 9–13, 16–20, 23 March
        ("report", "03-23 17:30"),
    ],
)
def test_the_promise_is_as_long_as_the_nature_of_the_matter_asks(town: Town, case: Case, nature: str, promised: str):
    accepted = accept(case, town.lin, nature=nature)
    assert accepted.state == "accepted"
    assert running(case)["promise"] == promised


def test_the_promise_over_the_dragon_boat_festival_leaves_it_out(town: Town):
    # Monday 15 June 2026; Friday 19 June is the festival, so seven working days end on Thursday 25 June.
    monday = MONDAY.replace(month=6, day=15)
    assert running(matters.accepted(town, now=monday))["promise"] == "06-25 17:30"


@pytest.mark.parametrize(
    ("phone", "said"), [("13805716021", "the last four digits of your phone number"), ("", "leave the digits empty")]
)
def test_who_told_us_from_afar_reads_in_the_mail_what_the_tracking_page_asks_for(town: Town, phone: str, said: str):
    resident = matters.a_resident(town, phone=phone, email="xiulan@resident.example")
    matters.accepted(town, resident=resident, channel="email")
    with override("en"):
        assert said in Message.objects.get().words


def test_deciding_where_it_goes_is_still_open_and_comes_first(town: Town, case: Case):
    accepted = accept(case, town.lin, march(2, 11))
    assert running(case) == {"dispatch": "03-03 09:30", "promise": "03-11 17:30"}
    assert accepted.next_due_at == march(3, 9, 30)
    assert accepted.promise_due_at == march(11, 17, 30)


def test_the_date_set_from_above_overrides_the_promise_and_the_resident_is_told_why(town: Town):
    visit = register_visit(
        hall=town.north,
        actor=town.lin,
        now=MONDAY,
        channel="handed_down",
        matter=LEAK,
        resident=matters.a_resident(town),
        outside_number="12345-0077",
        outside_due_at=march(4, 12),
    )
    case = register_case(visit=visit, actor=town.lin, now=MONDAY, nature="complaint", category=category(town.north))
    accept(case, town.lin)
    promise = case.deadlines.get(kind="promise")
    assert promise.due_at == march(4, 12)
    assert promise.explanation["overridden"] == "set_from_above"
    # Three quarters of 50.5 hours from Monday 09:30.
    assert promise.warn_at == march(3, 23, 22).replace(second=30)


def test_the_final_screening_is_kept_and_written_down(town: Town, case: Case):
    sewer = category(town.north, "屋面与外墙渗漏")
    accepted = accept(case, town.mei, march(2, 10), category=sewer, urgency="urgent", headcount=7)
    assert (accepted.category, accepted.urgency, accepted.headcount) == (sewer, "urgent", 7)
    assert accepted.accepted_at == march(2, 10)
    entry = last_entry(case)
    assert (entry.kind, entry.actor, entry.payload["headcount"]) == ("case.accepted", town.mei, 7)


def test_a_request_that_turns_out_to_be_a_complaint_is_confirmed_within_a_day(town: Town, case: Case):
    accept(case, town.lin, march(2, 11), nature="complaint")
    assert running(case)["confirm"] == "03-03 11:00"


def test_a_complaint_that_turns_out_to_be_a_request_need_not_be_confirmed(town: Town):
    case = matters.registered(town, nature="complaint")
    accept(case, town.lin, nature="request")
    assert outcomes(case)["confirm"] == "cancelled"


def test_the_owner_stays_responsible_when_a_colleague_accepts(town: Town, case: Case):
    assert accept(case, town.mei).responsible_staff == town.lin
    assert told(case, MONDAY) == set()


@pytest.mark.parametrize("who", ["wang", "zhao", "chen", "feng", "gu", "he", "lu", "han", "tang", "xu"])
def test_accepting_is_the_receptionists_work(town: Town, case: Case, who: str):
    with refused(NotAllowed, case):
        accept(case, getattr(town, who))


def test_where_every_receptionist_is_barred_the_director_accepts_and_then_the_street(town: Town, case: Case):
    for person in (town.lin, town.mei):
        bar(case_id=case.pk, staff=person, reason="被投诉", actor=town.chen, now=MONDAY)
    with refused(NotAllowed, case):
        accept(case, town.lin)
    with refused(NotAllowed, case):
        accept(case, town.tang)
    bar(case_id=case.pk, staff=town.chen, reason="被投诉", actor=town.tang, now=MONDAY)
    with refused(NotAllowed, case):
        accept(case, town.feng)
    assert accept(case, town.tang).state == "accepted"


def test_a_case_is_accepted_once(town: Town, case: Case):
    accept(case, town.lin)
    with refused(WrongState, case):
        accept(case, town.lin)
    assert kinds(case).count("case.accepted") == 1


def test_what_was_declined_cannot_be_accepted(town: Town, case: Case):
    decline(case, town.lin)
    with refused(WrongState, case):
        accept(case, town.lin)


def test_a_page_drawn_before_a_colleagues_step_is_stale(town: Town, case: Case):
    drawn = fresh(case).transition_no
    decline(case, town.mei)
    with override("en"), refused(Stale, case) as refusal:
        accept(case, town.lin, transition_no=drawn)
    assert "declined" in str(refusal.value)


@pytest.mark.parametrize(
    ("wrong", "field"), [({"nature": ""}, "nature"), ({"urgency": "now"}, "urgency"), ({"headcount": 0}, "headcount")]
)
def test_a_screening_that_cannot_be_is_refused_at_its_field(town: Town, case: Case, wrong: dict[str, Any], field: str):
    with refused(Refused, case, field=field):
        accept(case, town.lin, **wrong)


def test_a_category_of_another_hall_is_refused(town: Town, case: Case):
    with refused(Refused, case, field="category"):
        accept(case, town.lin, category=category(town.south))


def test_a_matter_found_urgent_at_the_screening_is_dispatched_within_half_an_hour(town: Town, case: Case):
    accept(case, town.lin, march(2, 11), urgency="urgent")
    assert running(case)["dispatch"] == "03-02 11:30"
    assert [clock.outcome for clock in case.deadlines.filter(kind="dispatch").order_by("pk")] == ["cancelled", ""]
    assert case.deadlines.running().get(kind="dispatch").is_urgent


def test_an_unchanged_urgency_leaves_the_dispatch_clock_as_it_runs(town: Town, case: Case):
    accept(case, town.lin, march(2, 11))
    assert [clock.started_at for clock in case.deadlines.filter(kind="dispatch")] == [MONDAY]
