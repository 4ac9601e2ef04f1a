"""What a phone number, an ID number and a birth date must look like; how they are written and masked."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

EARLIEST_BIRTH = date(1900, 1, 1)

# Hyphens and dashes of every length, the minus sign and the full-width forms people paste.
_DASHES = re.compile(r"[\u2010-\u2015\u2212\u2500\uff0d\u30fc_.]+")
_EXTENSION = re.compile(r"^(?P<main>.+?)(?:ext\.?|x|#|\u8f6c|\u5206\u673a|,)+-?(?P<extension>\d{1,6})$", re.IGNORECASE)
_DASHED_EXTENSION = re.compile(r"^(?P<main>.+)-(?P<extension>\d{1,6})$")
_MOBILE = re.compile(r"^(?:(?:\+|00)?86)?(?P<number>1[3-9]\d{9})$")
_AREA = r"10|2\d|[3-9]\d{2}"
_LANDLINE = re.compile(rf"^(?:(?:\+|00)86(?P<abroad>{_AREA})|0(?P<area>{_AREA}))(?P<number>[2-8]\d{{6,7}})$")
_LOCAL = re.compile(r"^[2-8]\d{6,7}$")
_SERVICE = re.compile(r"^[48]00\d{7}$")
_ABROAD = re.compile(r"^(?:\+|00)(?P<number>(?!86)[1-9]\d{6,14})$")

_ID_NUMBER = re.compile(r"^[1-9]\d{16}[\dX]$")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK_DIGITS = "10X98765432"


def normalize_phone(text: str) -> str:
    """One spelling for each number: 13812346021, 0571-88886666, 0571-88886666-801, 88886666, 4001234567, +85291234567.

    Spaces, dashes, brackets, full-width digits and +86 may be typed. Raises ValidationError.
    """
    typed = unicodedata.normalize("NFKC", text)
    typed = re.sub(r"\s+", "", _DASHES.sub("-", typed)).replace("(", "").replace(")", "-").strip("-")
    number = _main_number(typed)
    if number is None and (match := _EXTENSION.match(typed) or _DASHED_EXTENSION.match(typed)):
        main = _main_number(match["main"])
        # Only a switchboard has extensions.
        if main is not None and not _MOBILE.match(main):
            number = f"{main}-{match['extension']}" if "-" in main or _LOCAL.match(main) else None
    if number is None:
        raise ValidationError(
            _("This is not a phone number. Write the 11 digits of a mobile, or a landline number with its area code."),
            code="phone",
        )
    return number


def _main_number(typed: str) -> str | None:
    compact = typed.replace("-", "")
    if match := _MOBILE.match(compact):
        return match["number"]
    if match := _LANDLINE.match(compact):
        return f"0{match['area'] or match['abroad']}-{match['number']}"
    if _LOCAL.match(compact) or _SERVICE.match(compact):
        return compact
    if match := _ABROAD.match(compact):
        return f"+{match['number']}"
    return None


def subscriber_digits(phone: str) -> str:
    """The digits of a normalized number that are dialled from outside, without an extension."""
    area, dash, rest = phone.partition("-")
    if dash and area.startswith("0"):
        return area + rest.partition("-")[0]
    return area.removeprefix("+")


def mask_phone(phone: str) -> str:
    """138****6021, 0571-****6666, ****6666, +852****4567: enough to recognise, not enough to call."""
    if phone.startswith("0"):
        return f"{phone.partition('-')[0]}-****{subscriber_digits(phone)[-4:]}"
    if _LOCAL.match(phone.partition("-")[0]):
        return f"****{subscriber_digits(phone)[-4:]}"
    return f"{phone[:4] if phone.startswith('+') else phone[:3]}****{phone[-4:]}"


def normalize_id_number(text: str, *, today: date) -> str:
    """The 18 digits of a resident identity card, checked. Raises ValidationError.

    The 15 digits of the first-generation card are refused: those cards have not been valid since 2013.
    """
    number = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    if re.fullmatch(r"\d{15}", number):
        raise ValidationError(
            _("ID numbers with 15 digits are no longer valid. Write the 18 digits of the current card."),
            code="id_number",
        )
    if not _ID_NUMBER.match(number):
        raise ValidationError(_("An ID number has 18 digits; the last one may be X."), code="id_number")
    born = birth_date_in(number)
    if born is None or born > today:
        raise ValidationError(_("The birth date inside this ID number cannot be right."), code="id_number")
    if _check_digit(number) != number[17]:
        raise ValidationError(
            _("This ID number is mistyped: its check digit does not fit. Compare it with the card."), code="id_number"
        )
    return number


def _check_digit(number: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return _ID_CHECK_DIGITS[total % 11]


def birth_date_in(id_number: str) -> date | None:
    """The birth date an ID number names, if there is such a day."""
    try:
        born = date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    except ValueError:
        return None
    return born if born >= EARLIEST_BIRTH else None


def is_female(id_number: str) -> bool:
    return int(id_number[16]) % 2 == 0


def mask_id_number(id_number: str) -> str:
    """3301************34: province, city and two digits.

    The usual form with the last four digits would tell everything on a page that also shows the birth date:
    what it leaves open is one county and the check digit tells which.
    """
    return f"{id_number[:4]}{'*' * 12}{id_number[-2:]}"


def check_birth_date(born: date, *, today: date) -> None:
    """Raises ValidationError for a day nobody alive was born on."""
    if born > today:
        raise ValidationError(_("The birth date lies in the future."), code="birth_date")
    if born < EARLIEST_BIRTH:
        raise ValidationError(_("The birth date lies before 1900."), code="birth_date")


def validate_phone(value: str) -> None:
    normalize_phone(value)


def validate_id_number(value: str) -> None:
    normalize_id_number(value, today=timezone.localdate())


def validate_birth_date(value: date) -> None:
    check_birth_date(value, today=timezone.localdate())
