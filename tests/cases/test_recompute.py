"""The calendar, the opening hours or the alert ladder of a hall changed: its running clocks are computed anew."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.db import connection

from cases.actions.end_pauses import end_pauses
from cases.models import CaseDeadline, HallClocks, MovedClock, Pause, Recomputation, TransferSlip
from cases.recompute import recompute
from cases.sweep import sweep
from foundation.deadlines.actions import (
    add_calendar_day,
    add_ladder_step,
    change_opening_hours,
    remove_calendar_day,
    remove_ladder_step,
)
from foundation.deadlines.models import CalendarDay, LadderStep
from foundation.ledger.actions import hall_chain
from foundation.ledger.models import Entry
from foundation.ledger.reading import timeline
from foundation.ledger.verify import verify
from foundation.notifications.models import Alert
from foundation.organization.models import OpeningHours, Staff
from foundation.refusals import WrongState
from tests import matters
from tests.builders import Town
from tests.cases.steps import (
    ask_extension,
    ask_pause,
    fresh,
    grant_extension,
    grant_pause,
    inform,
    kinds,
    last_entry,
    march,
    report,
    resume,
    running,
    send_back,
    told,
)

NIGHT = march(4, 20)
"""A Wednesday evening on which the administrator changes something."""


@pytest.fixture
def slip(town: Town) -> TransferSlip:
    """Transferred on Monday the 2nd: handling until Monday the 9th, promised for Wednesday the 11th."""
    recompute(now=march(2, 9))
    return matters.investigating(town)


def close(town: Town, day: int, name: str = "停电") -> CalendarDay:
    return add_calendar_day(
        hall=town.north, actor=town.he, now=NIGHT, date=date(2026, 3, day), kind="closure", name=name
    )


def clock(slip: TransferSlip, kind: str = "handle") -> CaseDeadline:
    return fresh(slip).deadlines.running().get(kind=kind)


def test_the_first_time_only_remembers_what_was_computed_with(town: Town):
    slip = matters.investigating(town)
    before = running(slip)
    done = recompute(now=NIGHT)
    assert (done.cases, HallClocks.objects.count()) == (0, 2)
    assert (running(slip), Recomputation.objects.count(), kinds(slip)[-1]) == (before, 0, "slip.investigation_begun")


def test_nothing_changed_nothing_is_done(town: Town, slip: TransferSlip):
    assert recompute(now=NIGHT).cases == 0
    assert Recomputation.objects.count() == 0


def test_what_moved_is_told_and_written_down(town: Town, slip: TransferSlip):
    """Closed on Friday the 6th: handling ends on the 10th, the promise on the 12th."""
    close(town, 6)
    done = recompute(now=NIGHT)
    assert (done.cases, done.clocks, done.moved) == (1, 2, 2)
    case, lead = fresh(slip), TransferSlip.objects.get()
    assert running(slip) == {"promise": "03-12 17:30", "handle": "03-10 17:30"}
    assert (case.promise_due_at, case.next_due_at) == (march(12, 17, 30), march(10, 17, 30))
    assert (lead.next_due_at, case.limit_changed_at) == (march(10, 17, 30), NIGHT)
    (change,) = Recomputation.objects.all()
    assert (change.hall, change.at, change.looked_at) == (town.north, NIGHT, 2)
    assert [(one.clock.kind, one.was_due_at, one.due_at) for one in change.moved.all()] == [
        ("promise", march(11, 17, 30), march(12, 17, 30)),
        ("handle", march(9, 17, 30), march(10, 17, 30)),
    ]
    entry = last_entry(slip)
    assert entry.kind == "case.clocks_moved"
    assert [(one["kind"], one["was_due_at"], one["due_at"]) for one in entry.payload["clocks"]] == [
        ("promise", "2026-03-11T09:30:00+00:00", "2026-03-12T09:30:00+00:00"),
        ("handle", "2026-03-09T09:30:00+00:00", "2026-03-10T09:30:00+00:00"),
    ]
    # Wang handles it, Lin met the resident first; nobody is on duty, so the director counts to the desk.
    assert told(slip, NIGHT) == {"wang", "lin"}
    of_hall = timeline(hall_chain(town.north))[-1]
    assert (of_hall.kind, of_hall.payload["looked_at"], of_hall.payload["moved"]) == ("hall.clocks_recomputed", 2, 2)
    assert list(verify()) == []


def test_forms_on_the_case_stay_good(town: Town, slip: TransferSlip):
    drawn = (fresh(slip).transition_no, TransferSlip.objects.get().transition_no)
    close(town, 6)
    recompute(now=NIGHT)
    assert (fresh(slip).transition_no, TransferSlip.objects.get().transition_no) == drawn


def test_done_twice_nothing_is_done_twice(town: Town, slip: TransferSlip):
    close(town, 6)
    recompute(now=NIGHT)
    entries, alerts = Entry.objects.count(), Alert.objects.count()
    assert recompute(now=NIGHT).cases == 0
    assert (Entry.objects.count(), Alert.objects.count(), MovedClock.objects.count()) == (entries, alerts, 2)


def test_a_change_and_its_taking_back(town: Town, slip: TransferSlip):
    day = close(town, 6)
    recompute(now=NIGHT)
    remove_calendar_day(day_id=day.pk, actor=town.he, now=NIGHT)
    recompute(now=march(4, 21))
    assert running(slip) == {"promise": "03-11 17:30", "handle": "03-09 17:30"}
    assert Recomputation.objects.count() == 2


def test_other_halls_are_left_alone(town: Town, slip: TransferSlip):
    add_calendar_day(hall=town.south, actor=town.xu, now=NIGHT, date=date(2026, 3, 6), kind="closure", name="停电")
    assert recompute(now=NIGHT).cases == 0
    assert running(slip)["handle"] == "03-09 17:30"


def test_what_is_finished_never_changes(town: Town, slip: TransferSlip):
    report(slip, town.wang, march(3, 10))
    finished = list(fresh(slip).deadlines.exclude(outcome="").order_by("pk").values())
    close(town, 6)
    recompute(now=NIGHT)
    assert list(fresh(slip).deadlines.exclude(outcome="").order_by("pk").values()) == finished


def test_a_day_that_concerns_nothing_moves_nothing(town: Town, slip: TransferSlip):
    """Closed on the 20th, when everything is over: looked at, not moved; the explanation is of the new calendar."""
    close(town, 20)
    done = recompute(now=NIGHT)
    assert (done.clocks, done.moved) == (2, 0)
    assert kinds(slip)[-1] == "slip.investigation_begun"
    assert clock(slip).explanation["calendar_version"] == HallClocks.objects.get(hall=town.north).calendar_version


def test_other_opening_hours_move_the_hour(town: Town, slip: TransferSlip):
    """Every afternoon ends at 18:00 from now on."""
    for row in OpeningHours.objects.filter(hall=town.north, opens=time(13, 30)):
        change_opening_hours(hours_id=row.pk, actor=town.he, now=NIGHT, closes=time(18))
    recompute(now=NIGHT)
    assert running(slip) == {"promise": "03-11 18:00", "handle": "03-09 18:00"}


# A run that is killed


def test_a_run_that_stops_half_way_goes_on_in_the_next(town: Town, slip: TransferSlip):
    second = matters.investigating(town, resident=fresh(slip).resident)
    close(town, 6)
    first_run = recompute(now=NIGHT, most_cases=1)
    assert (first_run.cases, first_run.is_complete) == (1, False)
    assert [running(one)["handle"] for one in (slip, second)] == ["03-10 17:30", "03-09 17:30"]
    assert not Entry.objects.filter(kind="hall.clocks_recomputed").exists()
    later = march(4, 20, 1)
    assert recompute(now=later).cases == 1
    assert running(second)["handle"] == "03-10 17:30"
    (change,) = Recomputation.objects.all()
    assert (change.looked_at, change.moved.count()) == (4, 4)
    entry = timeline(hall_chain(town.north))[-1]
    assert (entry.kind, entry.payload["moved"]) == ("hall.clocks_recomputed", 4)
    assert recompute(now=later).cases == 0


def test_a_clock_started_with_the_old_calendar_meanwhile_is_found(town: Town, slip: TransferSlip):
    close(town, 6)
    recompute(now=NIGHT, most_cases=1)
    with connection.cursor() as sql:
        sql.execute(
            "UPDATE cases_casedeadline SET explanation = jsonb_set(explanation, '{calendar_version}', '\"old\"') "
            "WHERE outcome = ''"
        )
    assert recompute(now=march(4, 20, 1)).cases == 1
    assert recompute(now=march(4, 20, 2)).cases == 0


def test_one_case_that_cannot_be_computed_does_not_keep_the_others(town: Town, slip: TransferSlip):
    second = matters.investigating(town, resident=fresh(slip).resident)
    whole = clock(slip).explanation
    fresh(slip).deadlines.running().filter(kind="handle").update(explanation={"calendar_version": "?"})
    close(town, 6)
    with pytest.raises(ExceptionGroup):
        recompute(now=NIGHT)
    assert (running(second)["handle"], running(slip)["handle"]) == ("03-10 17:30", "03-09 17:30")
    # Supervisors see it, until it has been mended.
    failed = CaseDeadline.objects.filter(failed_at=NIGHT).exclude(failure="")
    assert {clock.case_id for clock in failed} == {slip.case_id}
    fresh(slip).deadlines.running().filter(kind="handle").update(explanation=whole)
    recompute(now=march(4, 20, 1))
    assert running(slip)["handle"] == "03-10 17:30"
    assert not CaseDeadline.objects.filter(failed_at__isnull=False).exists()


# What was set, and what has moved since, is played again


def test_a_date_from_above_stays(town: Town):
    recompute(now=march(2, 9))
    slip = matters.investigating(town, channel="handed_down", outside_due_at=march(10, 12), outside_number="12345-7")
    close(town, 6)
    recompute(now=NIGHT)
    assert running(slip) == {"promise": "03-10 12:00", "handle": "03-10 17:30"}
    assert fresh(slip).limit_changed_at is None


def test_informing_follows_the_promise(town: Town):
    """Reported on Monday the 9th: informing and promise until the 11th. Closed that day: both until the 12th."""
    recompute(now=march(2, 9))
    slip = matters.investigating(town)
    report(slip, town.wang, march(9, 16))
    # Two working days from the 9th are the 11th as well: another two-day term would pass it.
    assert running(slip) == {"promise": "03-11 17:30", "feedback": "03-11 17:30"}
    close(town, 11)
    recompute(now=march(10, 20))
    assert running(slip) == {"promise": "03-12 17:30", "feedback": "03-12 17:30"}


def test_an_old_limit_is_kept_as_the_new_calendar_has_it(town: Town, slip: TransferSlip):
    """Sent back on Tuesday the 3rd: handling until the 9th, as before. Closed on the 6th: until the 10th."""
    report(slip, town.wang, march(2, 15))
    send_back(slip, town.lin, march(3, 10))
    assert running(slip)["handle"] == "03-09 17:30"
    close(town, 6)
    recompute(now=NIGHT)
    assert running(slip)["handle"] == "03-10 17:30"
    handle = clock(slip)
    assert (handle.started_at, handle.explanation["overridden"]) == (march(3, 10), "old_limit_kept")


def test_pause_and_extension_are_played_again(town: Town, slip: TransferSlip):
    """Paused from Tuesday 10:00 to Wednesday 10:00: one day; two days more: handling Thursday the 12th.

    Closed on Friday the 6th: everything a day later, Friday the 13th; the promise, Monday the 16th, on the 17th.
    """
    ask_pause(slip, town.wang, march(3, 10))
    grant_pause(slip, town.zhao, march(3, 10))
    resume(slip, town.wang, march(4, 10))
    ask_extension(slip, town.wang, march(4, 11), days=2)
    grant_extension(slip, town.chen, march(4, 12))
    assert running(slip) == {"promise": "03-16 17:30", "handle": "03-12 17:30"}
    close(town, 6)
    recompute(now=NIGHT)
    assert running(slip) == {"promise": "03-17 17:30", "handle": "03-13 17:30"}


def test_what_stands_still_goes_on_standing_still_and_its_ten_days_end_later(town: Town, slip: TransferSlip):
    """Ten working days from Tuesday the 3rd end on the 17th; with Friday the 6th closed on the 18th."""
    ask_pause(slip, town.wang, march(3, 10))
    grant_pause(slip, town.zhao, march(3, 10))
    close(town, 6)
    recompute(now=NIGHT)
    handle = clock(slip)
    assert (handle.paused_at, handle.next_alert_at) == (march(3, 10), None)
    assert Pause.objects.get().ends_at == march(18, 17, 30)
    end_pauses(now=march(18, 18))
    # Counted without the 6th it is due on the 10th, 17:30; 6 h and ten days (76 h) later: the 24th and 6 h more.
    assert running(slip)["handle"] == "03-25 16:30"


def test_a_notice_set_by_hand_keeps_its_date(town: Town, slip: TransferSlip):
    from_hand = clock(slip)
    by_hand = {"by_hand": True, "calendar_version": "old", "happened_at": "", "start": "", "due_at": ""}
    CaseDeadline.objects.filter(pk=from_hand.pk).update(explanation=by_hand)
    close(town, 6)
    recompute(now=NIGHT)
    assert clock(slip).due_at == march(9, 17, 30)


def test_a_hall_that_never_opens_leaves_its_clocks_where_they_are(town: Town, slip: TransferSlip):
    OpeningHours.objects.filter(hall=town.north).delete()
    recompute(now=NIGHT)
    assert running(slip)["handle"] == "03-09 17:30"


# Alerts


def test_a_new_due_time_is_alerted_anew_and_what_was_told_is_not_told_again(town: Town, slip: TransferSlip):
    """Warned of on Friday the 6th at 14:07:30. Closed on Monday the 9th, found on Saturday: due on the 10th."""
    sweep(now=march(6, 15))
    assert yellow_of(town) == 1
    close(town, 9)
    recompute(now=march(7, 9))
    sweep(now=march(7, 9))
    sweep(now=march(9, 17, 30))
    assert (yellow_of(town), red_of(town)) == (1, 0)
    sweep(now=march(10, 17, 30))
    assert red_of(town) == 1


def test_steps_taken_are_not_repeated_when_the_ladder_changes(town: Town, slip: TransferSlip):
    """Overdue since the 9th: told to Wang (yellow, red) and to Zhao. A step for the director is added."""
    sweep(now=march(6, 15))
    sweep(now=march(9, 18))
    before = Alert.objects.count()
    add_ladder_step(
        hall=town.north,
        actor=town.he,
        now=NIGHT,
        position=6,
        anchor="due",
        offset_length=2,
        offset_unit="working_days",
        audience="director",
    )
    recompute(now=march(9, 20))
    sweep(now=march(9, 20))
    assert Alert.objects.count() == before
    # The steps there were come as before: one working day after the due time.
    assert clock(slip).next_alert_at == march(10, 17, 30)
    sweep(now=march(10, 17, 30))
    sweep(now=march(11, 17, 30))
    assert handling_alerts(town.chen, "red") == 2


def test_a_step_put_in_before_what_was_told_is_not_taken_afterwards(town: Town, slip: TransferSlip):
    """The ladder is written anew with other numbers, while a clock is overdue and everybody has been told."""
    sweep(now=march(9, 18))
    before = Alert.objects.count()
    for step in LadderStep.objects.filter(hall=town.north):
        remove_ladder_step(step_id=step.pk, actor=town.he, now=NIGHT)
    for position, (anchor, days, audience) in enumerate(
        [("warning", 0, "responsible"), ("due", 0, "head"), ("due", 2, "director")], 11
    ):
        add_ladder_step(
            hall=town.north,
            actor=town.he,
            now=NIGHT,
            position=position,
            anchor=anchor,
            offset_length=days,
            offset_unit="working_days",
            audience=audience,
        )
    recompute(now=march(9, 20))
    sweep(now=march(9, 20))
    assert Alert.objects.count() == before
    assert clock(slip).next_alert_at == march(11, 17, 30)


def test_clocks_started_without_any_ladder_are_alerted_once_there_is_one(town: Town):
    steps = list(LadderStep.objects.filter(hall=town.north).values())
    LadderStep.objects.filter(hall=town.north).delete()
    recompute(now=march(2, 9))
    slip = matters.investigating(town)
    assert clock(slip).next_alert_at is None
    LadderStep.objects.bulk_create(LadderStep(**step) for step in steps)
    recompute(now=NIGHT)
    assert clock(slip).next_alert_at == march(6, 14, 7).replace(second=30)
    assert Recomputation.objects.count() == 0
    sweep(now=march(6, 15))
    assert yellow_of(town) == 1


def test_an_overdue_clock_that_nobody_was_told_of_is_told_once(town: Town):
    steps = list(LadderStep.objects.filter(hall=town.north).values())
    LadderStep.objects.filter(hall=town.north).delete()
    recompute(now=march(2, 9))
    slip = matters.investigating(town)
    LadderStep.objects.bulk_create(LadderStep(**step) for step in steps)
    recompute(now=march(10, 9))
    sweep(now=march(10, 9))
    sweep(now=march(10, 9, 1))
    about = Alert.objects.filter(key__startswith=f"clock:{clock(slip).pk}:", recipient=town.wang)
    assert [alert.level for alert in about] == ["red"]


def yellow_of(town: Town) -> int:
    return handling_alerts(town.wang, "yellow")


def red_of(town: Town) -> int:
    return handling_alerts(town.wang, "red")


def handling_alerts(recipient: Staff, level: str) -> int:
    return Alert.objects.filter(recipient=recipient, level=level, params__clock_label="handling").count()


# What happens meanwhile


def test_telling_the_result_after_a_change_needs_no_more_telling_of_the_date(town: Town, slip: TransferSlip):
    close(town, 6)
    recompute(now=NIGHT)
    report(slip, town.wang, march(5, 10))
    inform(slip, town.lin, march(5, 11))
    assert fresh(slip).limit_changed_at is None


def test_what_is_extended_after_a_change_still_is_extended_once(town: Town, slip: TransferSlip):
    ask_extension(slip, town.wang, march(4, 10))
    close(town, 6)
    recompute(now=NIGHT)
    grant_extension(slip, town.chen, march(5, 10))
    # From Tuesday the 10th three working days more: Friday the 13th.
    assert running(slip)["handle"] == "03-13 17:30"
    with pytest.raises(WrongState):
        ask_extension(slip, town.wang, march(5, 11))


def test_a_limit_sent_back_after_the_calendar_changed_is_of_the_new_calendar_and_a_new_ladder_comes_to_its_end(
    town: Town, slip: TransferSlip
):
    """Reported on the 2nd with the 9th ahead; closed on the 6th; sent back: until the 10th. Then the ladder changes."""
    report(slip, town.wang, march(2, 15))
    close(town, 6)
    recompute(now=NIGHT)
    send_back(slip, town.lin, march(5, 10))
    assert running(slip)["handle"] == "03-10 17:30"
    remove_ladder_step(step_id=LadderStep.objects.latest("position").pk, actor=town.he, now=NIGHT)
    done = recompute(now=march(5, 11))
    assert done.is_complete
    assert done.cases == 1
    assert recompute(now=march(5, 12)).cases == 0


def test_a_change_taken_back_half_way_is_computed_anew_as_well(town: Town, slip: TransferSlip):
    matters.investigating(town, resident=matters.a_resident(town, name="钱大爷", phone="13805716077"))
    assert running(slip)["handle"] == "03-09 17:30"
    day = close(town, 6)
    assert not recompute(now=NIGHT, most_cases=1).is_complete
    remove_calendar_day(day_id=day.pk, actor=town.he, now=NIGHT)
    recompute(now=NIGHT)
    due = set(CaseDeadline.objects.running().filter(kind="handle").values_list("due_at", flat=True))
    assert due == {march(9, 17, 30)}
