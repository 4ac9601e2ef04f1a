from datetime import UTC, datetime, timedelta

import pytest

from foundation.organization.actions import add_shift, copy_shifts, hand_over_shift, remove_shift
from foundation.organization.duty import on_call, on_duty
from foundation.organization.models import DutyShift
from foundation.refusals import NotAllowed, Refused, WrongState
from tests.builders import Town, on_shift

# A Monday, nine in the morning in Shanghai.
NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


def test_a_shift_covers_its_first_moment_and_not_its_last(town: Town) -> None:
    on_shift(town.lin, town.north, NINE, hours=3)
    assert on_duty(town.north, NINE - timedelta(seconds=1)) == []
    assert on_duty(town.north, NINE) == [town.lin]
    assert on_duty(town.north, NINE + 3 * HOUR - timedelta(seconds=1)) == [town.lin]
    assert on_duty(town.north, NINE + 3 * HOUR) == []


def test_on_duty_and_on_call_are_two_things(town: Town) -> None:
    on_shift(town.lin, town.north, NINE)
    on_shift(town.wang, town.north, NINE, on_call=True)
    assert on_duty(town.north, NINE) == [town.lin]
    assert on_call(town.north, NINE) == [town.wang]


def test_the_other_halls_shift_does_not_count(town: Town) -> None:
    on_shift(town.lu, town.south, NINE)
    assert on_duty(town.north, NINE) == []


def test_a_closed_account_is_not_on_duty(town: Town) -> None:
    on_shift(town.lin, town.north, NINE)
    town.lin.is_active = False
    town.lin.save()
    assert on_duty(town.north, NINE) == []


def test_the_director_puts_somebody_on_the_roster(town: Town) -> None:
    shift = add_shift(
        hall=town.north, staff=town.lin, starts_at=NINE, ends_at=NINE + HOUR, actor=town.chen, now=NINE - HOUR
    )
    assert DutyShift.objects.get() == shift


@pytest.mark.parametrize("name", ["lin", "zhao", "feng", "he", "han", "tang"])
def test_nobody_but_the_halls_director_changes_the_roster(town: Town, name: str) -> None:
    shift = on_shift(town.mei, town.north, NINE)
    actor = getattr(town, name)
    with pytest.raises(NotAllowed):
        add_shift(hall=town.north, staff=town.lin, starts_at=NINE, ends_at=NINE + HOUR, actor=actor, now=NINE - HOUR)
    with pytest.raises(NotAllowed):
        remove_shift(shift_id=shift.pk, actor=actor, now=NINE - HOUR)
    with pytest.raises(NotAllowed):
        hand_over_shift(shift_id=shift.pk, staff=town.lin, actor=actor, now=NINE - HOUR)
    with pytest.raises(NotAllowed):
        copy_shifts(hall=town.north, start=NINE, end=NINE + WEEK, by=WEEK, actor=actor, now=NINE - HOUR)
    assert DutyShift.objects.get().staff == town.mei


def test_a_shift_does_not_end_before_it_starts(town: Town) -> None:
    with pytest.raises(Refused) as refused:
        add_shift(
            hall=town.north, staff=town.lin, starts_at=NINE, ends_at=NINE - HOUR, actor=town.chen, now=NINE - HOUR
        )
    assert refused.value.field == "ends_at"


def test_a_shift_of_more_than_fourteen_days_is_a_slip_of_the_pen(town: Town) -> None:
    with pytest.raises(Refused):
        add_shift(
            hall=town.north, staff=town.lin, starts_at=NINE, ends_at=NINE + 15 * 24 * HOUR, actor=town.chen, now=NINE
        )


def test_the_same_person_is_not_on_the_roster_twice_at_one_time(town: Town) -> None:
    on_shift(town.lin, town.north, NINE, hours=3)
    with pytest.raises(Refused) as refused:
        add_shift(
            hall=town.north,
            staff=town.lin,
            starts_at=NINE + 2 * HOUR,
            ends_at=NINE + 5 * HOUR,
            actor=town.chen,
            now=NINE - HOUR,
        )
    assert refused.value.field == "staff"
    assert "Lin" in str(refused.value)
    # When one ends the next may begin.
    add_shift(
        hall=town.north,
        staff=town.lin,
        starts_at=NINE + 3 * HOUR,
        ends_at=NINE + 5 * HOUR,
        actor=town.chen,
        now=NINE - HOUR,
    )


@pytest.mark.parametrize("name", ["lu", "gu", "feng", "tang"])
def test_only_people_who_work_in_the_hall_come_on_its_roster(town: Town, name: str) -> None:
    with pytest.raises(Refused):
        add_shift(
            hall=town.north,
            staff=getattr(town, name),
            starts_at=NINE,
            ends_at=NINE + HOUR,
            actor=town.chen,
            now=NINE - HOUR,
        )


def test_a_shift_that_has_not_begun_is_removed(town: Town) -> None:
    shift = on_shift(town.lin, town.north, NINE)
    assert remove_shift(shift_id=shift.pk, actor=town.chen, now=NINE - HOUR) is None
    assert not DutyShift.objects.exists()


def test_a_running_shift_ends_now_and_what_was_served_stays(town: Town) -> None:
    shift = on_shift(town.lin, town.north, NINE)
    remove_shift(shift_id=shift.pk, actor=town.chen, now=NINE + HOUR)
    assert DutyShift.objects.get().ends_at == NINE + HOUR


def test_the_past_of_the_roster_is_not_changed(town: Town) -> None:
    shift = on_shift(town.lin, town.north, NINE, hours=3)
    later = NINE + 4 * HOUR
    with pytest.raises(WrongState):
        remove_shift(shift_id=shift.pk, actor=town.chen, now=later)
    with pytest.raises(WrongState):
        hand_over_shift(shift_id=shift.pk, staff=town.mei, actor=town.chen, now=later)
    with pytest.raises(Refused):
        add_shift(hall=town.north, staff=town.mei, starts_at=NINE, ends_at=NINE + HOUR, actor=town.chen, now=later)
    assert DutyShift.objects.get().ends_at == NINE + 3 * HOUR


def test_mei_takes_over_what_is_left_of_lins_shift(town: Town) -> None:
    shift = on_shift(town.lin, town.north, NINE, hours=8)
    hand_over_shift(shift_id=shift.pk, staff=town.mei, actor=town.chen, now=NINE + 2 * HOUR)
    assert on_duty(town.north, NINE + HOUR) == [town.lin]
    assert on_duty(town.north, NINE + 2 * HOUR) == [town.mei]
    assert on_duty(town.north, NINE + 8 * HOUR) == []


def test_a_shift_is_not_handed_to_somebody_who_is_on_the_roster_then(town: Town) -> None:
    shift = on_shift(town.lin, town.north, NINE)
    on_shift(town.mei, town.north, NINE)
    with pytest.raises(Refused):
        hand_over_shift(shift_id=shift.pk, staff=town.mei, actor=town.chen, now=NINE - HOUR)
    assert on_duty(town.north, NINE) == [town.lin, town.mei]


def test_last_weeks_roster_is_copied_once_and_leaves_out_who_left(town: Town) -> None:
    on_shift(town.lin, town.north, NINE)
    on_shift(town.mei, town.north, NINE)
    on_shift(town.lu, town.south, NINE)
    town.mei.is_active = False
    town.mei.save()
    for expected in (1, 0):
        copies = copy_shifts(
            hall=town.north, start=NINE, end=NINE + WEEK, by=WEEK, actor=town.chen, now=NINE + timedelta(days=5)
        )
        assert len(copies) == expected
    assert on_duty(town.north, NINE + WEEK) == [town.lin]
    assert on_duty(town.south, NINE + WEEK) == []


def test_an_empty_week_is_said_to_be_empty(town: Town) -> None:
    with pytest.raises(Refused):
        copy_shifts(hall=town.north, start=NINE, end=NINE + WEEK, by=WEEK, actor=town.chen, now=NINE)
