from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError

from foundation.residents.fields import (
    mask_id_number,
    mask_phone,
    normalize_phone,
    validate_birth_date,
    validate_id_number,
    validate_phone,
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13812346021", "13812346021"),
        ("138 1234 6021", "13812346021"),
        ("138-1234-6021", "13812346021"),
        ("+86 138 1234 6021", "13812346021"),
        ("+86-13812346021", "13812346021"),
        ("8613812346021", "13812346021"),
        ("008613812346021", "13812346021"),
        ("１３８１２３４６０２１", "13812346021"),
        (" 138－1234－6021 ", "13812346021"),
        ("138—1234—6021", "13812346021"),
        ("19912346021", "19912346021"),
        ("0571-88886666", "0571-88886666"),
        ("057188886666", "0571-88886666"),
        ("(0571)88886666", "0571-88886666"),
        ("（0571）8888 6666", "0571-88886666"),
        ("+86 571 8888 6666", "0571-88886666"),
        ("010-62345678", "010-62345678"),
        ("021 6234 5678", "021-62345678"),
        ("0578-2234567", "0578-2234567"),
        ("0571-88886666-801", "0571-88886666-801"),
        ("0571-88886666转801", "0571-88886666-801"),
        ("0571-88886666 ext. 801", "0571-88886666-801"),
        ("88886666转12", "88886666-12"),
        ("88886666", "88886666"),
        ("8888-6666", "88886666"),
        ("2234567", "2234567"),
        ("400-123-4567", "4001234567"),
        ("+852 9123 4567", "+85291234567"),
    ],
)
def test_a_phone_number_is_kept_in_one_spelling(typed: str, kept: str):
    validate_phone(typed)
    assert normalize_phone(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "abc",
        "1381234602a",
        "1381234602",
        "138123460211",
        "12812346021",
        "23812346021",
        "013812346021",
        "0571-1888666",
        "0571-888",
        "110",
        "12345",
        "13812346021-801",
        "13812346021 13912346021",
        "+86 1381234602",
        "电话没有",
        "'; DROP TABLE residents_resident; --",
        "１３８１２３４６０２",
        "\x00",
    ],
)
def test_what_is_not_a_phone_number_is_refused(typed: str):
    with pytest.raises(ValidationError, match="not a phone number"):
        validate_phone(typed)


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("13812346021", "138****6021"),
        ("0571-88886666", "0571-****6666"),
        ("0571-88886666-801", "0571-****6666"),
        ("010-62345678", "010-****5678"),
        ("88886666", "****6666"),
        ("88886666-12", "****6666"),
        ("2234567", "****4567"),
        ("4001234567", "400****4567"),
        ("+85291234567", "+852****4567"),
    ],
)
def test_a_masked_phone_can_be_recognised_but_not_called(kept: str, shown: str):
    assert mask_phone(kept) == shown


# The sample number of the standard GB 11643, and one more that is printed on specimen cards.
@pytest.mark.parametrize(
    "typed", ["11010519491231002X", "11010519491231002x", "110105 19491231 002X", "34052419800101001X"]
)
def test_the_id_numbers_of_the_standard_are_accepted(typed: str):
    validate_id_number(typed)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("110105194912310021", "check digit"),
        ("110105194912310020", "check digit"),
        ("11010519491231003X", "check digit"),
        ("11010519491213002X", "check digit"),
        ("11010519490231002X", "birth date inside"),
        ("11010518991231002X", "birth date inside"),
        ("11010520991231002X", "birth date inside"),
        ("110105491231002", "15 digits are no longer valid"),
        ("1101051949123100", "18 digits"),
        ("1101051949123100X2", "18 digits"),
        ("A1010519491231002X", "18 digits"),
        ("", "18 digits"),
    ],
)
def test_a_wrong_id_number_is_refused_with_what_is_wrong(typed: str, message: str):
    with pytest.raises(ValidationError, match=message):
        validate_id_number(typed)


def test_a_masked_id_number_hides_the_birth_date_and_most_of_what_follows():
    assert mask_id_number("11010519491231002X") == "1101************2X"


def test_a_birth_date_in_the_future_is_refused():
    with time_machine.travel("2026-03-04 12:00+08:00"):
        validate_birth_date(date(2026, 3, 4))
        with pytest.raises(ValidationError, match="future"):
            validate_birth_date(date(2026, 3, 5))


def test_nobody_is_born_before_1900():
    validate_birth_date(date(1900, 1, 1))
    with pytest.raises(ValidationError, match="before 1900"):
        validate_birth_date(date(1899, 12, 31))
