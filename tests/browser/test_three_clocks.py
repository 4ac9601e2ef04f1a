"""The three clocks of a complaint, each seen in good time, warning and overdue, while beat and worker do the rest.

To be confirmed within 24 hours, its investigation begun within 48, the complainant informed within 7 working days:
here each lasts two minutes, and nobody does what it waits for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator

from tests.browser.colleague import Colleague
from tests.running import RunningHall

THREE_CLOCKS = Path(__file__).with_name("three_clocks.py")
WARNING_TO_LIMIT = 30
YELLOW, RED = "yellow", "red"


def told(hall: RunningHall, kind: str) -> list[tuple[str, str, bool]]:
    """With which card whom, and whether in time: never before its moment, and then as soon as a sweep comes round."""
    rows = hall.query(
        "SELECT level, username, extract(epoch FROM alert.created_at -"
        "   CASE level WHEN 'yellow' THEN clock.warn_at ELSE clock.due_at END)"
        " FROM cases_casedeadline AS clock JOIN notifications_alert AS alert"
        "   ON alert.key LIKE 'clock:' || clock.id || ':%%'"
        " JOIN organization_staff AS staff ON staff.id = recipient_id"
        " WHERE clock.kind = %s AND clock.outcome = '' AND level IN ('yellow', 'red')"
        " ORDER BY alert.created_at, username",
        kind,
    )
    return [(str(level), str(username), 0 <= float(str(late)) < 15) for level, username, late in rows]


def card_of(row: Locator) -> str:
    """How the clock of a row is shown: words always, and a card once it warns."""
    left = row.locator(".left").first
    assert left.inner_text().strip(), "Colour alone tells nothing."
    return RED if left.locator(".card-r").count() else YELLOW if left.locator(".card-y").count() else ""


def seen(person: Colleague, address: str, number: str, card: str, seconds: float) -> None:
    """Loading the page as anybody would, again and again, until the row shows that card and none after it."""
    order = ["", YELLOW, RED]
    deadline = time.monotonic() + seconds
    while True:
        person.open(address)
        shown = card_of(person.page.locator("li.row-item", has_text=number).first)
        assert order.index(shown) <= order.index(card), f"{number} is {shown} before it was seen {card}."
        if shown == card:
            return
        assert time.monotonic() < deadline, f"{number} shows {shown!r}, not {card!r}."
        time.sleep(1)


def test_each_of_the_three_clocks_of_a_complaint_is_seen_in_good_time_then_yellow_then_red(
    running_hall: RunningHall, new_context: Callable[..., BrowserContext]
):
    lin = Colleague.at_work(new_context, "lin", "/desk/")
    wang = Colleague.at_work(new_context, "wang", "/inbox/")
    printed = running_hall.manage("shell", "--command", THREE_CLOCKS.read_text())
    to_confirm, to_investigate, to_inform = printed.split("numbers ")[1].split()[:3]
    watched = (
        (lin, f"/cases/?q={to_confirm}", to_confirm),
        (wang, "/inbox/", to_investigate),
        (lin, f"/cases/?q={to_inform}", to_inform),
    )
    for card, seconds in (("", 15), (YELLOW, 60), (RED, 75)):
        for person, address, number in watched:
            seen(person, address, number, card, seconds)
    # Several sweeps later nobody has been told anything again.
    time.sleep(3)
    handlers = [(YELLOW, "wang", True), (RED, "wang", True), (RED, "zhao", True)]
    desk = {(YELLOW, "lin", True), (RED, "lin", True)}
    assert told(running_hall, "investigate") == handlers
    for kind in ("confirm", "feedback"):
        steps = told(running_hall, kind)
        assert len(steps) == len(set(steps)), f"{kind}: somebody was told twice."
        assert desk <= set(steps)
        assert all(in_time for _card, _who, in_time in steps), steps
    assert running_hall.query("SELECT failure FROM cases_casedeadline WHERE failure <> ''") == []
    running_hall.manage("verify_ledger")
    assert [person.complaints for person in (lin, wang)] == [[], []]
