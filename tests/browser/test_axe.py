"""axe finds nothing to object to on any page: full, empty, with errors, in Chinese and in English.

Pages stand in tests/pages/table.py. One hall and one browser serve them all; what is asked are the rules of WCAG 2.0 to
2.2, levels A and AA, and axe's own best practices. On a phone the rules that depend on the width are asked once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from tests.pages.row import COMMAND, Row, read
from tests.pages.table import pages, uncovered
from tests.pages.visiting import CHINESE, DESK, ENGLISH, PHONE, new_tab, visit
from tests.running import RunningHall

AXE = (settings.NODE_MODULES / "axe-core" / "axe.min.js").read_text()
ASK = """options => axe.run({resultTypes: ["violations"], ...options})
    .then(result => result.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 200))]))"""
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
OF_WIDTH = {"runOnly": {"type": "rule", "values": ["target-size", "scrollable-region-focusable", "color-contrast"]}}
# The slowest question of all, and colours do not speak a language.
OF_WORDS = {"rules": {"color-contrast": {"enabled": False}}}
NAMES = [(page.name, state) for page in pages() for state in page.states]


@pytest.fixture(scope="module")
def hall(town_template: str, static_root: Path) -> Iterator[RunningHall]:
    running = RunningHall(town_template, STATIC_ROOT=str(static_root), STATIC_HASHED="1")
    running.start("web")
    yield running
    print(running.logs())
    running.stop()


@pytest.fixture(scope="module")
def rows(hall: RunningHall) -> dict[tuple[str, str], Row]:
    found, missing = read(hall.manage(*COMMAND))
    assert missing == []
    return {(row.name, row.state): row for row in found}


@pytest.fixture(scope="module")
def tabs(browser: Browser, hall: RunningHall) -> Iterator[dict[str, Page]]:
    opened = {language: new_tab(browser, hall.base_url, language=language) for language in (CHINESE, ENGLISH)}
    yield opened
    for tab in opened.values():
        tab.context.close()


def test_every_url_that_shows_a_page_is_in_the_table() -> None:
    assert uncovered() == []


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
@pytest.mark.parametrize(("name", "state"), NAMES)
def test_axe_finds_nothing(
    name: str,
    state: str,
    language: str,
    hall: RunningHall,
    rows: dict[tuple[str, str], Row],
    tabs: dict[str, Page],
) -> None:
    tab = tabs[language]
    tab.set_viewport_size({"width": DESK, "height": 800})
    assert visit(tab, hall.base_url, rows[name, state]).status < 500
    tab.evaluate(AXE)
    # The administration is Django's own: our best practices are not asked of it, the law is.
    of_django = name.startswith("admin")
    asked = (WCAG if of_django else {}) | (OF_WORDS if language == ENGLISH else {})
    assert tab.evaluate(ASK, asked) == []
    if language == CHINESE and not of_django:
        tab.set_viewport_size({"width": PHONE, "height": 800})
        assert tab.evaluate(ASK, OF_WIDTH) == []
        assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE
