"""The main job, from the door to the archive, by four people at four browsers, with worker and beat running.

Receptionist Lin registers and transfers; head Zhao names handler Wang, who finds out and reports; Lin informs;
receptionist Mei follows up and hears that it still leaks; Zhao has to name another handler, Qian; the second time the
resident is content.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, expect

from tests.browser.colleague import CASE_PAGE, Colleague
from tests.running import RunningHall

MATTER = "三栋二单元顶楼雨后漏水，卧室墙面大片发霉，物业来看过两次没有修。"
FOLLOW_UPS = re.compile(r"/follow-ups/$")


def photo() -> bytes:
    stored = io.BytesIO()
    Image.new("RGB", (640, 480), (120, 90, 60)).save(stored, "JPEG")
    return stored.getvalue()


@pytest.fixture
def lin(new_context: Callable[..., BrowserContext]) -> Colleague:
    return Colleague.at_work(new_context, "lin", "/desk/")


@pytest.fixture
def mei(new_context: Callable[..., BrowserContext]) -> Colleague:
    return Colleague.at_work(new_context, "mei", "/desk/")


@pytest.fixture
def zhao(new_context: Callable[..., BrowserContext]) -> Colleague:
    return Colleague.at_work(new_context, "zhao", "/inbox/")


def register_and_transfer(lin: Colleague) -> str:
    """By the keyboard alone: found by four digits, category by its pinyin initials, Ctrl+Enter. Gives the number."""
    lin.open("/desk/")
    lin.press("Alt+n")
    lin.page.wait_for_url("**/register/")
    expect(lin.page.locator("[name=name]")).to_be_focused()
    lin.type("6021")
    lin.page.locator("#residents [data-pick]").wait_for()
    lin.press("Enter")
    expect(lin.field("name")).to_have_value("王秀兰")
    expect(lin.field("matter")).to_be_focused()
    lin.type(MATTER)
    lin.press("Tab", "ArrowRight")
    expect(lin.page.locator("[name=nature]:checked")).to_have_value("request")
    lin.press("Alt+k")
    lin.type("snsx")
    lin.press("Enter")
    department = lin.field("department").locator("option:checked")
    expect(department).to_have_text("房屋建设办公室")
    lin.send()
    return lin.number


def sign_in(head: Colleague, handler: str) -> list[str]:
    """From the inbox, naming the handler; gives the names that were on offer."""
    head.open("/inbox/")
    head.follow("/sign_in/")
    offered = head.field("handler").locator("option:not([value=''])").all_inner_texts()
    head.field("handler").select_option(label=handler)
    head.send()
    return offered


def find_out_and_report(handler: Colleague, *, plan: str, note: str, result: str, remedy: str) -> None:
    handler.open("/inbox/")
    handler.follow("/contact/")
    handler.write("summary", "电话里约好明天上午上门。")
    handler.send()
    handler.follow("/investigate/")
    handler.write("plan", plan)
    handler.send()
    handler.follow("/note/")
    handler.write("text", note)
    handler.page.set_input_files(
        "[name=attachments]", {"name": "屋面.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    expect(handler.page.locator(".file-list .name")).to_have_text("屋面.jpg")
    handler.send()
    handler.follow("/report/")
    handler.write("result", result)
    handler.write("remedy", remedy)
    handler.send()


def inform(lin: Colleague, number: str, text: str) -> None:
    """From the desk's list of what waits; the resident signs on the pad."""
    lin.open("/desk/")
    lin.follow(f"/cases/{number}/inform/")
    lin.choose("means", "desk")
    lin.write("text", text)
    lin.choose("signature_kind", "tablet")
    lin.sign()
    lin.send()


def follow_up(mei: Colleague, number: str, *, solved: str, satisfaction: str, reasons: str = "") -> None:
    mei.open("/follow-ups/")
    mei.follow(f"/cases/{number}/attempt_follow_up/")
    mei.choose("contacted", "yes")
    mei.choose("solved", solved)
    mei.choose("satisfaction", satisfaction)
    if reasons:
        mei.write("reasons", reasons)
    mei.send(FOLLOW_UPS if satisfaction == "satisfied" else CASE_PAGE)


def test_a_matter_goes_from_the_door_to_the_archive_over_two_rounds(
    running_hall: RunningHall,
    new_context: Callable[..., BrowserContext],
    lin: Colleague,
    mei: Colleague,
    zhao: Colleague,
):
    number = register_and_transfer(lin)
    assert lin.verbs() == []

    assert sign_in(zhao, "Wang") == ["Qian", "Wang", "Zhao"]
    wang = Colleague.at_work(new_context, "wang", "/inbox/")
    assert wang.unread() > 0
    find_out_and_report(
        wang,
        plan="查看屋面防水和落水管。",
        note="现场拍照，落水管接口开裂。",
        result="落水管接口开裂，雨水倒灌。",
        remedy="已更换接口。",
    )
    lin.open(f"/cases/{number}/")
    small = lin.page.locator('img[src*="?small=1"]')
    small.scroll_into_view_if_needed()
    lin.page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=small.element_handle())
    inform(lin, number, "开裂的落水管接口已经换好。")
    signature = lin.page.locator('img[src^="/files/"]:not([src*="small"])')
    signature.scroll_into_view_if_needed()
    lin.page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=signature.element_handle())

    reasons = "修过以后第一场雨又漏了，墙还是湿的。"
    follow_up(mei, number, solved="no", satisfaction="dissatisfied", reasons=reasons)
    mei.follow("/transfer/")
    mei.write("instruction", "请换人上门，彻底解决。")
    mei.send()

    assert sign_in(zhao, "Qian") == ["Qian", "Zhao"]
    qian = Colleague.at_work(new_context, "qian", "/inbox/")
    find_out_and_report(
        qian,
        plan="做淋水试验。",
        note="女儿墙根部防水层破损。",
        result="女儿墙根部防水层破损。",
        remedy="已重做防水层，淋水试验不漏。",
    )
    inform(lin, number, "防水层已经重做，淋水试验不再漏水。")
    follow_up(mei, number, solved="yes", satisfaction="satisfied")

    people = (lin, mei, zhao, wang, qian)
    for person in people:
        person.open(f"/cases/{number}/")
        assert person.verbs() == [], "An archived case is read only."
        assert person.page.locator(f'a[href="/cases/{number}/files/"]').count() == 0
    lin.open(f"/cases/{number}/inform/")
    expect(lin.page).to_have_url(CASE_PAGE)
    expect(lin.page.locator("#messages .notice.error")).to_be_visible()

    story = lin.page.locator(".story").inner_text()
    told = [MATTER, "约好明天上午", "查看屋面", "落水管接口开裂", reasons, "请换人上门", "女儿墙根部", "不再漏水"]
    # Some of it was said again later: what counts is when it was first said.
    places = [story.rfind(words) for words in told]
    assert -1 not in places, dict(zip(told, places, strict=True))
    assert places == sorted(places, reverse=True), "The newest stands on top."
    for name in ("Lin", "Zhao", "Wang", "Qian", "Mei"):
        assert name in story

    assert running_hall.query("SELECT state, round FROM cases_case WHERE number = %s", number) == [("archived", 2)]
    assert running_hall.query("SELECT count(*) FROM cases_casedeadline WHERE outcome = ''") == [(0,)]
    running_hall.manage("verify_ledger")
    assert [person.complaints for person in people] == [[]] * 5
