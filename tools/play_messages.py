"""Plays messages through a running hall, from registration to archived, by the requests a browser makes.

    python -m tools.play_messages messages.csv --address http://127.0.0.1:8000 --count 50 --password … \\
        --desk lin --caller mei --department NAME=wang,qian:zhao,chen

The file has the columns number, author, subject and text; whose messages they are is nobody's business but the hall's.
A department needs a second handler, who takes what comes back, and who approves: its head, and the director for what
the head handled. All are accounts of the hall with one password. It tells how long it took and what was
refused, and ends with 1 if anything was. For trying a hall with real texts, and under load (--at-once).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.browse import Browser, Form, Page, Tally

WORDS: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
NATURES: list[tuple[str, list[str]]] = WORDS["natures"]
CATEGORIES: list[tuple[list[str], str]] = WORDS["categories"]
CASE_PAGE = re.compile(r"/cases/([A-Z0-9]+-\d{4}-\d{6})/$")
CHANNELS = ("walk_in", "phone", "letter", "email", "wechat", "grid_worker")
ANONYMOUS_EVERY = 7
DISSATISFIED_EVERY = 10
ROUNDS = 3


class Stuck(Exception):
    """The hall refused a step, or did not offer it."""

    def __init__(self, step: str, page: Page) -> None:
        super().__init__(f"{step}: {page.status} {page.path} {' | '.join(page.complaints)}")


@dataclass(frozen=True)
class Department:
    name: str
    handlers: list[str]
    approvers: list[str]

    @classmethod
    def parse(cls, text: str) -> Department:
        name, _equals, people = text.partition("=")
        handlers, _colon, approvers = people.partition(":")
        if not name or not handlers or not approvers:
            raise argparse.ArgumentTypeError("NAME=HANDLER,HANDLER:HEAD,DIRECTOR is expected")
        return cls(name, handlers.split(","), approvers.split(","))


@dataclass(frozen=True)
class Message:
    place: int
    number: str
    author: str
    text: str

    def has(self, words: list[str]) -> bool:
        return any(word in self.text for word in words)

    @property
    def nature(self) -> str:
        return next((nature for nature, words in NATURES if self.has(words)), str(WORDS["nature_otherwise"]))

    @property
    def category(self) -> str:
        return next((name for words, name in CATEGORIES if self.has(words)), str(WORDS["category_otherwise"]))

    @property
    def is_answered_at_once(self) -> bool:
        return self.nature == "consultation"

    @property
    def is_anonymous(self) -> bool:
        return self.place % ANONYMOUS_EVERY == 0 and not self.is_answered_at_once

    @property
    def is_dissatisfied(self) -> bool:
        return self.place % DISSATISFIED_EVERY == 0 and not self.is_anonymous

    @property
    def phone(self) -> str:
        digits = "".join(filter(str.isdigit, self.author)) or str(self.place)
        return f"139{int(digits) % 10**8:08d}"


@dataclass
class Player:
    """The people of one hall, each at a browser of their own, who see one matter through after the other."""

    address: str
    password: str
    desk: str
    caller: str
    departments: list[Department]
    tally: Tally
    browsers: dict[str, Browser] = field(default_factory=dict)

    def browser(self, username: str) -> Browser:
        if username not in self.browsers:
            browser = self.browsers[username] = Browser(self.address, self.tally)
            page = browser.get("/login/")
            page = browser.send(page, page.form_with("username"), {"username": username, "password": self.password})
            if page.path.startswith("/login/"):
                raise Stuck(f"log in {username}", page)
        return self.browsers[username]

    def play(self, message: Message) -> str:
        """To the archive; gives the case's number."""
        department = self.departments[message.place % len(self.departments)]
        number = self.register(message, department)
        if not message.is_answered_at_once:
            self.see_through(message, number, department)
        page = self.browser(self.desk).get(f"/cases/{number}/")
        if page.link_to(f"/cases/{number}/files/"):
            raise Stuck("archived", page)
        return number

    def see_through(self, message: Message, number: str, department: Department) -> None:
        if self.browser(self.desk).get(f"/cases/{number}/").link_to("/confirm/"):
            self.press("confirm", self.desk, f"/cases/{number}/confirm/", {})
        for round_ in range(ROUNDS):
            self.handle(number, department, department.handlers[round_ % len(department.handlers)])
            self.press(
                "inform",
                self.desk,
                f"/cases/{number}/inform/",
                {} if message.is_anonymous else {"means": "phone", "signature_kind": "paper"},
            )
            if self.follow_up(message, number, is_content=round_ > 0 or not message.is_dissatisfied):
                return
            self.press(
                "transfer",
                self.desk,
                f"/cases/{number}/transfer/",
                {"instruction": WORDS["reasons"]},
                unit=("department", department),
            )

    def register(self, message: Message, department: Department) -> str:
        desk = self.browser(self.desk)
        page = desk.get("/register/")
        form = page.form_with("matter")
        desk.ask_for_part(page, "/register/similar/", [("matter", message.text)])
        changes = {
            "matter": message.text,
            "nature": message.nature,
            "category": value_of(form, "category", message.category),
            "channel": "walk_in" if message.is_answered_at_once else CHANNELS[message.place % len(CHANNELS)],
        }
        if message.is_anonymous:
            changes["identity"] = "anonymous"
        else:
            changes |= {"name": message.author, "phone": message.phone}
        if message.is_answered_at_once:
            way = "answer"
            changes |= {
                "text": WORDS["answer"],
                "contacted": "yes",
                "solved": "yes",
                "satisfaction": "satisfied",
                "signature_kind": "paper",
            }
        else:
            way = "transfer"
            changes |= {
                "department": value_of(form, "department", department.name),
                "instruction": WORDS["instruction"],
            }
        after = desk.send(page, form, changes, ("do", way))
        found = CASE_PAGE.search(after.path)
        if found is None:
            raise Stuck(f"register ({way})", after)
        return found[1]

    def handle(self, number: str, department: Department, handler: str) -> None:
        """The department's part: sign in, contact, investigate, note, find, report; and approve where asked."""
        self.browser(handler).get("/inbox/")
        self.press_link("sign_in", handler, number, {})
        self.press_link("contact", handler, number, {"summary": WORDS["contact"]}, optional=True)
        self.press_link("investigate", handler, number, {"plan": WORDS["plan"]})
        self.press_link("note", handler, number, {"text": WORDS["note"]})
        found = {"verdict": "founded", "reasons": WORDS["result"]}
        finding = self.browser(handler).get(f"/cases/{number}/").link_to("/record_finding/")
        if finding is not None:
            self.press("finding", handler, finding, found, unit=("responsible_department", department))
        report = {"result": WORDS["result"], "remedy": WORDS["remedy"]}
        if not self.press_link("report", handler, number, report, optional=True):
            self.press_link("submit", handler, number, report)
            # Nobody approves their own result: then it is the next one's.
            others = [approver for approver in department.approvers if approver != handler]
            self.press_link("approve", others[0], number, {})

    def follow_up(self, message: Message, number: str, *, is_content: bool) -> bool:
        """Whether the matter is closed by it."""
        caller = self.browser(self.caller)
        caller.get("/follow-ups/")
        path = f"/cases/{number}/attempt_follow_up/"
        if message.is_anonymous:
            self.press("follow-up", self.caller, path, {}, button=("action", "anonymous"))
            return True
        changes = {"contacted": "yes", "solved": "yes", "satisfaction": "satisfied"}
        if not is_content:
            changes |= {"solved": "no", "satisfaction": "dissatisfied", "reasons": WORDS["reasons"]}
        self.press("follow-up", self.caller, path, changes, holding="reasons")
        return is_content

    def press_link(
        self, verb: str, username: str, number: str, changes: dict[str, str], *, optional: bool = False
    ) -> bool:
        """A button of the slip on its case's page. Whether it was there, where it need not be."""
        page = self.browser(username).get(f"/cases/{number}/")
        link = page.link_to(f"/{verb}/")
        if link is None:
            if optional:
                return False
            raise Stuck(f"{verb} by {username}, not offered", page)
        self.press(verb, username, link, changes)
        return True

    def press(
        self,
        step: str,
        username: str,
        path: str,
        changes: dict[str, str],
        *,
        holding: str = "transition_no",
        button: tuple[str, str] | None = None,
        unit: tuple[str, Department] | None = None,
    ) -> None:
        """Open the verb's form, fill it in, send it; raises Stuck where it is not offered or refused.

        unit: a field in which a department is chosen, and which.
        """
        browser = self.browser(username)
        page = browser.get(path)
        if page.path != path or page.status != 200:
            raise Stuck(f"{step} by {username}, not offered", page)
        form = page.form_with(button[0] if button else holding)
        if unit is not None:
            name, department = unit
            changes = {**changes, name: value_of(form, name, department.name)}
        after = browser.send(page, form, changes, button)
        if after.status != 200 or after.path == path:
            raise Stuck(f"{step} by {username}", after)


def value_of(form: Form, name: str, label: str) -> str:
    """The value of the option whose label ends so; ValueError if there is none."""
    for option in form.options[name]:
        if option.value and option.label.endswith(label):
            return option.value
    raise ValueError(f"{label!r} is no {name} of this hall")


def messages(file: Path, first: int, count: int) -> Iterator[Message]:
    with file.open(encoding="utf-8-sig", newline="") as rows:
        for place, row in enumerate(csv.DictReader(rows), start=1):
            if first <= place < first + count:
                text = f"{row['subject']}\n{row['text']}".strip()
                yield Message(place, row["number"], row["author"], text)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--address", required=True, help="of the running hall, such as http://127.0.0.1:8000")
    parser.add_argument("--password", default=os.environ.get("HALL_PASSWORD", ""), help="or HALL_PASSWORD")
    parser.add_argument("--desk", required=True, help="a receptionist, who registers and informs")
    parser.add_argument("--caller", required=True, help="another one, who follows up")
    parser.add_argument("--department", required=True, action="append", type=Department.parse)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--at-once", type=int, default=1, help="how many matters are played at the same time")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    tally, refused, own = Tally(), list[str](), threading.local()

    def play(message: Message) -> bool:
        if not hasattr(own, "player"):
            own.player = Player(given.address, given.password, given.desk, given.caller, given.department, tally)
        try:
            number = own.player.play(message)
        except (Stuck, ValueError, KeyError, OSError) as error:
            refused.append(f"message {message.number} (row {message.place}): {error}")
            return False
        print(f"{message.place:4} {message.number:>8} {number} {message.nature}", flush=True)
        return True

    began = time.monotonic()
    with ThreadPoolExecutor(given.at_once) as clerks:
        done = list(clerks.map(play, messages(given.file, given.first, given.count)))
    seconds = time.monotonic() - began
    print(f"{sum(done)} of {len(done)} messages archived in {seconds:.1f} s")
    print(
        f"{len(tally.milliseconds)} requests, {len(tally.milliseconds) / seconds:.0f} a second;"
        f" median {tally.quantile(0.5):.0f} ms, 95 % within {tally.quantile(0.95):.0f} ms"
    )
    for line in refused:
        print(f"Refused: {line}", file=sys.stderr)
    return 0 if done and all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
