"""Three residents bring the same matter: one case is worked on, and each is told and asked on their own.

Receptionist Lin registers all three and merges two into the first; Wang finds out and reports once; Lin informs each;
Mei follows each up, and hears from one that it is not solved: that one gets a second round, the others are archived.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser.colleague import Colleague
from tests.browser.test_main_job import find_out_and_report, follow_up, register_and_transfer, sign_in
from tests.running import RunningHall

NEIGHBOURS = [("李桂芳", "13805716033"), ("赵建国", "13805716044")]


def register_only(lin: Colleague, name: str, phone: str) -> str:
    """A neighbour with the same leak, who gets a number and goes home."""
    lin.open("/register/")
    lin.write("name", name)
    lin.write("phone", phone)
    lin.press("Alt+m")
    lin.type("三栋二单元顶楼雨后漏水，我家卧室也发霉了。")
    lin.choose("nature", "request")
    lin.press("Alt+k")
    lin.type("snsx")
    lin.press("Enter")
    lin.send(keys="Alt+r")
    return lin.number


def merge(lin: Colleague, number: str, main: str) -> None:
    lin.open(f"/cases/{number}/")
    lin.page.locator("details.menu", has=lin.page.locator('a[href$="/merge/"]')).locator("summary").click()
    lin.follow(f"/cases/{number}/merge/")
    lin.choose("main", main)
    lin.send()


def inform_by_phone(lin: Colleague, number: str) -> str:
    """From the desk's list; gives the words the form began with."""
    lin.open("/desk/")
    lin.follow(f"/cases/{number}/inform/")
    words = lin.field("text").input_value()
    lin.choose("means", "phone")
    lin.choose("signature_kind", "none")
    lin.write("unsigned_reason", "电话答复")
    lin.send()
    return words


def test_three_residents_one_result_and_each_is_told_and_asked(
    running_hall: RunningHall, new_context: Callable[..., BrowserContext]
):
    lin = Colleague.at_work(new_context, "lin", "/desk/")
    mei = Colleague.at_work(new_context, "mei", "/desk/")
    zhao = Colleague.at_work(new_context, "zhao", "/inbox/")
    main = register_and_transfer(lin)
    others = [register_only(lin, name, phone) for name, phone in NEIGHBOURS]
    for number in others:
        merge(lin, number, main)
        expect(lin.page.locator(f'main a[href="/cases/{main}/"]').first).to_be_visible()
    lin.open(f"/cases/{main}/")
    for number in others:
        expect(lin.page.locator(f'main a[href="/cases/{number}/"]')).to_be_visible()

    sign_in(zhao, "Wang")
    wang = Colleague.at_work(new_context, "wang", "/inbox/")
    find_out_and_report(wang, plan="查看屋面。", note="现场拍照。", result="落水管接口开裂。", remedy="已更换接口。")
    wang.open("/cases/")
    assert not [number for number in others if number in wang.page.locator("main").inner_text()]

    for number in (main, *others):
        assert "落水管接口开裂。" in inform_by_phone(lin, number)
    states = "SELECT state FROM cases_case ORDER BY number"
    assert running_hall.query(states) == [("follow_up",)] * 3

    follow_up(mei, main, solved="yes", satisfaction="satisfied")
    follow_up(mei, others[0], solved="yes", satisfaction="satisfied")
    follow_up(mei, others[1], solved="no", satisfaction="dissatisfied", reasons="我家还在漏。")
    rounds = "SELECT state, round FROM cases_case ORDER BY number"
    assert running_hall.query(rounds) == [("archived", 1), ("archived", 1), ("accepted", 2)]
    assert re.search(r"/cases/[^/]+/$", mei.page.url)

    running_hall.manage("verify_ledger")
    people = (lin, mei, zhao, wang)
    assert [person.complaints for person in people] == [[]] * 4
