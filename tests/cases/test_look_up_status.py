"""Residents ask how far their case is: by tracking code and the last four digits of their phone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils.translation import override

from cases.actions.look_up_status import NothingFound, TooManyLookups, look_up_status
from cases.models import Case, StatusLookup
from foundation.refusals import Refused
from foundation.residents.actions import erase_resident, update_resident
from tests import matters
from tests.builders import Town
from tests.matters import MONDAY

HOME, ELSEWHERE = "203.0.113.9", "203.0.113.10"


@pytest.fixture
def case(town: Town) -> Case:
    """Wang Xiulan's, phone 13805716021."""
    return matters.registered(town)


def ask(code: str, digits: str = "6021", *, address: str = HOME, at: datetime = MONDAY, hall: str = "NTH") -> Case:
    return look_up_status(hall_code=hall, tracking_code=code, digits=digits, address=address, now=at)


def other_than(code: str) -> str:
    return ("7" if code[0] != "7" else "8") + code[1:]


def test_code_and_digits_together_show_the_case(case: Case):
    assert ask(case.tracking_code) == case
    assert ask(case.tracking_code, " 6021 ") == case


def test_the_code_is_read_as_people_write_it(case: Case):
    Case.objects.filter(pk=case.pk).update(tracking_code="01A1B2C3D4E5F")
    assert ask("o1a1-b2c3 d4e5f") == case
    assert ask("OIALB2C3D4E5F") == case


def test_a_wrong_code_and_wrong_digits_are_answered_alike(case: Case):
    answers: list[tuple[type[Refused], str, str | None]] = []
    for code, digits in (
        (other_than(case.tracking_code), "6021"),
        (case.tracking_code, "6022"),
        (case.tracking_code, ""),
        (case.tracking_code, "21"),
        (case.tracking_code, "13805716021"),
        ("", ""),
    ):
        with override("en"), pytest.raises(Refused) as refusal:
            ask(code, digits, address=f"203.0.113.{len(answers)}")
        answers.append((type(refusal.value), str(refusal.value), refusal.value.field))
    assert set(answers) == {
        (NothingFound, "Nothing was found under this code and these digits. Check both, or call the hall.", None)
    }


def test_the_code_of_one_hall_opens_nothing_at_another(case: Case):
    with pytest.raises(NothingFound):
        ask(case.tracking_code, hall="STH")


def test_an_anonymous_resident_has_only_the_code(town: Town):
    case = matters.registered(town, identity="anonymous")
    assert ask(case.tracking_code, "") == case


def test_a_resident_who_gave_no_phone_has_only_the_code_and_typed_digits_do_no_harm(town: Town):
    case = matters.registered(town, resident=matters.a_resident(town, phone=""))
    assert ask(case.tracking_code, "") == case
    assert ask(case.tracking_code, "6021") == case


def test_from_the_moment_a_number_is_on_record_the_code_alone_opens_nothing(town: Town):
    wang = matters.a_resident(town, phone="")
    case = matters.registered(town, resident=wang)
    update_resident(resident_id=wang.pk, actor=town.lin, now=MONDAY, phone="13805716021")
    with pytest.raises(NothingFound):
        ask(case.tracking_code, "")
    assert ask(case.tracking_code, "6021") == case


def test_a_number_that_was_erased_does_not_leave_the_matter_open_to_who_finds_the_receipt(case: Case, town: Town):
    assert case.resident is not None
    erase_resident(resident_id=case.resident.pk, actor=town.chen, reason="the years are over", now=MONDAY)
    for digits in ("", "6021"):
        with pytest.raises(NothingFound):
            ask(case.tracking_code, digits)


def guess(case: Case, times: int, *, address: str = HOME, at: datetime = MONDAY) -> None:
    for _guess in range(times):
        with pytest.raises(NothingFound):
            ask(case.tracking_code, "0000", address=address, at=at)


def test_after_ten_wrong_tries_even_the_right_digits_wait_a_quarter_of_an_hour(case: Case):
    guess(case, 9)
    assert ask(case.tracking_code) == case
    guess(case, 1)
    with pytest.raises(TooManyLookups):
        ask(case.tracking_code)
    with pytest.raises(TooManyLookups):
        ask(case.tracking_code, at=MONDAY + timedelta(minutes=14, seconds=59))
    assert ask(case.tracking_code, at=MONDAY + timedelta(minutes=15)) == case


def test_guessing_from_many_addresses_is_slowed_down_by_the_code(case: Case):
    for number in range(10):
        guess(case, 1, address=f"198.51.100.{number}")
    with pytest.raises(TooManyLookups):
        ask(case.tracking_code, "0000", address=ELSEWHERE)


def test_guessing_many_codes_is_slowed_down_by_the_address_and_nobody_else_is(town: Town, case: Case):
    other = matters.registered(town, identity="anonymous")
    for number in range(60):
        with pytest.raises(NothingFound):
            ask(f"{number:013d}")
    with pytest.raises(TooManyLookups):
        ask(case.tracking_code)
    assert ask(other.tracking_code, address=ELSEWHERE) == other


def test_right_answers_do_not_count_against_anybody(case: Case):
    for _time in range(12):
        assert ask(case.tracking_code) == case


def test_neither_address_nor_code_can_be_read_back(case: Case):
    guess(case, 1)
    (kept,) = StatusLookup.objects.values()
    assert HOME not in str(kept)
    assert case.tracking_code not in str(kept)


def test_who_holds_a_code_and_guesses_patiently_gets_forty_tries_a_day_and_no_more(case: Case):
    for quarter in range(4):
        guess(case, 10, address=f"198.51.100.{quarter}", at=MONDAY + timedelta(minutes=16 * quarter))
    with pytest.raises(TooManyLookups):
        ask(case.tracking_code, "0000", address=ELSEWHERE, at=MONDAY + timedelta(hours=23))
    assert ask(case.tracking_code, address=ELSEWHERE, at=MONDAY + timedelta(hours=25)) == case


@pytest.mark.django_db(transaction=True)
def test_guesses_sent_at_the_same_moment_are_counted_one_after_the_other(case: Case):
    guess(case, 8)
    start = threading.Barrier(6)

    def one(number: int) -> str:
        start.wait()
        try:
            ask(case.tracking_code, f"{number:04d}", address=f"198.51.100.{number}")
        except Refused as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return "opened"

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(one, range(6)))
    assert sorted(answers) == ["NothingFound"] * 2 + ["TooManyLookups"] * 4
