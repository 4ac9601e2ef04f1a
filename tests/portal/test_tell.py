"""The public form, as a resident without scripts meets it."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from altcha import Challenge, solve_challenge
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from foundation.residents.models import Resident as ResidentRow
from reception.models import Visit
from tests.builders import Town, make_town, on_shift
from tests.portal.telling import WHAT, Resident, fields_of, receipt_of
from web.portal.challenge import NUMBERS, new_puzzle

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
"""Half past nine in Shanghai: the hall is open."""


@pytest.fixture
def resident(town: Town, client: Client) -> Resident:
    on_shift(town.lin, town.north, timezone.now() - timedelta(hours=1))
    return Resident(client, town.north)


def solved(town: Town, hall: Any = None) -> str:
    """What a browser with scripts sends: the puzzle and its solution."""
    puzzle = new_puzzle(hall or town.north, now=timezone.now())
    solution = solve_challenge(Challenge.from_dict(puzzle))
    assert solution is not None
    return b64encode(json.dumps({"challenge": puzzle, "solution": solution.to_dict()}).encode()).decode()


def test_another_language_in_the_middle_of_the_form_keeps_what_was_typed(resident: Resident) -> None:
    resident.open()
    resident.read_in("en", **WHAT)
    assert (resident.page.status_code, resident.step, resident.errors) == (200, "what", "")
    assert "What happened?" in resident.text
    assert {name: fields_of(resident.page)[name] for name in WHAT} == WHAT
    resident.press("next")
    resident.read_in("zh-hans", name="王秀兰", phone="12")
    assert (resident.step, resident.errors) == ("who", "")
    assert "Who are you?" not in resident.text
    fields = fields_of(resident.page)
    assert (fields["name"], fields["phone"], fields["matter"]) == ("王秀兰", "12", WHAT["matter"])
    resident.tell_who()
    assert resident.step == "check"
    receipt_of(resident.send())


def test_the_language_chosen_in_the_form_is_that_of_the_next_pages_too(resident: Resident) -> None:
    resident.open()
    resident.read_in("en")
    assert 'lang="en"' in resident.client.get(resident.url).content.decode()[:300]
    resident.read_in("xx", **WHAT)
    assert 'lang="en"' in resident.text[:300]


def test_before_it_is_sent_another_language_asks_for_consent_anew_and_keeps_the_sum(resident: Resident) -> None:
    resident.to_check()
    asked, answer = fields_of(resident.page)["question"], resident.sum()
    resident.read_in("en", consent="on", answer=answer)
    fields = fields_of(resident.page)
    assert (resident.step, fields["question"], fields["answer"]) == ("check", asked, answer)
    assert "consent" not in fields
    assert not Case.objects.exists()
    resident.press("send")
    assert (resident.page.status_code, resident.step) == (422, "check")
    receipt_of(resident.press("send", consent="on"))


def test_enter_presses_the_way_on_and_not_the_language(resident: Resident) -> None:
    """A browser takes the first button that belongs to the form, wherever on the page it stands."""
    for step, way_on in (("what", "next"), ("who", "next"), ("check", "send")):
        resident.open()
        if step != "what":
            resident.tell_what()
        if step == "check":
            resident.tell_who()
        buttons = re.findall(r'<button type="submit" form="tell"[^>]*name="(\w+)" value="([\w-]+)"', resident.text)
        assert buttons[0] == ("do", way_on)
        assert ("language", "en") in buttons
        # In its own name: whoever looks for it does not read the other language.
        assert ">English</button>" in resident.text
        assert resident.text.index('form="tell"') < resident.text.index('<form id="tell"')


def test_a_complaint_goes_through_three_steps_to_its_receipt(resident: Resident, town: Town) -> None:
    resident.to_check()
    assert WHAT["matter"] in resident.text
    assert not Case.objects.exists()
    page = resident.client.get(receipt_of(resident.send()))
    case = Case.objects.get()
    assert (case.nature, case.channel, case.identity) == ("complaint", "web", "named")
    assert case.first_contact_owner == town.lin
    assert case.resident is not None
    assert case.resident.name == "王秀兰"
    matter, place, when = Visit.objects.get().matter.splitlines()
    assert matter == WHAT["matter"]
    assert place.endswith("和平里小区三号楼")
    assert when.endswith("上周起")
    text = page.content.decode()
    code = case.tracking_code
    assert case.number in text
    assert f"{code[:4]}-{code[4:8]}-{code[8:]}" in text
    assert "<svg" in text
    assert "data-draft-done" in text
    for private in ("王秀兰", "13805716021", "6021"):
        assert private not in text


def test_what_is_missing_is_told_at_its_field_and_nothing_typed_is_lost(resident: Resident) -> None:
    resident.open()
    resident.tell_what(matter="", about="")
    assert (resident.page.status_code, resident.step) == (422, "what")
    assert resident.errors
    assert fields_of(resident.page)["place"] == WHAT["place"]
    resident.tell_what()
    resident.tell_who(name="", phone="12")
    assert (resident.page.status_code, resident.step) == (422, "who")
    assert fields_of(resident.page)["phone"] == "12"
    assert fields_of(resident.page)["matter"] == WHAT["matter"]


def test_a_step_just_opened_shows_no_errors(resident: Resident) -> None:
    resident.open()
    assert not resident.errors
    resident.tell_what()
    assert resident.step == "who"
    assert not resident.errors


def test_answers_are_changed_from_the_last_step_and_one_comes_back_to_it(resident: Resident) -> None:
    resident.to_check()
    resident.press("what")
    assert fields_of(resident.page)["matter"] == WHAT["matter"]
    resident.press("next", matter="电梯又停了。")
    assert resident.step == "check"
    assert "电梯又停了。" in resident.text
    resident.press("who")
    assert fields_of(resident.page)["name"] == "王秀兰"


def test_an_anonymous_resident_leaves_no_name_even_where_one_was_typed(resident: Resident) -> None:
    resident.to_check(who={"identity": "anonymous"})
    page = resident.client.get(receipt_of(resident.send())).content.decode()
    case = Case.objects.get()
    assert (case.identity, case.resident) == ("anonymous", None)
    assert not ResidentRow.objects.exists()
    assert case.tracking_code[:4] in page
    assert not case.deadlines.filter(kind="confirm").exists()


def test_a_hidden_identity_is_kept_hidden(resident: Resident) -> None:
    resident.to_check(who={"identity": "hidden"})
    resident.send()
    assert Case.objects.get().identity == "hidden"


def test_what_is_no_complaint_needs_no_subject(resident: Resident) -> None:
    resident.to_check(what={"nature": "suggestion", "about": ""})
    receipt_of(resident.send())
    assert Case.objects.get().nature == "suggestion"


def test_without_consent_nothing_is_sent_and_the_question_stays_answered(resident: Resident) -> None:
    resident.to_check()
    asked = fields_of(resident.page)["question"]
    resident.send(consent="")
    assert resident.page.status_code == 422
    assert not Case.objects.exists()
    fields = fields_of(resident.page)
    assert fields["question"] == asked
    assert fields["answer"] == resident.sum()
    receipt_of(resident.press("send", consent="on"))


def test_a_wrong_sum_gets_a_new_question(resident: Resident) -> None:
    resident.to_check()
    asked = fields_of(resident.page)["question"]
    resident.send(answer="99")
    assert resident.page.status_code == 422
    assert fields_of(resident.page)["question"] != asked
    assert fields_of(resident.page).get("answer", "") == ""
    receipt_of(resident.send())


def test_the_sum_may_be_written_in_words_or_full_width(resident: Resident) -> None:
    resident.to_check()
    receipt_of(resident.send(answer=str(NUMBERS[int(resident.sum())])))
    resident.to_check()
    receipt_of(resident.send(answer="".join(chr(ord(digit) + 0xFEE0) for digit in resident.sum())))


def test_an_answered_question_is_good_once(resident: Resident, town: Town) -> None:
    resident.to_check()
    fields = fields_of(resident.page)
    question, answer = fields["question"], resident.sum()
    receipt_of(resident.send())
    other = Resident(Client(), town.north).to_check()
    other.send(question=question, answer=answer)
    assert other.page.status_code == 422
    assert Case.objects.count() == 1
    receipt_of(other.send())


def test_a_question_is_good_for_two_hours_and_for_its_hall(resident: Resident, town: Town) -> None:
    resident.to_check()
    with time_machine.travel(timezone.now() + timedelta(hours=2, minutes=1)):
        resident.send()
    assert resident.page.status_code == 422
    question = fields_of(resident.page)["question"]
    abroad = Resident(Client(), town.south).to_check()
    abroad.send(question=question, answer=resident.sum())
    assert abroad.page.status_code == 422
    assert not Case.objects.exists()


def test_a_solved_puzzle_takes_the_place_of_the_question_once(resident: Resident, town: Town) -> None:
    proof = solved(town)
    resident.to_check()
    receipt_of(resident.send(answer="", altcha=proof))
    other = Resident(Client(), town.north).to_check()
    other.send(answer="", altcha=proof)
    assert other.page.status_code == 422
    assert Case.objects.count() == 1


@pytest.mark.parametrize("spoiled", ["foreign hall", "expired", "altered", "unsolved", "rubbish", "huge"])
def test_a_puzzle_that_was_not_solved_here_and_now_is_worth_nothing(
    resident: Resident, town: Town, spoiled: str
) -> None:
    proof = solved(town, town.south if spoiled == "foreign hall" else None)
    given = json.loads(b64decode(proof))
    if spoiled == "altered":
        given["challenge"]["parameters"]["cost"] = 1
    if spoiled == "unsolved":
        given["solution"]["derivedKey"] = "00" * 32
    proof = b64encode(json.dumps(given).encode()).decode()
    proof = {"rubbish": "[]", "huge": "A" * 100_000}.get(spoiled, proof)
    resident.to_check()
    with time_machine.travel(timezone.now() + timedelta(hours=3 if spoiled == "expired" else 0)):
        resident.send(answer="", altcha=proof)
    assert resident.page.status_code == 422
    assert not Case.objects.exists()


def test_the_puzzle_is_given_to_whoever_asks_and_kept_by_nobody(client: Client, town: Town) -> None:
    answer = client.get(reverse("portal:challenge", args=["NTH"]))
    assert answer.json()["parameters"]["algorithm"] == "PBKDF2/SHA-256"
    assert "no-store" in answer["Cache-Control"]
    assert client.get(reverse("portal:challenge", args=["XYZ"])).status_code == 404


def test_sent_again_it_leads_to_the_same_receipt(resident: Resident) -> None:
    resident.to_check()
    again = fields_of(resident.page)
    first = receipt_of(resident.send())
    page = resident.client.post(resident.url, {**again, "consent": "on", "answer": "", "do": "send"})
    assert page.status_code == 302
    assert resident.client.get(page["Location"]).content.decode().count(Case.objects.get().number) >= 1
    assert resident.client.get(first).status_code == 200
    assert Case.objects.count() == 1


def test_a_page_gone_back_to_and_changed_is_asked_about_and_then_a_second_matter(resident: Resident) -> None:
    resident.to_check()
    again = fields_of(resident.page)
    receipt_of(resident.send())
    resident.page = resident.client.post(resident.url, {**again, "matter": "还有路灯坏了。", "do": "send"})
    assert resident.page.status_code == 422
    assert "还有路灯坏了。" in resident.text
    receipt_of(resident.send())
    assert Case.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_the_same_moment_it_is_one_case_with_one_receipt() -> None:
    town = make_town()
    on_shift(town.lin, town.north, timezone.now() - timedelta(hours=1))
    resident = Resident(Client(), town.north).to_check()
    data = {**fields_of(resident.page), "consent": "on", "answer": resident.sum(), "do": "send"}
    gate, answers = Barrier(4), []

    def press() -> None:
        try:
            gate.wait()
            answers.append(Client().post(resident.url, data))
        finally:
            connection.close()

    threads = [Thread(target=press) for _hand in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [302] * 4
    assert Case.objects.count() == Visit.objects.count() == ResidentRow.objects.count() == 1
    assert all(Client().get(answer["Location"]).status_code == 200 for answer in answers)


def test_an_old_page_is_drawn_again_with_everything_and_goes_through_then(town: Town) -> None:
    """The cookie against forged requests is gone: after a browser was closed, or on a page a day old."""
    strict = Client(enforce_csrf_checks=True)
    resident = Resident(strict, town.north).open()
    resident.tell_what()
    assert resident.step == "who"
    strict.cookies.clear()
    resident.tell_who()
    assert (resident.page.status_code, resident.step) == (403, "who")
    fields = fields_of(resident.page)
    assert (fields["name"], fields["matter"]) == ("王秀兰", WHAT["matter"])
    resident.press("next")
    assert resident.step == "check"
    receipt_of(resident.send())


def test_a_field_nobody_sees_keeps_machines_out_and_costs_a_person_one_press(resident: Resident) -> None:
    resident.to_check()
    resident.send(website="http://buy.example")
    assert resident.page.status_code == 422
    assert not Case.objects.exists()
    assert fields_of(resident.page)["website"] == ""
    receipt_of(resident.send())


def test_a_hall_that_is_not_there_has_no_form(client: Client, town: Town) -> None:
    town.south.is_active = False
    town.south.save()
    for code in ("XYZ", town.south.code):
        assert client.get(reverse("portal:tell", args=[code])).status_code == 404
        assert client.post(reverse("portal:tell", args=[code])).status_code == 404


def test_after_six_in_an_hour_without_a_puzzle_one_waits_and_keeps_what_was_typed(town: Town) -> None:
    with time_machine.travel(MONDAY, tick=False):
        for _time in range(6):
            receipt_of(Resident(Client(), town.north).to_check().send())
        resident = Resident(Client(), town.north).to_check()
        resident.send()
    assert resident.page.status_code == 429
    assert resident.page["Retry-After"] == "3601"
    assert "61" in resident.text
    assert town.north.phone in resident.text
    assert fields_of(resident.page)["matter"] == WHAT["matter"]
    assert Case.objects.count() == 6
    with time_machine.travel(MONDAY, tick=False):
        # The neighbour is let in, and so is whoever's browser works for it.
        receipt_of(Resident(Client(), town.north, address="10.9.9.9").to_check().send())
        receipt_of(resident.send(answer="", altcha=solved(town)))
    with time_machine.travel(MONDAY + timedelta(minutes=61), tick=False):
        receipt_of(Resident(Client(), town.north).to_check().send())


def test_outside_opening_hours_the_form_says_whom_to_call(client: Client, town: Town) -> None:
    url = reverse("portal:tell", args=["NTH"])
    with time_machine.travel(MONDAY, tick=False):
        assert "tel:120" not in client.get(url).content.decode()
    with time_machine.travel(MONDAY + timedelta(hours=14), tick=False):
        page = client.get(url).content.decode()
        assert all(f"tel:{number}" in page for number in ("110", "119", "120", town.north.on_call_phone))


def test_a_receipt_of_another_hall_altered_or_old_is_not_shown(resident: Resident, town: Town) -> None:
    resident.to_check()
    address = receipt_of(resident.send())
    assert resident.client.get(address.replace("/NTH/", "/STH/")).status_code == 404
    assert resident.client.get(address[:-3] + "xy/").status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=2, minutes=1)):
        page = resident.client.get(address)
    assert page.status_code == 410
    assert Case.objects.get().number not in page.content.decode()
