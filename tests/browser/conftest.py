"""A real browser against a real hall: web process, worker and beat on a cloned database of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.running import BASE_DIR, RunningHall, template_database
from tools.chromium import find_chromium

SEED = BASE_DIR / "tests" / "browser" / "seed.py"
PATIENCE = 15_000
"""Milliseconds: for what a page is waited to show, on a machine that others use too."""
FILL = ["shell", "--verbosity=0", "--command", "from tests.pages.town import fill; fill()"]


def pytest_configure() -> None:
    expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Static files collected once, with the hashed names of production."""
    folder = tmp_path_factory.mktemp("static")
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"],
        cwd=BASE_DIR,
        env=os.environ | {"STATIC_ROOT": str(folder), "STATIC_HASHED": "1"},
        check=True,
    )
    return folder


@pytest.fixture(scope="session")
def template() -> Iterator[str]:
    """The database every browser test gets a clone of: migrated, then filled by tests/browser/seed.py."""
    seed = [["shell", "--command", SEED.read_text()]] if SEED.exists() else []
    with template_database(*seed) as name:
        yield name


@pytest.fixture(scope="session")
def town_template() -> Iterator[str]:
    """A database with something to show on every page: for the tests that visit them all."""
    with template_database(FILL) as name:
        yield name


@pytest.fixture
def start_hall(template: str, static_root: Path) -> Iterator[Callable[..., RunningHall]]:
    """To start halls with settings of their own: start_hall(SWEEP_SECONDS="5"); ends them all."""
    halls: list[RunningHall] = []

    def start(*names: str, **settings: str) -> RunningHall:
        hall = RunningHall(template, STATIC_ROOT=str(static_root), STATIC_HASHED="1", **settings)
        halls.append(hall)
        hall.start(*names)
        return hall

    yield start
    for hall in halls:
        # Shown by pytest only if the test failed.
        print(hall.logs())
        hall.stop()


@pytest.fixture
def running_hall(start_hall: Callable[..., RunningHall]) -> RunningHall:
    """Web, worker and beat, each healthy, on a fresh clone."""
    return start_hall()


@contextmanager
def launched() -> Iterator[Browser]:
    """Chromium. While it is open Playwright's event loop runs in this thread, and Django refuses the database."""
    executable = find_chromium()
    assert executable, "No Chromium; `make chromium` says what to install."
    with sync_playwright() as playwright:
        # As root there is no sandbox to be had; the rest keeps the browser from calling its maker.
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


# Not for the session: whatever other test comes next may want the database.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def new_context(browser: Browser, running_hall: RunningHall) -> Iterator[Callable[..., BrowserContext]]:
    """One browser context per person: cookies apart, Chinese by default, the desk's width."""
    contexts: list[BrowserContext] = []

    def new(**options: object) -> BrowserContext:
        settings: dict[str, object] = {
            "base_url": running_hall.base_url,
            "locale": "zh-CN",
            "timezone_id": "Asia/Shanghai",
            "viewport": {"width": 1366, "height": 900},
        }
        context = browser.new_context(**(settings | options))  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context

    yield new
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """A page in a context of its own. Relative addresses go to the running hall."""
    return new_context().new_page()
