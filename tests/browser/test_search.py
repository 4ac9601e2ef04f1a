"""The search that Ctrl K opens, by keyboard alone, from any page of the staff."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.colleague import CASE_PAGE, Colleague
from tests.running import RunningHall


@pytest.fixture
def running_hall(start_hall: Callable[..., RunningHall]) -> RunningHall:
    """The web process alone: nothing here waits for a clock."""
    return start_hall("web")


def test_a_case_is_found_and_opened_by_keyboard_alone_from_any_page(
    running_hall: RunningHall, new_context: Callable[..., BrowserContext]
):
    lin = Colleague.at_work(new_context, "lin", "/register/")
    lin.type("6021")
    lin.page.locator("#residents [data-pick]").wait_for()
    lin.press("Enter")
    expect(lin.field("matter")).to_be_focused()
    lin.type("三栋二单元的电梯坏了三天，没有人来修。")
    lin.choose("nature", "request")
    lin.press("Alt+k")
    lin.type("dtty")
    lin.press("Enter")
    lin.send()
    number = lin.number

    lin.open("/duty/")
    palette, options = lin.page.locator("#palette"), lin.page.locator("#palette-options [role=option]")
    lin.press("Control+k")
    expect(palette.locator("[role=combobox]")).to_be_focused()
    lin.type("电梯坏了")
    expect(options).to_have_count(2)
    expect(options.first.locator("mark").first).to_have_text("电梯坏了")
    expect(options.first).to_have_attribute("aria-selected", "true")
    lin.press("ArrowDown")
    expect(options.last).to_have_attribute("aria-selected", "true")
    lin.press("ArrowUp", "Escape")
    expect(palette).not_to_be_visible()

    lin.press("Control+k")
    lin.press("Control+a")
    lin.type(number[-4:])
    # Why it was found: the suggestions are those of the digits and no longer those of the words.
    expect(options.first.locator("b")).to_have_count(1)
    expect(options.first).to_have_attribute("href", f"/cases/{number}/")
    lin.press("Enter")
    lin.page.wait_for_url(CASE_PAGE)
    assert lin.number == number

    lin.press("Control+k")
    lin.press("Control+a")
    lin.type("无此内容")
    expect(options).to_have_count(1)
    lin.press("Enter")
    lin.page.wait_for_url(re.compile(r"/search/\?q="))
    assert lin.complaints == []
