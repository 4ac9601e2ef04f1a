"""An alert climbs by itself: nobody presses anything, beat and worker do it, and each person is told once a step."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from tests.browser.colleague import Colleague
from tests.running import RunningHall

SHORT_CLOCK = Path(__file__).with_name("short_clock.py")
WARNING_TO_LIMIT = 15
WARNING_TO_DIRECTOR = 60


def told(hall: RunningHall) -> list[tuple[str, str, float]]:
    """Who was told about the clock, with which card, and how many seconds after the warning was due; in that order."""
    rows = hall.query(
        "SELECT level, username, extract(epoch FROM alert.created_at - clock.warn_at)"
        " FROM notifications_alert AS alert JOIN organization_staff AS staff ON staff.id = recipient_id,"
        " cases_casedeadline AS clock"
        " WHERE clock.kind = 'contact' AND key LIKE 'clock:%%' ORDER BY alert.created_at, username"
    )
    return [(str(level), str(username), float(str(seconds))) for level, username, seconds in rows]


def other_alerts(hall: RunningHall, username: str) -> int:
    """What the bell counts besides: that a slip came in, that somebody is its handler."""
    rows = hall.query(
        "SELECT count(*) FROM notifications_alert JOIN organization_staff AS staff ON staff.id = recipient_id"
        " WHERE username = %s AND key NOT LIKE 'clock:%%' AND read_at IS NULL",
        username,
    )
    return int(str(rows[0][0]))


def wait_for_bell(person: Colleague, number: int, seconds: float) -> None:
    """Loading the page as anybody would, again and again, until the bell shows the number."""
    deadline = time.monotonic() + seconds
    while person.unread() != number:
        assert time.monotonic() < deadline, f"The bell shows {person.unread()}, not {number}."
        time.sleep(1)
        person.page.reload()


def test_an_alert_climbs_from_the_handler_to_the_head_to_the_director_by_itself(
    running_hall: RunningHall, new_context: Callable[..., BrowserContext]
):
    wang = Colleague.at_work(new_context, "wang", "/inbox/")
    zhao = Colleague.at_work(new_context, "zhao", "/inbox/")
    chen = Colleague.at_work(new_context, "chen", "/desk/")
    running_hall.manage("shell", "--command", SHORT_CLOCK.read_text())

    wait_for_bell(wang, other_alerts(running_hall, "wang") + 1, 40)
    wait_for_bell(wang, other_alerts(running_hall, "wang") + 2, 40)
    wait_for_bell(zhao, other_alerts(running_hall, "zhao") + 1, 40)
    wait_for_bell(chen, other_alerts(running_hall, "chen") + 1, 90)
    # Several sweeps later nobody has been told anything again.
    time.sleep(3)
    steps = told(running_hall)
    assert [(level, who) for level, who, _at in steps] == [
        ("yellow", "wang"),
        ("red", "wang"),
        ("red", "zhao"),
        ("red", "chen"),
    ]
    due = [0, WARNING_TO_LIMIT, WARNING_TO_LIMIT, WARNING_TO_DIRECTOR]
    late = [at - moment for (_level, _who, at), moment in zip(steps, due, strict=True)]
    # Never before its time; after it, as soon as a sweep comes round, which here is every second.
    assert all(0 <= seconds < 12 for seconds in late), late
    assert running_hall.query("SELECT failure FROM cases_casedeadline WHERE failure <> ''") == []

    wang.open("/alerts/?unread=1")
    expect(wang.page.locator("li .card-y")).to_have_count(1)
    expect(wang.page.locator("li .card-r")).to_have_count(1)
    chen.open("/alerts/?unread=1")
    unread = chen.unread()
    chen.page.locator("li:has(.card-r) a[href]").first.click()
    chen.page.wait_for_url("**/cases/NTH-*/")
    assert chen.unread() == unread - 1, "Opened, it is read."
    running_hall.manage("verify_ledger")
    assert [person.complaints for person in (wang, zhao, chen)] == [[], [], []]
