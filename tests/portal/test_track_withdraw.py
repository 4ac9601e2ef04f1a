"""Asking to withdraw on the tracking page: a wish in their own words; the desk answers it after speaking with them."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from cases.models import Case
from foundation.notifications.models import Alert
from tests import course_matters, matters
from tests.builders import Town
from tests.cases.course_steps import refuse_withdrawal
from tests.cases.steps import fresh, inform, march
from tests.portal.visits import go, hidden, opened, words

WISH = "邻居已经修好了，不用再办。"
NOON = march(2, 12)


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def case(town: Town) -> Case:
    return fresh(matters.investigating(town))


def proof_of_form(client: Client, case: Case) -> str:
    page = go(client, case, "withdraw", hidden(opened(client, case), "proof"))
    assert page.status_code == 200
    return hidden(page, "proof")


def wish(client: Client, case: Case, text: str = WISH) -> Any:
    return go(client, case, "withdraw", proof_of_form(client, case), wish=text, send="1")


def at_desk(staff: Any, address: str, **given: Any) -> Any:
    client = Client()
    client.force_login(staff)
    language = {"accept-language": "en"}
    return client.post(address, given, headers=language) if given else client.get(address, headers=language)


def test_the_wish_ends_nothing_and_the_page_says_so(client: Client, case: Case):
    page = wish(client, case)
    assert page.status_code == 200
    assert "We have written down that you want to withdraw it." in words(page)
    assert (
        "You asked to withdraw it on March 2, 2026, 12:00. We will call you; until then your matter goes on."
        in words(page)
    )
    assert (fresh(case).state, fresh(case).withdrawal_asked_at) == ("transferred", NOON)
    assert f'formaction="{reverse("portal:withdraw", args=["NTH"])}"' not in words(page)


def test_an_anonymous_resident_is_told_to_come_or_call(client: Client, town: Town):
    page = wish(client, matters.accepted(town, identity="anonymous", channel="web"))
    assert "Call us or come by with your tracking code; until then your matter goes on." in words(page)
    assert "We will call you" not in words(page)


def test_the_desk_reads_it_on_the_case_page_and_grants_it_there(client: Client, town: Town, case: Case):
    wish(client, case)
    page = words(at_desk(town.lin, f"/cases/{case.number}/"))
    assert WISH in page
    assert "asked on the tracking page to withdraw the matter" in page
    assert "Written on the tracking page: speak with the resident before anything ends." in page
    address = reverse("desk:case_verb", args=[case.number, "withdraw"])
    form = at_desk(town.lin, address)
    # What is known already is filled in; the desk says how the resident was reached.
    assert WISH in words(form)
    number = str(fresh(case).transition_no)
    key = hidden(form, "submission_key") if "submission_key" in form.content.decode() else ""
    given = {
        "transition_no": number,
        "submission_key": key,
        "wish": WISH,
        "means": "phone",
        "said_at": "2026-03-02T12:00",
        "signature_kind": "none",
        "unsigned_reason": "网上提出，电话核实",
    }
    assert at_desk(town.lin, address, **given).status_code == 302
    assert fresh(case).state == "withdrawn"
    assert "The matter was withdrawn at your wish." in words(opened(client, case))


def test_the_desk_lets_it_go_on_when_the_resident_knows_of_no_wish(client: Client, town: Town, case: Case):
    wish(client, case)
    assert reverse("desk:case_verb", args=[case.number, "refuse_withdrawal"]) in words(
        at_desk(town.lin, f"/cases/{case.number}/")
    )
    refuse_withdrawal(case, town.lin, march(2, 13), checked="本人说没有提出过。")
    with time_machine.travel(march(2, 14), tick=False):
        page = words(opened(client, case))
        assert "The wish to withdraw it was looked at on March 2, 2026, 13:00: your matter goes on." in page
        assert "本人说没有提出过" not in page


def test_about_staff_the_supervisor_has_the_buttons_and_the_desk_has_none(client: Client, town: Town):
    case = course_matters.about_staff(town)
    wish(client, case)
    button = reverse("desk:case_verb", args=[case.number, "refuse_withdrawal"])
    assert button in words(at_desk(town.feng, f"/cases/{case.number}/"))
    page = words(at_desk(town.lin, f"/cases/{case.number}/"))
    assert button not in page
    assert "About staff: the supervisor makes sure that the wish is free." in page
    # Qian, whom it is about, sees and hears nothing.
    assert at_desk(town.qian, f"/cases/{case.number}/").status_code == 404
    assert "qian" not in Alert.objects.filter(created_at=NOON).values_list("recipient__username", flat=True)


def test_pressed_twice_it_is_one_wish(client: Client, case: Case):
    proof = proof_of_form(client, case)
    for _press in range(2):
        assert go(client, case, "withdraw", proof, wish=WISH, send="1").status_code == 200
    assert Alert.objects.filter(created_at=NOON, recipient__username="lin").count() == 1


def test_without_words_nothing_is_asked(client: Client, case: Case):
    page = wish(client, case, "  ")
    assert page.status_code == 422
    assert 'href="#id_wish"' in page.content.decode()
    assert fresh(case).withdrawal_asked_at is None


def test_answered_meanwhile_it_cannot_be_withdrawn_and_the_words_stay(client: Client, town: Town):
    case = matters.reported(town)
    proof = proof_of_form(client, case)
    inform(case, town.lin, NOON)
    page = go(client, case, "withdraw", proof, wish=WISH, send="1")
    assert page.status_code == 422
    assert "This matter cannot be withdrawn any more. Please call the hall." in words(page)
    assert WISH in words(page)


def test_three_wishes_a_day_and_then_a_page_for_people(client: Client, town: Town, case: Case):
    for number in range(3):
        assert wish(client, case).status_code == 200
        refuse_withdrawal(case, town.lin, march(2, 13 + number), checked="本人说没有提出过。")
    page = wish(client, case)
    assert page.status_code == 429
    assert WISH in words(page)
    assert 'href="tel:010-12345678"' in words(page)
