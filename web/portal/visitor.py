"""Whom we talk to without an account: their address for the limits, and the proof that a matter is theirs.

There is no session and nothing secret stands in an address: once code and digits were right, each page carries the
proof in a hidden field. It is signed, holds for half an hour, and is good for one matter of one hall.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Concatenate, ParamSpec

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from cases.actions.look_up_status import case_of
from cases.models import Case
from foundation.organization.models import Hall
from foundation.throttling.actions import TooMany

PROOF_HOLDS = timedelta(minutes=30)
SALT = "portal.tracking"

Rest = ParamSpec("Rest")


def address_of(request: HttpRequest) -> str:
    """The network address limits are counted by; of the newer kind the part a household keeps, not the last half."""
    text = request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(text)
    except ValueError:
        return str(text)
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ip_network((address, 64), strict=False))
    return str(address)


def prove(case: Case) -> str:
    return signing.dumps([case.hall_id, case.tracking_code], salt=SALT)


def proven(proof: str, hall: Hall) -> Case | None:
    """The matter the proof is about; None for one that is foreign, altered, too old, or of another hall."""
    code = _code_in(proof, hall, max_age=PROOF_HOLDS)
    return case_of(hall_code=hall.code, tracking_code=code) if code else None


def code_in(proof: str, hall: Hall) -> str:
    """The tracking code a proof was about, also once it is too old: to be asked for the digits alone."""
    return _code_in(proof, hall, max_age=None)


def _code_in(proof: str, hall: Hall, *, max_age: timedelta | None) -> str:
    try:
        hall_id, code = signing.loads(proof, salt=SALT, max_age=max_age)
    except signing.BadSignature:
        return ""
    return str(code) if hall_id == hall.pk else ""


def come_back_later(response: HttpResponse, refusal: TooMany) -> HttpResponse:
    """The page, answered as one that was asked for too often."""
    response.status_code = 429
    response["Retry-After"] = str(refusal.retry_after)
    return response


def kept_to_oneself(
    view: Callable[Concatenate[HttpRequest, Rest], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """Of pages that show a matter: kept in no cache, found by no search engine, named to no other site."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.setdefault("X-Robots-Tag", "noindex, nofollow")
        response["Referrer-Policy"] = "same-origin"
        return response

    return guarded
