"""Sends public complaints to a running hall, many at once, as browsers do: three steps, a solved puzzle, the receipt.

    python -m tools.post_complaints --address http://127.0.0.1:8000 --hall GHP --count 300 --at-once 8 --flood 40

Some people press twice at the same moment, some send again after the receipt. People live in streets of 25 behind one
network address each; --flood: so many more behind one address. The hall must run with TRUSTED_PROXIES=1, or all of
them count as one address. Prints the figures as one line of JSON, and ends with 1 if an answer was an error or a
receipt differs from the one before. For trying a hall, and its limits, under load.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
import time
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from altcha import Challenge, solve_challenge

from tools.browse import Browser, Page, Tally

WORDS: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
STREET = 25
TWICE_EVERY = 10
AGAIN_EVERY = 15
NUMBER = re.compile(r"[A-Z][A-Z0-9]{1,7}-\d{4}-\d{6}")


@dataclass
class Outcome:
    """What came of it all; shared by the threads."""

    numbers: dict[int, str] = field(default_factory=dict)
    throttled: int = 0
    refused: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def note(self, place: int, page: Page, text: str) -> None:
        found = NUMBER.search(text)
        with self.lock:
            if page.status == 429:
                self.throttled += 1
            elif page.status != 200 or found is None:
                self.refused.append(f"{place}: {page.status} {page.path} {' | '.join(page.complaints)}")
            elif self.numbers.setdefault(place, found[0]) != found[0]:
                self.refused.append(f"{place}: {found[0]} after {self.numbers[place]}")


@dataclass(frozen=True)
class Run:
    address: str
    hall: str
    sending: Tally
    others: Tally
    outcome: Outcome

    def person(self, place: int, street: int) -> None:
        try:
            self._tell(place, street)
        except (urllib.error.URLError, OSError, KeyError) as error:
            with self.outcome.lock:
                self.outcome.refused.append(f"{place}: {error!r}")

    def _browser(self, street: int, tally: Tally) -> Browser:
        browser = Browser(self.address, tally)
        browser.opener.addheaders.append(("X-Forwarded-For", f"10.20.{street // 250}.{street % 250 + 1}"))
        return browser

    def _tell(self, place: int, street: int) -> None:
        browser = self._browser(street, self.others)
        matters = WORDS["matters"]
        page = browser.get(f"/h/{self.hall}/tell/")
        page = self._press(
            browser,
            page,
            "next",
            nature="complaint",
            about=WORDS["about"],
            matter=f"{matters[place % len(matters)]} ({place})",
        )
        name = f"{WORDS['name']}{place}"
        page = self._press(browser, page, "next", identity="named", name=name, phone=f"139{place:08d}")
        proof = self._solved(browser)
        # Not in the flood: a press at the same moment counts against its limit too, and the figures would differ.
        hands = 2 if street and place % TWICE_EVERY == 0 else 1
        with ThreadPoolExecutor(hands) as pool:
            for pressed in [pool.submit(self._send, place, street, page, proof, browser) for _hand in range(hands)]:
                pressed.result()
        if street and place % AGAIN_EVERY == 0 and place in self.outcome.numbers:
            self._send(place, street, page, proof, browser)

    def _press(self, browser: Browser, page: Page, do: str, **typed: str) -> Page:
        return browser.send(page, page.form_with("submission_key"), typed, ("do", do))

    def _solved(self, browser: Browser) -> str:
        with browser.opener.open(f"{browser.address}/h/{self.hall}/challenge/", timeout=60) as answer:
            puzzle = json.load(answer)
        solution = solve_challenge(Challenge.from_dict(puzzle))
        if solution is None:
            raise KeyError("no solution")
        return base64.b64encode(json.dumps({"challenge": puzzle, "solution": solution.to_dict()}).encode()).decode()

    def _send(self, place: int, street: int, page: Page, proof: str, browser: Browser) -> None:
        sender = self._browser(street, self.sending)
        # The same browser as far as the hall can tell: its cookies, but an answer of its own.
        sender.opener = browser.opener
        answer = sender.send(page, page.form_with("submission_key"), {"consent": "on", "altcha": proof}, ("do", "send"))
        self.outcome.note(place, answer, answer.text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", required=True)
    parser.add_argument("--hall", required=True, help="its code")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--flood", type=int, default=0)
    given = parser.parse_args()
    run = Run(given.address, given.hall, Tally(), Tally(), Outcome())
    # The flood comes mixed among the others; street 0 is its own.
    streets = [place // STREET + 1 for place in range(given.count)]
    for number in range(given.flood):
        streets.insert(number * 2, 0)
    began = time.monotonic()
    with ThreadPoolExecutor(given.at_once) as pool:
        list(pool.map(run.person, range(len(streets)), streets))
    seconds = time.monotonic() - began
    outcome = run.outcome
    figures = {
        "people": len(streets),
        "cases": len(set(outcome.numbers.values())),
        "throttled": outcome.throttled,
        "seconds": round(seconds, 1),
        "cases_a_second": round(len(outcome.numbers) / seconds, 2),
        "send_p50_ms": round(run.sending.quantile(0.5)),
        "send_p95_ms": round(run.sending.quantile(0.95)),
        "step_p50_ms": round(run.others.quantile(0.5)),
        "step_p95_ms": round(run.others.quantile(0.95)),
        "refused": outcome.refused[:20],
        "numbers": sorted(outcome.numbers.values()),
    }
    print(json.dumps(figures))
    return 1 if outcome.refused else 0


if __name__ == "__main__":
    sys.exit(main())
