"""A resident at a phone of their own: no account, fingers instead of a mouse, perhaps a browser without scripts.

Fields are found by their names and buttons by value or address, never by words, as in colleague.py. Whatever the phone
is answered, whoever it asks and whatever its console says is kept, to be looked at when the test ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, expect

PHONE: dict[str, object] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
# Chromium's own remark about an answer that refuses a form; the page says why.
EXPECTED_NOISE = re.compile(r"Failed to load resource.* 422 ")
NUMERALS = {
    word: number
    for words in (["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], list("一二三四五六七八九"))
    for number, word in enumerate(words, start=1)
}


class ResidentAtPhone:
    """`complaints`: what the console held against us; `strangers`: other hosts that were asked for something;
    `refused`: pages that were not given."""

    def __init__(self, page: Page, base_url: str, pictures: Path) -> None:
        self.page = page
        self.pictures = pictures
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self.refused: list[str] = []
        self._base_url = base_url
        self._drawn = 0
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)
        page.on("request", self._ask)
        page.on("response", self._answer)

    @classmethod
    def with_phone(
        cls, new_context: Callable[..., BrowserContext], base_url: str, pictures: Path, **options: object
    ) -> Self:
        return cls(new_context(**(PHONE | options)).new_page(), base_url, pictures)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not EXPECTED_NOISE.search(message.text):
            self.complaints.append(message.text)

    def _ask(self, request: Request) -> None:
        if not request.url.startswith((self._base_url, "data:", f"blob:{self._base_url}")):
            self.strangers.append(request.url)

    def _answer(self, response: Response) -> None:
        if response.status >= 400:
            self.refused.append(f"{response.status} {response.url}")

    # Fingers

    def open(self, path: str) -> None:
        """And a picture is taken of what is there."""
        response = self.page.goto(path)
        assert response is not None
        assert response.status < 400, f"{path}: {response.status}"
        self.look(path)

    def look(self, name: str) -> None:
        """Takes a picture of the whole page; nothing of it may lie beyond the edge of the phone."""
        self._drawn += 1
        file = f"{self._drawn:02}-{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-')[:40]}.png"
        self.page.screenshot(path=self.pictures / file, full_page=True)
        width = self.page.locator("html").evaluate("root => root.scrollWidth")
        assert width <= self.page.viewport_size["width"], f"{name} is {width} wide."  # type: ignore[index]

    def write(self, name: str, text: str) -> None:
        self.page.locator(f'[name="{name}"]:visible').fill(text)

    def choose(self, name: str, value: str) -> None:
        """One of some chips."""
        self._tick(f'[name="{name}"][value="{value}"]')

    def consent(self) -> None:
        self._tick('[name="consent"]')

    def _tick(self, selector: str) -> None:
        box = self.page.locator(selector)
        box.tap()
        expect(box).to_be_checked()

    def attach(self, name: str, files: dict[str, bytes]) -> None:
        chosen: list[Any] = [
            {"name": file, "mimeType": "image/jpeg", "buffer": content} for file, content in files.items()
        ]
        self.page.set_input_files(f'[name="{name}"]', chosen)

    def tap(self, selector: str) -> None:
        """A link or button that leads to another page; the one that answers is looked at."""
        with self.page.expect_navigation():
            self.page.locator(f"main {selector}:visible").tap()
        self.look(self.page.url.removeprefix(self._base_url))

    def errors(self) -> list[str]:
        return self.page.locator(".error-summary").all_inner_texts()

    # Ways through the pages

    def go_on(self, to_step: str) -> None:
        self.tap('button.btn-primary[name="do"][value="next"]')
        assert not self.errors(), self.errors()
        expect(self.page.locator("[data-tell]")).to_have_attribute("data-tell", to_step)

    def answer_the_question(self) -> None:
        """How much is three plus five? Read from the page, as somebody without scripts does."""
        asked = self.page.locator("[data-question] label").inner_text().lower()
        read = [NUMERALS[word] for word in re.findall("|".join(NUMERALS), asked)]
        assert len(read) == 2, asked
        self.write("answer", str(sum(read)))

    def show_matter(self, hall: str, code: str, digits: str) -> None:
        """By tracking code and the last four digits of the phone."""
        self.open(f"/h/{hall}/track/")
        self.write("code", code)
        self.write("digits", digits)
        self.tap("form button.btn-primary")
        assert not self.errors(), self.errors()

    def evaluate(self, *, contacted: str, solved: str, satisfaction: str, reasons: str = "") -> None:
        """On the page of the three questions, which is open."""
        self.choose("contacted", contacted)
        self.choose("solved", solved)
        self.choose("satisfaction", satisfaction)
        if reasons:
            self.write("reasons", reasons)
        self.look("three-questions-answered")
        self.tap("form button.btn-primary")
        assert not self.errors(), self.errors()
        expect(self.page.locator("main [data-draft-done]")).to_be_attached()

    # What they see

    def text(self) -> str:
        """All that can be read on the page, menus and small print included."""
        return self.page.locator("body").inner_text()

    def stages(self) -> list[str]:
        """The states of the stages, in order, where their rail stands."""
        steps = self.page.locator("main ol.rail > li").all()
        return [str(step.get_attribute("class")) for step in steps]
