"""Which rule applies: the most specific one, and never a longer one because a matter is urgent."""

from __future__ import annotations

from typing import Any

import pytest

from foundation.deadlines.calendar import Unit
from foundation.deadlines.models import ClockKind, Nature, Term, Urgency, Variant
from foundation.deadlines.terms import find_term, schedule, seed_terms
from foundation.organization.models import Category, Hall
from tests.deadlines.week import at, local


@pytest.fixture
def seeded(north: Hall) -> Hall:
    seed_terms(north)
    return north


def found(hall: Hall, kind: ClockKind, **about: object) -> tuple[int, str]:
    term = find_term(hall, kind=kind, **about)  # type: ignore[arg-type]
    return term.length, term.unit


def rule(hall: Hall, length: int, unit: Unit = Unit.WORKING_DAYS, **about: Any) -> Term:
    return Term.objects.create(hall=hall, kind=ClockKind.HANDLE, length=length, unit=unit, **about)


# The table of clocks in the design, row by row.
@pytest.mark.parametrize(
    ("kind", "about", "expected"),
    [
        (ClockKind.DISPATCH, {}, (24, "hours")),
        (ClockKind.DISPATCH, {"urgency": "urgent"}, (30, "minutes")),
        (ClockKind.PROMISE, {"nature": "consultation"}, (1, "working_days")),
        (ClockKind.PROMISE, {"nature": "request"}, (7, "working_days")),
        (ClockKind.PROMISE, {"nature": "suggestion"}, (7, "working_days")),
        (ClockKind.PROMISE, {"nature": "praise"}, (7, "working_days")),
        (ClockKind.PROMISE, {"nature": "complaint"}, (15, "working_days")),
        (ClockKind.PROMISE, {"nature": "report"}, (15, "working_days")),
        (ClockKind.CONFIRM, {"nature": "complaint"}, (24, "hours")),
        (ClockKind.SIGN_IN, {}, (1, "working_days")),
        (ClockKind.SIGN_IN, {"urgency": "urgent"}, (30, "minutes")),
        (ClockKind.CONTACT, {}, (1, "working_days")),
        (ClockKind.INVESTIGATE, {}, (48, "hours")),
        (ClockKind.INVESTIGATE, {"urgency": "urgent"}, (2, "hours")),
        (ClockKind.HANDLE, {"nature": "consultation"}, (1, "working_days")),
        (ClockKind.HANDLE, {"nature": "request"}, (5, "working_days")),
        (ClockKind.HANDLE, {"nature": "complaint"}, (7, "working_days")),
        (ClockKind.HANDLE, {"nature": "request", "variant": "lead"}, (10, "working_days")),
        (ClockKind.HANDLE, {"nature": "complaint", "variant": "assisting"}, (8, "working_days")),
        (ClockKind.HANDLE, {"nature": "request", "urgency": "urgent"}, (24, "hours")),
        (ClockKind.HANDLE, {"nature": "request", "urgency": "urgent", "variant": "lead"}, (24, "hours")),
        (ClockKind.PLAN, {}, (3, "working_days")),
        (ClockKind.PLAN, {"variant": "outside"}, (14, "days")),
        (ClockKind.FEEDBACK, {"nature": "complaint"}, (7, "working_days")),
        (ClockKind.FEEDBACK, {"nature": "request"}, (2, "working_days")),
        (ClockKind.FOLLOW_UP, {}, (7, "days")),
        (ClockKind.OUTCOME, {}, (7, "days")),
        (ClockKind.DECLINE_NOTICE, {}, (15, "days")),
    ],
)
def test_the_defaults_are_those_of_the_table(
    seeded: Hall, kind: ClockKind, about: dict[str, str], expected: tuple[int, str]
) -> None:
    assert found(seeded, kind, **about) == expected


def test_a_supervision_notice_has_no_default_because_it_names_its_own_date(seeded: Hall) -> None:
    with pytest.raises(LookupError, match="supervision"):
        find_term(seeded, kind=ClockKind.SUPERVISION)


def test_a_hall_without_rules_says_so_in_words(north: Hall) -> None:
    with pytest.raises(LookupError, match=r"NTH.*handle.*complaint"):
        find_term(north, kind=ClockKind.HANDLE, nature=Nature.COMPLAINT)


def test_follow_ups_of_some_categories_come_sooner(north: Hall, housing: Category, leaks: Category) -> None:
    seed_terms(north, follow_up_days={leaks: 3})
    assert found(north, ClockKind.FOLLOW_UP, category=leaks) == (3, "days")
    assert found(north, ClockKind.FOLLOW_UP, category=housing) == (7, "days")


def test_seeding_again_adds_nothing_and_keeps_what_was_changed(seeded: Hall) -> None:
    changed = Term.objects.get(hall=seeded, kind=ClockKind.CONFIRM)
    Term.objects.filter(pk=changed.pk).update(length=12)
    before = set(Term.objects.values_list("pk", "length"))
    seed_terms(seeded)
    assert set(Term.objects.values_list("pk", "length")) == before
    assert (changed.pk, 12) in before


def test_the_leg_goes_before_the_category_this_before_its_theme_then_nature(
    north: Hall, housing: Category, leaks: Category
) -> None:
    about = {"category": leaks, "nature": Nature.REQUEST, "variant": Variant.LEAD}
    rule(north, 1)
    assert found(north, ClockKind.HANDLE, **about)[0] == 1
    rule(north, 2, nature=Nature.REQUEST)
    assert found(north, ClockKind.HANDLE, **about)[0] == 2
    rule(north, 3, category=housing)
    assert found(north, ClockKind.HANDLE, **about)[0] == 3, "a rule of the theme"
    rule(north, 4, category=leaks)
    assert found(north, ClockKind.HANDLE, **about)[0] == 4
    rule(north, 5, category=leaks, nature=Nature.REQUEST)
    assert found(north, ClockKind.HANDLE, **about)[0] == 5
    rule(north, 6, variant=Variant.LEAD)
    assert found(north, ClockKind.HANDLE, **about)[0] == 6
    assert found(north, ClockKind.HANDLE, category=leaks, nature=Nature.PRAISE)[0] == 4


def test_rules_for_something_else_are_left_alone(north: Hall, south: Hall, housing: Category, leaks: Category) -> None:
    rule(north, 5)
    rule(south, 1)
    rule(north, 2, nature=Nature.COMPLAINT)
    rule(north, 3, category=leaks)
    rule(north, 4, variant=Variant.ASSISTING)
    rule(north, 1, Unit.HOURS, urgency=Urgency.URGENT)
    assert found(north, ClockKind.HANDLE, category=housing, nature=Nature.REQUEST)[0] == 5


def test_a_longer_rule_of_the_category_does_not_lengthen_an_urgent_matter(north: Hall, leaks: Category) -> None:
    rule(north, 24, Unit.HOURS, urgency=Urgency.URGENT)
    rule(north, 20, category=leaks)
    assert found(north, ClockKind.HANDLE, category=leaks, urgency=Urgency.URGENT) == (24, "hours")


def test_a_shorter_rule_of_the_category_shortens_an_urgent_matter(north: Hall, leaks: Category) -> None:
    rule(north, 24, Unit.HOURS, urgency=Urgency.URGENT)
    rule(north, 4, Unit.HOURS, category=leaks)
    assert found(north, ClockKind.HANDLE, category=leaks, urgency=Urgency.URGENT) == (4, "hours")


def test_a_more_specific_urgent_rule_replaces_the_general_urgent_one(north: Hall, leaks: Category) -> None:
    rule(north, 24, Unit.HOURS, urgency=Urgency.URGENT)
    rule(north, 36, Unit.HOURS, urgency=Urgency.URGENT, category=leaks)
    assert found(north, ClockKind.HANDLE, category=leaks, urgency=Urgency.URGENT) == (36, "hours")


class TestSchedule:
    def test_tells_the_term_and_the_calendar_it_came_from(self, seeded: Hall) -> None:
        plan = schedule(seeded, kind=ClockKind.PROMISE, start=at("2026-03-02 10:00"), nature=Nature.CONSULTATION)
        assert local(plan.due_at) == "2026-03-03 17:00"
        assert plan.term == Term.objects.get(hall=seeded, kind="promise", nature="consultation")
        assert plan.explanation["calendar_version"]

    def test_uses_the_warning_lead_of_the_rule(self, north: Hall) -> None:
        rule(north, 1, warning_lead_minutes=60)
        plan = schedule(north, kind=ClockKind.HANDLE, start=at("2026-03-02 10:00"))
        assert local(plan.warn_at) == "2026-03-03 16:00"

    def test_an_urgent_dispatch_at_night_with_nobody_on_call_waits_for_the_morning(self, seeded: Hall) -> None:
        start = at("2026-03-06 20:00")
        plan = schedule(seeded, kind=ClockKind.DISPATCH, start=start, urgency=Urgency.URGENT)
        assert local(plan.due_at) == "2026-03-09 09:30"
        called = schedule(seeded, kind=ClockKind.DISPATCH, start=start, urgency=Urgency.URGENT, on_call=True)
        assert local(called.due_at) == "2026-03-06 20:30"

    def test_an_urgent_matter_is_never_due_later_than_the_same_matter_not_urgent(self, seeded: Hall) -> None:
        # Friday at eight in the evening: the urgent 24 hours would begin on Monday at nine and end on Tuesday; the
        # ordinary working day of a consultation ends on Monday.
        about = {"kind": ClockKind.HANDLE, "start": at("2026-03-06 20:00"), "nature": Nature.CONSULTATION}
        plan = schedule(seeded, urgency=Urgency.URGENT, **about)  # type: ignore[arg-type]
        assert local(plan.due_at) == "2026-03-09 17:00"
        assert plan.term.urgency == ""

    def test_where_only_an_ordinary_rule_exists_an_urgent_matter_does_not_wait_for_monday(self, seeded: Hall) -> None:
        plan = schedule(seeded, kind=ClockKind.CONFIRM, start=at("2026-03-06 16:00"), urgency=Urgency.URGENT)
        assert local(plan.due_at) == "2026-03-07 16:00"

    def test_an_ordinary_rule_that_ends_sooner_than_waiting_for_monday_is_kept(self, seeded: Hall) -> None:
        # Friday at eight in the evening: waiting would give Tuesday at nine, the ordinary 24 hours end on Saturday
        # evening and so on Monday evening.
        plan = schedule(seeded, kind=ClockKind.CONFIRM, start=at("2026-03-06 20:00"), urgency=Urgency.URGENT)
        assert local(plan.due_at) == "2026-03-09 20:00"
