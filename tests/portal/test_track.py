"""Tracking without an account: code and digits, and nothing told to who has not both."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from cases.models import Case, StatusLookup
from tests import matters
from tests.builders import Town
from tests.cases.steps import march
from tests.portal.visits import DIGITS, hidden, opened, track, words

HOME, ELSEWHERE = "203.0.113.9", "203.0.113.77"


@pytest.fixture
def case(town: Town) -> Case:
    """Wang Xiulan's, phone 13805716021."""
    return matters.registered(town)


def at_the_receipt(case: Case) -> str:
    return reverse("portal:status", args=[case.hall.code, case.tracking_code])


def without_what_was_typed(page: str) -> str:
    """The page but for the visitor's own input, and the token that is another on each page."""
    return re.sub(r'\s+(value|content)="[^"]*"', "", page)


def test_code_and_digits_show_the_matter(client: Client, case: Case):
    page = opened(client, case)
    assert page.status_code == 200
    assert case.title in words(page)


def test_before_the_digits_nothing_is_told(client: Client, case: Case):
    for address in (track(case), at_the_receipt(case)):
        page = client.get(address)
        assert page.status_code == 200
        assert case.title not in words(page)
        assert case.number not in words(page)


@pytest.mark.parametrize("typed", ["{}-{}-{}", "{} {} {}", "{}{}{}"])
def test_the_code_is_read_in_any_spelling(client: Client, case: Case, typed: str):
    Case.objects.filter(pk=case.pk).update(tracking_code="01A1B2C3D4E5F")
    for code in ("01A1B2C3D4E5F", "o1aib2c3d4e5f", "OLALB2C3D4E5F", "０１Ａ１Ｂ２Ｃ３Ｄ４Ｅ５Ｆ"):
        written = typed.format(code[:4], code[4:8], code[8:])
        assert case.title in words(client.post(track(case), {"code": written, "digits": DIGITS}))


def test_digits_typed_in_full_width_are_the_same_digits(client: Client, case: Case):
    assert case.title in words(opened(client, case, digits="６０２１"))
    assert case.title in words(client.post(at_the_receipt(case), {"digits": "６０２１"}))


def test_an_anonymous_resident_leaves_the_digits_empty(client: Client, town: Town):
    case = matters.registered(town, identity="anonymous", channel="web")
    assert case.title in words(opened(client, case))
    assert case.title in words(client.post(at_the_receipt(case)))


def test_who_gave_no_number_leaves_the_digits_empty_and_the_page_says_so(client: Client, town: Town):
    case = matters.registered(town, resident=matters.a_resident(town, name="李明", phone=""))
    for address in (track(case), at_the_receipt(case)):
        asked = words(client.get(address, headers={"accept-language": "en"}))
        assert "Leave it empty if you gave us no number" in asked
    assert case.title in words(opened(client, case, digits=""))
    assert case.title in words(client.post(at_the_receipt(case)))


def test_the_case_number_opens_nothing(client: Client, case: Case):
    page = client.post(track(case), {"code": case.number, "digits": DIGITS})
    assert page.status_code == 422
    assert case.title not in words(page)


def test_wrong_code_wrong_digits_and_none_look_the_same(client: Client, town: Town, case: Case):
    silent = matters.registered(town, identity="anonymous", channel="web")
    tries = [
        ("7777777777777", DIGITS),
        ("7777777777777", ""),
        (case.tracking_code, "6022"),
        (case.tracking_code, ""),
        (case.tracking_code, "13805716021"),
        (silent.number, ""),
        ("?", DIGITS),
    ]
    answers = set()
    for number, (code, digits) in enumerate(tries):
        page = client.post(track(case), {"code": code, "digits": digits}, REMOTE_ADDR=f"203.0.113.{number}")
        answers.add((page.status_code, without_what_was_typed(page.content.decode())))
    assert len(answers) == 1
    [(status, text)] = answers
    assert status == 422
    assert "查询码" in text


def test_behind_the_qr_a_code_that_does_not_exist_looks_like_one_that_does(client: Client, town: Town, case: Case):
    silent = matters.registered(town, identity="anonymous", channel="web")
    pages = []
    for code in (case.tracking_code, silent.tracking_code, "7777777777777"):
        address = reverse("portal:status", args=["NTH", code])
        shown = client.get(address).content.decode().replace("-".join([code[:4], code[4:8], code[8:]]), "")
        pages.append(without_what_was_typed(shown.replace(code, "")))
    assert pages[0] == pages[1] == pages[2]


def test_the_code_of_one_hall_opens_nothing_at_another(client: Client, case: Case):
    page = client.post(reverse("portal:track", args=["STH"]), {"code": case.tracking_code, "digits": DIGITS})
    assert page.status_code == 422
    assert client.get("/h/NIX/track/").status_code == 404


def test_an_empty_form_says_what_is_missing_and_counts_as_no_try(client: Client, case: Case):
    page = client.post(track(case), {})
    assert page.status_code == 422
    assert 'href="#id_code"' in page.content.decode()
    assert not StatusLookup.objects.exists()


def test_what_was_typed_stays(client: Client, case: Case):
    page = client.post(track(case), {"code": "7777-7777-77777", "digits": "1234"}).content.decode()
    assert 'value="7777-7777-77777"' in page
    assert 'value="1234"' in page


# Guessing


def wrong(client: Client, case: Case, code: str, digits: str, *, address: str = HOME) -> int:
    return int(client.post(track(case), {"code": code, "digits": digits}, REMOTE_ADDR=address).status_code)


def test_many_digits_for_one_code_from_one_address_end_after_ten(client: Client, case: Case):
    with time_machine.travel(march(3, 10), tick=False):
        answers = [wrong(client, case, case.tracking_code, f"{number:04d}") for number in range(12)]
        assert answers == [422] * 10 + [429] * 2
        page = opened(client, case, REMOTE_ADDR=HOME)
        assert page.status_code == 429
        assert case.title not in words(page)
    with time_machine.travel(march(3, 10) + timedelta(minutes=16), tick=False):
        assert opened(client, case, REMOTE_ADDR=HOME).status_code == 200


def test_many_codes_from_one_address_end_after_sixty_and_nobody_else_waits(client: Client, case: Case):
    answers = [wrong(client, case, f"{number:013d}", DIGITS) for number in range(61)]
    assert answers == [422] * 60 + [429]
    assert opened(client, case, REMOTE_ADDR=ELSEWHERE).status_code == 200


def test_one_code_from_many_addresses_ends_after_ten(client: Client, case: Case):
    answers = [
        wrong(client, case, case.tracking_code, f"{number:04d}", address=f"198.51.100.{number}") for number in range(11)
    ]
    assert answers == [422] * 10 + [429]


def test_a_household_with_many_new_addresses_is_one_address(client: Client, case: Case):
    answers = [
        wrong(client, case, f"{number:013d}", DIGITS, address=f"2001:db8:1:2::{number:x}") for number in range(61)
    ]
    assert answers == [422] * 60 + [429]
    assert wrong(client, case, "7777777777777", DIGITS, address="2001:db8:1:3::1") == 422


def test_looking_at_codes_by_address_alone_tells_and_counts_nothing(client: Client, town: Town):
    """A guess that asks nothing finds nothing: an anonymous matter opens by pressing only."""
    silent = matters.registered(town, identity="anonymous", channel="web")
    for _look in range(12):
        assert silent.title not in words(client.get(at_the_receipt(silent), REMOTE_ADDR=HOME))
    assert not StatusLookup.objects.exists()
    for number in range(60):
        client.post(reverse("portal:status", args=["NTH", f"{number:013d}"]), REMOTE_ADDR=HOME)
    assert client.post(at_the_receipt(silent), REMOTE_ADDR=HOME).status_code == 429


def test_the_page_for_who_has_to_wait_is_for_people(client: Client, case: Case):
    with time_machine.travel(march(3, 10), tick=False):
        for number in range(10):
            wrong(client, case, case.tracking_code, f"{number:04d}")
        page = opened(client, case, REMOTE_ADDR=HOME)
    assert page["Retry-After"] == "900"
    assert "Too many tries. Please wait a quarter of an hour, or call the hall." in words(page)
    assert 'href="tel:010-12345678"' in words(page)


def test_who_has_to_come_back_tomorrow_is_told_so_in_words_and_in_seconds(client: Client, case: Case):
    for quarter in range(4):
        with time_machine.travel(march(3, 10) + timedelta(minutes=16 * quarter), tick=False):
            for number in range(10):
                wrong(client, case, case.tracking_code, f"{number:04d}", address=f"198.51.100.{quarter}")
    with time_machine.travel(march(3, 20), tick=False):
        behind_the_qr = client.post(at_the_receipt(case), {"digits": DIGITS}, headers={"accept-language": "en"})
        for page in (opened(client, case), behind_the_qr):
            assert (page.status_code, page["Retry-After"]) == (429, "86400")
            assert "Please come back tomorrow" in words(page)


# What keeps it to oneself


def test_nothing_of_it_is_kept_on_the_way_or_found_by_a_search_engine(client: Client, case: Case):
    wrong_digits = opened(client, case, digits="0000")
    for page in (client.get(at_the_receipt(case)), opened(client, case), wrong_digits):
        assert "no-store" in page["Cache-Control"]
        assert "private" in page["Cache-Control"]
        assert "noindex" in page["X-Robots-Tag"]
        assert 'content="noindex"' in page.content.decode()
        assert page["Referrer-Policy"] == "same-origin"


def test_the_way_in_may_be_found_by_searching_for_the_hall(client: Client, case: Case):
    page = client.get(track(case))
    assert page["X-Robots-Tag"] == "all"
    assert "noindex" not in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_the_shown_page_has_neither_session_nor_secret_in_its_address(client: Client, case: Case):
    page = opened(client, case)
    assert "sessionid" not in page.cookies
    assert not [link for link in re.findall(r'(?:href|action)="([^"]*)"', words(page)) if case.tracking_code in link]


def test_the_proof_on_the_page_opens_it_again_for_half_an_hour(client: Client, case: Case):
    with time_machine.travel(march(3, 10), tick=False):
        proof = hidden(opened(client, case), "proof")
    with time_machine.travel(march(3, 10, 29), tick=False):
        assert case.title in words(client.post(track(case), {"proof": proof}))
    with time_machine.travel(march(3, 10, 31), tick=False):
        asked = client.post(track(case), {"proof": proof}, headers={"accept-language": "en"})
        assert asked.status_code == 422
        assert case.title not in words(asked)
        assert "please show once more that this is your matter" in words(asked)
        assert f'value="{case.tracking_code}"' in asked.content.decode()
    # Back on the page behind the receipt it opens nothing by itself.
    with time_machine.travel(march(3, 10, 29), tick=False):
        assert case.title not in words(client.post(at_the_receipt(case), {"proof": proof}))
