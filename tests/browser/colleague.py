"""Somebody of the staff at a browser of their own, doing what hands do: typing, shortcuts, the mouse for signatures.

Fields are found by their names and buttons by address or value, never by words: the tests hold in every language.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Self

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.builders import PASSWORD

CASE_PAGE = re.compile(r"/cases/[A-Z]+-\d{4}-\d{6}/$")
# What the browser itself says about an answer that refuses a form; the page shows the reason.
EXPECTED_NOISE = re.compile(r"Failed to load resource.* (401|403|404|409|422) ")


class Colleague:
    """`touched` counts the keys and presses of the mouse; `complaints` what the browser's console held against us."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.touched = 0
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not EXPECTED_NOISE.search(message.text):
            self.complaints.append(message.text)

    @classmethod
    def at_work(
        cls, new_context: Callable[..., BrowserContext], username: str, path: str = "/", **options: object
    ) -> Self:
        """In a browser of their own, logged in, on the page with this address."""
        person = cls(new_context(**options).new_page())
        person.open(path)
        person.log_in(username)
        return person

    def log_in(self, username: str) -> None:
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        with self.page.expect_navigation(url=lambda url: "/login/" not in url):
            self.page.press("[name=password]", "Enter")

    def open(self, path: str) -> None:
        response = self.page.goto(path)
        assert response is not None
        assert response.status < 400, f"{path}: {response.status}"

    # Hands

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.touched += 1

    def type(self, text: str) -> None:
        """Into whatever has the focus, a character at a time."""
        self.page.keyboard.type(text, delay=2)
        self.touched += len(text)

    def write(self, name: str, text: str) -> None:
        """Over whatever the field held."""
        field = self.field(name)
        field.click()
        self.touched += 1
        if field.input_value():
            self.press("Control+a")
        self.type(text)

    def choose(self, name: str, value: str) -> None:
        """One of some chips; the label is what people see and press."""
        radio = self.page.locator(f'[name="{name}"][value="{value}"]')
        radio.scroll_into_view_if_needed()
        radio.check(force=True)
        self.touched += 1

    def sign(self) -> None:
        """A few strokes on the pad, which is on the page and in sight."""
        pad = self.page.locator("canvas.signature-pad:visible")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        mouse = self.page.mouse
        for start, end in (((0.2, 0.3), (0.6, 0.7)), ((0.6, 0.2), (0.3, 0.8))):
            mouse.move(box["x"] + box["width"] * start[0], box["y"] + box["height"] * start[1])
            mouse.down()
            mouse.move(box["x"] + box["width"] * end[0], box["y"] + box["height"] * end[1], steps=6)
            mouse.up()
            self.touched += 1
        expect(self.page.locator("[name=signature]")).to_have_value(re.compile("^data:image/png;base64,"))

    # Ways through the pages

    def field(self, name: str) -> Locator:
        return self.page.locator(f'[name="{name}"]:visible')

    def follow(self, address: str) -> None:
        """Press the link whose address ends so."""
        self.page.locator(f'a[href$="{address}"]:visible').first.click()
        self.touched += 1
        self.page.wait_for_url(f"**{address}")

    def send(self, leads_to: re.Pattern[str] = CASE_PAGE, keys: str = "Control+Enter") -> str:
        """Send the form by its shortcut; gives the address it leads to, or fails with what the page complained of."""
        self.press(keys)
        self.arrive(leads_to)
        return self.page.url

    def arrive(self, at: re.Pattern[str]) -> None:
        arrived = self.page.locator(".error-summary").or_(self.page.locator("[data-draft-done]"))
        arrived.first.wait_for(state="attached")
        errors = self.page.locator(".error-summary").all_inner_texts()
        assert not errors, errors
        expect(self.page).to_have_url(at)

    # What they see

    @property
    def number(self) -> str:
        """Of the case whose page is open."""
        found = re.search(r"/cases/([^/]+)/", self.page.url)
        assert found, self.page.url
        return found[1]

    def verbs(self) -> list[str]:
        """What the buttons on a case page offer: addresses below the case and its slips."""
        links = self.page.locator("main a.btn[href]").all()
        return [str(link.get_attribute("href")) for link in links]

    def unread(self) -> int:
        """The number on the bell."""
        bell = self.page.locator("a.bell b")
        return int(bell.inner_text()) if bell.count() else 0
