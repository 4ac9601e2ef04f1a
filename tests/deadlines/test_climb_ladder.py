"""Who is told when: at the warning, at the due time, and one and three working days after it."""

from __future__ import annotations

from datetime import UTC

from foundation.deadlines.ladder import Step, ladder_for, moments, step_moment
from foundation.deadlines.models import LadderStep
from foundation.deadlines.terms import seed_ladder
from foundation.organization.models import Hall
from tests.deadlines.week import at, calendar, local

CLOCK = {
    "started_at": at("2026-03-04 10:00").astimezone(UTC),
    "warn_at": at("2026-03-05 09:00").astimezone(UTC),
    "due_at": at("2026-03-06 10:00").astimezone(UTC),
}


def test_the_default_ladder_tells_each_level_at_its_moment(north: Hall) -> None:
    seed_ladder(north)
    told = [
        (local(moment), [(step.audience, step.card) for step in steps])
        for moment, steps in moments(ladder_for(north), calendar=calendar(), **CLOCK)
    ]
    assert told == [
        ("2026-03-05 09:00", [("responsible", "yellow")]),
        ("2026-03-06 10:00", [("responsible", "red"), ("head", "red")]),
        # Due on Friday morning: one working day later is Monday at closing, three are Wednesday.
        ("2026-03-09 17:00", [("director", "")]),
        ("2026-03-11 17:00", [("supervisor", "")]),
    ]


def test_a_hall_has_its_own_steps(north: Hall, south: Hall) -> None:
    seed_ladder(north)
    assert len(ladder_for(north)) == 5
    assert ladder_for(south) == ()


def test_seeding_again_does_not_bring_back_a_removed_step(north: Hall) -> None:
    seed_ladder(north)
    LadderStep.objects.get(hall=north, position=5).delete()
    seed_ladder(north)
    assert [step.position for step in ladder_for(north)] == [1, 2, 3, 4]


def test_offsets_in_minutes_run_in_open_time_and_hours_day_and_night() -> None:
    hall = calendar()
    late = {**CLOCK, "due_at": at("2026-03-06 16:50")}
    minutes = Step(1, "due", 30, "minutes", "head", "")
    assert local(step_moment(minutes, calendar=hall, **late)) == "2026-03-09 09:20"
    hours = Step(1, "due", 2, "hours", "head", "")
    assert local(step_moment(hours, calendar=hall, **late)) == "2026-03-06 18:50"


def test_a_step_may_follow_the_warning() -> None:
    step = Step(1, "warning", 60, "minutes", "head", "")
    assert local(step_moment(step, calendar=calendar(), **CLOCK)) == "2026-03-05 10:00"
