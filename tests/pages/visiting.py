"""Opens a page as the table says: as whom, in which language and width, with what typed, or sent empty."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, Response

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


def new_tab(browser: Browser, base_url: str, *, language: str = CHINESE, width: int = DESK) -> Page:
    """For many pages one after the other: a tab costs more than most of them."""
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
    return context.new_page()


def visit(tab: Page, base_url: str, row: Row) -> Response:
    """The page, settled; returns what the server first answered."""
    # Drafts of the page before, which may be the same one filled in.
    if tab.url.startswith(base_url):
        tab.evaluate("sessionStorage.clear()")
    tab.context.clear_cookies(name="sessionid")
    if row.session:
        tab.context.add_cookies([{"name": "sessionid", "value": row.session, "url": base_url}])
    response = tab.goto(row.address)
    assert response is not None
    for name, text in row.fill.items():
        tab.locator(f"main [name={name}]").press_sequentially(text)
    if row.presses:
        tab.locator("main form .btn-primary").first.click()
    if row.then:
        tab.locator(row.then).click()
        tab.locator(row.then).wait_for(state="detached")
    if row.state == "wrong":
        tab.evaluate(EMPTY_THE_FORM)
        tab.locator(ERRORS).first.wait_for()
    if row.awaits:
        tab.locator(row.awaits).first.wait_for()
    if row.fill:
        tab.wait_for_load_state("networkidle")
    return response
