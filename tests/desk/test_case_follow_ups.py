from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cases.actions.handle import contact, investigate, report
from cases.actions.inform import inform
from cases.actions.transfer import sign_in, transfer
from cases.models import Case
from followups.actions.attempt import close_unreachable, record_attempt
from followups.actions.evaluate import record_evaluation
from tests.builders import Town
from tests.desk.matters import MONDAY, UNSIGNED, informed, registered

pytestmark = pytest.mark.usefixtures("monday")

DAY = timedelta(days=1)


def tried(town: Town, case: Case, day: int = 0) -> Case:
    return record_attempt(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.mei,
        now=MONDAY + day * DAY,
        means="phone",
        remark=f"无人接听{day}",
    )


def dissatisfied(town: Town, case: Case) -> Case:
    return record_evaluation(
        case_id=case.pk, transition_no=case.transition_no, actor=town.mei, now=MONDAY, channel="phone",
        contacted=True, solved="no", satisfaction="dissatisfied", reasons="又漏了",
    )  # fmt: skip


def second_round(town: Town, case: Case) -> Case:
    """Qian handles it this time; told to the resident again."""
    slip = transfer(
        case_id=case.pk, transition_no=case.transition_no, actor=town.lin, now=MONDAY,
        department=town.works, instruction="请重做",
    )  # fmt: skip
    qian = town.qian
    slip = sign_in(slip_id=slip.pk, transition_no=slip.transition_no, actor=qian, now=MONDAY, handler=qian)
    slip = contact(
        slip_id=slip.pk, transition_no=slip.transition_no, actor=qian, now=MONDAY,
        means="phone", contacted_at=MONDAY, summary="再约",
    )  # fmt: skip
    slip = investigate(slip_id=slip.pk, transition_no=slip.transition_no, actor=qian, now=MONDAY, plan="复查")
    slip = report(
        slip_id=slip.pk, transition_no=slip.transition_no, actor=qian, now=MONDAY, result="已查明", remedy="已重修"
    )
    case = Case.objects.get(pk=case.pk)
    return inform(
        case_id=case.pk, transition_no=case.transition_no, actor=town.lin, now=MONDAY,
        means="phone", text="已重修", signature=UNSIGNED,
    )  # fmt: skip


def rounds(client: Client, town: Town, case: Case) -> list[Any]:
    client.force_login(town.lin)
    return list(client.get(f"/cases/{case.number}/").context["follow_ups"])


def test_a_case_nobody_was_asked_about_shows_no_follow_up(client: Client, town: Town) -> None:
    assert rounds(client, town, registered(town)) == []
    assert rounds(client, town, informed(town)) == []


def test_the_page_tells_attempts_what_was_said_and_the_notice_round_by_round(client: Client, town: Town) -> None:
    case = second_round(town, dissatisfied(town, tried(town, informed(town))))
    case = tried(town, case, 1)
    latest, first = rounds(client, town, case)
    assert (latest.number, len(latest.attempts), latest.said, latest.notice) == (2, 1, None, None)
    assert [attempt.remark for attempt in first.attempts] == ["无人接听0"]
    assert first.said.reasons == "又漏了"
    assert first.notice.number == f"{case.number}-R1"
    page = client.get(f"/cases/{case.number}/").content.decode()
    for words in ("无人接听0", "无人接听1", "又漏了", first.notice.number):
        assert words in page


def test_unreachable_is_told_too(client: Client, town: Town) -> None:
    case = informed(town)
    for day in range(3):
        case = tried(town, case, day)
    close_unreachable(case_id=case.pk, transition_no=case.transition_no, actor=town.mei, now=MONDAY + 2 * DAY)
    [one] = rounds(client, town, case)
    assert one.closed is not None
    assert len(one.attempts) == 3


def test_a_second_round_and_many_attempts_cost_no_more_queries(queries: Any, town: Town) -> None:
    once = tried(town, informed(town))
    often = second_round(town, dissatisfied(town, tried(town, informed(town))))
    for day in range(12):
        often = tried(town, often, day)
    few = queries(town.lin, f"/cases/{once.number}/")
    many = queries(town.lin, f"/cases/{often.number}/")
    assert many <= few
    assert few <= 14
    # Whether the director acts for a missing receptionist is a question of its own, asked for each transition.
    assert queries(town.chen, f"/cases/{often.number}/") <= 17


def test_other_cases_of_the_resident_leave_out_those_whose_identity_is_hidden(client: Client, town: Town) -> None:
    case = registered(town)
    who = case.resident
    registered(town, who=who)
    registered(town, who=who, identity="hidden")
    client.force_login(town.lin)
    assert client.get(f"/cases/{case.number}/").context["other_cases"] == 1
    client.force_login(town.chen)
    assert client.get(f"/cases/{case.number}/").context["other_cases"] == 2
