"""Opens a page as the table says: as whom, in which language and width, with what typed, or sent empty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page, Response

from tests.pages.row import Row

CHINESE, ENGLISH = "zh-hans", "en"
DESK, PHONE = 1366, 360
"""Widths in CSS pixels: the office screen and a small phone."""

# What somebody could do by hand: the page's own form, its visible fields; a chosen radio cannot be taken back.
EMPTY_THE_FORM = """() => {
    const strong = document.querySelector("main form[method=post] .btn-primary, #content-main form [type=submit]");
    strong.form.noValidate = true;
    for (const field of strong.form.elements) {
        if (!field.getClientRects().length || ["radio", "submit", "button"].includes(field.type)) continue;
        if (field.type === "checkbox") field.checked = false;
        else if (field.type !== "fieldset") field.value = "";
    }
    strong.click();
}"""
ERRORS = ".error-summary, .errornote"


def new_context(browser: Browser, base_url: str, *, language: str = CHINESE, width: int = DESK) -> BrowserContext:
    """For many pages one after the other: style sheets and scripts are fetched once."""
    context = browser.new_context(
        base_url=base_url,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": width, "height": 860},
        has_touch=width == PHONE,
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    context.add_cookies([{"name": "django_language", "value": language, "url": base_url}])
    return context


@contextmanager
def visit(context: BrowserContext, base_url: str, row: Row) -> Iterator[tuple[Page, Response | None]]:
    """The page, settled; and what the server first answered. A tab of its own, so that drafts stay apart."""
    context.clear_cookies(name="sessionid")
    if row.session:
        context.add_cookies([{"name": "sessionid", "value": row.session, "url": base_url}])
    page = context.new_page()
    try:
        response = page.goto(row.address)
        for name, text in row.fill.items():
            page.locator(f"main [name={name}]").press_sequentially(text)
        if row.presses:
            page.locator("main form .btn-primary").first.click()
        if row.state == "wrong":
            page.evaluate(EMPTY_THE_FORM)
            page.locator(ERRORS).first.wait_for()
        if row.awaits:
            page.locator(row.awaits).first.wait_for()
        if row.fill or row.state == "wrong":
            page.wait_for_load_state("networkidle")
        yield page, response
    finally:
        page.close()
