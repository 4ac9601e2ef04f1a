"""What shows that somebody takes the trouble: a puzzle their browser solves by itself, or a sum they do themselves.

The puzzle (altcha) needs scripts and a safe connection. Without either a sum in words takes its place, which a machine
can do too: what comes in with one is limited more strictly.
"""

from __future__ import annotations

import base64
import json
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from altcha import create_challenge, verify_solution
from django.core import signing
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from foundation.organization.models import Hall
from web.portal.hall import public_hall

GOOD_FOR: Final = timedelta(hours=2)
"""Long enough to look for a paper in between; used once, whenever that is."""
ALGORITHM: Final = "PBKDF2/SHA-256"
ITERATIONS: Final = 3000
FEWEST, MOST = 80, 240
"""How many keys a browser derives: under a second on a computer, a few on a cheap phone; never longer by bad luck."""
LONGEST: Final = 4000
QUESTION_SALT: Final = "portal.question"

NUMBERS: Final[tuple[str | Promise, ...]] = (
    pgettext_lazy("number", "zero"),
    pgettext_lazy("number", "one"),
    pgettext_lazy("number", "two"),
    pgettext_lazy("number", "three"),
    pgettext_lazy("number", "four"),
    pgettext_lazy("number", "five"),
    pgettext_lazy("number", "six"),
    pgettext_lazy("number", "seven"),
    pgettext_lazy("number", "eight"),
    pgettext_lazy("number", "nine"),
    pgettext_lazy("number", "ten"),
    pgettext_lazy("number", "eleven"),
    pgettext_lazy("number", "twelve"),
    pgettext_lazy("number", "thirteen"),
    pgettext_lazy("number", "fourteen"),
    pgettext_lazy("number", "fifteen"),
    pgettext_lazy("number", "sixteen"),
    pgettext_lazy("number", "seventeen"),
    pgettext_lazy("number", "eighteen"),
)


@dataclass(frozen=True)
class Shown:
    """Somebody took the trouble. token: to be spent, so that it counts once; until: when it is void anyway."""

    token: str
    until: datetime
    by_puzzle: bool


@never_cache
@require_safe
def challenge(request: HttpRequest, hall_code: str) -> JsonResponse:
    """A puzzle for the browser; nothing is kept of it here until it is solved and spent."""
    hall = public_hall(hall_code)
    return JsonResponse(new_puzzle(hall, now=timezone.now()))


def new_puzzle(hall: Hall, *, now: datetime) -> dict[str, Any]:
    return create_challenge(
        ALGORITHM,
        ITERATIONS,
        counter=FEWEST + secrets.randbelow(MOST - FEWEST),
        expires_at=now + GOOD_FOR,
        data={"hall": hall.code},
        hmac_secret=_key("puzzle"),
        hmac_key_secret=_key("solution"),
    ).to_dict()


def solved(payload: str, hall: Hall, *, now: datetime) -> Shown | None:
    """What the browser sent, if it is the solution of a puzzle of ours, for this hall, and not too old."""
    if not payload or len(payload) > LONGEST:
        return None
    if not verify_solution(payload, _key("puzzle"), hmac_key_secret=_key("solution")).verified:
        return None
    # Signed by us, so it has the shape we gave it.
    puzzle = json.loads(base64.b64decode(payload))["challenge"]
    until = datetime.fromtimestamp(puzzle["parameters"]["expiresAt"], UTC)
    if puzzle["parameters"]["data"] != {"hall": hall.code} or until <= now:
        return None
    return Shown(puzzle["signature"], until, by_puzzle=True)


@dataclass(frozen=True)
class Question:
    words: str
    token: str


def new_question(hall: Hall) -> Question:
    first, second = (1 + secrets.randbelow(9) for _place in range(2))
    return Question(
        _words(first, second), signing.dumps([hall.code, first, second, secrets.token_hex(8)], salt=QUESTION_SALT)
    )


def asked_before(token: str, hall: Hall) -> Question | None:
    """The question this token stands for, while it can still be answered."""
    found = _read(token, hall)
    return Question(_words(found[0], found[1]), token) if found else None


def answered(token: str, answer: str, hall: Hall, *, now: datetime) -> Shown | None:
    """The answer, if it is right; in digits of any width, or in words as in the question."""
    found = _read(token, hall)
    if found is None:
        return None
    first, second, nonce = found
    typed = unicodedata.normalize("NFKC", answer).strip().casefold()
    if typed not in (str(first + second), str(NUMBERS[first + second]).casefold()):
        return None
    return Shown(f"question:{nonce}", now + GOOD_FOR, by_puzzle=False)


def _read(token: str, hall: Hall) -> tuple[int, int, str] | None:
    try:
        code, first, second, nonce = signing.loads(token, salt=QUESTION_SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    return (first, second, nonce) if code == hall.code else None


def _words(first: int, second: int) -> str:
    return _("How much is %(first)s plus %(second)s?") % {"first": NUMBERS[first], "second": NUMBERS[second]}


def _key(purpose: str) -> str:
    return salted_hmac(f"portal.challenge.{purpose}", "", algorithm="sha256").hexdigest()
