"""Last month's figures of a hall: plain sentences, and nothing by which a neighbour's matter could be told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.actions.bar import bar
from cases.models import Case
from followups.actions.evaluate import record_evaluation
from followups.board.drafting import change, draft_figures, hand_in
from followups.board.figures import last_month, told
from followups.board.publishing import publish, take_down
from followups.posting import Posting
from foundation.organization.models import Category
from foundation.refusals import NotAllowed
from tests import matters
from tests.builders import Town
from tests.matters import MONDAY, SHANGHAI

APRIL = datetime(2026, 4, 7, 10, 0, tzinfo=SHANGHAI)
FEBRUARY = datetime(2026, 2, 10, 10, 0, tzinfo=SHANGHAI)


def asked(town: Town, case: Case, satisfaction: str) -> Case:
    reasons: dict[str, Any] = {"reasons": "还在漏。"} if satisfaction == "dissatisfied" else {}
    return record_evaluation(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.mei,
        now=MONDAY + timedelta(days=2),
        channel="phone",
        contacted=True,
        solved="yes",
        satisfaction=satisfaction,
        **reasons,
    )


def march(town: Town, others: int = 5) -> Category:
    """Six leaks answered in time and asked about, one of them not satisfied; some of another kind still in hand."""
    resident = matters.a_resident(town)
    for number in range(6):
        case = matters.informed(town, resident=resident)
        asked(town, case, "dissatisfied" if number == 0 else "satisfied")
    other = Category.objects.filter(hall=town.north, parent__isnull=False).exclude(name="室内上下水渗漏")[0]
    for _number in range(others):
        matters.registered(town, resident=resident, category=other)
    # Neither of these is of March, or of this hall's figures.
    matters.registered(town, resident=resident, now=FEBRUARY)
    return other


def figures(town: Town, **more: Any) -> Posting:
    given: dict[str, Any] = {"hall": town.north, "actor": town.chen, "now": APRIL} | more
    return draft_figures(**given)


def test_the_figures_of_last_month_in_plain_sentences(town: Town) -> None:
    other = march(town)
    posting = figures(town)
    assert (posting.kind, posting.state, str(posting.month)) == ("figures", "draft", "2026-03-01")
    received, in_time, satisfied, about = posting.text.splitlines()
    assert "11" in received
    # Six promises were kept; that of the second round, after the dissatisfied answer, ran out in March: six of seven.
    assert "85" in in_time
    assert "83" in satisfied
    assert "室内上下水渗漏 6" in about
    assert f"{other.name} 5" in about


def test_a_small_category_is_not_told_even_by_subtracting(town: Town) -> None:
    other = march(town, others=3)
    text = figures(town).text
    assert "9" in text.splitlines()[0]
    assert other.name not in text
    assert "室内上下水渗漏" not in text


def test_of_a_month_with_fewer_than_five_matters_nothing_is_told(town: Town) -> None:
    matters.informed(town)
    text = figures(town).text
    assert len(text.splitlines()) == 1
    assert not any(digit in text for digit in "0123456789")


def test_the_whole_hall_is_counted_whoever_presses(town: Town) -> None:
    march(town, others=3)
    case = Case.objects.filter(registered_at__gte=MONDAY, state="registered")[0]
    bar(case_id=case.pk, staff=town.chen, reason="投诉其本人。", actor=town.lin, now=MONDAY + timedelta(days=3))
    assert "9" in figures(town).text.splitlines()[0]


def test_pressed_again_it_is_the_same_draft_until_it_was_taken_down(town: Town) -> None:
    first = figures(town)
    assert figures(town, actor=town.lin) == first
    about: dict[str, Any] = {"actor": town.chen, "now": APRIL}
    posting = change(
        posting_id=first.pk,
        transition_no=first.transition_no,
        title="三月情况",
        raised="",
        text="共受理九件。",
        **about,
    )
    steps: list[tuple[Any, dict[str, str]]] = [(hand_in, {}), (publish, {}), (take_down, {"because": "wrong"})]
    for verb, more in steps:
        posting = verb(posting_id=posting.pk, transition_no=posting.transition_no, **about, **more)
    assert figures(town) != first


def test_figures_are_drafted_at_the_desk_or_by_the_director_alone(town: Town) -> None:
    for other in (town.wang, town.zhao, town.feng, town.gu, town.lu, town.han):
        with pytest.raises(NotAllowed):
            figures(town, actor=other)


def test_the_month_is_the_halls_own(town: Town) -> None:
    # Half past midnight on 1 April in Shanghai is still March in Greenwich.
    span = last_month(town.north, datetime(2026, 4, 1, 0, 30, tzinfo=SHANGHAI))
    assert (str(span.first), str(span.last)) == ("2026-03-01", "2026-03-31")


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 30)))
def test_no_group_under_five_is_told_nor_left_over_to_subtract(counts: dict[str, int]) -> None:
    shown, rest = told(counts)
    assert len(shown) <= 5
    assert all(count >= 5 and counts[name] == count for name, count in shown)
    assert sum(counts.values()) == sum(count for _name, count in shown) + rest
    assert rest == 0 or rest >= 5 or not shown
