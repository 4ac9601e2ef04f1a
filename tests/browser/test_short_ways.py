"""The short ways at the desk: answered on the spot and signed, declined and told, joined to what is open already."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.colleague import CASE_PAGE, Colleague
from tests.running import RunningHall

QUESTION = "想问一下临时救助要带哪些材料？"
ANSWER = "身份证、户口簿、收入证明和医疗费单据，到二号窗口办理，五个工作日内答复。"


@pytest.fixture
def running_hall(start_hall: Callable[..., RunningHall]) -> RunningHall:
    """The web process alone: nothing here waits for a clock."""
    return start_hall("web")


@pytest.fixture
def lin(new_context: Callable[..., BrowserContext]) -> Colleague:
    return Colleague.at_work(new_context, "lin", "/register/")


def state_of(hall: RunningHall, number: str) -> object:
    return hall.query("SELECT state FROM cases_case WHERE number = %s", number)[0][0]


def choose_category(lin: Colleague, initials: str) -> None:
    lin.press("Alt+k")
    lin.type(initials)
    lin.press("Enter")
    expect(lin.page.locator("[name=category]")).not_to_have_value("")


def test_a_walk_in_is_answered_signed_and_closed_on_the_spot_in_under_a_minute(
    running_hall: RunningHall, lin: Colleague
):
    began, before = time.monotonic(), lin.touched
    lin.type("6021")
    lin.page.locator("#residents [data-pick]").wait_for()
    lin.press("Enter")
    expect(lin.field("matter")).to_be_focused()
    lin.type(QUESTION)
    lin.press("Tab", "Space")
    expect(lin.page.locator("[name=nature]:checked")).to_have_value("consultation")
    choose_category(lin, "lsjz")
    lin.press("Control+d")
    expect(lin.field("text")).to_be_focused()
    lin.type(ANSWER)
    lin.press("Tab", "Tab", "Space", "Tab", "Space")
    expect(lin.page.locator("[name=solved]:checked")).to_have_value("yes")
    expect(lin.page.locator("[name=satisfaction]:checked")).to_have_value("satisfied")
    lin.press("Tab", "Tab", "Space")
    expect(lin.page.locator("[name=signature_kind]:checked")).to_have_value("tablet")
    lin.sign()
    lin.send()
    seconds, touched = time.monotonic() - began, lin.touched - before

    assert state_of(running_hall, lin.number) == "archived"
    assert lin.verbs() == []
    assert running_hall.query("SELECT satisfaction, channel FROM followups_evaluation") == [
        ("satisfied", "desk_tablet")
    ]
    assert running_hall.query("SELECT count(*) FROM cases_casedeadline WHERE outcome = ''") == [(0,)]
    running_hall.manage("verify_ledger")
    assert lin.complaints == []
    typed = len(QUESTION) + len(ANSWER)
    print(f"Answered on the spot in {seconds:.1f} s, {typed} characters of text and {touched - typed} other presses.")
    # Whoever types 100 characters a minute and presses a key a second is done in time as well.
    assert touched - typed <= 30
    assert seconds < 60


def test_a_matter_of_the_court_is_declined_with_advice_and_the_resident_is_told(
    running_hall: RunningHall, lin: Colleague
):
    lin.type("赵大海")
    lin.write("phone", "13905718888")
    lin.press("Alt+m")
    lin.type("邻居欠我三万元借款不还，请你们判他还钱。")
    lin.choose("nature", "request")
    choose_category(lin, "ll")
    lin.page.locator("[data-opens-section=decline]").click()
    lin.choose("ground", "court")
    lin.write("advice", "可向区人民法院立案庭起诉，法律援助电话 12348。")
    lin.send()
    number = lin.number
    assert state_of(running_hall, number) == "declined"

    lin.follow("/tell_declined/")
    lin.choose("means", "desk")
    lin.write("told_to", "赵大海本人")
    lin.send()
    assert lin.verbs() == []
    told = running_hall.query("SELECT decline_told_at FROM cases_case WHERE number = %s", number)
    assert told[0][0] is not None
    assert running_hall.query("SELECT count(*) FROM cases_casedeadline WHERE outcome = ''") == [(0,)]
    assert lin.complaints == []


def test_the_neighbours_same_complaint_becomes_the_second_contact_of_the_open_case(
    running_hall: RunningHall, new_context: Callable[..., BrowserContext], lin: Colleague
):
    lin.type("6021")
    lin.page.locator("#residents [data-pick]").wait_for()
    lin.press("Enter")
    expect(lin.field("matter")).to_be_focused()
    lin.type("三栋二单元的电梯坏了三天，没有人来修，老人上下楼很困难。")
    lin.choose("nature", "request")
    choose_category(lin, "dtty")
    lin.send()
    number = lin.number

    mei = Colleague.at_work(new_context, "mei", "/register/")
    mei.type("钱桂芳")
    mei.press("Alt+m")
    mei.type("我们三栋二单元的电梯坏了三天，没有人来修。")
    mei.page.locator("#similar [data-shortcut='Alt+1']").wait_for()
    mei.press("Alt+1")
    mei.arrive(CASE_PAGE)
    assert mei.number == number

    assert running_hall.query("SELECT count(*) FROM cases_case") == [(1,)]
    assert running_hall.query("SELECT max(ordinal) FROM cases_casevisit") == [(2,)]
    head = Colleague.at_work(new_context, "zhou", f"/cases/{number}/")
    expect(head.page.locator("main")).to_contain_text(re.compile("我们三栋二单元的电梯"))
    assert [lin.complaints, mei.complaints, head.complaints] == [[], [], []]
