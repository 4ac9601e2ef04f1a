"""What was typed is never lost, and nothing is done twice: log-outs, double presses, stale pages, no scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.colleague import CASE_PAGE, Colleague
from tests.running import RunningHall

MATTER = "楼道感应灯坏了一个月，晚上老人下楼看不见台阶。"


@pytest.fixture
def running_hall(start_hall: Callable[..., RunningHall]) -> RunningHall:
    """The web process alone: nothing here waits for a clock."""
    return start_hall("web")


@pytest.fixture
def lin(new_context: Callable[..., BrowserContext]) -> Colleague:
    return Colleague.at_work(new_context, "lin", "/register/")


def fill_in(lin: Colleague) -> None:
    lin.write("name", "孙巧云")
    lin.write("phone", "13605712233")
    lin.write("matter", MATTER)
    lin.choose("nature", "request")
    lin.press("Alt+k")
    lin.type("ggss")
    lin.press("Enter")
    expect(lin.page.locator("[name=category]")).not_to_have_value("")


def end_sessions(hall: RunningHall) -> None:
    hall.query("DELETE FROM django_session")


def cases(hall: RunningHall) -> int:
    return int(str(hall.query("SELECT count(*) FROM cases_case")[0][0]))


def test_a_registration_sent_after_the_session_was_lost_is_there_after_the_log_in_and_is_sent_once(
    running_hall: RunningHall, lin: Colleague
):
    fill_in(lin)
    end_sessions(running_hall)
    lin.press("Control+Enter")
    expect(lin.page).to_have_url(re.compile(r"/login/"))
    expect(lin.page.locator(".notice[role=status]")).to_be_visible()
    assert cases(running_hall) == 0

    lin.log_in("lin")
    expect(lin.page).to_have_url(re.compile(r"/register/$"))
    expect(lin.page.locator(".draft-line")).to_be_visible()
    expect(lin.field("matter")).to_have_value(MATTER)
    expect(lin.field("name")).to_have_value("孙巧云")
    expect(lin.page.locator("[name=nature]:checked")).to_have_value("request")
    expect(lin.page.locator("[name=category]")).not_to_have_value("")
    lin.send()
    assert cases(running_hall) == 1
    assert running_hall.query("SELECT matter FROM reception_visit") == [(MATTER,)]
    # It has done its work: the next contact begins with an empty form.
    lin.open("/register/")
    expect(lin.field("matter")).to_have_value("")
    assert lin.complaints == []


def test_a_verb_sent_after_the_session_was_lost_comes_back_to_its_form(running_hall: RunningHall, lin: Colleague):
    fill_in(lin)
    lin.send(keys="Alt+a")
    number = lin.number
    lin.follow("/transfer/")
    lin.write("instruction", "请今天更换感应灯。")
    end_sessions(running_hall)
    lin.press("Control+Enter")
    expect(lin.page).to_have_url(re.compile(r"/login/"))
    lin.log_in("lin")
    expect(lin.page).to_have_url(re.compile(rf"/cases/{number}/transfer/$"))
    expect(lin.field("instruction")).to_have_value("请今天更换感应灯。")
    lin.send()
    assert running_hall.query("SELECT instruction FROM cases_transferslip") == [("请今天更换感应灯。",)]


def test_pressing_twice_registers_once(running_hall: RunningHall, lin: Colleague):
    fill_in(lin)
    lin.page.locator("button[value=transfer]").dblclick()
    lin.arrive(CASE_PAGE)
    assert cases(running_hall) == 1
    assert lin.complaints == []


def test_the_same_form_sent_twice_by_the_network_registers_once(running_hall: RunningHall, lin: Colleague):
    """Past the script that holds the button: two requests with the same submission key, at the same moment."""
    fill_in(lin)
    answers = lin.page.evaluate(
        """async () => {
            const form = document.getElementById("register");
            const send = () => {
                const body = new FormData(form);
                body.set("do", "transfer");
                return fetch(form.action, { method: "POST", body }).then((answer) => [answer.status, answer.url]);
            };
            return Promise.all([send(), send()]);
        }"""
    )
    assert cases(running_hall) == 1
    assert running_hall.query("SELECT count(*) FROM cases_transferslip") == [(1,)]
    # Both are led to the one case.
    assert [status for status, _url in answers] == [200, 200]
    assert {bool(CASE_PAGE.search(url)) for _status, url in answers} == {True}, answers


def test_a_page_that_went_stale_says_what_happened_and_keeps_what_was_typed(running_hall: RunningHall, lin: Colleague):
    fill_in(lin)
    lin.send(keys="Alt+a")
    number = lin.number
    lin.follow("/transfer/")
    other = Colleague(lin.page.context.new_page())
    other.open(f"/cases/{number}/transfer/")
    other.write("instruction", "第二个窗口里写的话。")
    lin.send()

    other.press("Control+Enter")
    summary = other.page.locator(".error-summary")
    expect(summary).to_be_visible()
    expect(summary).to_be_focused()
    expect(other.field("instruction")).to_have_value("第二个窗口里写的话。")
    assert running_hall.query("SELECT count(*) FROM cases_transferslip") == [(1,)]
    # Sent again unchanged it is refused again.
    other.press("Control+Enter")
    expect(summary).to_be_visible()
    assert running_hall.query("SELECT count(*) FROM cases_transferslip") == [(1,)]
    assert [lin.complaints, other.complaints] == [[], []]


def test_without_scripts_a_contact_is_registered_and_transferred(
    running_hall: RunningHall, new_context: Callable[..., BrowserContext]
):
    lin = Colleague.at_work(new_context, "lin", "/register/", java_script_enabled=False)
    page = lin.page
    page.fill("[name=name]", "6021")
    page.click("button[value=find]")
    page.locator("button[name=do][value^=pick-]").first.click()
    expect(page.locator("[name=name]")).to_have_value("王秀兰")
    page.fill("[name=matter]", MATTER)
    lin.choose("nature", "request")
    page.select_option("[name=category]", label="物业服务 · 公共设施损坏")
    page.click("button[value=accept]")
    expect(page).to_have_url(CASE_PAGE)
    number = lin.number

    page.click(f'a[href="/cases/{number}/transfer/"]')
    page.fill("[name=instruction]", "请今天更换感应灯。")
    page.click("main form button[type=submit]")
    expect(page).to_have_url(CASE_PAGE)
    assert running_hall.query("SELECT state FROM cases_case WHERE number = %s", number) == [("transferred",)]

    sun = Colleague.at_work(new_context, "sun", "/inbox/", java_script_enabled=False)
    sun.follow("/sign_in/")
    sun.page.select_option("[name=handler]", label="Sun")
    sun.page.click("main form button[type=submit]")
    expect(sun.page).to_have_url(CASE_PAGE)
    assert running_hall.query("SELECT state FROM cases_transferslip") == [("signed",)]
