"""The resident is told that the promised date has moved, or that the matter is shelved."""

from __future__ import annotations

from typing import Any

import pytest

from cases.actions.bar import bar
from cases.models import TransferSlip
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.steps import (
    ask_extension,
    fresh,
    grant_extension,
    kinds,
    last_entry,
    march,
    refused,
    report,
    tell_limit,
)


@pytest.fixture
def slip(town: Town) -> TransferSlip:
    """Extended on Friday the 6th at ten: the promise moved from the 11th to the 16th of March."""
    return extended(town)


def extended(town: Town, **more: Any) -> TransferSlip:
    slip = matters.investigating(town, **more)
    ask_extension(slip, town.wang, march(5, 10))
    grant_extension(slip, town.chen, march(6, 10))
    return slip


def test_lin_tells_the_resident(town: Town, slip: TransferSlip):
    tell_limit(slip, town.lin, march(6, 15), told_at=march(6, 14, 30), told_to="女儿")
    assert fresh(slip).limit_changed_at is None
    entry = last_entry(slip)
    assert (kinds(slip)[-1], entry.happened_at) == ("case.limit_told", march(6, 14, 30))
    assert (entry.payload["means"], entry.texts) == ("phone", {"told_to": "女儿"})
    assert entry.payload["due_at"] == "2026-03-16T09:30:00+00:00"


@pytest.mark.parametrize("name", ["wang", "zhao", "feng", "sun"])
def test_only_desk_and_director_tell(town: Town, slip: TransferSlip, name: str):
    with refused(NotAllowed, slip):
        tell_limit(slip, getattr(town, name), march(6, 15))


def test_a_barred_receptionist_learns_nothing(town: Town, slip: TransferSlip):
    bar(case_id=slip.case_id, staff=town.mei, reason="被投诉", actor=None, now=march(6, 12))
    with refused(NotAllowed, slip):
        tell_limit(slip, town.mei, march(6, 15))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"told_at": march(6, 15, 1)}, "told_at"),  # in the future
        ({"told_at": march(6, 9, 59)}, "told_at"),  # before it had moved
        ({"means": "tracking_page"}, "means"),
        ({"means": "shouting"}, "means"),
    ],
)
def test_what_cannot_be_true_is_refused_at_its_field(town: Town, slip: TransferSlip, given: dict[str, Any], field: str):
    with refused(Refused, slip, field=field):
        tell_limit(slip, town.lin, march(6, 15), **given)


def test_an_anonymous_resident_is_told_on_the_tracking_page_and_only_there(town: Town):
    slip = extended(town, identity="anonymous")
    with refused(Refused, slip, field="means"):
        tell_limit(slip, town.lin, march(6, 15), means="phone")
    tell_limit(slip, town.lin, march(6, 15), means="tracking_page")


def test_told_once(town: Town, slip: TransferSlip):
    drawn = fresh(slip).transition_no
    tell_limit(slip, town.lin, march(6, 15))
    with refused(Stale, slip):
        tell_limit(slip, town.mei, march(6, 16), transition_no=drawn)
    with refused(WrongState, slip):
        tell_limit(slip, town.mei, march(6, 16))


def test_nothing_moved_nothing_to_tell(town: Town):
    slip = matters.investigating(town)
    with refused(WrongState, slip):
        tell_limit(slip, town.lin, march(6, 15))


def test_it_may_be_told_together_with_the_result_coming_in(town: Town, slip: TransferSlip):
    report(slip, town.wang, march(9, 10))
    tell_limit(slip, town.lin, march(9, 11))
