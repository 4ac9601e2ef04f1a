"""The resident is told the result (答复). Nobody reached: three attempts, and then a message counts."""

from __future__ import annotations

import pytest

from cases.actions.bar import bar
from cases.actions.moving import lock_case, move, write_down
from cases.actions.sign import Signature
from cases.actions.transfer import issue, start_slip_clocks
from cases.models import Case, TransferSlip
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.steps import (
    fresh,
    inform,
    investigate,
    kinds,
    last_entry,
    march,
    outcomes,
    reach_nobody,
    refused,
    report,
    running,
    sign_in,
    told,
)
from tests.matters import MONDAY


@pytest.fixture
def case(town: Town) -> Case:
    """Reported on Monday at 10:30; the answer is due on Wednesday at closing time."""
    return matters.reported(town)


def test_told_the_resident_waits_for_the_follow_up(town: Town, case: Case):
    informed = inform(case, town.lin, march(4, 17, 30))
    assert (informed.state, informed.informed_at) == ("follow_up", march(4, 17, 30))
    assert {kind: outcomes(case)[kind] for kind in ("feedback", "promise")} == {"feedback": "met", "promise": "met"}
    # A leak is followed up after three days: Saturday the 7th, so on Monday at the same time.
    assert running(case) == {"follow_up": "03-09 17:30"}
    assert informed.next_due_at == march(9, 17, 30)
    assert (informed.responsible_staff, informed.responsible_department) == (town.lin, None)


def test_told_after_the_limit_is_late_but_the_promise_may_still_be_kept(town: Town, case: Case):
    inform(case, town.lin, march(4, 17, 31))
    assert (outcomes(case)["feedback"], outcomes(case)["promise"]) == ("met_late", "met")


def test_the_answer_is_kept_and_written_down(town: Town, case: Case):
    inform(case, town.mei, march(3, 10), signature=Signature("paper"))
    (answer,) = case.answers.all()
    assert (answer.is_reached, answer.means, answer.answered_by, answer.signature_kind) == (
        True,
        "phone",
        town.mei,
        "paper",
    )
    entry = last_entry(case)
    assert (entry.kind, entry.payload["means"], entry.texts) == ("case.informed", "phone", {"answer": "屋顶已经修好。"})
    assert told(case, march(3, 10)) == set()


def test_a_complaint_that_is_answered_need_not_be_confirmed_any_more(town: Town):
    case = matters.looked_into(matters.reported(town, nature="complaint"), town.wang, march(2, 10))
    informed = inform(case, town.lin)
    assert outcomes(informed)["confirm"] == "cancelled"


@pytest.mark.parametrize("who", ["wang", "zhao", "chen", "feng", "gu", "he", "lu", "tang"])
def test_telling_the_resident_is_the_receptionists_work(town: Town, case: Case, who: str):
    with refused(NotAllowed, case):
        inform(case, getattr(town, who))
    with refused(NotAllowed, case):
        reach_nobody(case, getattr(town, who))


def test_a_barred_receptionist_tells_nobody(town: Town, case: Case):
    bar(case_id=case.pk, staff=town.mei, reason="被投诉", actor=town.lin, now=MONDAY)
    with refused(NotAllowed, case):
        inform(case, town.mei)


def test_without_a_result_there_is_nothing_to_tell(town: Town):
    slip = matters.investigating(town)
    with refused(WrongState, slip):
        inform(slip, town.lin)
    with refused(WrongState, slip):
        reach_nobody(slip, town.lin)


def test_words_and_signature_or_the_reason_without_one_are_given(town: Town, case: Case):
    with refused(Refused, case, field="text"):
        inform(case, town.lin, text=" ")
    with refused(Refused, case, field="unsigned_reason"):
        inform(case, town.lin, signature=Signature("none", unsigned_reason=" "))
    with refused(Refused, case, field="means"):
        inform(case, town.lin, means="pigeon")


def test_a_stale_page_tells_nothing_and_nobody_is_told_twice(town: Town, case: Case):
    drawn = fresh(case).transition_no
    inform(case, town.mei)
    with refused(Stale, case):
        inform(case, town.lin, transition_no=drawn)
    with refused(WrongState, case):
        inform(case, town.lin)
    assert kinds(case).count("case.informed") == 1


# Nobody reached.


def test_an_attempt_that_reached_nobody_is_written_down_and_the_case_waits_on(town: Town, case: Case):
    before = running(case)
    reach_nobody(case, town.lin, march(3, 10))
    assert (fresh(case).state, running(case)) == ("feedback", before)
    assert (kinds(case)[-1], last_entry(case).payload["means"]) == ("case.not_reached", "phone")
    assert [answer.is_reached for answer in case.answers.all()] == [False]


def test_a_message_counts_only_after_three_attempts(town: Town, case: Case):
    for day in (2, 3):
        reach_nobody(case, town.lin, march(day, 15))
    with refused(Refused, case, field="means"):
        inform(case, town.lin, march(3, 16), means="message")
    reach_nobody(case, town.mei, march(4, 9), means="home_visit")
    informed = inform(case, town.lin, march(4, 10), means="message")
    assert informed.state == "follow_up"


def test_attempts_of_an_earlier_round_do_not_count(town: Town, case: Case):
    for _attempt in range(3):
        reach_nobody(case, town.lin)
    case.answers.update(round=0)
    with refused(Refused, case, field="means"):
        inform(case, town.lin, means="message")


def test_an_attempt_is_a_call_a_visit_or_a_letter(town: Town, case: Case):
    for means in ("message", "tracking_page", "desk", ""):
        with refused(Refused, case, field="means"):
            reach_nobody(case, town.lin, means=means)


def test_the_same_attempt_sent_twice_is_written_down_once(town: Town, case: Case):
    drawn = fresh(case).transition_no
    reach_nobody(case, town.lin)
    with refused(Stale, case):
        reach_nobody(case, town.lin, transition_no=drawn)


# Anonymous residents.


def test_anonymous_residents_are_answered_on_the_tracking_page_and_only_they(town: Town, case: Case):
    with refused(Refused, case, field="means"):
        inform(case, town.lin, means="tracking_page")
    unknown = matters.reported(town, identity="anonymous")
    for means in ("phone", "desk", "letter"):
        with refused(Refused, unknown, field="means"):
            inform(unknown, town.lin, means=means)
    with refused(Refused, unknown, field="means"):
        reach_nobody(unknown, town.lin)
    assert inform(unknown, town.lin, means="tracking_page").state == "follow_up"


# Coordinated cases.


@pytest.fixture
def coordinated(town: Town) -> TransferSlip:
    """The director has coordinated it; the works department leads and has just begun."""
    case = lock_case(case_id=matters.accepted(town).pk, actor=town.chen, transition_no=None)
    move(case, "coordinate", town.chen, now=MONDAY)
    slip = issue(case, department=town.works, kind="lead", instruction="牵头。", actor=town.chen, now=MONDAY)
    write_down(case, "case.coordinated", actor=town.chen, now=MONDAY, clock_events=start_slip_clocks(slip, now=MONDAY))
    return investigate(sign_in(slip, town.zhao, town.wang), town.wang)


def test_of_a_coordinated_case_the_director_tells_the_result(town: Town, coordinated: TransferSlip):
    case = fresh(report(coordinated, town.wang, march(3, 10)))
    assert case.responsible_staff == town.chen
    assert told(case, march(3, 10)) == {"chen"}
    for person in (town.lin, town.mei, town.feng):
        with refused(NotAllowed, case):
            inform(case, person)
    informed = inform(case, town.chen)
    assert (informed.state, informed.responsible_staff) == ("follow_up", town.lin)


def test_of_a_coordinated_case_whose_director_is_barred_the_street_tells_it(town: Town, coordinated: TransferSlip):
    bar(case_id=coordinated.case_id, staff=town.chen, reason="被投诉", actor=town.lin, now=MONDAY)
    case = fresh(report(coordinated, town.wang, march(3, 10)))
    assert (case.responsible_staff, told(case, march(3, 10))) == (town.tang, {"tang"})
    with refused(NotAllowed, case):
        inform(case, town.feng)
    assert inform(case, town.tang).state == "follow_up"
