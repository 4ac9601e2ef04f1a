"""The public form on a telephone: with scripts and without, two photos, a reload, an old cookie, and what axe says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.running import RunningHall

AXE = (settings.NODE_MODULES / "axe-core" / "axe.min.js").read_text()

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
FORM = "/h/NTH/tell/"
RECEIPT = re.compile(r"/h/NTH/sent/[^/]+/$")
MATTER = "三号楼保洁员一周没有来过，楼道里堆满垃圾。\n希望每天清扫。"
EXPECTED_NOISE = re.compile(r"status of (403|422)")
CHINESE = "零一二三四五六七八九"
ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
WORDS = {word: number for words in (CHINESE, ENGLISH) for number, word in enumerate(words)}


class Resident:
    """Somebody with a telephone in their hand; fields are found by name, buttons by value."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.goto(FORM)

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.complaints.append(said.text)

    def field(self, name: str) -> Locator:
        return self.page.locator(f'[name="{name}"]:visible').first

    def choose(self, name: str, value: str) -> None:
        self.page.locator(f'[name="{name}"][value="{value}"]').check(force=True)

    def press(self, do: str) -> None:
        self.page.locator(f'button[name="do"][value="{do}"]:not([aria-hidden])').first.click()

    def tell_what(self, *photos: Path) -> None:
        self.choose("nature", "complaint")
        self.field("about").fill("楼道保洁")
        self.field("matter").fill(MATTER)
        self.field("place").fill("和平里小区三号楼")
        if photos:
            self.page.set_input_files("[name=files]", photos)
        self.press("next")
        self.at("who")

    def tell_who(self) -> None:
        self.choose("identity", "named")
        self.field("name").fill("王秀兰")
        self.field("phone").fill("13805716021")
        self.press("next")
        self.at("check")

    def at(self, step: str) -> None:
        self.page.locator(f'form[data-tell="{step}"]').wait_for()

    def answer(self) -> None:
        """Read as a person reads it: two numbers in words."""
        question = self.page.locator("[data-question] label").inner_text()
        found = re.findall("|".join(sorted(WORDS, key=len, reverse=True)), question)
        self.field("answer").fill(str(sum(WORDS[word] for word in found[:2])))

    def arrive(self) -> None:
        expect(self.page).to_have_url(RECEIPT, timeout=20_000)

    @property
    def heard(self) -> list[str]:
        return [one for one in self.complaints if not EXPECTED_NOISE.search(one)]


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    paths = []
    for number, colour in enumerate(("firebrick", "seagreen")):
        path = tmp_path / f"photo-{number}.jpg"
        Image.new("RGB", (640, 480), colour).save(path)
        paths.append(path)
    return paths


def violations(page: Page) -> list[object]:
    page.evaluate(AXE)
    found: list[object] = page.evaluate(
        "axe.run().then(result => result.violations.map(one => [one.id, one.nodes.map(node => node.html)]))"
    )
    return found


def committed(hall: RunningHall) -> list[tuple[object, ...]]:
    return hall.query(
        "SELECT number, nature, (SELECT count(*) FROM cases_attachment WHERE case_id = cases_case.id), "
        "(SELECT matter FROM reception_visit) FROM cases_case"
    )


def test_with_scripts_the_browser_answers_for_itself_and_photos_come_along(
    new_context: Callable[..., BrowserContext], running_hall: RunningHall, photos: list[Path]
) -> None:
    resident = Resident(new_context(**PHONE))
    page = resident.page
    expect(resident.page.locator("[name=about]")).to_be_hidden()
    resident.tell_what(*photos)
    resident.tell_who()
    # Nothing to answer: the puzzle is solved meanwhile.
    expect(page.locator("[data-question]")).to_be_hidden()
    assert "photo-1.jpg" in page.content()
    page.locator("[name=consent]").check()
    page.locator('button[name="do"][value="send"]:not([aria-hidden])').dblclick()
    resident.arrive()
    ((number, nature, files, matter),) = committed(running_hall)
    assert (nature, files) == ("complaint", 2)
    assert str(matter).replace("\r\n", "\n").startswith(MATTER)
    assert str(number) in page.content()
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft:')).length") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert resident.heard == []


def test_without_scripts_it_is_the_same_form_with_a_question(
    new_context: Callable[..., BrowserContext], running_hall: RunningHall, photos: list[Path]
) -> None:
    resident = Resident(new_context(java_script_enabled=False, **PHONE))
    resident.tell_what(*photos)
    resident.tell_who()
    resident.answer()
    resident.page.locator("[name=consent]").check()
    resident.press("send")
    resident.arrive()
    ((_number, nature, files, _matter),) = committed(running_hall)
    assert (nature, files) == ("complaint", 2)


@pytest.mark.parametrize("with_scripts", [False, True])
def test_another_language_takes_along_what_was_typed_and_enter_still_leads_on(
    new_context: Callable[..., BrowserContext], photos: list[Path], with_scripts: bool
) -> None:
    resident = Resident(new_context(java_script_enabled=with_scripts, **PHONE))
    page = resident.page
    resident.choose("nature", "complaint")
    resident.field("about").fill("楼道保洁")
    resident.field("matter").fill(MATTER)
    page.set_input_files("[name=files]", photos[:1])
    other = page.locator("header button[name=language]")
    language = other.get_attribute("value")
    assert language != page.locator("html").get_attribute("lang")
    other.click()
    page.locator(f'html[lang="{language}"]').wait_for()
    expect(page.locator("[name=matter]")).to_have_value(MATTER)
    expect(page.locator("[name=about]")).to_have_value("楼道保洁")
    assert page.locator('[name="nature"][value="complaint"]').is_checked()
    assert "photo-0.jpg" in page.content()
    resident.field("place").press("Enter")
    resident.at("who")
    assert page.locator("html").get_attribute("lang") == language
    assert resident.heard == []


def test_what_was_typed_survives_a_reload_an_old_cookie_and_a_browser_that_cannot_solve_puzzles(
    new_context: Callable[..., BrowserContext], running_hall: RunningHall
) -> None:
    context = new_context(**PHONE)
    # As on a plain connection: crypto.subtle is for safe ones alone.
    context.add_init_script("Object.defineProperty(window, 'isSecureContext', { get: () => false });")
    resident = Resident(context)
    page = resident.page
    resident.choose("nature", "complaint")
    resident.field("about").fill("楼道保洁")
    resident.field("matter").fill(MATTER)
    page.wait_for_timeout(500)
    page.reload()
    expect(page.locator("[name=matter]")).to_have_value(MATTER)
    expect(page.locator("[name=about]")).to_have_value("楼道保洁")
    resident.press("next")
    resident.at("who")
    context.clear_cookies()
    resident.choose("identity", "anonymous")
    expect(page.locator("[name=phone]")).to_be_hidden()
    resident.press("next")
    expect(page.locator(".notice.error")).to_be_visible()
    assert page.locator('[name="identity"][value="anonymous"]').is_checked()
    resident.press("next")
    resident.at("check")
    resident.answer()
    page.locator("[name=consent]").check()
    resident.press("send")
    resident.arrive()
    assert len(committed(running_hall)) == 1
    assert resident.heard == []


def test_no_step_keeps_anybody_out(new_context: Callable[..., BrowserContext], photos: list[Path]) -> None:
    resident = Resident(new_context(**PHONE))
    page = resident.page
    found: dict[str, object] = {"what": violations(page)}
    resident.press("next")
    page.locator(".error-summary").wait_for()
    found["what, with errors"] = violations(page)
    resident.tell_what(*photos)
    found["who"] = violations(page)
    resident.tell_who()
    found["check"] = violations(page)
    resident.press("send")
    page.locator(".error-summary").wait_for()
    found["check, with errors"] = violations(page)
    page.locator("[name=consent]").check()
    resident.press("send")
    resident.arrive()
    found["receipt"] = violations(page)
    assert {place: what for place, what in found.items() if what} == {}
