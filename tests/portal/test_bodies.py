"""A stranger sends more than any form holds: nobody reads it, whatever the address."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import Town

pytestmark = pytest.mark.django_db
TOO_MUCH = 300 * 1024 * 1024


class Body(io.BytesIO):
    """A body that says whether somebody read it."""

    was_read = False

    def read(self, size: int | None = -1) -> bytes:
        self.was_read = True
        return super().read(size)


@pytest.mark.parametrize("page", ["portal:track", "portal:add", "portal:withdraw", "login", "set_language"])
def test_what_is_larger_than_any_form_is_refused_unread(page: str, town: Town) -> None:
    address = reverse(page, args=[town.north.code] if page.startswith("portal:") else [])
    client, body = Client(enforce_csrf_checks=True), Body(b"--x\r\n")
    client.cookies["csrftoken"] = "a" * 32
    unread: dict[str, Any] = {"wsgi.input": body}
    answer = client.generic(
        "POST",
        address,
        b"x",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(TOO_MUCH),
        **unread,
    )
    assert answer.status_code == 413
    assert answer["Connection"] == "close"
    assert not body.was_read
