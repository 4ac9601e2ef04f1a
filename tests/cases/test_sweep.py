"""The sweep takes each step of the alert ladder once, for the right people, whatever happens on the way.

The slip of Monday 2 March 2026, 09:30: investigation is to begin within 48 hours, by Wednesday 09:30;
three quarters are Tuesday 21:30; one working day after the limit is Thursday 17:30, three are Monday 9 March 17:30.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection

from cases.actions.bar import bar
from cases.models import CaseDeadline, TransferSlip
from cases.sweep import sweep
from foundation.notifications.models import Alert
from tests import matters
from tests.builders import Town
from tests.cases.steps import investigate
from tests.matters import MONDAY, SHANGHAI


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def slip(town: Town) -> TransferSlip:
    """Signed by Wang; only the investigation clock is left to be looked at."""
    slip = matters.signed(town)
    CaseDeadline.objects.running().exclude(kind="investigate").update(next_alert_at=None)
    return slip


def told(clock_kind: str = "investigate") -> list[tuple[str, str]]:
    """Who was told at which level about the clock, in order of the ladder."""
    clock = CaseDeadline.objects.get(kind=clock_kind)
    alerts = Alert.objects.filter(key__startswith=f"clock:{clock.pk}:").select_related("recipient")
    return [(alert.level, alert.recipient.username) for alert in alerts.order_by("created_at", "recipient__username")]


def test_nothing_is_told_before_three_quarters_of_the_time_have_passed(town: Town, slip: TransferSlip):
    assert sweep(now=at(3, 21, 29)).alerts == 0


def test_the_handler_is_warned_at_three_quarters_with_a_yellow_card(town: Town, slip: TransferSlip):
    sweep(now=at(3, 21, 30))
    assert told() == [("yellow", "wang")]


def test_at_the_limit_the_handler_and_the_head_get_a_red_card(town: Town, slip: TransferSlip):
    sweep(now=at(3, 21, 30))
    sweep(now=at(4, 9, 30))
    assert told()[1:] == [("red", "wang"), ("red", "zhao")]


def test_one_working_day_later_the_director_and_after_three_the_supervisors_and_the_street(
    town: Town, slip: TransferSlip
):
    for moment in (at(3, 21, 30), at(4, 9, 30), at(5, 17, 30), at(9, 17, 30)):
        sweep(now=moment)
    assert [who for _level, who in told()] == ["wang", "wang", "zhao", "chen", "feng", "tang"]


def test_a_second_sweep_in_the_same_minute_tells_nobody_again(town: Town, slip: TransferSlip):
    sweep(now=at(4, 9, 30))
    before = Alert.objects.count()
    assert sweep(now=at(4, 9, 30)).alerts == 0
    assert Alert.objects.count() == before


def test_steps_overtaken_while_nothing_ran_are_merged_into_the_highest(town: Town, slip: TransferSlip):
    sweep(now=at(6, 12))
    assert told() == [("red", "chen"), ("red", "wang"), ("red", "zhao")]


def test_the_ladder_ends_after_its_last_step(town: Town, slip: TransferSlip):
    sweep(now=at(20, 12))
    assert CaseDeadline.objects.get(kind="investigate").next_alert_at is None


def test_a_barred_handler_is_left_out_and_the_head_takes_their_place(town: Town, slip: TransferSlip):
    bar(case_id=slip.case_id, staff=town.wang, reason="居民投诉其本人", actor=town.chen, now=MONDAY)
    sweep(now=at(3, 21, 30))
    recipients = {who for _level, who in told()}
    assert "wang" not in recipients
    assert recipients == {"qian", "zhao"}


def test_a_barred_director_is_replaced_by_the_street_supervisor(town: Town, slip: TransferSlip):
    bar(case_id=slip.case_id, staff=town.chen, reason="居民投诉其本人", actor=town.lin, now=MONDAY)
    sweep(now=at(5, 17, 30))
    assert {who for _level, who in told()} == {"wang", "zhao", "tang"}


def test_the_promise_of_what_an_outside_unit_does_is_the_desks_to_keep(town: Town):
    """Seven working days, until Wednesday 11 March, 17:30; the water company has no accounts."""
    matters.transferred(town, department=town.waterworks)
    CaseDeadline.objects.exclude(kind="promise").update(next_alert_at=None)
    sweep(now=at(10, 12))
    assert told("promise") == [("yellow", "chen"), ("yellow", "lin")]


def test_the_promise_of_what_a_department_does_is_its_handlers_to_keep(town: Town, slip: TransferSlip):
    CaseDeadline.objects.filter(kind="promise").update(next_alert_at=MONDAY)
    sweep(now=at(10, 12))
    assert told("promise") == [("yellow", "wang")]


def test_a_finished_clock_is_never_looked_at_again(town: Town, slip: TransferSlip):
    investigate(slip, town.wang, at(2, 11))
    assert sweep(now=at(20, 12)).looked_at == 0


def test_a_poisoned_row_stops_nobody_and_is_shown(town: Town, slip: TransferSlip):
    others = [
        matters.transferred(town, resident=matters.a_resident(town, phone=f"1380571602{n}")).pk for n in range(2, 7)
    ]
    with connection.cursor() as cursor:
        # A row written past the program: a clock of a kind that nobody knows cannot be put into words.
        cursor.execute(
            "UPDATE cases_casedeadline SET kind = 'no_such_clock' WHERE slip_id = %s AND kind = 'investigate'",
            [others[2]],
        )
    done = sweep(now=at(4, 9, 30))
    assert done.postponed == 1
    poisoned = CaseDeadline.objects.filter(failed_at__isnull=False)
    assert list(poisoned.values_list("slip_id", "kind")) == [(others[2], "no_such_clock")]
    untouched = [pk for pk in others if pk != others[2]]
    for pk in untouched:
        clock = CaseDeadline.objects.get(slip=pk, kind="investigate")
        assert Alert.objects.filter(key__startswith=f"clock:{clock.pk}:").count() == 3


def test_the_queries_of_a_sweep_do_not_grow_with_what_is_due(town: Town, django_assert_max_num_queries):
    for n in range(3):
        matters.transferred(town, resident=matters.a_resident(town, phone=f"1380571602{n}"))
    with django_assert_max_num_queries(18):
        few = sweep(now=at(4, 9, 30))
    for n in range(3, 9):
        matters.transferred(town, resident=matters.a_resident(town, phone=f"1380571602{n}"))
    with django_assert_max_num_queries(18):
        more = sweep(now=at(4, 9, 30) + timedelta(minutes=1))
    assert more.looked_at > few.looked_at


@pytest.mark.parametrize("column", ["due_at", "warn_at", "next_alert_at"])
def test_the_database_refuses_a_moment_that_no_program_can_read(town: Town, slip: TransferSlip, column: str):
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute(f"UPDATE cases_casedeadline SET {column} = 'infinity' WHERE kind = 'investigate'")
