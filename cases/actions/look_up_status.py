"""A resident looks up how far their case is: tracking code, and the last four digits of the phone, if they gave one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from cases.models import Case, StatusLookup
from foundation.refusals import Refused
from foundation.residents.models import phone_tail_token

MOST_WRONG = 10
"""For one code."""
MOST_WRONG_FROM = 60
"""From one address: a whole street, or a telephone company's customers, may stand behind it and mistype."""
MOST_WRONG_A_DAY = 40
"""For one code: who found a receipt and has patience would otherwise come through the four digits in some days."""
WINDOW = timedelta(minutes=15)
KEPT = timedelta(days=1)


class TooManyLookups(Refused):
    """Somebody guesses; they have to wait, at most for `wait`."""

    def __init__(self, message: str, wait: timedelta) -> None:
        super().__init__(message)
        self.wait = wait


class NothingFound(Refused):
    """Wrong code or wrong digits: which of the two is not told."""


def look_up_status(*, hall_code: str, tracking_code: str, digits: str, address: str, now: datetime) -> Case:
    """The case, for who holds its code and knows the digits. Raises TooManyLookups or NothingFound.

    address: the visitor's network address; only a keyed digest of it is kept, for a day (records.tidying deletes it).
    """
    code = spelled(tracking_code)
    address_token, code_token = _token("address", address), _token("code", f"{hall_code}:{code}")
    with transaction.atomic():
        _one_after_the_other(address_token, code_token)
        of_code, lately = Q(code_token=code_token), Q(looked_up_at__gt=now - WINDOW)
        wrong = StatusLookup.objects.filter(
            of_code | Q(address_token=address_token), looked_up_at__gt=now - KEPT, is_right=False
        ).aggregate(
            of_code=Count("pk", filter=of_code & lately),
            of_code_today=Count("pk", filter=of_code),
            of_address=Count("pk", filter=Q(address_token=address_token) & lately),
        )
        if wrong["of_code"] >= MOST_WRONG or wrong["of_address"] >= MOST_WRONG_FROM:
            raise TooManyLookups(_("Too many tries. Please wait a quarter of an hour, or call the hall."), WINDOW)
        if wrong["of_code_today"] >= MOST_WRONG_A_DAY:
            raise TooManyLookups(_("Too many tries with this code. Please come back tomorrow, or call the hall."), KEPT)
        case = case_of(hall_code=hall_code, tracking_code=code)
        is_right = _opens(case, digits.strip())
        StatusLookup.objects.create(
            address_token=address_token, code_token=code_token, looked_up_at=now, is_right=is_right
        )
    if case is None or not is_right:
        raise NothingFound(_("Nothing was found under this code and these digits. Check both, or call the hall."))
    return case


def case_of(*, hall_code: str, tracking_code: str) -> Case | None:
    """For a caller who has made sure that the visitor may see it. tracking_code: as it is stored."""
    found = Case.objects.filter(hall__code=hall_code, tracking_code=tracking_code)
    return found.select_related("hall", "category__parent", "resident").defer("search").first()


def _opens(case: Case | None, digits: str) -> bool:
    resident = case.resident if case is not None else None
    if resident is not None and resident.has_phone:
        return resident.phone_ends_with(digits)
    # A code that does not exist, or needs no digits, is not answered faster than one that does.
    phone_tail_token(0, digits)
    # Erasing somebody takes their number away, and must not open their matter to whoever finds the receipt.
    return case is not None and (resident is None or resident.erased_at is None)


def _one_after_the_other(one: str, other: str) -> None:
    """Tries sent in the same moment count too; all take the locks in the same order."""
    first, second = sorted(int(token[:15], 16) for token in (one, other))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s), pg_advisory_xact_lock(%s)", [first, second])


def spelled(code: str) -> str:
    """The code as it is stored: people write O for 0, I or L for 1, with or without dashes."""
    upper = code.upper().replace("-", "").replace(" ", "")
    return upper.translate(str.maketrans("OIL", "011"))


def _token(kind: str, value: str) -> str:
    return salted_hmac(f"cases.status_lookup.{kind}", value, algorithm="sha256").hexdigest()[:32]
