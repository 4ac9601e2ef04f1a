"""Every public page, on a small phone: light, without the staff's style sheets, and complete without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.row import COMMAND, Row, read
from tests.pages.table import pages
from tests.pages.visiting import PHONE, new_tab, visit
from tests.running import RunningHall

HEAVIEST = 150_000
"""Bytes over the wire, headers included, nothing cached."""

PUBLIC = [(page.name, state) for page in pages() if page.url.startswith("portal:") for state in page.states]
# What somebody can read first, follow, fill in or press. Printing is a matter of the browser, with scripts or without.
WAYS = """() => [...document.body.querySelectorAll(
        "h1, h2, a, summary, button:not([data-print]), input:not([type=hidden]), select, textarea")]
    .filter(one => one.checkVisibility({visibilityProperty: true}))
    .map(one => one.innerText || one.labels?.[0]?.innerText || one.name)
    .filter(word => word)"""


@pytest.fixture(scope="module")
def hall(town_template: str, static_root: Path) -> Iterator[RunningHall]:
    running = RunningHall(town_template, STATIC_ROOT=str(static_root), STATIC_HASHED="1")
    running.start("web")
    yield running
    print(running.logs())
    running.stop()


@pytest.fixture(scope="module")
def rows(hall: RunningHall) -> dict[tuple[str, str], Row]:
    found, _missing = read(hall.manage(*COMMAND))
    return {(row.name, row.state): row for row in found}


@pytest.fixture(scope="module")
def phone(browser: Browser, hall: RunningHall) -> Iterator[Page]:
    tab = new_tab(browser, hall.base_url, width=PHONE)
    yield tab
    tab.context.close()


@pytest.fixture(scope="module")
def phone_without_scripts(browser: Browser, hall: RunningHall) -> Iterator[Page]:
    context = browser.new_context(
        base_url=hall.base_url,
        locale="zh-CN",
        viewport={"width": PHONE, "height": 860},
        java_script_enabled=False,
    )
    context.set_default_timeout(15_000)
    context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": hall.base_url}])
    yield context.new_page()
    context.close()


class Traffic:
    """What the tab has fetched for the page it shows now."""

    def __init__(self, tab: Page) -> None:
        self.sizes: dict[str, float] = {}
        self.addresses: list[str] = []
        self.session = tab.context.new_cdp_session(tab)
        self.session.on("Network.requestWillBeSent", self._asked)
        self.session.on("Network.loadingFinished", self._arrived)
        self.session.send("Network.enable")
        self.session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def _asked(self, event: dict[str, Any]) -> None:
        if event.get("type") == "Document":
            self.sizes.clear()
            self.addresses.clear()
        self.addresses.append(event["request"]["url"])

    def _arrived(self, event: dict[str, Any]) -> None:
        self.sizes[event["requestId"]] = event["encodedDataLength"]

    @property
    def total(self) -> float:
        return sum(self.sizes.values())

    def close(self) -> None:
        self.session.detach()


def test_there_are_public_pages_to_look_at() -> None:
    names = {name for name, _state in PUBLIC}
    assert {"halls", "hall", "hall-procedure", "hall-poster", "status"} <= names


@pytest.mark.parametrize(("name", "state"), PUBLIC)
def test_a_public_page_is_light_and_works_without_scripts(
    name: str,
    state: str,
    hall: RunningHall,
    rows: dict[tuple[str, str], Row],
    phone: Page,
    phone_without_scripts: Page,
) -> None:
    row = rows[name, state]
    traffic = Traffic(phone)
    assert visit(phone, hall.base_url, row).status < 500
    phone.wait_for_load_state("networkidle")
    print(f"{name}-{state}: {traffic.total / 1000:.1f} KB in {len(traffic.addresses)} requests")
    traffic.close()
    assert 0 < traffic.total <= HEAVIEST
    # Nothing of the staff's interface, nothing from anywhere else.
    assert [address for address in traffic.addresses if "/vendor/" in address or "tabler" in address] == []
    assert {
        urlsplit(address).netloc for address in traffic.addresses if not address.startswith(("data:", "blob:"))
    } == {urlsplit(hall.base_url).netloc}
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE

    visit(phone_without_scripts, hall.base_url, row)
    with_scripts, without = (set(tab.evaluate(WAYS)) for tab in (phone, phone_without_scripts))
    assert with_scripts, "a page with nothing on it"
    assert with_scripts - without == set()
