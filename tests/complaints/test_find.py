"""Nobody is told a result before it is written down whether the complaint proved true; then what follows is decided."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from cases.actions.moving import lock_case
from cases.models import Case
from complaints.models import Apology, Finding, Sanction
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests.builders import Town
from tests.cases.course_steps import merge
from tests.cases.steps import accept, answer, fresh, inform, last_entry, march, refused, reopen, report, told
from tests.complaints.procedure import (
    apologise,
    ask,
    excuse,
    find_out,
    in_feedback,
    lodged,
    looked_into,
    name_subject,
    sanction,
)
from tests.matters import MONDAY, accepted, reported


def test_a_complaint_is_not_answered_before_its_finding_stands_there(town: Town) -> None:
    case = in_feedback(town)
    with refused(WrongState, case):
        inform(case, town.lin)
    find_out(case, town.qian, march(3, 10))
    assert inform(case, town.lin, march(3, 11)).state == "follow_up"


def test_a_request_needs_no_finding(town: Town) -> None:
    case = reported(town)
    with refused(WrongState, case):
        find_out(case, town.wang)
    assert inform(case, town.lin, march(3, 10)).state == "follow_up"


def test_what_came_in_from_an_old_register_is_answered_without_one(town: Town) -> None:
    case = in_feedback(town)
    Case.objects.filter(pk=case.pk).update(imported_at=MONDAY)
    assert inform(case, town.lin, march(3, 10)).state == "follow_up"


def test_a_merged_complaint_is_answered_with_the_finding_of_its_main_case(town: Town) -> None:
    main = looked_into(town)
    other = accepted(town, nature="complaint", identity="anonymous")
    merge(other, fresh(main), town.lin, march(3, 9))
    report(main, town.qian, march(3, 10))
    other = fresh(other)
    assert (other.state, other.wants_finding()) == ("feedback", False)
    with refused(WrongState, other):
        find_out(other, town.chen)
    assert inform(other, town.lin, march(3, 11), means="tracking_page").state == "follow_up"


def test_the_finding_is_kept_with_reasons_and_whose_doing_it_was(town: Town) -> None:
    slip = looked_into(town, town.wang)
    excuse(slip, town.qian, town.wang)
    finding = find_out(
        slip,
        town.qian,
        march(4, 10),
        verdict="partly",
        reasons=" 收费无依据。 ",
        responsible_department=town.works,
        responsible_staff=town.wang,
        responsible_other="外请师傅",
    )
    assert (finding.verdict, finding.reasons, finding.round, finding.found_by) == (
        "partly",
        "收费无依据。",
        1,
        town.qian,
    )
    assert (finding.responsible_department, finding.responsible_staff) == (town.works, town.wang)
    assert fresh(slip).finding == "partly"
    entry = last_entry(slip)
    assert (entry.kind, entry.payload["verdict"], entry.payload["responsible_staff"]) == (
        "complaint.found",
        "partly",
        town.wang.pk,
    )


def test_written_down_in_feedback_the_desk_is_told_that_it_can_go_on(town: Town) -> None:
    case = in_feedback(town)
    find_out(case, town.qian, march(3, 10))
    assert "lin" in told(case, march(3, 10))


def test_nothing_is_found_before_everybody_was_heard(town: Town) -> None:
    slip = looked_into(town, town.wang, town.mei)
    with refused(WrongState, slip):
        find_out(slip, town.qian)
    ask(slip, town.qian, town.wang)
    excuse(slip, town.qian, town.mei)
    with refused(WrongState, slip):
        find_out(slip, town.qian)
    excuse(slip, town.qian, town.wang)
    assert find_out(slip, town.qian).verdict == "unfounded"


def test_somebody_named_after_the_finding_is_heard_before_it_is_corrected(town: Town) -> None:
    case = in_feedback(town)
    find_out(case, town.qian, march(3, 10))
    name_subject(case, town.lin, town.wang, march(3, 11))
    with refused(WrongState, case):
        find_out(case, town.chen, march(3, 12))
    with refused(WrongState, case):
        inform(case, town.lin, march(3, 12))
    excuse(case, town.chen, town.wang, march(3, 12))
    with refused(WrongState, case):
        # What was found without them does not hold.
        inform(case, town.lin, march(3, 12))
    find_out(case, town.chen, march(3, 13), verdict="founded", responsible_staff=town.wang)
    assert list(Finding.objects.values_list("verdict", flat=True)) == ["unfounded", "founded"]
    assert fresh(case).finding == "founded"


@pytest.mark.parametrize("nature", ["complaint", "report"])
def test_what_is_about_a_colleague_is_not_answered_at_the_counter_without_being_looked_into(
    town: Town, nature: str
) -> None:
    case = lodged(town, town.wang, nature=nature)
    with refused(WrongState, case):
        answer(case, town.lin, march(2, 10))
    accept(case, town.lin, march(2, 10))
    with refused(WrongState, case):
        answer(case, town.lin, march(2, 11))


def test_a_complaint_about_a_thing_may_be_answered_at_once(town: Town) -> None:
    assert answer(lodged(town), town.lin, march(2, 10)).state == "follow_up"


@pytest.mark.parametrize("who", ["lin", "feng", "gu", "he", "lu", "wang"])
def test_the_investigator_their_head_and_the_director_find_nobody_else(town: Town, who: str) -> None:
    slip = looked_into(town)
    with refused(NotAllowed, slip):
        find_out(slip, getattr(town, who))
    find_out(slip, town.zhao)
    with refused(NotAllowed, slip):
        find_out(slip, getattr(town, who))
    assert find_out(slip, town.chen).found_by == town.chen


def test_nothing_is_found_before_the_investigation_has_begun(town: Town) -> None:
    case = lodged(town)
    with refused(WrongState, case):
        find_out(case, town.chen)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"verdict": "perhaps"}, "verdict"),
        ({"reasons": " "}, "reasons"),
        ({"verdict": "founded"}, "responsible_department"),
        ({"verdict": "founded", "responsible_staff": "mei"}, "responsible_staff"),
        ({"verdict": "founded", "responsible_department": "south"}, "responsible_department"),
    ],
)
def test_what_is_missing_or_unheard_of_is_said_at_its_field(town: Town, change: dict[str, Any], field: str) -> None:
    slip = looked_into(town)
    if change.get("responsible_staff"):
        change = change | {"responsible_staff": town.mei}
    if change.get("responsible_department"):
        change = change | {"responsible_department": town.south.departments.all()[0]}
    with refused(Refused, slip, field=field):
        find_out(slip, town.qian, **change)


def test_an_older_page_finds_nothing(town: Town) -> None:
    slip = looked_into(town)
    drawn = fresh(slip).transition_no
    find_out(slip, town.qian, transition_no=drawn)
    with refused(Stale, slip):
        find_out(slip, town.qian, verdict="founded", responsible_other="某公司", transition_no=drawn)


def test_a_new_round_needs_a_finding_of_its_own_and_the_first_is_kept(town: Town) -> None:
    case = in_feedback(town)
    find_out(case, town.qian, march(3, 10))
    inform(case, town.lin, march(3, 11))
    case = reopen(case, town.lin, march(4, 10))
    assert (case.finding, Finding.objects.filter(case=case).count()) == ("", 1)


def test_a_finding_is_never_altered(town: Town) -> None:
    finding = find_out(looked_into(town), town.qian)
    with pytest.raises(DatabaseError), transaction.atomic():
        Finding.objects.filter(pk=finding.pk).update(verdict="founded")
    assert Finding.objects.filter(pk=finding.pk).update(reasons="***") == 1


# What follows.


def founded(town: Town) -> Case:
    case = in_feedback(town, town.wang)
    excuse(case, town.qian, town.wang)
    find_out(case, town.qian, verdict="founded", responsible_staff=town.wang)
    return fresh(case)


def test_director_chen_decides_what_follows_for_wang(town: Town) -> None:
    case = founded(town)
    decided = sanction(case, town.chen, march(4, 10), staff=town.wang, kind="correction", correct_by=date(2026, 3, 20))
    assert (decided.staff, decided.decided_by, decided.correct_by) == (town.wang, town.chen, date(2026, 3, 20))
    sanction(case, town.chen, march(4, 11), kind="none", text="部门已整改。")
    assert [(one.kind, one.staff) for one in Sanction.objects.all()] == [("correction", town.wang), ("none", None)]
    assert last_entry(case).kind == "complaint.sanctioned"


@pytest.mark.parametrize("who", ["lin", "qian", "zhao", "feng", "tang", "gu", "he", "lu"])
def test_nobody_but_the_director_decides(town: Town, who: str) -> None:
    case = founded(town)
    for step in (sanction, apologise):
        with refused(NotAllowed, case):
            step(case, getattr(town, who))


def test_about_the_director_the_street_decides(town: Town) -> None:
    case = in_feedback(town, town.chen)
    excuse(case, town.qian, town.chen)
    find_out(case, town.qian, verdict="founded", responsible_staff=town.chen)
    with refused(NotAllowed, case):
        sanction(case, town.feng)
    with refused(NotAllowed, case):
        sanction(case, town.chen)
    assert sanction(case, town.tang, staff=town.chen, kind="talk").decided_by == town.tang


def test_a_director_who_looked_into_it_does_not_decide_what_follows(town: Town) -> None:
    case = founded(town)
    with transaction.atomic():
        locked = lock_case(case_id=case.pk, actor=None, transition_no=None)
        locked.parts.create(staff=town.chen, role="handler", round=1, started_at=MONDAY)
    with refused(NotAllowed, case):
        sanction(case, town.chen)
    assert sanction(case, town.tang).decided_by == town.tang


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "prison"}, "kind"),
        ({"text": " "}, "text"),
        ({"kind": "correction"}, "correct_by"),
        ({"kind": "correction", "correct_by": date(2026, 3, 1)}, "correct_by"),
        ({"staff": "mei"}, "person"),
    ],
)
def test_impossible_decisions_are_refused_at_their_field(town: Town, change: dict[str, Any], field: str) -> None:
    case = founded(town)
    if change.get("staff"):
        change = {"staff": town.mei}
    with refused(Refused, case, field=field):
        sanction(case, town.chen, **change)


def test_of_what_did_not_prove_true_nothing_follows_yet_the_public_may_be_told(town: Town) -> None:
    case = in_feedback(town)
    with refused(WrongState, case):
        apologise(case, town.chen)
    find_out(case, town.qian)
    with refused(WrongState, case):
        sanction(case, town.chen)
    apologise(case, town.chen, kind="none", text="不实，不公开。")
    last = apologise(case, town.chen, kind="correction", text="网传收费有误，实际为公示价格。")
    assert [one.is_public for one in Apology.objects.all()] == [False, True]
    assert last.text == "网传收费有误，实际为公示价格。"
    with refused(Refused, case, field="kind"):
        apologise(case, town.chen, kind="song")
    with refused(Refused, case, field="text"):
        apologise(case, town.chen, text=" ")


def test_it_is_decided_also_after_the_resident_was_told_but_never_twice_from_one_page(town: Town) -> None:
    case = founded(town)
    inform(case, town.lin, march(3, 10))
    drawn = fresh(case).transition_no
    sanction(case, town.chen, march(3, 11), transition_no=drawn)
    with refused(Stale, case):
        sanction(case, town.chen, march(3, 12), transition_no=drawn)
    assert Sanction.objects.count() == 1


def test_nobody_is_sanctioned_unheard(town: Town) -> None:
    """Named only after the resident was told: what follows for them waits for a round in which they are heard."""
    case = founded(town)
    inform(case, town.lin, march(3, 11))
    name_subject(case, town.chen, town.mei, march(3, 12))
    with refused(Refused, case, field="person"):
        sanction(case, town.chen, march(3, 13), staff=town.mei)
    sanction(case, town.chen, march(3, 13), staff=town.mei, kind="none", text="未听取说明，不作处分。")
    assert sanction(case, town.chen, march(3, 14), staff=town.wang).staff == town.wang
