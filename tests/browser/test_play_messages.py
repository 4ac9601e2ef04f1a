"""Residents write what they like: quotation marks, markup, rare characters, line breaks. All of it goes through.

The same script that plays a file of real messages through a hall (tools/play_messages.py), over ten that we made up.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import PASSWORD, PROPERTY, WORKS
from tests.running import BASE_DIR, RunningHall

MESSAGES = Path(__file__).with_name("messages.csv")


@pytest.fixture
def running_hall(start_hall: Callable[..., RunningHall]) -> RunningHall:
    """The web process alone, as a load of requests finds it."""
    return start_hall("web")


def play(hall: RunningHall, file: Path, count: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "tools.play_messages", str(file), "--address", hall.base_url),
            *("--count", str(count), "--desk", "lin", "--caller", "mei"),
            *("--department", f"{WORKS}=wang,qian:zhao,chen", "--department", f"{PROPERTY}=sun,zhou:zhou,chen"),
        ],
        cwd=BASE_DIR,
        env=os.environ | {"HALL_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
    )


def test_ten_messages_go_from_registration_to_archived_and_are_kept_to_the_letter(running_hall: RunningHall):
    played = play(running_hall, MESSAGES, 10)
    assert played.returncode == 0, played.stdout + played.stderr
    assert "10 of 10 messages archived" in played.stdout

    with MESSAGES.open(encoding="utf-8", newline="") as rows:
        written = {f"{row['subject']}\n{row['text']}".strip() for row in csv.DictReader(rows)}
    kept = running_hall.query("SELECT matter FROM reception_visit")
    assert {str(matter).replace("\r\n", "\n") for (matter,) in kept} == written
    assert running_hall.query("SELECT DISTINCT state FROM cases_case") == [("archived",)]
    rounds = running_hall.query("SELECT round, count(*) FROM cases_case GROUP BY round ORDER BY round")
    assert rounds == [(1, 9), (2, 1)], "The tenth was not satisfied the first time."
    assert running_hall.query("SELECT count(*) FROM cases_case WHERE identity = 'anonymous'") == [(1,)]
    running_hall.manage("verify_ledger")
