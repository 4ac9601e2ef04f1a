"""Nudged (催办): whoever sees the matter through reminds the department; no clock runs for it."""

from __future__ import annotations

from typing import Any

import pytest

from cases.actions.bar import bar
from cases.models import TransferSlip
from foundation.notifications.models import Alert
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.course_steps import hand_over, nudge
from tests.cases.steps import fresh, kinds, last_entry, march, refused, running, told
from tests.matters import MONDAY


@pytest.fixture
def slip(town: Town) -> TransferSlip:
    """Wang handles it, Lin was met first."""
    return matters.signed(town)


def test_the_handler_is_reminded_and_the_record_says_of_what(town: Town, slip: TransferSlip):
    before = running(slip)
    nudge(slip, town.lin, march(3, 9))
    assert told(slip, march(3, 9)) == {"wang"}
    entry = last_entry(slip)
    assert (entry.kind, entry.payload["slips"]) == ("case.nudged", [slip.number])
    assert entry.payload["due_at"] == "2026-03-04T01:00:00+00:00"
    assert entry.texts == {"wanted": "请今天回复住户。"}
    assert running(slip) == before


def test_what_is_wanted_does_not_leave_the_house_in_the_alert(town: Town, slip: TransferSlip):
    nudge(slip, town.lin, march(3, 9), wanted="请给王秀兰 13805716021 回电。")
    alert = Alert.objects.get(recipient=town.wang, created_at=march(3, 9))
    assert "13805716021" not in str(alert.params)


def test_before_signing_everybody_who_could_sign_in_is_reminded(town: Town):
    slip = matters.transferred(town)
    nudge(slip, town.mei, march(3, 9))
    assert told(slip, march(3, 9)) == {"wang", "qian", "zhao"}


def test_the_owner_nudges_whatever_roles_they_hold_now(town: Town, slip: TransferSlip):
    hand_over(slip, town.chen, town.mei)
    town.mei.memberships.update(ended_at=MONDAY)
    nudge(slip, type(town.mei).objects.get(pk=town.mei.pk), march(3, 9))
    assert told(slip, march(3, 9)) == {"wang"}


@pytest.mark.parametrize("who", ["lin", "mei", "chen"])
def test_owner_and_desk_nudge(town: Town, slip: TransferSlip, who: str):
    nudge(slip, getattr(town, who), march(3, 9))
    assert kinds(slip)[-1] == "case.nudged"


@pytest.mark.parametrize("who", ["wang", "zhao", "sun", "feng", "gu", "he", "lu", "han", "tang"])
def test_nobody_else_does(town: Town, slip: TransferSlip, who: str):
    with refused(NotAllowed, slip):
        nudge(slip, getattr(town, who))


def test_a_barred_owner_does_not(town: Town, slip: TransferSlip):
    bar(case_id=slip.case_id, staff=town.lin, reason="被投诉", actor=town.chen, now=MONDAY)
    with refused(NotAllowed, slip):
        nudge(slip, town.lin)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"wanted": " "}, "wanted"),
        ({"due_at": march(3, 9)}, "due_at"),
        ({"due_at": march(2, 9)}, "due_at"),
        ({"slips": []}, "slips"),
    ],
)
def test_what_is_wanted_by_when_and_of_whom_is_given(town: Town, slip: TransferSlip, given: dict[str, Any], field: str):
    with refused(Refused, slip, field=field):
        nudge(slip, town.lin, march(3, 9), **given)


def test_only_a_department_that_works_on_this_case_is_nudged(town: Town, slip: TransferSlip):
    other = matters.transferred(town, identity="anonymous")
    with refused(Refused, slip, field="slips"):
        nudge(slip, town.lin, slips=[slip, other])


@pytest.mark.parametrize("stage", [matters.registered, matters.accepted, matters.reported, matters.informed])
def test_while_no_department_works_there_is_nobody_to_nudge(town: Town, stage: Any):
    case = stage(town)
    with refused(WrongState, case):
        nudge(case, town.lin, march(3, 9))


def test_a_stale_page_nudges_nobody_but_one_may_nudge_again(town: Town, slip: TransferSlip):
    before = fresh(slip).transition_no
    nudge(slip, town.lin, march(3, 9))
    with refused(Stale, slip):
        nudge(slip, town.lin, march(3, 9), transition_no=before)
    nudge(slip, town.lin, march(3, 10))
    assert told(slip, march(3, 10)) == {"wang"}
