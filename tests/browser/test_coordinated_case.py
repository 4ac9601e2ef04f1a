"""A coordinated case, by five people at five browsers, with worker and beat running.

Receptionist Lin registers and refers; director Chen names the works department as lead and two that assist; Wang, Sun
and Mei (for the hall itself) sign in; Wang plans, Sun and Mei report, Wang writes the combined result; Chen informs.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser.colleague import Colleague
from tests.running import RunningHall

MATTER = "三栋二单元顶楼漏水，物业说是房屋的事，房屋说是物业的事，来回推了三个月。"
WORD_TO_PROPERTY = "请提供这栋楼三年来的维修记录。"
PLAN = "周三会同物业上屋面查看，周五前修好。"


def refer(lin: Colleague) -> str:
    """Registered, accepted and referred in one press; gives the number."""
    lin.open("/register/")
    lin.type("6021")
    lin.page.locator("#residents [data-pick]").wait_for()
    lin.press("Enter")
    expect(lin.field("matter")).to_be_focused()
    lin.type(MATTER)
    lin.press("Tab", "ArrowRight")
    lin.press("Alt+k")
    lin.type("snsx")
    lin.press("Enter")
    lin.page.locator('[data-opens-section="refer"]').click()
    lin.write("referral", "房屋和物业两家都有份，接待厅也要查旧档。")
    lin.send()
    return lin.number


def coordinate(chen: Colleague, number: str, *, lead: int, assisting: list[int], word: str) -> None:
    """From the director's list of what waits; one department reads a word of its own."""
    chen.open("/desk/")
    chen.follow(f"/cases/{number}/coordinate/")
    chen.field("lead").select_option(value=str(lead))
    for department in assisting:
        chen.choose("assisting", str(department))
    chen.write("instruction", "请三家一起查明漏水原因，修好并答复。")
    chen.page.locator("details.folded summary").click()
    chen.write(f"for_{assisting[0]}", word)
    chen.send()


def sign_in_and_begin(person: Colleague, path: str) -> None:
    person.open(path)
    person.follow("/sign_in/")
    person.send()
    person.follow("/contact/")
    person.write("summary", "电话里约好周三上门。")
    person.send()
    person.follow("/investigate/")
    person.write("plan", "先看现场，再查记录。")
    person.send()


def report(person: Colleague, *, result: str, remedy: str) -> None:
    person.follow("/report/")
    person.write("result", result)
    person.write("remedy", remedy)
    person.send()


def test_three_departments_and_one_combined_result(
    running_hall: RunningHall, new_context: Callable[..., BrowserContext]
):
    def key(name: str) -> int:
        found = running_hall.query(
            "SELECT d.id FROM organization_department d JOIN organization_hall h ON h.id = d.hall_id"
            " WHERE h.code = 'NTH' AND d.name = %s",
            name,
        )
        return int(str(found[0][0]))

    works, property_, hall_itself = key("房屋建设办公室"), key("物业管理办公室"), key("接待大厅")
    lin = Colleague.at_work(new_context, "lin", "/desk/")
    number = refer(lin)
    assert not any("/transfer/" in address for address in lin.verbs()), "It is the director's now."

    chen = Colleague.at_work(new_context, "chen", "/desk/")
    assert chen.unread() > 0
    coordinate(chen, number, lead=works, assisting=[property_, hall_itself], word=WORD_TO_PROPERTY)

    wang = Colleague.at_work(new_context, "wang", "/inbox/")
    sun = Colleague.at_work(new_context, "sun", "/inbox/")
    mei = Colleague.at_work(new_context, "mei", "/desk/")
    sign_in_and_begin(wang, "/inbox/")
    wang.follow("/record_plan/")
    wang.write("plan", PLAN)
    wang.send()
    assert not any("/report/" in address for address in wang.verbs())
    expect(wang.page.locator(".slip-row").first).to_contain_text("接待大厅")

    sign_in_and_begin(sun, "/inbox/")
    expect(sun.page.locator("main")).to_contain_text(WORD_TO_PROPERTY)
    expect(sun.page.locator("main")).to_contain_text(PLAN)
    report(sun, result="三年内报修四次，都只补了表面。", remedy="已交出维修记录。")
    sign_in_and_begin(mei, "/desk/")
    report(mei, result="旧档里有防水保修合同，还在保修期。", remedy="已通知保修单位。")

    wang.open("/inbox/")
    assert wang.unread() > 0
    wang.follow("/report/")
    expect(wang.page.locator("main")).to_contain_text("三年内报修四次")
    expect(wang.page.locator("main")).to_contain_text("旧档里有防水保修合同")
    wang.write("result", "防水层在保修期内老化，三家查明后由保修单位返工。")
    wang.write("remedy", "防水层已整体重做，淋水试验不漏。")
    wang.send()

    lin.open(f"/cases/{number}/")
    assert not any("/inform/" in address for address in lin.verbs()), "The director tells the resident."
    chen.open("/desk/")
    chen.follow(f"/cases/{number}/inform/")
    chen.choose("means", "phone")
    chen.write("text", "防水层已经整体重做，在保修期内，不收费。")
    chen.choose("signature_kind", "none")
    chen.write("unsigned_reason", "电话答复")
    chen.send()

    story = chen.page.locator(".story").inner_text()
    for name in ("Lin", "Chen", "Wang", "Sun", "Mei", "房屋建设办公室", "物业管理办公室", "接待大厅"):
        assert name in story
    people = (lin, chen, wang, sun, mei)
    assert [person.complaints for person in people] == [[]] * 5
    assert running_hall.query("SELECT state, route FROM cases_case WHERE number = %s", number) == [
        ("follow_up", "coordinated")
    ]
    assert running_hall.query("SELECT DISTINCT outcome FROM cases_casedeadline WHERE kind = 'plan'") == [("met",)]
    running_hall.manage("verify_ledger")
