"""The residents' door: a complaint from a phone to the archive over two rounds, and what everybody may read of it.

A resident complains with two photos, once with scripts and once without. Receptionist Lin confirms and transfers, head
Zhao names handler Wang, who investigates; the resident adds what was forgotten, reads the answer and is not satisfied;
handler Qian does it again; director Chen apologises on the board, which names nobody.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from email import message_from_bytes
from email.policy import default as mail_policy
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, expect

from tests.browser.colleague import Colleague
from tests.browser.resident import ResidentAtPhone
from tests.browser.test_main_job import sign_in
from tests.running import RunningHall

NAME, PHONE, MAIL = "王秀兰", "13805716021", "xiulan@example.org"
MATTER = (
    "我是王秀兰，住三栋二单元602室。维修师傅上门修水管，说好一百元，修完要三百元，还在家里抽烟。请把多收的钱退给我。"
)
ABOUT = "上门修水管的维修服务"
ADDED = "昨天的收据找到了，补一张照片。"
FIRST_ANSWER = "经查，维修服务确有多收费用，已责成整改。"
REASONS = "钱到现在也没有退给我。"
SECOND_ANSWER = "多收的二百元今天已经退还。"
APOLOGY = "本厅所属维修服务多收居民费用，已经退还。我们向居民诚恳道歉。"
AT_WORK = ("Wang", "Qian", "Zhao", "Chen", "Feng", "Sun", "Zhou")
"""Who residents never hear of; Lin and Mei are on duty, and stand at the door for everybody to see."""

WHERE_TAKEN = 0x8825


def photo(colour: str) -> bytes:
    stored = io.BytesIO()
    Image.new("RGB", (800, 600), colour).save(stored, "JPEG")
    return stored.getvalue()


def photo_with_position() -> bytes:
    """As phones take them: with the place, to a few metres."""
    picture = Image.new("RGB", (800, 600), "sienna")
    exif = Image.Exif()
    exif.get_ifd(WHERE_TAKEN).update({1: "N", 2: (39.0, 54.0, 20.0), 3: "E", 4: (116.0, 23.0, 29.0)})
    stored = io.BytesIO()
    picture.save(stored, "JPEG", exif=exif)
    return stored.getvalue()


def position_of(content: bytes) -> dict[int, object]:
    with Image.open(io.BytesIO(content)) as picture:
        return dict(picture.getexif().get_ifd(WHERE_TAKEN))


@pytest.fixture
def staff(new_context: Callable[..., BrowserContext]) -> dict[str, Colleague]:
    """Who works on it from the start."""
    return {name: Colleague.at_work(new_context, name) for name in ("lin", "zhao", "wang", "qian", "chen")}


# What the resident does


def complain(resident: ResidentAtPhone, *, with_scripts: bool, email: str = "") -> None:
    """From the hall's first page to the receipt, in three steps."""
    resident.open("/h/NTH/")
    resident.tap('a[href$="/tell/"]')
    resident.choose("nature", "complaint")
    resident.write("about", ABOUT)
    resident.write("matter", MATTER)
    resident.write("place", "三栋二单元")
    resident.attach("files", {"水管.jpg": photo_with_position(), "账单.jpg": photo("slategray")})
    resident.go_on("who")
    resident.choose("identity", "named")
    resident.write("name", NAME)
    resident.write("phone", PHONE)
    if email:
        resident.write("email", email)
    resident.go_on("check")
    said = resident.text()
    for words in (MATTER, ABOUT, NAME, PHONE, "水管.jpg", "账单.jpg"):
        assert words in said, words
    resident.consent()
    if with_scripts:
        expect(resident.page.locator("[data-question]")).to_be_hidden()
    else:
        resident.answer_the_question()
    resident.tap('button.btn-primary[name="do"][value="send"]')
    assert not resident.errors(), resident.errors()


def read_receipt(resident: ResidentAtPhone) -> tuple[str, str]:
    """The number and the tracking code on it."""
    page = resident.page
    assert "/sent/" in page.url
    code = page.locator(".code").inner_text()
    number = re.search(r"NTH-\d{4}-\d{6}", resident.text())
    assert number
    square = page.locator(".qr svg").bounding_box()
    assert square is not None
    assert square["width"] >= 120, "Too small for another phone to read."
    assert page.locator(f'a[href$="/h/NTH/t/{code.replace("-", "")}/"]').count()
    dates = page.locator("dl dt").all_inner_texts()
    assert any(re.search(r"\d", words) for words in dates), "What happens by when, with real dates."
    return number[0], code


def stands_at(resident: ResidentAtPhone, code: str, stages: Sequence[str]) -> str:
    """Looks the matter up; gives what the page says."""
    resident.show_matter("NTH", code, PHONE[-4:])
    assert resident.stages() == list(stages)
    said = resident.text()
    for name in AT_WORK:
        assert name not in said, name
    return said


def add_something(resident: ResidentAtPhone) -> None:
    """On the tracking page, which is open."""
    resident.tap('button[formaction$="/track/add/"]')
    resident.write("text", ADDED)
    resident.attach("attachments", {"收据.jpg": photo("olive")})
    resident.tap('button[name="send"]')
    assert not resident.errors(), resident.errors()
    expect(resident.page.locator(".notice.success")).to_be_visible()
    said = resident.text()
    assert ADDED in said
    assert "收据.jpg" in said


def link_from_mail(hall: RunningHall) -> str:
    """The path of the one-time link in the last mail that has one."""
    found: list[str] = []
    for file in sorted((hall.folder / "mail").glob("*"), key=lambda file: file.stat().st_mtime):
        for raw in re.split(rb"\n-{70,}\n", file.read_bytes()):
            body = message_from_bytes(raw, policy=mail_policy).get_body(("plain",)) if raw.strip() else None
            text = body.get_content() if body is not None else ""
            found += re.findall(rf"{re.escape(hall.base_url)}(/h/NTH/e/\S+)", text)
    return found[-1] if found else ""


# What the hall does


def confirm_accept_transfer(lin: Colleague, hall: RunningHall, number: str) -> None:
    lin.open("/desk/")
    lin.follow(f"/cases/{number}/confirm/")
    lin.choose("means", "phone")
    lin.write("corrections", "多收二百元，不是三百元。")
    lin.send()
    lin.follow("/accept/")
    [(category,)] = hall.query(
        "SELECT c.id FROM organization_category c JOIN organization_hall h ON h.id = c.hall_id"
        " WHERE h.code = 'NTH' AND c.name = '室内上下水渗漏'"
    )
    lin.page.locator('select[name="category"]').select_option(str(category), force=True)
    lin.send()
    transfer(lin, number, "请核实收费并处理。")


def transfer(lin: Colleague, number: str, instruction: str) -> None:
    lin.open(f"/cases/{number}/transfer/")
    lin.write("instruction", instruction)
    lin.send()


def contact_and_investigate(handler: Colleague, plan: str) -> None:
    handler.open("/inbox/")
    handler.follow("/contact/")
    handler.write("summary", "电话里听了经过。")
    handler.send()
    handler.follow("/investigate/")
    handler.write("plan", plan)
    handler.send()


def keep_records(handler: Colleague, number: str) -> None:
    """An interview, signed on paper, and a site check with a photo."""
    handler.open(f"/cases/{number}/")
    handler.open(verb_of(handler, "record_interview"))
    handler.write("heard", "维修班组长")
    handler.write("text", "承认收费没有按公示价格。")
    handler.choose("signature_kind", "paper")
    handler.send()
    handler.open(verb_of(handler, "record_site_check"))
    handler.write("place", "维修现场")
    handler.write("text", "水管已修好，公示牌上写明一百元。")
    handler.page.set_input_files(
        "[name=attachments]", {"name": "公示牌.jpg", "mimeType": "image/jpeg", "buffer": photo("peru")}
    )
    handler.send()


def verb_of(person: Colleague, name: str) -> str:
    """The address of a button or menu item of the page; it must be offered there."""
    return str(person.page.locator(f'main a[href$="/{name}/"]').first.get_attribute("href"))


def find_and_report(handler: Colleague, number: str, *, reasons: str, result: str, remedy: str) -> None:
    handler.open(f"/cases/{number}/")
    handler.open(verb_of(handler, "record_finding"))
    handler.choose("verdict", "founded")
    handler.write("reasons", reasons)
    handler.field("responsible_department").select_option(index=1)
    handler.send()
    handler.open(verb_of(handler, "report"))
    handler.write("result", result)
    handler.write("remedy", remedy)
    handler.write("prevention", "收费前由居民签字确认价格。")
    handler.send()


def inform(lin: Colleague, number: str, text: str) -> None:
    lin.open("/desk/")
    lin.follow(f"/cases/{number}/inform/")
    lin.choose("means", "phone")
    lin.write("text", text)
    lin.choose("signature_kind", "none")
    lin.write("unsigned_reason", "电话告知")
    lin.send()


def apologise_on_the_board(chen: Colleague, number: str) -> str:
    """Decided, drafted, mended where personal data is marked, published; gives the title."""
    chen.open(f"/cases/{number}/")
    chen.open(verb_of(chen, "decide_apology"))
    chen.choose("kind", "apology")
    chen.write("text", APOLOGY)
    chen.send()
    chen.open(verb_of(chen, "draft_posting"))
    expect(chen.page.locator("[name=kind]:checked")).to_have_value("correction")
    expect(chen.field("text")).to_have_value(APOLOGY)
    chen.send(re.compile(r"/board/\d+/$"))

    marked = set(chen.page.locator(".board-mark b").all_inner_texts())
    assert NAME in marked, marked
    assert any("三栋" in words for words in marked), marked
    assert any("602" in words for words in marked), marked
    chen.follow("/edit/")
    title = "关于维修服务多收费用的致歉"
    chen.write("title", title)
    chen.write("raised", "有居民反映，上门修水管的费用高于公示价格。")
    chen.write("text", APOLOGY)
    chen.send(re.compile(r"/board/\d+/$"))
    assert not chen.page.locator(".board-mark").count()
    press(chen, "hand_in")
    press(chen, "publish")
    return title


def press(person: Colleague, verb: str) -> None:
    with person.page.expect_navigation():
        person.page.locator(f'form[action$="/{verb}/"] button[type="submit"]:visible').click()
    person.arrive(re.compile(r"/board/\d+/$"))


# What must be true behind the pages


def stored_photos(hall: RunningHall, case: object) -> list[tuple[str, bytes]]:
    """Those of the resident."""
    rows = hall.query(
        "SELECT name, file FROM cases_attachment WHERE case_id = %s AND kind = 'resident' ORDER BY id", case
    )
    return [(str(name), (hall.folder / "media" / str(file)).read_bytes()) for name, file in rows]


def alerted(hall: RunningHall, key: str) -> Counter[str]:
    """How many alerts whose key begins so each person got."""
    rows = hall.query(
        "SELECT s.username FROM notifications_alert a JOIN organization_staff s ON s.id = a.recipient_id"
        " WHERE a.key LIKE %s",
        f"{key}%",
    )
    return Counter(str(username) for (username,) in rows)


def all_is_well(people: Sequence[Colleague], resident: ResidentAtPhone) -> None:
    assert [person.complaints for person in people] == [[]] * len(people)
    assert resident.complaints == []
    assert resident.refused == [], "A public page or part of it was not given."
    assert resident.strangers == [], "Something was asked of another host."


def whole_way(
    hall: RunningHall, staff: dict[str, Colleague], resident: ResidentAtPhone, *, with_scripts: bool, email: str = ""
) -> None:
    lin, zhao, wang, qian, chen = (staff[name] for name in ("lin", "zhao", "wang", "qian", "chen"))
    # Mail to residents waits for the morning; this test is run at any hour.
    hall.query(
        "INSERT INTO notifications_sendinghours (hall_id, starts, ends)"
        " SELECT id, '00:00', '23:59:59' FROM organization_hall ON CONFLICT DO NOTHING"
    )

    complain(resident, with_scripts=with_scripts, email=email)
    number, code = read_receipt(resident)
    [(case,)] = hall.query("SELECT id FROM cases_case WHERE number = %s", number)
    assert position_of(photo_with_position()), "The picture did tell the place."
    stored = [(name, position_of(content)) for name, content in stored_photos(hall, case)]
    assert stored == [("水管.jpg", {}), ("账单.jpg", {})]
    assert alerted(hall, f"submitted:{case}") == {"lin": 1, "mei": 1}
    stands_at(resident, code, ["now", "todo", "todo", "todo", "todo"])

    confirm_accept_transfer(lin, hall, number)
    assert sign_in(zhao, "Wang") == ["Qian", "Wang", "Zhao"]
    contact_and_investigate(wang, "核对公示价格和收据。")
    stands_at(resident, code, ["done", "now", "todo", "todo", "todo"])
    before = wang.unread()
    add_something(resident)
    wang.open(f"/cases/{number}/")
    assert ADDED in wang.page.locator("main").inner_text()
    assert wang.page.locator('img[alt="收据.jpg"]').count() == 1
    assert wang.unread() == before + 1
    keep_records(wang, number)
    find_and_report(wang, number, reasons="收据与公示价格不符。", result="多收二百元。", remedy="已责成退还。")
    inform(lin, number, FIRST_ANSWER)

    said = stands_at(resident, code, ["done", "done", "done", "now", "todo"])
    assert FIRST_ANSWER in said
    assert "承认收费没有按公示价格" not in said
    resident.tap('a[href*="/h/NTH/e/"]')
    resident.evaluate(contacted="yes", solved="no", satisfaction="dissatisfied", reasons=REASONS)
    assert hall.query("SELECT state, round FROM cases_case WHERE id = %s", case) == [("accepted", 2)]

    transfer(lin, number, "请换人处理，落实退款。")
    assert sign_in(zhao, "Qian") == ["Qian", "Zhao"], "Who handled it before is not offered."
    assert REASONS in zhao.page.locator("main").inner_text()
    contact_and_investigate(qian, "陪同退款。")
    find_and_report(qian, number, reasons="退款已当面点清。", result="退款已落实。", remedy="二百元已退还。")
    inform(lin, number, SECOND_ANSWER)
    said = stands_at(resident, code, ["done", "done", "done", "now", "todo"])
    assert SECOND_ANSWER in said
    assert REASONS not in said
    if email:
        lin.open(f"/cases/{number}/")
        lin.open(verb_of(lin, "send_link"))
        lin.send()
        resident.open(wait_for_mail(hall, lin))
    else:
        resident.tap('a[href*="/h/NTH/e/"]')
    resident.evaluate(contacted="yes", solved="yes", satisfaction="satisfied")
    assert hall.query("SELECT state, round FROM cases_case WHERE id = %s", case) == [("archived", 2)]
    stands_at(resident, code, ["done"] * 5)

    title = apologise_on_the_board(chen, number)
    resident.open("/h/NTH/board/")
    assert title in resident.text()
    resident.tap('a[href*="/h/NTH/board/"]:has-text("致歉")')
    board = resident.page.content()
    assert APOLOGY in board
    for told in (NAME, PHONE, PHONE[-4:], "三栋", "二单元", "602", number, code, *AT_WORK):
        assert told not in board, told
    for path in ("/h/", "/h/NTH/", "/h/NTH/procedure/"):
        resident.open(path)

    assert hall.query("SELECT count(*) FROM cases_casedeadline WHERE case_id = %s AND outcome = ''", case) == [(0,)]
    hall.manage("verify_ledger")
    all_is_well(list(staff.values()), resident)


def wait_for_mail(hall: RunningHall, person: Colleague) -> str:
    """The worker sends it; it takes a moment."""
    for _try in range(60):
        path = link_from_mail(hall)
        if path:
            return path
        person.page.wait_for_timeout(500)
    raise AssertionError("No mail brought the link.")


def test_a_complaint_from_a_phone_comes_to_a_good_end_and_onto_the_board(
    running_hall: RunningHall,
    new_context: Callable[..., BrowserContext],
    staff: dict[str, Colleague],
    tmp_path: Path,
):
    resident = ResidentAtPhone.with_phone(new_context, running_hall.base_url, tmp_path)
    whole_way(running_hall, staff, resident, with_scripts=True)


def test_the_same_way_is_open_to_a_phone_without_scripts_and_to_a_link_sent_by_mail(
    running_hall: RunningHall,
    new_context: Callable[..., BrowserContext],
    staff: dict[str, Colleague],
    tmp_path: Path,
):
    resident = ResidentAtPhone.with_phone(new_context, running_hall.base_url, tmp_path, java_script_enabled=False)
    whole_way(running_hall, staff, resident, with_scripts=False, email=MAIL)
