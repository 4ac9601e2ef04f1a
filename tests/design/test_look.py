"""Every part at the widths of the desk and of a phone: nothing sticks out, axe finds nothing, our policy holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser

from tests.design.gallery import WIDTHS, Seen, draw, names, shown

AXE = (settings.NODE_MODULES / "axe-core" / "axe.min.js").read_text()
PICTURES: Path = settings.BASE_DIR / "var" / "screenshots" / "design"
pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", names())
def test_page_fits_its_width_and_satisfies_axe(name: str, width: int, browser: Browser) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    seen = Seen()
    with shown(browser, draw(name), width, seen=seen) as page:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate(AXE)
        violations = page.evaluate("axe.run().then(result => result.violations)")
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in violations] == []
        assert seen.complaints == []


def test_open_menus_satisfy_axe_and_stay_on_a_phone(browser: Browser) -> None:
    with shown(browser, draw("case"), 360) as page:
        page.click(".nav-button")
        page.click("details.menu.user > summary")
        page.screenshot(path=PICTURES / "menus-360.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.evaluate(AXE)
        assert [one["id"] for one in page.evaluate("axe.run().then(result => result.violations)")] == []
        page.keyboard.press("Escape")
        assert not page.locator("details.menu[open]").count()


@pytest.mark.parametrize("name", ["desk", "form_wrong", "track"])
def test_nothing_to_press_is_smaller_than_it_must_be(name: str, browser: Browser) -> None:
    """24 px on the desk, 40 px for buttons on a phone; links inside sentences are exempt."""
    small = """least => [...document.querySelectorAll("button, .btn, summary, select, input:not([type=hidden])")]
        .filter(one => one.getClientRects().length && !one.matches("[type=checkbox], [type=radio]"))
        .filter(one => one.getBoundingClientRect().height < least).map(one => one.outerHTML.slice(0, 90))"""
    for width, least in ((1366, 24), (360, 40)):
        with shown(browser, draw(name), width) as page:
            assert page.evaluate(small, least) == []


def test_a_form_prints_on_one_a4_page_without_the_tools_of_the_screen(browser: Browser) -> None:
    with shown(browser, draw("paper")) as page:
        pdf = page.pdf(path=PICTURES / "paper.pdf", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
        box = re.search(rb"/MediaBox\s*\[\s*0 0 ([0-9.]+) ([0-9.]+)", pdf)
        assert box
        # 210 by 297 mm in points.
        assert [round(float(side)) for side in box.groups()] == [595, 842]
        page.emulate_media(media="print")
        assert not page.locator(".tools").is_visible()
        page.set_viewport_size({"width": 700, "height": 1000})
        page.screenshot(path=PICTURES / "paper-print.png")
