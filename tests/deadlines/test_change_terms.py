"""What an administrator changes about a hall's time, and that each change is on the hall's record."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from foundation.deadlines import actions
from foundation.deadlines.calendar import DayKind, Unit
from foundation.deadlines.models import AnnouncedYear, CalendarDay, ClockKind, LadderStep, Term
from foundation.deadlines.terms import calendar_for, seed_ladder
from foundation.ledger.actions import hall_chain
from foundation.ledger.models import Entry
from foundation.organization.models import Category, Hall, OpeningHours, Staff
from foundation.refusals import NotAllowed, Refused, WrongState


def record(hall: Hall) -> list[tuple[str, str, dict[str, Any]]]:
    entries = Entry.objects.filter(chain=hall_chain(hall)).order_by("seq").select_related("actor")
    return [(entry.kind, entry.actor.name if entry.actor else "", json.loads(entry.payload)) for entry in entries]


@pytest.fixture
def term(north: Hall, he: Staff, now: datetime) -> Term:
    return actions.add_term(
        hall=north, actor=he, now=now, kind=ClockKind.HANDLE, length=5, unit=Unit.WORKING_DAYS, nature="request"
    )


class TestTerms:
    def test_a_new_rule_is_recorded_with_what_it_says(self, north: Hall, term: Term) -> None:
        kind, who, payload = record(north)[-1]
        assert (kind, who) == ("term.added", "He")
        assert payload["row"] == term.pk
        assert payload["after"] == {
            "kind": "handle",
            "variant": "",
            "category": None,
            "nature": "request",
            "urgency": "",
            "length": 5,
            "unit": "working_days",
            "warning_lead_minutes": None,
        }

    def test_a_change_is_recorded_with_before_and_after(
        self, north: Hall, he: Staff, now: datetime, term: Term, leaks: Category
    ) -> None:
        changed = actions.change_term(term_id=term.pk, actor=he, now=now, length=3, category=leaks)
        assert (changed.length, changed.category, changed.nature) == (3, leaks, "request")
        kind, _who, payload = record(north)[-1]
        assert kind == "term.changed"
        assert (payload["before"]["length"], payload["after"]["length"]) == (5, 3)
        assert (payload["before"]["category"], payload["after"]["category"]) == (None, leaks.pk)

    def test_saving_without_a_change_leaves_no_entry(self, north: Hall, he: Staff, now: datetime, term: Term) -> None:
        actions.change_term(term_id=term.pk, actor=he, now=now, length=5)
        assert [kind for kind, _who, _payload in record(north)] == ["term.added"]

    def test_a_removed_rule_stays_readable_on_the_record(
        self, north: Hall, he: Staff, now: datetime, term: Term
    ) -> None:
        actions.remove_term(term_id=term.pk, actor=he, now=now)
        assert not Term.objects.exists()
        kind, _who, payload = record(north)[-1]
        assert (kind, payload["before"]["length"]) == ("term.removed", 5)

    def test_removing_twice_says_that_somebody_was_faster(
        self, north: Hall, he: Staff, now: datetime, term: Term
    ) -> None:
        actions.remove_term(term_id=term.pk, actor=he, now=now)
        with pytest.raises(WrongState):
            actions.remove_term(term_id=term.pk, actor=he, now=now)
        assert len(record(north)) == 2

    @pytest.mark.parametrize("length", [0, -3, 10_001])
    def test_a_rule_of_no_length_is_refused_at_the_field(
        self, north: Hall, he: Staff, now: datetime, length: int
    ) -> None:
        with pytest.raises(Refused) as refusal:
            actions.add_term(hall=north, actor=he, now=now, kind=ClockKind.HANDLE, length=length, unit=Unit.HOURS)
        assert refusal.value.field == "length"
        assert not Term.objects.exists()
        assert record(north) == []

    def test_the_same_rule_twice_is_refused(self, north: Hall, he: Staff, now: datetime, term: Term) -> None:
        with pytest.raises(Refused, match="already a rule"):
            actions.add_term(
                hall=north, actor=he, now=now, kind=ClockKind.HANDLE, length=9, unit=Unit.DAYS, nature="request"
            )
        assert Term.objects.get().length == 5

    def test_a_category_of_another_hall_is_refused(self, he: Staff, now: datetime, term: Term, south: Hall) -> None:
        foreign = Category.objects.create(hall=south, name="环境")
        with pytest.raises(Refused) as refusal:
            actions.change_term(term_id=term.pk, actor=he, now=now, category=foreign)
        assert refusal.value.field == "category"

    @pytest.mark.parametrize("who", ["lin", "chen"])
    def test_receptionist_lin_and_director_chen_may_not(
        self, request: pytest.FixtureRequest, north: Hall, now: datetime, term: Term, who: str
    ) -> None:
        with pytest.raises(NotAllowed):
            actions.change_term(term_id=term.pk, actor=request.getfixturevalue(who), now=now, length=99)
        assert Term.objects.get().length == 5

    def test_administrator_he_of_the_north_hall_may_not_in_the_south_hall(
        self, south: Hall, he: Staff, now: datetime
    ) -> None:
        with pytest.raises(NotAllowed):
            actions.add_term(hall=south, actor=he, now=now, kind=ClockKind.HANDLE, length=1, unit=Unit.HOURS)

    def test_administrator_xu_of_the_street_may_in_every_hall(self, south: Hall, xu: Staff, now: datetime) -> None:
        actions.add_term(hall=south, actor=xu, now=now, kind=ClockKind.HANDLE, length=1, unit=Unit.HOURS)
        assert record(south)[-1][:2] == ("term.added", "Xu")

    def test_a_field_that_is_none_of_the_rules_is_a_mistake_of_the_program(
        self, he: Staff, now: datetime, term: Term, south: Hall
    ) -> None:
        with pytest.raises(TypeError, match="hall"):
            actions.change_term(term_id=term.pk, actor=he, now=now, hall=south)


class TestCalendarDays:
    def test_a_closure_changes_the_calendar_and_is_recorded(self, north: Hall, he: Staff, now: datetime) -> None:
        before = calendar_for(north)
        actions.add_calendar_day(
            hall=north, actor=he, now=now, date=date(2026, 3, 3), kind=DayKind.CLOSURE, name="停电"
        )
        after = calendar_for(north)
        assert not after.is_working(date(2026, 3, 3))
        assert after.version != before.version
        kind, who, payload = record(north)[-1]
        assert (kind, who) == ("calendar_day.added", "He")
        assert payload["after"] == {
            "date": "2026-03-03",
            "kind": "closure",
            "opens": None,
            "closes": None,
            "name": "停电",
        }

    def test_a_date_entered_twice_is_refused(self, north: Hall, he: Staff, now: datetime) -> None:
        day = {"hall": north, "actor": he, "now": now, "date": date(2026, 3, 3), "name": "停电"}
        actions.add_calendar_day(kind=DayKind.CLOSURE, **day)  # type: ignore[arg-type]
        with pytest.raises(Refused, match="already in the calendar"):
            actions.add_calendar_day(kind=DayKind.EXTRA_DAY, **day)  # type: ignore[arg-type]
        assert CalendarDay.objects.count() == 1

    @pytest.mark.parametrize(
        ("kind", "opens", "closes"),
        [
            (DayKind.CHANGED_HOURS, time(12), time(9)),
            (DayKind.CHANGED_HOURS, time(9), time(9)),
            (DayKind.CHANGED_HOURS, None, None),
            (DayKind.CHANGED_HOURS, time(9), None),
            (DayKind.CLOSURE, time(9), time(12)),
            (DayKind.EXTRA_DAY, None, time(12)),
        ],
    )
    def test_times_that_do_not_fit_the_kind_are_refused_by_action_and_database(
        self, north: Hall, he: Staff, now: datetime, kind: DayKind, opens: time | None, closes: time | None
    ) -> None:
        row = {"hall": north, "date": date(2026, 3, 3), "kind": kind, "opens": opens, "closes": closes, "name": "培训"}
        with pytest.raises(Refused):
            actions.add_calendar_day(actor=he, now=now, **row)  # type: ignore[arg-type]
        with pytest.raises(IntegrityError), transaction.atomic():
            CalendarDay.objects.create(**row)

    def test_changing_and_removing_it(self, north: Hall, he: Staff, now: datetime) -> None:
        day = actions.add_calendar_day(
            hall=north, actor=he, now=now, date=date(2026, 3, 3), kind=DayKind.CLOSURE, name="停电"
        )
        actions.change_calendar_day(
            day_id=day.pk, actor=he, now=now, kind=DayKind.CHANGED_HOURS, opens=time(9), closes=time(11)
        )
        assert calendar_for(north).is_working(date(2026, 3, 3))
        actions.remove_calendar_day(day_id=day.pk, actor=he, now=now)
        assert len(calendar_for(north).open_intervals(date(2026, 3, 3))) == 2
        assert [kind for kind, _who, _payload in record(north)] == [
            "calendar_day.added",
            "calendar_day.changed",
            "calendar_day.removed",
        ]


def test_marking_a_year_as_entered_and_taking_it_back(north: Hall, he: Staff, now: datetime) -> None:
    announced = actions.announce_year(hall=north, year=2060, actor=he, now=now)
    assert not calendar_for(north).provisional(date(2060, 5, 1))
    with pytest.raises(Refused, match="already marked"):
        actions.announce_year(hall=north, year=2060, actor=he, now=now)
    actions.withdraw_year(announced_id=announced.pk, actor=he, now=now)
    assert calendar_for(north).provisional(date(2060, 5, 1))
    assert not AnnouncedYear.objects.exists()
    assert [kind for kind, _who, _payload in record(north)] == ["announced_year.added", "announced_year.removed"]


def test_the_ladder_is_changed_step_by_step(north: Hall, he: Staff, now: datetime) -> None:
    seed_ladder(north)
    step = actions.add_ladder_step(
        hall=north,
        actor=he,
        now=now,
        position=6,
        anchor="due",
        offset_length=5,
        offset_unit=Unit.WORKING_DAYS,
        audience="supervisor",
    )
    with pytest.raises(Refused, match="already a step"):
        actions.change_ladder_step(step_id=step.pk, actor=he, now=now, position=1)
    actions.change_ladder_step(step_id=step.pk, actor=he, now=now, card="red")
    actions.remove_ladder_step(step_id=step.pk, actor=he, now=now)
    assert LadderStep.objects.filter(hall=north).count() == 5
    assert [kind for kind, _who, _payload in record(north)] == [
        "ladder_step.added",
        "ladder_step.changed",
        "ladder_step.removed",
    ]


class TestOpeningHours:
    def test_a_saturday_morning_opens_saturdays(self, north: Hall, he: Staff, now: datetime) -> None:
        before = calendar_for(north)
        actions.add_opening_hours(hall=north, actor=he, now=now, weekday=5, opens=time(9), closes=time(12))
        after = calendar_for(north)
        assert after.is_working(date(2026, 3, 7))
        assert after.version != before.version
        assert record(north)[-1][0] == "opening_hours.added"

    def test_hours_that_overlap_others_are_refused(self, north: Hall, he: Staff, now: datetime) -> None:
        with pytest.raises(Refused, match="overlap"):
            actions.add_opening_hours(hall=north, actor=he, now=now, weekday=0, opens=time(11), closes=time(13))
        assert record(north) == []

    def test_hours_may_touch_others(self, north: Hall, he: Staff, now: datetime) -> None:
        actions.add_opening_hours(hall=north, actor=he, now=now, weekday=0, opens=time(12), closes=time(14))
        assert calendar_for(north).working_minutes(now.replace(hour=9), now.replace(hour=17)) == 8 * 60

    def test_hours_are_changed_and_removed(self, north: Hall, he: Staff, now: datetime) -> None:
        hours = OpeningHours.objects.get(hall=north, weekday=0, opens=time(9))
        actions.change_opening_hours(hours_id=hours.pk, actor=he, now=now, opens=time(8))
        assert calendar_for(north).working_minutes(now.replace(hour=7), now.replace(hour=12)) == 4 * 60
        actions.remove_opening_hours(hours_id=hours.pk, actor=he, now=now)
        assert calendar_for(north).working_minutes(now.replace(hour=7), now.replace(hour=12)) == 0

    def test_closing_before_opening_is_refused(self, north: Hall, he: Staff, now: datetime) -> None:
        with pytest.raises(Refused):
            actions.add_opening_hours(hall=north, actor=he, now=now, weekday=5, opens=time(12), closes=time(9))


def test_rows_are_visible_in_ones_own_hall_only(north: Hall, south: Hall, he: Staff, xu: Staff, now: datetime) -> None:
    for hall in (north, south):
        actions.add_term(hall=hall, actor=xu, now=now, kind=ClockKind.HANDLE, length=1, unit=Unit.HOURS)
    assert [term.hall for term in Term.objects.visible_to(he)] == [north]
    assert Term.objects.visible_to(xu).count() == 2


@pytest.mark.parametrize("wrong", [{"length": 0}, {"length": 10_001}, {"kind": "someday"}, {"unit": "moons"}])
def test_the_database_itself_refuses_a_rule_that_makes_no_sense(north: Hall, wrong: dict[str, Any]) -> None:
    fields = {"kind": "handle", "length": 1, "unit": "hours", **wrong}
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.create(hall=north, **fields)


def test_the_database_itself_refuses_a_second_rule_for_the_same(north: Hall) -> None:
    Term.objects.create(hall=north, kind="handle", length=1, unit="hours")
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.create(hall=north, kind="handle", length=2, unit="days")
