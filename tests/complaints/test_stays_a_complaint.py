"""What is complained about staff stays a complaint: the desk cannot screen it as anything else, the director can."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from cases.actions.bar import bar
from cases.models import Case
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests.builders import Town
from tests.cases.coordination_steps import refer
from tests.cases.course_steps import merge
from tests.cases.steps import accept, fresh, last_entry, outcomes, refused, running
from tests.complaints.procedure import lodged, name_subject
from tests.matters import MONDAY

WHY = "来访人只是问收费标准，并没有投诉王师傅。"
SOMETHING_ELSE = ["consultation", "request", "suggestion", "praise"]


@pytest.fixture
def case(town: Town) -> Case:
    """Read back by nobody yet, about handler Wang."""
    return lodged(town, town.wang)


def referred(case: Case, by: Staff) -> Case:
    refer(case, by, reason="像是咨询，请定。")
    return fresh(case)


@pytest.mark.parametrize("nature", SOMETHING_ELSE)
def test_the_desk_makes_nothing_else_of_it_and_reads_who_can(town: Town, case: Case, nature: str) -> None:
    with override("en"), refused(NotAllowed, case, field="nature") as refusal:
        accept(case, town.lin, nature=nature, reason=WHY)
    assert "the hall director" in str(refusal.value)
    assert (fresh(case).nature, fresh(case).state) == ("complaint", "registered")


def test_a_report_about_staff_stays_one_as_well(town: Town) -> None:
    case = lodged(town, town.wang, nature="report")
    with refused(NotAllowed, case, field="nature"):
        accept(case, town.mei, nature="request")


@pytest.mark.parametrize(("was", "becomes"), [("complaint", "report"), ("report", "complaint")])
def test_between_complaint_and_report_the_desk_decides(town: Town, was: str, becomes: str) -> None:
    case = accept(lodged(town, town.wang, nature=was), town.lin, nature=becomes)
    assert (case.state, case.nature) == ("accepted", becomes)


def test_where_nobody_is_named_the_desk_screens_as_it_finds(town: Town) -> None:
    assert accept(lodged(town), town.lin, nature="request").nature == "request"


def test_the_director_to_whom_it_was_referred_says_why_it_is_something_else(town: Town, case: Case) -> None:
    case = referred(case, town.lin)
    with refused(Refused, case, field="reason"):
        accept(case, town.chen, nature="request", reason=" ")
    done = accept(case, town.chen, nature="request", reason=WHY)
    assert (done.state, done.nature) == ("accepted", "request")
    entry = last_entry(case)
    assert (entry.kind, entry.actor, entry.payload["nature"], entry.texts) == (
        "case.accepted",
        town.chen,
        "request",
        {"reason": WHY},
    )
    # The promise of a request, and nothing more to be confirmed.
    assert running(case)["promise"] == "03-11 17:30"
    assert outcomes(case)["confirm"] == "cancelled"
    # Wang is kept from it all the same.
    assert fresh(case).bars(town.wang)


def test_the_director_accepts_it_as_the_complaint_it_is_without_a_word(town: Town, case: Case) -> None:
    assert accept(referred(case, town.lin), town.chen).nature == "complaint"


def test_what_was_not_referred_is_not_the_directors_to_screen(town: Town, case: Case) -> None:
    with refused(NotAllowed, case):
        accept(case, town.chen, nature="request", reason=WHY)


@pytest.mark.parametrize("who", ["wang", "zhao", "feng", "tang", "gu", "he", "han"])
def test_nobody_else_screens_it(town: Town, case: Case, who: str) -> None:
    case = referred(case, town.lin)
    with refused(NotAllowed, case):
        accept(case, getattr(town, who), nature="request", reason=WHY)


def test_where_it_is_about_the_director_the_street_decides(town: Town) -> None:
    case = lodged(town, town.chen)
    with override("en"), refused(NotAllowed, case, field="nature") as refusal:
        accept(case, town.lin, nature="request")
    assert "the street office" in str(refusal.value)
    case = referred(case, town.lin)
    for person in (town.chen, town.feng):
        with refused(NotAllowed, case):
            accept(case, person, nature="request", reason=WHY)
    assert accept(case, town.tang, nature="request", reason=WHY).nature == "request"


def test_where_the_street_has_nobody_the_supervisors_of_the_hall_do(town: Town) -> None:
    case = lodged(town, town.chen)
    Staff.objects.filter(pk=town.tang.pk).update(is_active=False)
    with override("en"), refused(NotAllowed, case, field="nature") as refusal:
        accept(case, town.lin, nature="request")
    assert "the supervisors of the hall" in str(refusal.value)
    assert accept(referred(case, town.lin), town.feng, nature="request", reason=WHY).nature == "request"


def test_a_page_drawn_before_somebody_was_named_is_stale(town: Town) -> None:
    case = lodged(town)
    drawn = fresh(case).transition_no
    name_subject(case, town.mei, town.wang)
    with refused(Stale, case):
        accept(case, town.lin, nature="request", transition_no=drawn)
    with refused(NotAllowed, case, field="nature"):
        accept(case, town.lin, nature="request")


def test_it_is_screened_once(town: Town, case: Case) -> None:
    case = referred(case, town.lin)
    accept(case, town.chen, nature="request", reason=WHY)
    with refused(WrongState, case):
        accept(case, town.chen, nature="complaint")


def test_it_is_not_merged_into_what_ends_without_a_finding(town: Town, case: Case) -> None:
    other = referred(lodged(town, town.wang), town.lin)
    accept(other, town.chen, nature="request", reason=WHY)
    with refused(Refused, case, field="main"):
        merge(case, other, town.lin)
    # Into another complaint about the same person it is.
    assert merge(case, lodged(town, town.wang), town.lin).state == "merged"


# The page.


def accept_page(client: Client, staff: Staff, case: Case) -> str:
    client.force_login(staff)
    client.cookies["django_language"] = "en"
    return reverse("desk:case_verb", args=[case.number, "accept"])


def test_the_desks_form_offers_complaint_and_report_and_says_why(client: Client, town: Town, case: Case) -> None:
    address = accept_page(client, town.lin, case)
    form = client.get(address).context["form"]
    assert [value for value, _label in form.fields["nature"].choices] == ["complaint", "report"]
    assert "the hall director" in form.fields["nature"].help_text
    assert "reason" not in form.fields
    sent = {name: form[name].value() for name in ("transition_no", "submission_key", "category")}
    # A page of before, or a hand-made request.
    answer = client.post(address, {**sent, "nature": "request", "urgency": "urgent", "headcount": 3})
    assert answer.status_code == 422
    assert "the hall director" in str(answer.context["form"].errors["nature"])
    assert (answer.context["form"]["urgency"].value(), answer.context["form"]["headcount"].value()) == ("urgent", "3")
    assert fresh(case).state == "registered"
    assert client.post(address, {**sent, "nature": "report", "urgency": "normal", "headcount": 1}).status_code == 302


def test_the_directors_form_offers_all_of_them_and_asks_why(client: Client, town: Town, case: Case) -> None:
    case = referred(case, town.lin)
    address = accept_page(client, town.chen, case)
    form = client.get(address).context["form"]
    assert len(form.fields["nature"].choices) == 6
    sent = {name: form[name].value() for name in ("transition_no", "submission_key", "category", "urgency")}
    sent |= {"nature": "consultation", "headcount": 1}
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"reason"}
    assert client.post(address, {**sent, "reason": WHY}).status_code == 302
    assert WHY in client.get(reverse("desk:case_detail", args=[case.number])).content.decode()


def test_other_matters_are_screened_as_before(client: Client, town: Town) -> None:
    form = client.get(accept_page(client, town.lin, lodged(town))).context["form"]
    assert len(form.fields["nature"].choices) == 6
    assert "reason" not in form.fields


def test_barring_alone_is_enough(town: Town) -> None:
    case = lodged(town)
    bar(case_id=case.pk, staff=town.qian, reason="被投诉", actor=None, now=MONDAY)
    with refused(NotAllowed, case, field="nature"):
        accept(case, town.lin, nature="request")
