"""Limits for strangers: so many times in so long, whoever comes at the same moment; and things that are good once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from foundation.throttling.actions import Limit, TooMany, forget_old, spend, take, take_volume
from foundation.throttling.models import Spent, Use

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = MONDAY.date()
HOUR = timedelta(hours=1)
LIMIT = Limit("complaint", 3, HOUR)
STREET = "203.0.113.7"


@pytest.fixture(autouse=True)
def _outside_of_transactions(transactional_db: None) -> None:
    """A use stays counted whatever becomes of the rest, so it is committed by itself."""


def used(times: int, *, who: str = STREET, limit: Limit = LIMIT, since: datetime = MONDAY) -> None:
    for number in range(times):
        take(limit, who=who, now=since + timedelta(minutes=number))


def test_the_fourth_in_an_hour_waits_until_the_first_is_an_hour_old() -> None:
    used(3)
    with pytest.raises(TooMany) as refusal:
        take(LIMIT, who=STREET, now=MONDAY + timedelta(minutes=50))
    assert refusal.value.retry_after == 601
    take(LIMIT, who=STREET, now=MONDAY + timedelta(minutes=60, seconds=1))


def test_whoever_is_refused_does_not_wait_longer_for_having_tried() -> None:
    used(3)
    for minute in range(10, 50):
        with pytest.raises(TooMany):
            take(LIMIT, who=STREET, now=MONDAY + timedelta(minutes=minute))
    assert Use.objects.count() == 3
    take(LIMIT, who=STREET, now=MONDAY + timedelta(minutes=61))


def test_neighbours_and_other_doings_are_counted_apart() -> None:
    used(3)
    take(LIMIT, who="203.0.113.8", now=MONDAY)
    take(Limit("tracking", 3, HOUR), who=STREET, now=MONDAY)


def test_nobodys_address_is_kept() -> None:
    used(1)
    assert STREET not in str(Use.objects.values_list())


def test_many_at_the_same_moment_pass_as_often_as_the_limit_says() -> None:
    gate, outcomes = Barrier(8), []

    def press() -> None:
        try:
            gate.wait()
            take(LIMIT, who=STREET, now=MONDAY)
            outcomes.append("in")
        except TooMany:
            outcomes.append("out")
        finally:
            connection.close()

    hands = [Thread(target=press) for _hand in range(8)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sorted(outcomes) == ["in"] * 3 + ["out"] * 5


def test_a_use_within_another_transaction_is_a_fault_of_the_program() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        take(LIMIT, who=STREET, now=MONDAY)


def test_what_was_spent_is_not_taken_again() -> None:
    assert spend(token="a", until=MONDAY + HOUR)
    assert not spend(token="a", until=MONDAY + HOUR)
    assert spend(token="b", until=MONDAY + HOUR)


def test_what_was_spent_on_something_undone_is_good_again() -> None:
    with transaction.atomic():
        assert spend(token="a", until=MONDAY + HOUR)
        transaction.set_rollback(True)
    assert spend(token="a", until=MONDAY + HOUR)


def test_who_comes_with_the_same_at_the_same_moment_waits_for_the_first() -> None:
    gate, outcomes = Barrier(4), []

    def press() -> None:
        try:
            gate.wait()
            with transaction.atomic():
                outcomes.append(spend(token="a", until=MONDAY + HOUR))
        finally:
            connection.close()

    hands = [Thread(target=press) for _hand in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sorted(outcomes) == [False, False, False, True]


def brought(amount: int, *, who: str = "NTH", day: date = TODAY) -> bool:
    return take_volume(scope="files", who=who, day=day, amount=amount, most=100)


def test_of_a_day_so_much_is_taken_and_what_does_not_fit_is_not_counted() -> None:
    assert [brought(60), brought(41), brought(40), brought(1)] == [True, False, True, False]
    assert brought(100, who="STH")
    assert brought(100, day=TODAY + timedelta(days=1))
    assert not brought(101, who="ETH")


def test_what_is_brought_at_the_same_moment_does_not_get_past_the_most_of_a_day() -> None:
    gate, outcomes = Barrier(4), []

    def bring() -> None:
        try:
            gate.wait()
            outcomes.append(brought(30))
        finally:
            connection.close()

    hands = [Thread(target=bring) for _hand in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sorted(outcomes) == [False, True, True, True]


def test_days_that_are_over_go() -> None:
    brought(1)
    brought(1, day=TODAY + timedelta(days=2))
    assert forget_old(now=MONDAY + timedelta(days=3)) == 1


def test_what_no_limit_asks_for_any_more_goes() -> None:
    used(2)
    spend(token="old", until=MONDAY)
    spend(token="young", until=MONDAY + timedelta(days=3))
    assert forget_old(now=MONDAY + timedelta(days=1)) == 2
    assert Use.objects.count() == 1
    assert Spent.objects.count() == 1
