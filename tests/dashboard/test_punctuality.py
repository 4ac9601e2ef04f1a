"""Punctuality: met in time ÷ (finished + open overdue), by real actions; limits are worked out by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import time_machine
from django.test import Client

from cases.actions.merge import merge
from foundation.organization.models import Staff
from tests.builders import Town
from tests.cases import steps
from tests.desk import matters
from tests.desk.matters import MONDAY

DAY = timedelta(days=1)


def kinds(client: Client, staff: Staff, days: str = "") -> dict[str, tuple[int, int]]:
    client.force_login(staff)
    rows: list[Any] = client.get("/dashboard/" + days).context["punctuality"]
    return {row.figures[0].url.split("kind=")[1].split("&")[0]: (row.share.part, row.share.base) for row in rows}


def test_met_late_and_still_overdue(client: Client, town: Town) -> None:
    """Sign-in has one working day: in time on Tuesday, late on Thursday, and one that nobody has signed yet."""
    steps.sign_in(matters.issued(town), town.zhao, town.wang, MONDAY + DAY)
    steps.sign_in(matters.issued(town), town.zhao, town.wang, MONDAY + 3 * DAY)
    matters.issued(town)
    with time_machine.travel(MONDAY + 4 * DAY, tick=False):
        assert kinds(client, town.feng)["sign_in"] == (1, 3)


def test_what_is_still_overdue_counts_in_the_days_it_was_due_and_in_later_ones_not_in_earlier(
    client: Client, town: Town
) -> None:
    matters.issued(town)
    with time_machine.travel(MONDAY + 4 * DAY, tick=False):
        assert "sign_in" not in kinds(client, town.feng, "?begins=2026-03-01&ends=2026-03-02")
        assert kinds(client, town.feng, "?begins=2026-03-03&ends=2026-03-03")["sign_in"] == (0, 1)
        assert kinds(client, town.feng, "?begins=2026-03-05&ends=2026-03-06")["sign_in"] == (0, 1)


def test_cancelled_after_its_time_is_late_cancelled_before_counts_nowhere(client: Client, town: Town) -> None:
    """A slip returned on Tuesday ends its investigation clock (48 hours) early, one returned on Friday too late."""
    steps.give_back(matters.issued(town), town.zhao, MONDAY + DAY)
    with time_machine.travel(MONDAY + 4 * DAY, tick=False):
        assert "investigate" not in kinds(client, town.feng)
        steps.give_back(matters.issued(town), town.zhao, MONDAY + 4 * DAY)
        assert kinds(client, town.feng)["investigate"] == (0, 1)


def test_what_is_paused_is_never_overdue(client: Client, town: Town) -> None:
    """Handling has five working days, until Monday the 9th; paused on Tuesday for ten working days."""
    standing, running = matters.investigating(town), matters.investigating(town)
    steps.ask_pause(standing, town.wang, MONDAY + DAY)
    steps.grant_pause(standing, town.zhao, MONDAY + DAY)
    with time_machine.travel(MONDAY + 8 * DAY, tick=False):
        client.force_login(town.feng)
        context = client.get("/dashboard/").context
        assert context["paused"].count == 1
        [paused] = client.get(context["paused"].url).context["rows"]
        assert paused.case.pk == standing.case_id
        [late] = client.get("/cases/?figure=overdue&kind=handle&days=2026-03-01..2026-03-10").context["rows"]
        assert late.case.pk == running.case_id
        assert kinds(client, town.feng)["handle"] == (0, 1)


def test_the_promise_of_a_merged_matter_waits_with_its_main_case(client: Client, town: Town) -> None:
    """Both promised within seven working days, until Wednesday the 11th: only the main one is overdue."""
    main, same = matters.accepted(town), matters.accepted(town)
    merge(case_id=same.pk, transition_no=same.transition_no, actor=town.lin, now=MONDAY, main_id=main.pk)
    with time_machine.travel(MONDAY + 11 * DAY, tick=False):
        assert kinds(client, town.feng)["promise"] == (0, 1)
