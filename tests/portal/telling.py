"""A resident at the public form with a browser that knows no scripts: what stands on the page is sent back."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from django.core import signing
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from foundation.organization.models import Hall
from web.portal.challenge import QUESTION_SALT

WHAT = {
    "nature": "complaint",
    "about": "楼道保洁",
    "matter": "三号楼保洁员一周没有来过，楼道里堆满垃圾。",
    "place": "和平里小区三号楼",
    "when": "上周起",
}
WHO = {"identity": "named", "name": "王秀兰", "phone": "13805716021"}


class _Fields(HTMLParser):
    """The successful controls of the form, as a browser collects them; buttons left out."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, Any] = {}
        self.inside = False
        self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = "data-tell" in given
        name = given.get("name")
        if not self.inside or not name:
            return
        if tag == "textarea":
            self.area = name
            self.fields[name] = ""
        elif tag == "input" and given.get("type") not in ("file", "submit"):
            if given.get("type") in ("radio", "checkbox") and "checked" not in given:
                return
            self.fields[name] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.fields[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # A browser leaves out the first line break.
            self.fields[self.area] = self.fields[self.area].removeprefix("\n").removeprefix("\r\n")
            self.area = ""
        if tag == "form":
            self.inside = False


def fields_of(response: Any) -> dict[str, Any]:
    parser = _Fields()
    parser.feed(response.content.decode())
    return parser.fields


class Resident:
    """Goes through the steps; `page` is the last answer."""

    def __init__(self, client: Client, hall: Hall, address: str = "10.1.2.3") -> None:
        self.client, self.hall, self.address = client, hall, address
        self.url = reverse("portal:tell", args=[hall.code])
        self.page: Any = None

    def open(self) -> Resident:
        self.page = self.client.get(self.url)
        return self

    def press(self, do: str, **typed: Any) -> Any:
        """The button, with what was typed over what the page holds."""
        data = {**fields_of(self.page), **typed, "do": do}
        self.page = self.client.post(self.url, data, REMOTE_ADDR=self.address)
        return self.page

    def read_in(self, language: str, **typed: Any) -> Any:
        """The button in the bar that shows the page in another language."""
        data = {**fields_of(self.page), **typed, "language": language}
        self.page = self.client.post(self.url, data, REMOTE_ADDR=self.address)
        return self.page

    def tell_what(self, **typed: Any) -> Any:
        return self.press("next", **{**WHAT, **typed})

    def tell_who(self, **typed: Any) -> Any:
        return self.press("next", **{**WHO, **typed})

    def to_check(self, what: dict[str, Any] | None = None, who: dict[str, Any] | None = None) -> Resident:
        self.open()
        self.tell_what(**(what or {}))
        self.tell_who(**(who or {}))
        assert self.step == "check", self.text
        return self

    def send(self, **typed: Any) -> Any:
        return self.press("send", **{"consent": "on", "answer": self.sum(), **typed})

    def sum(self) -> str:
        """What a person answers to the question on the page."""
        token = fields_of(self.page).get("question", "")
        _hall, first, second, _nonce = signing.loads(token, salt=QUESTION_SALT)
        return str(first + second)

    @property
    def step(self) -> str:
        return str(fields_of(self.page).get("step", ""))

    @property
    def text(self) -> str:
        return str(self.page.content.decode())

    @property
    def errors(self) -> str:
        """What the summary on top says; empty without one."""
        found = re.search(r'class="error-summary".*?</div>', self.text, re.S)
        return re.sub(r"<[^>]+>", " ", found[0]) if found else ""


def receipt_of(response: HttpResponse) -> str:
    assert response.status_code == 302, response.content.decode()[:3000]
    return str(response["Location"])
