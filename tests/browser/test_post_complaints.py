"""Public complaints under load, while worker and beat are at work: no error, none lost, none double, limits kept."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.running import BASE_DIR, RunningHall

MOST_FROM_ONE_ADDRESS = 30  # an hour, with a solved puzzle


def post(hall: RunningHall, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tools.post_complaints", "--address", hall.base_url, "--hall", "NTH", *options]
    result = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    figures: dict[str, Any] = json.loads(result.stdout)
    print({name: value for name, value in figures.items() if name != "numbers"})
    return figures


@pytest.mark.parametrize(
    ("count", "at_once", "flood"),
    [pytest.param(12, 4, 0, id="few"), pytest.param(300, 8, 40, id="many", marks=pytest.mark.soak)],
)
def test_every_receipt_has_its_case_and_no_case_comes_twice(
    start_hall: Callable[..., RunningHall], count: int, at_once: int, flood: int
) -> None:
    hall = start_hall(TRUSTED_PROXIES="1", WEB_WORKERS="2")
    figures = post(hall, "--count", str(count), "--at-once", str(at_once), "--flood", str(flood))
    let_in = count + min(flood, MOST_FROM_ONE_ADDRESS)
    assert figures["cases"] == let_in
    numbers = [str(number) for (number,) in hall.query("SELECT number FROM cases_case ORDER BY number")]
    assert numbers == figures["numbers"]
    ((visits, residents, complaints, clocks),) = hall.query(
        "SELECT (SELECT count(*) FROM reception_visit), (SELECT count(*) FROM residents_resident), "
        "(SELECT count(*) FROM complaints_complaint), (SELECT count(*) FROM cases_casedeadline)"
    )
    # One resident was known before.
    assert (visits, residents, complaints, clocks) == (let_in, let_in + 1, let_in, 2 * let_in)
    assert hall.query("SELECT count(*) FROM cases_casedeadline WHERE failed_at IS NOT NULL") == [(0,)]
    told = hall.query("SELECT recipient_id, count(*) FROM notifications_alert GROUP BY recipient_id")
    assert {number for _person, number in told} == {let_in}
    if flood > MOST_FROM_ONE_ADDRESS:
        # Whoever was let in may press a second time; whoever was not was told so each time.
        assert figures["throttled"] >= flood - MOST_FROM_ONE_ADDRESS
    assert "Traceback" not in hall.web.log() + hall.worker.log()
