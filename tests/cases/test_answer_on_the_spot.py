"""Answered on the spot (当场办结): signed by the resident, or with the reason why not."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from cases.actions.sign import Signature
from cases.models import Case
from cases.uploads import CleanFile, inspect_signature
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.steps import (
    accept,
    answer,
    fresh,
    kinds,
    last_entry,
    march,
    outcomes,
    refused,
    running,
    told,
)
from tests.matters import MONDAY

ON_PAPER = Signature("paper")


def drawn_signature() -> CleanFile:
    picture = io.BytesIO()
    Image.new("RGBA", (60, 20), (0, 0, 0, 0)).save(picture, "PNG")
    return inspect_signature(picture.getvalue())


@pytest.fixture
def case(town: Town) -> Case:
    return matters.registered(town)


@pytest.mark.parametrize("nature", ["consultation", "praise"])
def test_a_consultation_or_praise_signed_at_the_desk_goes_straight_to_the_archive(town: Town, nature: str):
    case = answer(matters.registered(town, nature=nature), town.lin, march(2, 10), signature=ON_PAPER)
    assert (case.state, case.route, case.closed_at) == ("archived", "on_the_spot", march(2, 10))
    assert running(case) == {}
    assert (case.responsible_staff, case.next_due_at) == (None, None)


def test_a_consultation_answered_on_the_phone_is_followed_up(town: Town):
    case = answer(matters.registered(town, nature="consultation"), town.lin)
    assert case.state == "follow_up"


@pytest.mark.parametrize("nature", ["request", "complaint", "suggestion", "report"])
def test_anything_else_is_followed_up_even_when_signed(town: Town, nature: str):
    case = answer(matters.registered(town, nature=nature), town.lin, signature=ON_PAPER)
    assert case.state == "follow_up"
    # A leak is followed up within three days.
    assert running(case) == {"follow_up": "03-05 09:30"}


def test_the_clocks_of_deciding_and_promising_are_met(town: Town, case: Case):
    accept(case, town.lin)
    answer(case, town.lin, march(2, 10))
    assert outcomes(case) == {"dispatch": "met", "promise": "met", "follow_up": ""}


def test_an_answer_after_the_limit_is_met_late(town: Town, case: Case):
    answer(case, town.lin, march(3, 9, 31))
    assert outcomes(case)["dispatch"] == "met_late"


def test_an_answer_in_the_very_last_second_is_in_time(town: Town, case: Case):
    answer(case, town.lin, march(3, 9, 30))
    assert outcomes(case)["dispatch"] == "met"


def test_who_answered_has_handled_it(town: Town, case: Case):
    answer(case, town.mei)
    assert fresh(case).handler_ids == {town.mei.pk}


def test_the_answer_the_drawn_signature_and_the_entry_are_kept(town: Town, case: Case):
    signed = answer(case, town.lin, signature=Signature("tablet", image=drawn_signature()), told_to="王秀兰")
    (told_answer,) = signed.answers.all()
    assert (told_answer.text, told_answer.told_to, told_answer.signature_kind) == (
        "可以在窗口当场办理。",
        "王秀兰",
        "tablet",
    )
    assert told_answer.signature is not None
    assert told_answer.signature.kind == "signature"
    assert kinds(case) == ["case.registered", "case.answered_on_the_spot"]
    assert last_entry(case).texts["answer"] == "可以在窗口当场办理。"
    assert told(case, MONDAY) == set()


@pytest.mark.parametrize(
    ("signature", "field"),
    [
        (Signature("none"), "unsigned_reason"),
        (Signature("tablet"), "signature"),
        (Signature("thumb"), "signature_kind"),
    ],
)
def test_without_a_signature_or_the_reason_why_there_is_none_nothing_is_answered(
    town: Town, case: Case, signature: Signature, field: str
):
    with refused(Refused, case, field=field):
        answer(case, town.lin, signature=signature)


def test_an_answer_of_spaces_is_none(town: Town, case: Case):
    with refused(Refused, case, field="text"):
        answer(case, town.lin, text="  \n ")


@pytest.mark.parametrize("who", ["wang", "zhao", "chen", "feng", "gu", "he", "lu", "tang"])
def test_answering_is_the_receptionists_work(town: Town, case: Case, who: str):
    with refused(NotAllowed, case):
        answer(case, getattr(town, who))


def test_a_transferred_case_is_not_answered_on_the_spot(town: Town):
    slip = matters.transferred(town)
    with refused(WrongState, slip):
        answer(slip.case, town.lin)


def test_a_page_drawn_before_a_colleagues_step_is_stale(town: Town, case: Case):
    drawn = fresh(case).transition_no
    accept(case, town.mei)
    with refused(Stale, case):
        answer(case, town.lin, transition_no=drawn)


def test_it_is_answered_once(town: Town, case: Case):
    drawn = fresh(case).transition_no
    answer(case, town.lin)
    with refused(Stale, case):
        answer(case, town.lin, transition_no=drawn)
    with refused(WrongState, case):
        answer(case, town.lin)
