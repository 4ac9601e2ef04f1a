"""The department's own steps: first contact, investigation, notes. Theirs who handles it, and their head's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from cases.actions.bar import bar
from cases.models import TransferSlip
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.steps import (
    contact,
    fresh,
    investigate,
    kinds,
    last_entry,
    march,
    note,
    outcomes,
    refused,
    report,
    running,
    sign_in,
    told,
)
from tests.matters import MONDAY

Step = Callable[..., TransferSlip]


@pytest.fixture
def slip(town: Town) -> TransferSlip:
    """Signed by Zhao on Monday, Wang handles it."""
    return matters.signed(town)


# The first contact with the resident.


def test_the_contact_counts_from_when_it_was_made_not_when_it_was_written_down(town: Town, slip: TransferSlip):
    # Due on Tuesday at closing time.
    slip = contact(slip, town.wang, march(4, 9), contacted_at=march(3, 17))
    assert slip.contacted_at == march(3, 17)
    assert outcomes(slip)["contact"] == "met"
    entry = last_entry(slip)
    assert (entry.kind, entry.happened_at, entry.texts) == (
        "slip.contacted",
        march(3, 17),
        {"summary": "约好明天上门。"},
    )


def test_a_contact_after_the_limit_is_met_late(town: Town, slip: TransferSlip):
    assert outcomes(contact(slip, town.wang, march(3, 17, 31)))["contact"] == "met_late"


def test_no_contact_lies_in_the_future_or_before_the_slip_was_issued(town: Town, slip: TransferSlip):
    with refused(Refused, slip, field="contacted_at"):
        contact(slip, town.wang, march(2, 12), contacted_at=march(2, 12, 1))
    with refused(Refused, slip, field="contacted_at"):
        contact(slip, town.wang, march(2, 12), contacted_at=MONDAY - timedelta(minutes=1))


def test_how_and_what_was_said_must_be_given(town: Town, slip: TransferSlip):
    with refused(Refused, slip, field="means"):
        contact(slip, town.wang, means="")
    with refused(Refused, slip, field="summary"):
        contact(slip, town.wang, summary=" ")


def test_the_first_contact_is_made_once(town: Town, slip: TransferSlip):
    drawn = slip.transition_no
    contact(slip, town.wang)
    with refused(Stale, slip):
        contact(slip, town.wang, transition_no=drawn)
    with refused(WrongState, slip):
        contact(slip, town.wang)


def test_nobody_can_be_contacted_about_an_anonymous_matter(town: Town):
    slip = matters.signed(town, identity="anonymous")
    with refused(WrongState, slip):
        contact(slip, town.wang)


# The investigation.


def test_the_investigation_begins_and_its_clock_stops(town: Town, slip: TransferSlip):
    slip = investigate(slip, town.wang, march(4, 9, 30))
    assert (slip.state, slip.investigation_begun_at) == ("investigating", march(4, 9, 30))
    assert outcomes(slip)["investigate"] == "met"
    assert (kinds(slip)[-1], last_entry(slip).texts) == ("slip.investigation_begun", {"plan": "查看屋面。"})
    # What is left of the slip: the contact is overdue since Tuesday, the result is due on Monday the 9th.
    assert running(slip) == {"promise": "03-11 17:30", "handle": "03-09 17:30", "contact": "03-03 17:30"}
    assert slip.next_due_at == fresh(slip).next_due_at == march(3, 17, 30)


def test_begun_after_two_days_is_late(town: Town, slip: TransferSlip):
    assert outcomes(investigate(slip, town.wang, march(4, 9, 31)))["investigate"] == "met_late"


def test_an_investigation_begins_once_and_only_after_signing(town: Town, slip: TransferSlip):
    drawn = slip.transition_no
    investigate(slip, town.wang)
    with refused(Stale, slip):
        investigate(slip, town.wang, transition_no=drawn)
    with refused(WrongState, slip):
        investigate(slip, town.wang)
    unsigned = matters.transferred(town, identity="anonymous")
    with refused(WrongState, unsigned):
        investigate(unsigned, town.wang)


def test_a_plan_of_spaces_is_none(town: Town, slip: TransferSlip):
    with refused(Refused, slip, field="plan"):
        investigate(slip, town.wang, plan="")


# Notes.


def test_notes_are_kept_in_the_record_and_change_nothing_else(town: Town, slip: TransferSlip):
    before = (outcomes(slip), fresh(slip).transition_no)
    noted = note(note(slip, town.wang, text="已拍照。"), town.zhao, text="联系物业。")
    assert noted.state == "signed"
    assert (outcomes(slip), fresh(slip).transition_no) == before
    assert kinds(slip)[-2:] == ["slip.noted", "slip.noted"]
    assert last_entry(slip).texts == {"note": "联系物业。"}


def test_a_note_of_spaces_is_none(town: Town, slip: TransferSlip):
    with refused(Refused, slip, field="text"):
        note(slip, town.wang, text="\n")


def test_nothing_is_noted_on_a_slip_that_is_reported(town: Town):
    case = matters.reported(town)
    slip = case.slips.get()
    with refused(WrongState, slip):
        note(slip, town.wang)


# Whose work it is.

STEPS: list[Step] = [contact, investigate, note]


@pytest.mark.parametrize("step", STEPS)
def test_it_is_the_named_handlers_work_or_their_heads(town: Town, slip: TransferSlip, step: Step):
    for person in (town.lin, town.qian, town.chen, town.feng, town.he, town.sun, town.zhou, town.jiang, town.tang):
        with refused(NotAllowed, slip):
            step(slip, person)
    assert step(slip, town.zhao).handler == town.wang


@pytest.mark.parametrize("step", STEPS)
def test_for_an_outside_unit_the_desk_writes_what_came_on_paper(town: Town, step: Step):
    slip = matters.transferred(town, department=town.waterworks)
    slip = sign_in(slip, town.lin, None)
    with refused(NotAllowed, slip):
        step(slip, town.zhao)
    step(slip, town.mei)
    assert fresh(slip).handler_ids == set()


@pytest.mark.parametrize("step", STEPS)
def test_in_the_hall_itself_the_director_stands_in_for_the_receptionist_who_handles_it(town: Town, step: Step):
    slip = matters.transferred(town, department=town.hall_itself)
    slip = sign_in(slip, town.lin, town.mei)
    with refused(NotAllowed, slip):
        step(slip, town.lin)
    step(slip, town.chen)


# A handler who is barred hands the work over to whoever takes its next step.


@pytest.fixture
def orphaned(town: Town, slip: TransferSlip) -> TransferSlip:
    bar(case_id=slip.case_id, staff=town.wang, reason="被投诉", actor=town.chen, now=MONDAY)
    return TransferSlip.objects.get(pk=slip.pk)


def test_the_barred_handler_can_do_nothing_more(town: Town, orphaned: TransferSlip):
    for step in STEPS:
        with refused(NotAllowed, orphaned):
            step(orphaned, town.wang)


def test_the_department_is_responsible_until_somebody_takes_over(town: Town, orphaned: TransferSlip):
    case = fresh(orphaned)
    assert (case.responsible_staff, case.responsible_department) == (None, town.works)
    note(orphaned, town.qian)
    assert fresh(orphaned).responsible_staff is None


def test_who_takes_the_next_step_is_the_handler_from_then_on(town: Town, orphaned: TransferSlip):
    taken = contact(orphaned, town.qian)
    assert (taken.handler, taken.handler_level) == (town.qian, "")
    case = fresh(orphaned)
    assert case.responsible_staff == town.qian
    assert case.was_handled_by(town.qian)
    with refused(NotAllowed, orphaned):
        investigate(orphaned, town.sun)


def test_who_reports_for_a_barred_handler_has_handled_it(town: Town):
    slip = matters.investigating(town)
    bar(case_id=slip.case_id, staff=town.wang, reason="被投诉", actor=town.chen, now=MONDAY)
    report(slip, town.qian)
    assert fresh(slip).handler_ids == {town.wang.pk, town.qian.pk}


def test_a_barred_head_is_replaced_by_the_director(town: Town, slip: TransferSlip):
    bar(case_id=slip.case_id, staff=town.zhao, reason="被投诉", actor=town.lin, now=MONDAY)
    with refused(NotAllowed, slip):
        note(slip, town.zhao)
    assert note(slip, town.chen).handler == town.wang


def test_nobody_is_told_of_contacts_and_notes(town: Town, slip: TransferSlip):
    contact(slip, town.wang, march(2, 12))
    investigate(slip, town.wang, march(2, 12))
    note(slip, town.wang, march(2, 12))
    assert told(slip, march(2, 12)) == set()
