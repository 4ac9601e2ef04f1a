"""A resident at their telephone: opens their matter, and goes on from there with what stands on the page."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from cases.models import Case

DIGITS = "6021"
"""Of Wang Xiulan's telephone."""


def track(case: Case) -> str:
    return reverse("portal:track", args=[case.hall.code])


def opened(client: Client, case: Case, *, digits: str | None = None, language: str = "en", **more: Any) -> Any:
    """The answer to code and digits; the digits are left empty where the matter is anonymous."""
    given = digits if digits is not None else "" if case.is_anonymous else DIGITS
    return client.post(
        track(case), {"code": case.tracking_code, "digits": given}, headers={"accept-language": language}, **more
    )


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def hidden(response: Any, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    assert found, name
    return found[1]


def go(client: Client, case: Case, page: str, proof: str, **more: Any) -> Any:
    """Press a button of the tracking page: portal:add or portal:withdraw."""
    address = reverse(f"portal:{page}", args=[case.hall.code])
    return client.post(address, {"proof": proof, **more}, headers={"accept-language": "en"})
