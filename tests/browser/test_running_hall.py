"""The ground the browser tests stand on: a hall that answers a real browser, and can be hurt and mended."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.running import RunningHall


def test_a_browser_reaches_a_hall_of_its_own(running_hall: RunningHall, page: Page):
    response = page.goto("/healthz")
    assert response is not None
    assert response.status == 200
    assert page.text_content("body") == "ok\n"
    assert running_hall.query("SELECT current_database()") == [(running_hall.database,)]


def test_a_killed_web_process_can_be_started_again(running_hall: RunningHall):
    running_hall.web.kill()
    assert not running_hall.web.is_running
    running_hall.web.start()
    running_hall.wait_until_up()


def test_two_halls_share_neither_database_nor_broker(start_hall):
    first, second = start_hall("web"), start_hall("web")
    assert first.database != second.database
    assert first.redis_url != second.redis_url
    assert first.base_url != second.base_url
