"""Answered on the spot: registered, answered, evaluated by the resident, signed and closed in one press."""

from __future__ import annotations

from typing import Any

from django.test import Client

from cases.models import Answer, Attachment
from followups.models import Evaluation
from tests.builders import Town
from tests.desk.contacts import clock_outcomes, contact, drawn_signature, nothing_is_written, only_case, press

ANSWER: dict[str, Any] = {"text": "维修资金可以先垫付，三天内派人。", "signature_kind": "paper"}
SATISFIED = {"contacted": "yes", "solved": "yes", "satisfaction": "satisfied"}


def test_signed_on_the_tablet_and_satisfied_the_case_is_archived(desk: Client, town: Town) -> None:
    signed = {"signature_kind": "tablet", "signature": drawn_signature()}
    response = press(desk, "answer", contact(town, **ANSWER | SATISFIED | signed))
    assert response.status_code == 302, response.content.decode()
    case, evaluation, answer = only_case(), Evaluation.objects.get(), Answer.objects.get()
    assert (case.state, case.route) == ("archived", "on_the_spot")
    assert (evaluation.channel, evaluation.satisfaction, evaluation.is_entered_by_resident) == (
        "desk_tablet",
        "satisfied",
        True,
    )
    assert (answer.text, answer.told_to, answer.answered_by) == (ANSWER["text"], "王秀兰", town.lin)
    # One signature for both.
    assert answer.signature == evaluation.signature == Attachment.objects.get()
    assert "" not in clock_outcomes(case).values()


def test_signed_on_paper_it_is_archived_too(desk: Client, town: Town) -> None:
    press(desk, "answer", contact(town, **ANSWER | SATISFIED))
    assert only_case().state == "archived"
    assert Evaluation.objects.get().channel == "desk_paper"


def test_a_resident_who_is_not_satisfied_begins_a_new_round(desk: Client, town: Town) -> None:
    unhappy = {"contacted": "yes", "solved": "no", "satisfaction": "dissatisfied", "reasons": "要等三天"}
    press(desk, "answer", contact(town, **ANSWER | unhappy))
    case = only_case()
    assert (case.state, case.round) == ("accepted", 2)
    assert Evaluation.objects.get().reasons == "要等三天"


def test_without_a_signature_the_reason_is_kept_and_somebody_else_follows_up(desk: Client, town: Town) -> None:
    unsigned = {"signature_kind": "none", "unsigned_reason": "电话答复"}
    press(desk, "answer", contact(town, channel="phone", **ANSWER | unsigned))
    case, answer = only_case(), Answer.objects.get()
    assert case.state == "follow_up"
    assert (answer.means, answer.unsigned_reason) == ("phone", "电话答复")
    assert not Evaluation.objects.exists()


def test_a_signed_consultation_without_an_evaluation_is_archived(desk: Client, town: Town) -> None:
    press(desk, "answer", contact(town, nature="consultation", **ANSWER))
    assert only_case().state == "archived"


def test_a_signed_request_without_an_evaluation_is_followed_up(desk: Client, town: Town) -> None:
    press(desk, "answer", contact(town, **ANSWER))
    assert only_case().state == "follow_up"


def test_a_hidden_name_does_not_stand_in_the_answer(desk: Client, town: Town) -> None:
    press(desk, "answer", contact(town, identity="hidden", **ANSWER))
    assert Answer.objects.get().told_to == ""


def refused_at(desk: Client, town: Town, *fields: str, **given: Any) -> None:
    response = press(desk, "answer", contact(town, **ANSWER | given))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == set(fields)
    assert "楼顶漏水" in response.content.decode()
    assert nothing_is_written()


def test_an_empty_answer_is_refused_at_its_field(desk: Client, town: Town) -> None:
    refused_at(desk, town, "text", text="  ")


def test_a_tablet_signature_that_was_not_drawn_is_refused(desk: Client, town: Town) -> None:
    refused_at(desk, town, "signature", signature_kind="tablet")


def test_a_forged_picture_is_no_signature(desk: Client, town: Town) -> None:
    forged = "data:image/png;base64,PHNjcmlwdD4="
    refused_at(desk, town, "signature_kind", signature_kind="tablet", signature=forged)


def test_no_signature_needs_a_reason(desk: Client, town: Town) -> None:
    refused_at(desk, town, "unsigned_reason", signature_kind="none")


def test_how_it_was_signed_must_be_said(desk: Client, town: Town) -> None:
    refused_at(desk, town, "signature_kind", signature_kind="")


def test_an_evaluation_without_a_signature_is_nobodys_own_word(desk: Client, town: Town) -> None:
    refused_at(desk, town, "signature_kind", signature_kind="none", unsigned_reason="忙", **SATISFIED)


def test_half_an_evaluation_is_refused_at_what_is_missing(desk: Client, town: Town) -> None:
    refused_at(desk, town, "solved", satisfaction="satisfied")


def test_dissatisfaction_needs_its_reasons(desk: Client, town: Town) -> None:
    refused_at(desk, town, "reasons", solved="yes", satisfaction="dissatisfied")
