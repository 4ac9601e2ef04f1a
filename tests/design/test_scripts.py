"""The scripts, pressed as people press them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.design.gallery import Seen, draw, shown

pytestmark = pytest.mark.browser
DRAFTS = "Object.keys(sessionStorage).filter(key => key.startsWith('draft:')).length"
TYPED = "楼顶漏水，卧室墙面发霉"


def photo(name: str) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n"}


def quiet(name: str) -> str:
    """The page without any message, as after a plain GET."""
    return draw(name, "en", messages=[])


def type_matter(page: Page) -> None:
    page.fill("#id_matter", TYPED)
    page.check("#id_nature_2", force=True)


def test_typed_text_is_there_after_a_reload_and_can_be_discarded(browser: Browser) -> None:
    with shown(browser, quiet("form")) as page:
        type_matter(page)
        page.reload()
        expect(page.locator("#id_matter")).to_have_value(TYPED)
        expect(page.locator("#id_nature_2")).to_be_checked()
        expect(page.locator(".draft-line")).to_have_attribute("role", "status")
        page.click(".draft-line button")
        expect(page.locator("#id_matter")).to_have_value("")
        expect(page.locator(".draft-line")).to_have_count(0)


def test_a_reload_in_the_middle_of_a_word_loses_nothing(browser: Browser) -> None:
    with shown(browser, quiet("form")) as page:
        page.type("#id_name", "wang xiu")
        page.reload()
        expect(page.locator("#id_name")).to_have_value("wang xiu")


def test_typed_text_survives_a_log_in_in_between(browser: Browser) -> None:
    with shown(browser, quiet("form"), others={"/login": quiet("login"), "/desk": quiet("desk")}) as page:
        type_matter(page)
        page.evaluate("document.querySelector('form[data-draft]').action = '/login'")
        page.evaluate("document.querySelector('form[data-draft]').noValidate = true")
        page.click("[name=answer]")
        page.wait_for_url("**/login")
        page.goto("http://localhost/desk")
        page.goto("http://localhost/page")
        expect(page.locator("#id_matter")).to_have_value(TYPED)


def test_typed_text_goes_once_the_server_accepted_it(browser: Browser) -> None:
    with shown(browser, quiet("form"), others={"/": draw("form", "en")}) as page:
        type_matter(page)
        page.evaluate("document.querySelector('form[data-draft]').action = '/'")
        page.evaluate("document.querySelector('form[data-draft]').noValidate = true")
        page.click("[name=answer]")
        page.wait_for_url("http://localhost/")
        expect(page.locator("#id_matter")).to_have_value("")
        assert page.evaluate(DRAFTS) == 0


def test_typed_text_goes_with_the_log_out(browser: Browser) -> None:
    with shown(browser, quiet("form"), others={"/log-out/": quiet("login")}) as page:
        type_matter(page)
        page.click("details.menu.user > summary")
        page.click("[data-logout] button")
        page.wait_for_url("**/log-out/")
        assert page.evaluate(DRAFTS) == 0
        assert page.evaluate("localStorage.length") == 0


def test_the_next_person_at_the_counter_sees_nothing_of_the_one_before(browser: Browser) -> None:
    other = quiet("form").replace('data-staff="1"', 'data-staff="2"')
    with shown(browser, quiet("form"), others={"/other": other}) as page:
        type_matter(page)
        page.goto("http://localhost/other")
        expect(page.locator("#id_matter")).to_have_value("")
        assert page.evaluate(DRAFTS) == 0


def test_a_double_press_sends_one_form_and_the_name_of_its_button(browser: Browser) -> None:
    with shown(browser, quiet("inform")) as page:
        page.check("#id_signature_mode_1", force=True)
        sent: list[str | None] = []
        page.on("request", lambda request: sent.append(request.post_data) if request.method == "POST" else None)
        page.evaluate("const b = document.querySelector('[name=go]'); b.click(); b.click()")
        page.wait_for_url("http://localhost/")
        assert len(sent) == 1
        assert "go=1" in str(sent[0])


def test_shortcuts_press_and_focus(browser: Browser) -> None:
    with shown(browser, quiet("desk"), others={"/": quiet("case")}) as page:
        expect(page.locator("a[data-shortcut='Alt+N'] kbd")).to_have_text("Alt N")
        page.keyboard.press("Control+k")
        expect(page.locator("#palette-q")).to_be_focused()
        page.keyboard.press("Escape")
        page.keyboard.press("Alt+n")
        page.wait_for_url("http://localhost/")


def test_shortcuts_leave_input_methods_alone(browser: Browser) -> None:
    composing = """document.dispatchEvent(new KeyboardEvent("keydown",
        {code: "KeyK", key: "k", ctrlKey: true, isComposing: true, bubbles: true}))"""
    with shown(browser, quiet("desk")) as page:
        page.evaluate(composing)
        expect(page.locator("#palette-q")).not_to_be_focused()
        page.evaluate(composing.replace("isComposing: true", "isComposing: false"))
        expect(page.locator("#palette-q")).to_be_focused()


def test_shortcuts_can_be_switched_off(browser: Browser) -> None:
    off = quiet("desk").replace('data-shortcuts="on"', 'data-shortcuts="off"')
    with shown(browser, off) as page:
        page.keyboard.press("Alt+n")
        expect(page.locator("kbd:visible")).to_have_count(0)
        assert page.url.endswith("/page")


def test_files_chosen_twice_add_up_can_be_taken_away_and_are_counted(browser: Browser) -> None:
    with shown(browser, quiet("form")) as page:
        page.set_input_files("#id_photos", [photo("a.png")])
        page.set_input_files("#id_photos", [photo("b.png"), photo("c.png")])
        expect(page.locator(".file-list li")).to_have_count(2)
        assert "too many" in page.inner_text(".file-list + .form-text")
        page.click("[aria-label$='a.png']")
        assert page.evaluate("[...document.querySelector('#id_photos').files].map(file => file.name)") == ["b.png"]


def test_a_photo_can_be_pasted(browser: Browser) -> None:
    paste = """() => { const data = new DataTransfer();
        data.items.add(new File(["x"], "image.png", {type: "image/png"}));
        document.querySelector("#id_matter").dispatchEvent(
            new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})) }"""
    with shown(browser, quiet("form")) as page:
        page.evaluate(paste)
        expect(page.locator(".file-list li")).to_have_count(1)
        assert page.evaluate("document.querySelector('#id_photos').files.length") == 1


def test_a_signature_becomes_a_picture_and_is_asked_for(browser: Browser) -> None:
    seen = Seen()
    with shown(browser, quiet("inform"), seen=seen) as page:
        page.click("[name=go]")
        assert ("POST", "/") not in seen.asked
        expect(page.locator("[data-signature-state]")).to_contain_text("sign")
        box = page.locator("canvas").bounding_box()
        assert box
        page.mouse.move(box["x"] + 40, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 200, box["y"] + 110, steps=8)
        page.mouse.up()
        assert page.input_value("#id_signature").startswith("data:image/png;base64,")
        page.click("[data-clear]")
        assert page.input_value("#id_signature") == ""


def test_without_a_signature_the_reason_is_asked_for(browser: Browser) -> None:
    seen = Seen()
    with shown(browser, quiet("inform"), seen=seen) as page:
        expect(page.locator("#id_reason")).to_be_hidden()
        page.check("#id_signature_mode_2", force=True)
        expect(page.locator("#id_reason")).to_be_visible()
        expect(page.locator("canvas")).to_be_hidden()


def test_error_summary_has_the_focus_and_leads_into_the_field(browser: Browser) -> None:
    with shown(browser, quiet("form_wrong")) as page:
        expect(page.locator(".error-summary")).to_be_focused()
        page.click(".error-summary a[href='#id_nature_0']")
        expect(page.locator("#id_nature_0")).to_be_focused()


def test_htmx_runs_under_our_policy_and_says_when_something_fails(browser: Browser) -> None:
    with shown(browser, quiet("desk")) as page:
        page.route("**/broken", lambda route: route.fulfill(status=503, body=""))
        page.evaluate("htmx.ajax('GET', '/broken', '#messages').catch(() => null)")
        expect(page.locator("#progress")).to_contain_text("did not work")
        assert page.evaluate("document.querySelectorAll('style').length") == 0


def test_public_page_stays_small(browser: Browser) -> None:
    sizes: list[int] = []
    with shown(browser, quiet("track")) as page:
        page.on("response", lambda response: sizes.append(len(response.body())))
        page.reload()
        page.wait_for_load_state("networkidle")
    assert len(sizes) > 4
    assert sum(sizes) < 60_000, "uncompressed"
