"""The three rates against matters brought there by the real actions; the expected numbers are counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from cases.actions.bar import bar
from cases.models import Case
from followups.actions.attempt import close_anonymous, close_unreachable, record_attempt
from followups.actions.conclude import conclude
from foundation.organization.models import Staff
from tests.builders import Town
from tests.desk.matters import MONDAY
from tests.followups.stories import evaluated, informed

DASHBOARD = "/dashboard/"
DAY = timedelta(days=1)
TUESDAY, WEDNESDAY = MONDAY + DAY, MONDAY + 2 * DAY


@pytest.fixture(autouse=True)
def friday() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY + 4 * DAY, tick=False) as clock:
        yield clock


def told(town: Town, **how: Any) -> Case:
    return informed(town, now=TUESDAY, **how)


def second_round(town: Town, case: Case, at: datetime) -> Case:
    """Reopened; Qian handles it now, and the resident is told again."""
    return informed(town, case=case, handler=town.qian, now=at)


def rates_of(client: Client, staff: Staff, days: str = "") -> dict[str, Any]:
    client.force_login(staff)
    context = client.get(DASHBOARD + days).context
    return {rate.name: rate for rate in context["rates"]} | {"context": context}


def counts(rate: Any) -> list[int]:
    return [figure.count for figure in rate.figures]


def numbers(client: Client, figure: Any) -> set[str]:
    return {row.case.number for row in client.get(figure.url).context["rows"]}


def six_residents(town: Town) -> list[Case]:
    """Two wholly content, one basically and partly, one never contacted yet content, one dissatisfied, one silent."""
    return [
        evaluated(told(town), actor=town.mei),
        evaluated(told(town), actor=town.mei),
        evaluated(told(town), actor=town.mei, solved="partly", satisfaction="basically"),
        evaluated(told(town), actor=town.mei, contacted=False),
        evaluated(told(town), actor=town.mei, solved="no", satisfaction="dissatisfied", reasons="还在漏"),
        told(town),
    ]


def test_each_rate_is_the_share_of_the_answers_to_its_question(client: Client, town: Town) -> None:
    cases = six_residents(town)
    found = rates_of(client, town.feng)
    # Five answers: four were contacted; three solved, one partly, one not; three satisfied, one basically, one not.
    assert (found["response"].share.part, found["response"].share.base) == (4, 5)
    assert (found["solution"].share.part, found["solution"].share.base) == (3, 5)
    assert (found["satisfaction"].share.part, found["satisfaction"].share.base) == (4, 5)
    assert found["response"].share.percent == pytest.approx(80)
    assert counts(found["response"]) == [4, 1]
    assert counts(found["solution"]) == [3, 1, 1, 0]
    assert counts(found["satisfaction"]) == [3, 1, 1, 0]
    assert numbers(client, found["response"].figures[1]) == {cases[3].number}
    assert numbers(client, found["solution"].figures[1]) == {cases[2].number}
    assert numbers(client, found["satisfaction"].figures[2]) == {cases[4].number}


def test_a_matter_of_two_rounds_gives_two_answers_and_is_one_case_in_each_list(client: Client, town: Town) -> None:
    case = evaluated(told(town), actor=town.mei, solved="no", satisfaction="dissatisfied", reasons="还在漏")
    case = second_round(town, case, WEDNESDAY)
    evaluated(case, actor=town.mei, now=WEDNESDAY + timedelta(hours=2))
    found = rates_of(client, town.feng)
    assert (found["response"].share.part, found["response"].share.base) == (2, 2)
    assert counts(found["response"]) == [1, 0]
    assert (found["satisfaction"].share.part, found["satisfaction"].share.base) == (1, 2)
    assert counts(found["satisfaction"]) == [1, 0, 1, 0]
    assert found["context"]["reopened"].count == 1
    assert found["context"]["reopened_share"].percent == pytest.approx(100)


def test_a_concluded_matter_counts_as_not_solved_and_not_satisfied(client: Client, town: Town) -> None:
    """One content; one dissatisfied and then concluded: two answers and a conclusion, so one of three."""
    evaluated(told(town), actor=town.mei)
    case = evaluated(told(town), actor=town.mei, solved="no", satisfaction="dissatisfied", reasons="还在漏")
    case = second_round(town, case, WEDNESDAY)
    conclude(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.chen,
        now=WEDNESDAY + timedelta(hours=3),
        letter="两轮均已按规范处理。",
        review_body="街道办事处",
    )
    found = rates_of(client, town.feng)
    assert (found["response"].share.part, found["response"].share.base) == (2, 2)
    assert (found["solution"].share.part, found["solution"].share.base) == (1, 3)
    assert (found["satisfaction"].share.part, found["satisfaction"].share.base) == (1, 3)
    assert counts(found["solution"]) == [1, 0, 1, 1]
    assert counts(found["satisfaction"]) == [1, 0, 1, 1]
    assert numbers(client, found["satisfaction"].figures[3]) == {case.number}


def test_who_is_anonymous_or_unreachable_is_counted_apart_from_every_rate(client: Client, town: Town) -> None:
    evaluated(told(town), actor=town.mei)
    nameless = told(town, anonymous=True)
    close_anonymous(case_id=nameless.pk, transition_no=nameless.transition_no, actor=town.mei, now=WEDNESDAY)
    silent = told(town)
    for number in range(3):
        silent = record_attempt(
            case_id=silent.pk,
            transition_no=silent.transition_no,
            actor=town.mei,
            now=TUESDAY + number * DAY + timedelta(hours=3),
            means="phone",
        )
    at = TUESDAY + 2 * DAY + timedelta(hours=4)
    close_unreachable(case_id=silent.pk, transition_no=silent.transition_no, actor=town.mei, now=at)
    found = rates_of(client, town.feng)
    assert found["satisfaction"].share.base == 1
    assert found["response"].share.base == 1
    apart = {figure.url.split("figure=")[1].split("&")[0]: figure for figure in found["context"]["apart"]}
    assert {name: figure.count for name, figure in apart.items()} == {"anonymous": 1, "unreachable": 1}
    assert numbers(client, apart["anonymous"]) == {nameless.number}
    assert numbers(client, apart["unreachable"]) == {silent.number}


def test_nobody_answered_no_rate(client: Client, town: Town) -> None:
    found = rates_of(client, town.feng)
    assert [found[name].share.percent for name in ("response", "solution", "satisfaction")] == [None, None, None]


def test_midnight_in_the_hall_divides_the_days(client: Client, town: Town) -> None:
    """Answered on Wednesday one second before midnight and on Thursday at midnight: one answer each day."""
    midnight = datetime(2026, 3, 5, 0, 0, tzinfo=MONDAY.tzinfo)
    evening = evaluated(told(town), actor=town.mei, now=midnight - timedelta(seconds=1))
    night = evaluated(told(town), actor=town.mei, now=midnight, satisfaction="basically")
    wednesday = rates_of(client, town.feng, "?begins=2026-03-04&ends=2026-03-04")["satisfaction"]
    assert counts(wednesday) == [1, 0, 0, 0]
    assert numbers(client, wednesday.figures[0]) == {evening.number}
    thursday = rates_of(client, town.feng, "?begins=2026-03-05&ends=2026-03-05")["satisfaction"]
    assert counts(thursday) == [0, 1, 0, 0]
    assert numbers(client, thursday.figures[1]) == {night.number}
    both = rates_of(client, town.feng, "?begins=2026-03-04&ends=2026-03-05")["satisfaction"]
    assert counts(both) == [1, 1, 0, 0]


def test_whoever_a_complaint_is_about_has_no_part_of_it_in_the_rates(client: Client, town: Town) -> None:
    case = evaluated(told(town), actor=town.mei, solved="no", satisfaction="dissatisfied", reasons="还在漏")
    evaluated(told(town), actor=town.mei)
    bar(case_id=case.pk, staff=town.chen, reason="投诉对象", actor=town.lin, now=WEDNESDAY)
    assert counts(rates_of(client, town.chen)["satisfaction"]) == [1, 0, 0, 0]
    assert counts(rates_of(client, town.feng)["satisfaction"]) == [1, 0, 1, 0]
