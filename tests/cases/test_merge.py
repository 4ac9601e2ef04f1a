"""Merged (并案): one case is worked on, and each resident keeps their own promise, answer and follow-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from cases.actions.bar import bar
from cases.actions.tell_limit import tell_limit
from cases.models import Case, TransferSlip
from cases.powers import follow_up_level
from followups.actions.evaluate import record_evaluation
from foundation.ledger.models import Chain
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import limits, matters
from tests.builders import Town, category
from tests.cases.coordination_steps import add_department, begin_work, coordinate, done
from tests.cases.course_steps import hand_over, merge, unmerge, withdraw
from tests.cases.steps import (
    accept,
    answer,
    approve,
    decline,
    fresh,
    inform,
    kinds,
    last_entry,
    march,
    outcomes,
    refused,
    report,
    running,
    send_back,
    told,
    transfer,
)
from tests.matters import MONDAY

Neighbour = Callable[..., Case]


@pytest.fixture
def neighbour(town: Town) -> Neighbour:
    """Further residents with the same leak, as registered or as far as the stage given."""
    phones = iter(range(13805716030, 13805716060))

    def make(stage=matters.registered, **more) -> Case:
        if more.get("identity") != "anonymous":
            more["resident"] = matters.a_resident(town, name="李桂芳", phone=str(next(phones)))
        made = stage(town, **more)
        return fresh(made)

    return make


@pytest.fixture
def main(town: Town) -> TransferSlip:
    """Wang looks into it."""
    return matters.investigating(town)


def the_same(case: Case | TransferSlip) -> int:
    return fresh(case).pk


# Merging.


def test_a_registered_case_is_accepted_by_being_merged_and_its_promise_begins(
    town: Town, main: TransferSlip, neighbour: Neighbour
):
    case = merge(neighbour(), main, town.mei, march(3, 10))
    assert (case.state, case.main_case_id, case.accepted_at) == ("merged", the_same(main), march(3, 10))
    # A request: seven working days from the 4th on.
    assert running(case) == {"promise": "03-12 17:30"}
    assert outcomes(case)["dispatch"] == "cancelled"
    assert case.next_due_at == march(12, 17, 30)


def test_an_accepted_case_keeps_the_promise_it_had(town: Town, main: TransferSlip, neighbour: Neighbour):
    case = merge(neighbour(matters.accepted), main, town.lin, march(3, 10))
    assert (case.accepted_at, running(case)) == (MONDAY, {"promise": "03-11 17:30"})


def test_a_complaint_that_is_merged_need_not_be_confirmed_any_more(
    town: Town, main: TransferSlip, neighbour: Neighbour
):
    case = merge(neighbour(nature="complaint"), main, town.lin, march(2, 10))
    assert (set(running(case)), outcomes(case)["confirm"]) == ({"promise"}, "cancelled")


def test_what_a_department_has_is_recalled_and_it_is_told(town: Town, main: TransferSlip, neighbour: Neighbour):
    case = neighbour(matters.transferred, department=town.property)
    merge(case, main, town.lin, march(3, 10))
    gone = fresh(case).slips.get()
    assert (gone.state, gone.next_due_at) == ("recalled", None)
    assert running(case) == {"promise": "03-11 17:30"}
    assert told(case, march(3, 10)) == {"sun", "zhou"}
    assert (fresh(case).transferred_at, fresh(case).route) == (None, "")


def test_whoever_works_on_the_main_case_is_told_and_its_head_count_stays(
    town: Town, main: TransferSlip, neighbour: Neighbour
):
    case = neighbour()
    merge(case, main, town.lin, march(3, 10))
    assert told(main, march(3, 10)) == {"wang"}
    assert fresh(main).headcount == 1
    assert fresh(main).state == "transferred"


def test_while_nobody_works_on_the_main_case_the_desk_is_told(town: Town, neighbour: Neighbour):
    main = neighbour(matters.accepted)
    merge(neighbour(), main, town.mei, march(3, 10))
    assert told(main, march(3, 10)) == {"lin", "chen"}


def test_both_records_keep_the_number_and_the_head_of_the_other(town: Town, main: TransferSlip, neighbour: Neighbour):
    case = neighbour()
    heads = {one.pk: bytes(Chain.objects.get(case=one).head).hex() for one in (case, fresh(main))}
    merge(case, main, town.lin, march(3, 10))
    merged, taken_in = last_entry(case), last_entry(main)
    assert (merged.kind, taken_in.kind) == ("case.merged", "case.merged_with")
    assert (merged.payload["main"], merged.payload["main_head"]) == (fresh(main).number, heads[the_same(main)])
    assert (taken_in.payload["merged"], taken_in.payload["merged_head"]) == (case.number, heads[case.pk])


def test_a_form_that_is_open_on_the_main_case_stays_good(town: Town, main: TransferSlip, neighbour: Neighbour):
    drawn = fresh(main).transition_no
    merge(neighbour(), main, town.lin)
    assert hand_over(main, town.chen, town.mei, transition_no=drawn).first_contact_owner == town.mei


@pytest.mark.parametrize("who", ["wang", "zhao", "chen", "feng", "gu", "he", "lu", "han", "tang"])
def test_merging_is_the_receptionists_work(town: Town, main: TransferSlip, neighbour: Neighbour, who: str):
    case = neighbour()
    with refused(NotAllowed, case):
        merge(case, main, getattr(town, who))


@pytest.mark.parametrize("stage", [matters.reported, matters.informed])
def test_what_has_a_result_is_neither_merged_nor_takes_others_in(town: Town, neighbour: Neighbour, stage):
    done, case = neighbour(stage), neighbour()
    with refused(WrongState, done):
        merge(done, case, town.lin, march(3, 10))
    with refused(Refused, case, field="main"):
        merge(case, done, town.lin, march(3, 10))


def test_a_case_is_not_merged_into_itself_nor_into_one_of_another_hall(town: Town, neighbour: Neighbour):
    case = neighbour()
    with refused(Refused, case, field="main"):
        merge(case, case, town.lin)
    south = replace(town, north=town.south, lin=town.lu)
    theirs = matters.registered(south)
    with refused(Refused, case, field="main"):
        merge(case, theirs, town.lin)


def test_what_is_merged_takes_no_others_in_and_what_took_others_in_is_not_merged(town: Town, neighbour: Neighbour):
    main, merged, third = neighbour(), neighbour(), neighbour()
    merge(merged, main, town.lin)
    with refused(Refused, third, field="main"):
        merge(third, merged, town.lin)
    with refused(Refused, main):
        merge(main, third, town.lin)


def test_who_hides_their_identity_stays_alone_either_way(town: Town, neighbour: Neighbour):
    hidden, open_case = neighbour(identity="hidden"), neighbour()
    with refused(WrongState, hidden):
        merge(hidden, open_case, town.lin)
    with refused(Refused, open_case, field="main"):
        merge(open_case, hidden, town.lin)


def test_an_anonymous_matter_goes_with_others_and_is_answered_on_its_own_page(
    town: Town, main: TransferSlip, neighbour: Neighbour
):
    case = merge(neighbour(identity="anonymous"), main, town.lin)
    report(main, town.wang, march(3, 15))
    assert inform(case, town.lin, march(3, 16), means="tracking_page").state == "follow_up"


def test_whoever_is_complained_about_in_one_does_not_work_on_the_other(
    town: Town, main: TransferSlip, neighbour: Neighbour
):
    case = neighbour(nature="complaint")
    bar(case_id=case.pk, staff=town.wang, reason="被投诉", actor=town.lin, now=MONDAY)
    with refused(Refused, case, field="main"):
        merge(case, main, town.lin)


def test_what_its_lead_department_has_reported_on_is_not_merged_while_others_still_work(
    town: Town, main: TransferSlip, neighbour: Neighbour
):
    """Unsafe structure: the head approves the lead's result after a further department was asked."""
    case = neighbour(matters.accepted, category=category(town.north, "房屋结构安全"))
    lead, assisting = coordinate(case, town.chen, town.works, [town.property])
    lead = begin_work(lead, town.zhao, town.wang)
    approve(done(assisting, town.zhou, town.sun), town.zhou)
    report(lead, town.wang)
    add_department(case, town.chen, town.waterworks)
    approve(lead, town.zhao)
    with refused(Refused, case):
        merge(case, main, town.lin)


def test_a_second_round_is_worked_on_by_itself(town: Town, main: TransferSlip, neighbour: Neighbour):
    case = neighbour(matters.informed)
    dissatisfied(case, town)
    with refused(WrongState, case):
        merge(case, main, town.lin, march(5, 10))


def test_a_stale_page_merges_nothing_and_nothing_is_merged_twice(town: Town, main: TransferSlip, neighbour: Neighbour):
    case = neighbour()
    before = case.transition_no
    accept(case, town.mei)
    with refused(Stale, case):
        merge(case, main, town.lin, transition_no=before)
    merge(case, main, town.lin)
    with refused(WrongState, case):
        merge(case, main, town.lin)
    assert kinds(case).count("case.merged") == 1
    assert kinds(main).count("case.merged_with") == 1


# One result, each resident told and followed up on their own.


@pytest.fixture
def merged(town: Town, main: TransferSlip, neighbour: Neighbour) -> list[Case]:
    """Lin's and Mei's."""
    first = merge(neighbour(), main, town.lin, march(2, 14))
    second = merge(neighbour(actor=town.mei), main, town.mei, march(2, 14))
    return [first, second]


def dissatisfied(case: Case, town: Town) -> Case:
    return record_evaluation(
        case_id=case.pk,
        transition_no=fresh(case).transition_no,
        actor=town.mei,
        now=march(4, 10),
        channel="phone",
        contacted=True,
        solved="no",
        satisfaction="dissatisfied",
        reasons="还在漏水。",
    )


def test_when_the_main_case_has_its_result_every_resident_is_to_be_told_by_their_own_owner(
    town: Town, main: TransferSlip, merged: list[Case]
):
    report(main, town.wang, march(3, 15))
    for case, owner in zip(merged, ("lin", "mei"), strict=True):
        now = fresh(case)
        assert (now.state, now.feedback_at) == ("feedback", march(3, 15))
        assert now.responsible_staff == getattr(town, owner)
        # Two working days after the 3rd, and the promise of the 2nd.
        assert running(case) == {"promise": "03-11 17:30", "feedback": "03-05 17:30"}
        assert told(case, march(3, 15)) == {owner}
        assert last_entry(case).payload["main"] == fresh(main).number


def test_informing_one_of_them_informs_nobody_else(town: Town, main: TransferSlip, merged: list[Case]):
    report(main, town.wang, march(3, 15))
    informed = inform(merged[0], town.lin, march(3, 16))
    assert (informed.state, outcomes(informed)["promise"]) == ("follow_up", "met")
    assert [fresh(merged[1]).state, fresh(main).state] == ["feedback", "feedback"]
    inform(main, town.lin, march(3, 16))
    assert fresh(merged[1]).state == "feedback"


def test_whoever_handled_the_main_case_does_not_follow_the_merged_ones_up(town: Town, neighbour: Neighbour):
    main = neighbour()
    case = merge(neighbour(), main, town.lin)
    answer(main, town.lin, march(2, 11))
    assert fresh(case).state == "feedback"
    informed = inform(case, town.lin, march(2, 12))
    assert follow_up_level(fresh(informed), town.lin) is None
    assert follow_up_level(fresh(informed), town.mei) is not None


def test_who_is_not_satisfied_gets_a_second_round_of_their_own(town: Town, main: TransferSlip, merged: list[Case]):
    report(main, town.wang, march(3, 15))
    inform(merged[0], town.lin, march(3, 16))
    again = dissatisfied(merged[0], town)
    assert (again.state, again.round) == ("accepted", 2)
    assert fresh(main).round == 1
    slip = transfer(again, town.lin, town.works, march(4, 11))
    assert slip.round == 2
    assert fresh(again).handler_ids == {town.wang.pk}


def test_a_result_that_is_sent_back_takes_along_whoever_was_not_told_yet(
    town: Town, main: TransferSlip, merged: list[Case]
):
    report(main, town.wang, march(3, 15))
    inform(merged[0], town.lin, march(3, 16))
    send_back(main, town.lin, march(3, 17))
    assert [fresh(case).state for case in merged] == ["follow_up", "merged"]
    assert running(merged[1]) == {"promise": "03-11 17:30"}
    assert (kinds(merged[1])[-1], outcomes(merged[1])["feedback"]) == ("case.rejoined", "cancelled")
    report(fresh(main).slips.get(), town.wang, march(4, 15))
    assert [fresh(case).state for case in merged] == ["follow_up", "feedback"]


def test_a_merged_case_is_not_sent_back_by_itself(town: Town, main: TransferSlip, merged: list[Case]):
    report(main, town.wang, march(3, 15))
    with refused(WrongState, merged[0]):
        send_back(merged[0], town.lin, march(3, 16))


@pytest.mark.parametrize("end", [decline, withdraw])
def test_when_the_main_case_ends_without_a_result_the_others_go_their_own_way(town: Town, neighbour: Neighbour, end):
    main = neighbour(matters.accepted)
    case = merge(neighbour(), main, town.lin, march(2, 14))
    end(main, town.lin, march(3, 10))
    now = fresh(case)
    assert (now.state, now.main_case, now.responsible_staff) == ("accepted", None, town.lin)
    assert running(case) == {"promise": "03-11 17:30", "dispatch": "03-04 10:00"}
    assert told(case, march(3, 10)) == {"lin", "chen"}
    assert transfer(case, town.lin, town.works, march(3, 11)).round == 1


def test_a_merged_resident_who_withdraws_leaves_the_others_alone(town: Town, main: TransferSlip, merged: list[Case]):
    with refused(WrongState, merged[0]):
        withdraw(merged[0], town.lin, march(2, 15))
    report(main, town.wang, march(3, 15))
    withdraw(merged[0], town.lin, march(3, 16))
    assert [fresh(merged[1]).state, fresh(main).state] == ["feedback", "feedback"]


# Unmerging.


def test_the_director_unmerges_with_a_reason_and_the_desk_decides_anew(
    town: Town, main: TransferSlip, merged: list[Case]
):
    case = unmerge(merged[0], town.chen, march(3, 10))
    assert (case.state, case.main_case, case.responsible_staff) == ("accepted", None, town.lin)
    assert running(case) == {"promise": "03-11 17:30", "dispatch": "03-04 10:00"}
    assert (last_entry(case).kind, last_entry(case).texts) == ("case.unmerged", {"reason": "是另一处漏水。"})
    assert (last_entry(main).kind, last_entry(main).payload["merged"]) == ("case.unmerged_from", case.number)
    assert told(case, march(3, 10)) == {"lin"}
    report(main, town.wang, march(3, 15))
    assert [fresh(one).state for one in merged] == ["accepted", "feedback"]


def test_what_was_unmerged_can_be_merged_again(town: Town, main: TransferSlip, merged: list[Case]):
    unmerge(merged[0], town.chen, march(3, 10))
    assert merge(merged[0], main, town.lin, march(3, 11)).state == "merged"


@pytest.mark.parametrize("who", ["lin", "mei", "wang", "zhao", "feng", "gu", "he", "lu", "han", "tang"])
def test_only_the_director_unmerges(town: Town, merged: list[Case], who: str):
    with refused(NotAllowed, merged[0]):
        unmerge(merged[0], getattr(town, who))


def test_unmerging_wants_a_reason_and_something_merged(town: Town, neighbour: Neighbour, merged: list[Case]):
    with refused(Refused, merged[0], field="reason"):
        unmerge(merged[0], town.chen, reason=" ")
    case = neighbour()
    with refused(WrongState, case):
        unmerge(case, town.chen)


def test_a_stale_page_unmerges_nothing_and_nothing_is_unmerged_twice(
    town: Town, main: TransferSlip, merged: list[Case]
):
    before = fresh(merged[0]).transition_no
    unmerge(merged[0], town.chen, march(3, 10))
    merge(merged[0], main, town.lin, march(3, 10))
    with refused(Stale, merged[0]):
        unmerge(merged[0], town.chen, march(3, 11), transition_no=before)
    unmerge(merged[0], town.chen, march(3, 11))
    with refused(WrongState, merged[0]):
        unmerge(merged[0], town.chen, march(3, 11))


def test_days_later_the_promise_of_who_was_merged_is_still_the_day_of_their_receipt(
    town: Town, main: TransferSlip, merged: list[Case]
):
    report(main, town.wang, MONDAY + timedelta(days=8))
    assert fresh(merged[0]).promise_due_at == march(11, 17, 30)
    # Not beyond the promise: two working days after the 10th would be the 12th.
    assert running(merged[0])["feedback"] == "03-11 17:30"


def test_a_complaint_that_is_by_itself_again_is_still_to_be_confirmed(
    town: Town, main: TransferSlip, neighbour: Neighbour
):
    case = neighbour(nature="complaint")
    merge(case, main, town.lin, march(2, 10))
    assert "confirm" not in running(case)
    unmerge(case, town.chen, march(3, 10))
    assert running(case)["confirm"] == "03-04 10:00"
    assert fresh(case).waits_to_be_confirmed()


def test_a_promise_that_moved_while_a_department_waited_is_told_to_who_was_merged(
    town: Town, main: TransferSlip, neighbour: Neighbour
):
    slip = limits.paused(town, resident=matters.a_resident(town, name="钱大爷", phone="13805716077"))
    merge(slip.case, main, town.lin, march(4, 10))
    case = fresh(slip)
    assert (case.state, case.limit_changed_at) == ("merged", march(4, 10))
    tell_limit(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=march(4, 11),
        means="phone",
        told_at=march(4, 11),
    )
    assert fresh(case).limit_changed_at is None
