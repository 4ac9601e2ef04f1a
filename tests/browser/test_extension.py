"""The one extension: handler Wang asks, director Chen grants, receptionist Lin tells the resident; there is no second.

Wang had the form open a second time, from before it was granted: sent afterwards it is refused in words, and what was
typed is still there.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser.colleague import Colleague
from tests.browser.test_main_job import register_and_transfer, sign_in
from tests.running import RunningHall

LIMITS = """
    SELECT kind, due_at::text FROM cases_casedeadline WHERE outcome = '' AND kind IN ('handle', 'promise') ORDER BY kind
"""
EXTENSIONS = "SELECT state, working_days FROM cases_extension"


DAYS = """
    SELECT to_char(old_due_at AT TIME ZONE 'Asia/Shanghai', 'FMMM"月"FMDD"日"'),
           to_char(new_due_at AT TIME ZONE 'Asia/Shanghai', 'FMMM"月"FMDD"日"')
    FROM cases_extension
"""


def limits(hall: RunningHall) -> dict[str, str]:
    return {str(kind): str(due_at) for kind, due_at in hall.query(LIMITS)}


def ask(wang: Colleague, days: int, reason: str) -> None:
    wang.write("working_days", str(days))
    wang.write("reason", reason)


def test_an_extension_is_asked_granted_told_and_refused_the_second_time(
    running_hall: RunningHall, new_context: Callable[..., BrowserContext]
):
    lin = Colleague.at_work(new_context, "lin", "/desk/")
    zhao = Colleague.at_work(new_context, "zhao", "/inbox/")
    number = register_and_transfer(lin)
    sign_in(zhao, "Wang")
    wang = Colleague.at_work(new_context, "wang", f"/cases/{number}/")
    asking = wang.page.locator('a[href$="/ask_extension/"]').first.get_attribute("href")
    assert asking is not None

    wang.open(asking)
    second = Colleague(wang.page.context.new_page())
    second.open(asking)
    ask(wang, 3, "定做的构件五天后到货。")
    wang.send()
    assert running_hall.query(EXTENSIONS) == [("asked", 3)]
    before = limits(running_hall)

    chen = Colleague.at_work(new_context, "chen", "/desk/")
    expect(chen.page.locator(f'a[href*="{number}"]').first).to_be_visible()
    chen.open(f"/cases/{number}/")
    chen.follow("/grant_extension/")
    expect(chen.page.locator("main")).to_contain_text("定做的构件五天后到货。")
    chen.write("decision", "同意，先告知居民。")
    chen.send()
    after = limits(running_hall)
    assert before.keys() == after.keys() == {"handle", "promise"}
    assert all(after[kind] > before[kind] for kind in before)

    ask(second, 2, "还要两天。")
    second.press("Control+Enter")
    expect(second.page.locator(".error-summary")).to_be_visible()
    expect(second.field("reason")).to_have_value("还要两天。")
    assert running_hall.query(EXTENSIONS) == [("granted", 3)]
    assert limits(running_hall) == after
    wang.open(f"/cases/{number}/")
    expect(wang.page.locator('a[href$="/ask_extension/"]')).to_have_count(0)
    expect(wang.page.locator('a[href$="/ask_pause/"]')).to_have_count(0)

    lin.open(f"/cases/{number}/")
    lin.follow(f"/cases/{number}/tell_limit/")
    lin.choose("means", "phone")
    lin.send()
    told = "SELECT limit_changed_at IS NULL FROM cases_case"
    assert running_hall.query(told) == [(True,)]
    lin.open(f"/cases/{number}/receipt/")
    paper = lin.page.locator("article").inner_text()
    [days] = running_hall.query(DAYS)
    assert all(str(day) in paper for day in days), (days, paper)

    running_hall.manage("verify_ledger")
    assert [person.complaints for person in (lin, zhao, wang, chen)] == [[]] * 4
