"""axe finds nothing to object to on any page: full, empty, with errors, in Chinese and in English.

Pages stand in tests/pages/table.py. One hall and one browser serve them all; what is asked of axe are the rules of
WCAG 2.0 to 2.2, levels A and AA, and its own best practices.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext

from tests.pages.row import COMMAND, Row, read
from tests.pages.table import pages, uncovered
from tests.pages.visiting import CHINESE, DESK, ENGLISH, PHONE, new_context, visit
from tests.running import RunningHall, template_database

AXE = (settings.NODE_MODULES / "axe-core" / "axe.min.js").read_text()
ASK = "axe.run({resultTypes: ['violations']}).then(result => result.violations)"
FILL = ["shell", "--verbosity=0", "--command", "from tests.pages.town import fill; fill()"]
NAMES = [(page.name, state) for page in pages() for state in page.states]
# Django's own pages, with our bar around them; listed so that nothing else slips through.
TOLERATED: dict[str, set[str]] = {}


@pytest.fixture(scope="module")
def hall(static_root: Path) -> Iterator[RunningHall]:
    with template_database(FILL) as template:
        running = RunningHall(template, STATIC_ROOT=str(static_root), STATIC_HASHED="1")
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
def contexts(browser: Browser, hall: RunningHall) -> Iterator[dict[tuple[str, int], BrowserContext]]:
    wanted = [(CHINESE, DESK), (ENGLISH, DESK), (CHINESE, PHONE)]
    opened = {
        (language, width): new_context(browser, hall.base_url, language=language, width=width)
        for language, width in wanted
    }
    yield opened
    for context in opened.values():
        context.close()


def test_every_url_that_shows_a_page_is_in_the_table() -> None:
    assert uncovered() == []


@pytest.mark.parametrize(("language", "width"), [(CHINESE, DESK), (ENGLISH, DESK), (CHINESE, PHONE)])
@pytest.mark.parametrize(("name", "state"), NAMES)
def test_axe_finds_nothing(
    name: str,
    state: str,
    language: str,
    width: int,
    hall: RunningHall,
    rows: dict[tuple[str, str], Row],
    contexts: dict[tuple[str, int], BrowserContext],
) -> None:
    with visit(contexts[language, width], hall.base_url, rows[name, state]) as (page, response):
        assert response is not None
        assert response.status < 500
        page.evaluate(AXE)
        violations = page.evaluate(ASK)
        assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in violations] == []
