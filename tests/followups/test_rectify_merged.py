"""A merged case has its result from the main case: whoever handled that answers for it, and for nothing else of it."""

from __future__ import annotations

import pytest

from cases.actions.bar import bar
from cases.models import Case, TransferSlip
from cases.powers import follow_up_level
from followups.actions.late import reopen_archived
from followups.board.wording import from_case
from followups.models import RectificationNotice
from followups.worklist import worklist
from foundation.notifications.models import Alert
from foundation.organization.models import Membership, Role, Staff
from foundation.refusals import Refused
from tests import matters
from tests.builders import Town
from tests.cases import steps
from tests.cases.coordination_steps import recall
from tests.cases.course_steps import merge, unmerge
from tests.followups.merged_stories import (
    DAY,
    HOUR,
    REASONS,
    RESULT,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    neighbour,
    notified,
    recipients,
    shared,
    told,
    unhappy,
)
from tests.followups.stories import evaluated, last_entry
from tests.matters import MONDAY


def anew(staff: Staff) -> Staff:
    """As a request would know them, with the roles of this moment."""
    return Staff.objects.get(pk=staff.pk)


def may_read(notice: RectificationNotice, staff: Staff) -> bool:
    return RectificationNotice.objects.visible_to(anew(staff)).contains(notice)


# To whom it goes.


def test_the_department_whose_result_it_was_gets_the_notice_and_not_the_hall(town: Town) -> None:
    notice, main = notified(town)
    assert notice.department == town.works
    assert notice.reasons == REASONS
    assert recipients(notice) == {"wang", "qian", "zhao"}
    assert last_entry(notice.case).data["department"] == town.works.name
    assert not main.case.rectification_notices.exists()


def test_departments_that_assisted_with_the_main_case_are_named_and_told(town: Town) -> None:
    lead, assisting = matters.coordinated(town)
    case = neighbour(town, lead)
    for slip, head, handler in ((assisting, town.zhou, town.sun), (lead, town.zhao, town.wang)):
        slip = steps.sign_in(slip, head, handler)
        slip = steps.investigate(steps.contact(slip, handler), handler)
        steps.report(slip, handler, MONDAY + HOUR)
    notice = unhappy(town, told(town, case))
    assert (notice.department, notice.assisting()) == (town.works, [town.property])
    assert recipients(notice) == {"wang", "qian", "zhao", "sun", "zhou"}
    assert all(may_read(notice, one) for one in (town.wang, town.zhao, town.sun, town.zhou))


def test_what_the_desk_answered_for_all_on_the_spot_is_the_halls_own(town: Town) -> None:
    clerk = Staff.objects.create(username="bai", name="Bai")
    Membership.objects.create(staff=clerk, role=Role.HANDLER, hall=town.north, department=town.hall_itself)
    main = matters.accepted(town)
    case = neighbour(town, main)
    steps.answer(main, town.lin, MONDAY + HOUR)
    notice = unhappy(town, told(town, case))
    assert notice.department == town.hall_itself
    assert recipients(notice) == {"lin", "bai"}
    # Of the hall's department, and yet without a slip of that case.
    assert not Case.objects.visible_to(anew(clerk)).exists()
    assert may_read(notice, clerk)


def test_a_result_that_was_told_stays_its_departments_although_the_main_case_went_elsewhere_since(town: Town) -> None:
    case, main = shared(town)
    told(town, case, MONDAY + 2 * HOUR)
    steps.send_back(main, town.lin, MONDAY + 3 * HOUR)
    recall(main, town.lin, MONDAY + 4 * HOUR)
    steps.transfer(main, town.lin, town.property, MONDAY + 5 * HOUR)
    notice = unhappy(town, case)
    assert notice.department == town.works
    assert recipients(notice) == {"wang", "qian", "zhao"}
    assert may_read(notice, town.zhao)
    assert not may_read(notice, town.zhou)


def test_a_result_taken_back_before_it_was_told_is_nobodys_and_the_next_one_counts(town: Town) -> None:
    case, main = shared(town)
    steps.send_back(main, town.lin, MONDAY + 2 * HOUR)
    assert steps.fresh(case).state == "merged"
    assert not TransferSlip.objects.filter(shared_with=case).exists()
    recall(main, town.lin, MONDAY + 3 * HOUR)
    slip = steps.sign_in(
        steps.transfer(main, town.lin, town.property, MONDAY + 4 * HOUR), town.zhou, town.sun, MONDAY + 4 * HOUR
    )
    slip = steps.investigate(steps.contact(slip, town.sun, MONDAY + 4 * HOUR), town.sun, MONDAY + 4 * HOUR)
    steps.report(slip, town.sun, MONDAY + 5 * HOUR)
    notice = unhappy(town, told(town, case))
    assert notice.department == town.property
    assert recipients(notice) >= {"sun", "zhou"}
    assert not may_read(notice, town.zhao)


def test_of_a_main_case_in_its_second_round_that_round_counts(town: Town) -> None:
    main = steps.reopen(matters.informed(town), town.mei, TUESDAY)
    case = neighbour(town, main, TUESDAY)
    slip = steps.sign_in(steps.transfer(main, town.lin, town.property, TUESDAY), town.zhou, town.sun, TUESDAY)
    slip = steps.investigate(steps.contact(slip, town.sun, TUESDAY), town.sun, TUESDAY)
    steps.report(slip, town.sun, TUESDAY + HOUR)
    notice = unhappy(town, told(town, case, WEDNESDAY), THURSDAY)
    assert notice.department == town.property
    assert recipients(notice) == {"sun", "zhou"}
    assert not may_read(notice, town.wang)


def test_a_later_round_of_the_main_case_changes_nothing(town: Town) -> None:
    case, main = shared(town)
    told(town, case)
    steps.inform(main, town.lin, TUESDAY)
    steps.reopen(main, town.mei, WEDNESDAY)
    slip = steps.sign_in(steps.transfer(main, town.lin, town.property, WEDNESDAY), town.zhou, town.sun, WEDNESDAY)
    slip = steps.investigate(steps.contact(slip, town.sun, WEDNESDAY), town.sun, WEDNESDAY)
    steps.report(slip, town.sun, WEDNESDAY + HOUR, result="另一处漏点。")
    assert from_case(steps.fresh(case)).text.startswith(RESULT)
    assert unhappy(town, case, THURSDAY).department == town.works


def test_the_second_round_is_answered_for_by_who_had_its_slip(town: Town) -> None:
    first, _main = notified(town)
    case = steps.fresh(first.case)
    slip = steps.sign_in(steps.transfer(case, town.lin, town.property, THURSDAY), town.zhou, town.sun, THURSDAY)
    slip = steps.investigate(steps.contact(slip, town.sun, THURSDAY), town.sun, THURSDAY)
    steps.report(slip, town.sun, THURSDAY + HOUR)
    steps.inform(case, town.lin, THURSDAY + 2 * HOUR)
    second = unhappy(town, case, THURSDAY + DAY)
    assert (second.round, second.department) == (2, town.property)
    assert recipients(second) == {"sun", "zhou"}
    assert may_read(first, town.zhao)
    assert not may_read(second, town.zhao)


def test_a_case_that_was_merged_and_let_go_again_has_a_result_of_its_own(town: Town) -> None:
    case = neighbour(town, matters.investigating(town))
    unmerge(case, town.chen, MONDAY + HOUR)
    slip = steps.sign_in(steps.transfer(case, town.lin, town.property, MONDAY + HOUR), town.zhou, town.sun, TUESDAY)
    slip = steps.investigate(steps.contact(slip, town.sun, TUESDAY), town.sun, TUESDAY)
    steps.report(slip, town.sun, TUESDAY)
    notice = unhappy(town, told(town, case, TUESDAY))
    assert notice.department == town.property
    assert recipients(notice) == {"sun", "zhou"}


def test_reopened_from_the_archive_the_notice_goes_there_as_well(town: Town) -> None:
    case, _main = shared(town)
    case = evaluated(told(town, case), actor=town.mei, now=WEDNESDAY)
    Case.objects.filter(pk=case.pk).update(late_answer_at=THURSDAY)
    reopen_archived(
        case_id=case.pk,
        transition_no=steps.fresh(case).transition_no,
        actor=town.chen,
        now=THURSDAY,
        reason="居民来电，仍在漏水。",
    )
    notice = RectificationNotice.objects.get(case=case)
    assert notice.department == town.works
    assert recipients(notice) == {"wang", "qian", "zhao"}


def test_who_has_left_the_department_since_is_not_told_what_they_could_not_open(town: Town) -> None:
    case, _main = shared(town)
    told(town, case)
    Membership.objects.filter(staff=town.wang).update(department=town.property)
    notice = unhappy(town, case)
    assert recipients(notice) == {"qian", "zhao"}
    assert not may_read(notice, town.wang)


# Who is kept out of it.


@pytest.mark.parametrize("barred_from", ["main", "merged"])
def test_who_is_barred_from_either_is_neither_told_nor_reads_it(town: Town, barred_from: str) -> None:
    case, main = shared(town)
    told(town, case)
    barred = main.case_id if barred_from == "main" else case.pk
    bar(case_id=barred, staff=town.zhao, reason="来信点名", actor=town.lin, now=TUESDAY + HOUR)
    notice = unhappy(town, case)
    assert recipients(notice) == {"wang", "qian"}
    assert not may_read(notice, town.zhao)
    assert may_read(notice, town.wang)


@pytest.mark.parametrize("barred_from", ["further", "merged"])
def test_also_where_the_main_case_went_on_with_a_further_one(town: Town, barred_from: str) -> None:
    case, main = shared(town)
    told(town, case, MONDAY + 2 * HOUR)
    steps.send_back(main, town.lin, MONDAY + 3 * HOUR)
    further = matters.accepted(town)
    merge(main, further, town.lin, MONDAY + 4 * HOUR)
    barred, other = (further, case) if barred_from == "further" else (case, further)
    bar(case_id=barred.pk, staff=town.zhao, reason="来信点名", actor=town.chen, now=TUESDAY)
    assert steps.fresh(other).bars(town.zhao)
    notice = unhappy(town, case)
    assert recipients(notice) == {"wang", "qian"}
    assert not may_read(notice, town.zhao)


@pytest.mark.parametrize("barred_from", ["main", "merged"])
def test_barred_afterwards_they_lose_what_they_were_told(town: Town, barred_from: str) -> None:
    notice, main = notified(town)
    barred = main.case_id if barred_from == "main" else notice.case_id
    bar(case_id=barred, staff=town.zhao, reason="来信点名", actor=town.lin, now=THURSDAY)
    assert recipients(notice) == {"wang", "qian"}
    assert not may_read(notice, town.zhao)
    assert not Alert.objects.visible_to(town.zhao).filter(chain=main.case.chain_id).exists()


def test_the_departments_people_see_the_notice_and_nothing_else_of_the_case(town: Town) -> None:
    notice, main = notified(town)
    for one in (town.wang, town.zhao):
        assert list(Case.objects.visible_to(anew(one))) == [steps.fresh(main)]
        assert not TransferSlip.objects.visible_to(anew(one)).filter(case=notice.case).exists()
        assert may_read(notice, one)
    for one in (town.sun, town.zhou, town.lu, town.jiang, town.han, town.gu, town.he):
        assert not may_read(notice, one)
    for one in (town.lin, town.mei, town.chen, town.feng, town.tang):
        assert may_read(notice, one)


def test_a_department_that_gives_its_own_slip_of_the_second_round_back_keeps_the_notice(town: Town) -> None:
    notice, _main = notified(town)
    slip = steps.transfer(notice.case, town.lin, town.works, THURSDAY)
    about_slip = Alert.objects.filter(key=f"slip:{slip.pk}:issued")
    assert {alert.recipient for alert in about_slip.filter(withdrawn_at=None)} == {town.wang, town.qian, town.zhao}
    steps.give_back(slip, town.zhao, THURSDAY + HOUR)
    assert not about_slip.filter(withdrawn_at=None).exists()
    assert recipients(notice) == {"wang", "qian", "zhao"}


# Who may not do more of it.


def test_whoever_handled_the_main_case_never_follows_the_merged_one_up(town: Town) -> None:
    """Wang and head Zhou of property, who wrote the assisting result herself, serve at the desk as well."""
    lead, assisting = matters.coordinated(town)
    case = neighbour(town, lead)
    assisting = steps.sign_in(assisting, town.zhou, town.sun)
    assisting = steps.investigate(steps.contact(assisting, town.sun), town.sun)
    steps.report(assisting, town.zhou, MONDAY + HOUR)
    lead = steps.sign_in(lead, town.zhao, town.wang)
    steps.report(steps.investigate(steps.contact(lead, town.wang), town.wang), town.wang, MONDAY + HOUR)
    case = told(town, case)
    for one in (town.wang, town.zhou, town.sun):
        Membership.objects.create(staff=one, role=Role.RECEPTIONIST, hall=town.north)
        assert follow_up_level(steps.fresh(case), anew(one)) is None
        assert case not in worklist(town.north, anew(one))
    Membership.objects.create(staff=town.qian, role=Role.RECEPTIONIST, hall=town.north)
    assert follow_up_level(steps.fresh(case), anew(town.qian)) is not None
    assert case in worklist(town.north, anew(town.qian))


def test_the_second_round_has_another_handler_than_the_main_case_had(town: Town) -> None:
    notice, _main = notified(town)
    slip = steps.transfer(notice.case, town.lin, town.works, THURSDAY)
    with pytest.raises(Refused) as refusal:
        steps.sign_in(slip, town.zhao, town.wang, THURSDAY)
    assert refusal.value.field == "handler"
    assert steps.sign_in(slip, town.zhao, town.qian, THURSDAY).handler == town.qian


def test_what_the_desk_answered_for_all_is_answered_by_another_the_second_time(town: Town) -> None:
    main = matters.accepted(town)
    case = neighbour(town, main)
    steps.answer(main, town.lin, MONDAY + HOUR)
    notice = unhappy(town, told(town, case))
    with pytest.raises(Refused):
        steps.answer(notice.case, town.lin, THURSDAY)
    assert steps.answer(notice.case, town.mei, THURSDAY).state == "follow_up"
