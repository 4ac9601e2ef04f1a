"""Whoever lodged a matter hears before its limit that it may take longer.

A request of Monday 2 March 2026, 09:30 is promised an answer in seven working days, by Wednesday 11 March, 17:30;
three quarters of the working time until then have passed on Tuesday 10 March, after seven minutes past nine.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connections, transaction
from pytest_django import Settings

from cases.actions.bar import bar
from cases.actions.inform import inform
from cases.delays import Told, tell_delays
from cases.models import Case, CaseDeadline, TransferSlip
from cases.tasks import tell_delays as task
from foundation.notifications import delivery
from foundation.notifications.models import Alert, Delivery, DeliveryState, Message, SmsGateway
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import limits, matters
from tests.builders import Town, on_shift
from tests.cases.steps import (
    ask_pause,
    fresh,
    grant_pause,
    kinds,
    last_entry,
    march,
    refused,
    reopen,
    report,
    resume,
    tell_delay,
    told,
)
from tests.matters import MONDAY

DUE = march(11, 17, 30)
WARNED = march(10, 9, 8)


@pytest.fixture(autouse=True)
def english(settings: Settings) -> None:
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def slip(town: Town) -> TransferSlip:
    """Wang investigates for a resident with a phone, in a hall that writes to nobody."""
    return matters.investigating(town)


def with_mail(town: Town) -> dict[str, Any]:
    return {"resident": matters.a_resident(town, email="xiulan@resident.example")}


def reported_late(town: Town, **more: Any) -> Case:
    """The department's result comes on Monday the 9th; until Wednesday the desk has to tell it."""
    slip = matters.investigating(town, **more)
    report(slip, town.wang, march(9, 15))
    return fresh(slip)


def answer(town: Town, case: Case) -> None:
    inform(
        case_id=case.pk,
        transition_no=fresh(case).transition_no,
        actor=town.lin,
        now=march(10, 12),
        means="phone",
        text="屋顶已经修好。",
        signature=matters.UNSIGNED,
    )


def send(at: datetime) -> int:
    return delivery.run(clock=lambda: at, budget=timedelta(seconds=60))


# By message.


def test_before_three_quarters_of_the_time_nobody_is_told(town: Town) -> None:
    case = matters.investigating(town, **with_mail(town)).case
    assert tell_delays(now=march(10, 9, 7)) == Told()
    assert (fresh(case).delay_told_at, Message.objects.count()) == (None, 0)


def test_who_has_a_mailbox_is_written_to_and_the_record_says_so(town: Town) -> None:
    case = matters.investigating(town, **with_mail(town)).case
    assert tell_delays(now=WARNED) == Told(told=1)
    case = fresh(case)
    assert (case.delay_told_at, case.delay_due_at) == (WARNED, None)
    entry = last_entry(case)
    assert (entry.kind, entry.actor) == ("case.delay_told", None)
    assert (entry.payload["means"], entry.payload["in_time"]) == ("message", True)
    assert entry.payload["due_at"] == "2026-03-11T09:30:00+00:00"
    assert told(case, WARNED) == set(), "nobody at the desk has anything to do"

    assert send(WARNED) == 1
    [sent] = mail.outbox
    assert case.number in sent.subject
    assert "11, 2026" in sent.subject or "11日" in sent.subject
    assert f"http://testserver/h/NTH/t/{case.tracking_code}/" in sent.body
    assert [word for word in ("王", "秀兰", case.title) if word in f"{sent.body}{sent.subject}"] == []


def test_who_has_a_mobile_gets_a_text_message_where_the_hall_sends_them(town: Town) -> None:
    SmsGateway.objects.create(hall=town.north, url="json://localhost/?:phone={phone}")
    matters.investigating(town)
    assert tell_delays(now=WARNED) == Told(told=1)
    assert list(Delivery.objects.filter(alert=None).values_list("channel", "state")) == [("sms", "pending")]


def test_a_limit_is_told_of_once_however_often_one_looks(town: Town) -> None:
    case = matters.investigating(town, **with_mail(town)).case
    tell_delays(now=WARNED)
    for days in range(5):
        assert tell_delays(now=WARNED + timedelta(days=days)) == Told()
    assert kinds(case).count("case.delay_told") == Message.objects.count() == 1


def test_a_limit_that_moved_is_told_of_again_when_it_is_near(town: Town) -> None:
    case = reported_late(town, **with_mail(town))
    tell_delays(now=WARNED)
    ask_pause(case, town.lin, march(10, 10), reason="resident")
    grant_pause(case, town.chen, march(10, 11))
    assert tell_delays(now=march(12, 9)) == Told(), "it stands still"
    resume(case, town.lin, march(12, 10))
    assert tell_delays(now=march(12, 11)) == Told(told=1)
    assert Message.objects.count() == 2
    assert (fresh(case).promise_due_at or DUE) > DUE


def test_a_worker_away_for_days_tells_late_and_says_so(town: Town) -> None:
    case = matters.investigating(town, **with_mail(town)).case
    assert tell_delays(now=march(12, 9)) == Told(told=1)
    assert last_entry(case).payload["in_time"] is False


def test_who_was_answered_in_time_hears_nothing(town: Town) -> None:
    matters.informed(town, **with_mail(town))
    assert tell_delays(now=march(12, 9)) == Told()
    assert Message.objects.count() == 0


def test_a_limit_that_stands_still_comes_to_no_end(town: Town) -> None:
    limits.paused(town, now=march(4, 9), **with_mail(town))
    assert tell_delays(now=march(12, 9)) == Told()


def test_of_a_complaint_the_time_to_tell_the_result_counts_too(town: Town) -> None:
    # The result is there on Monday at 10:30; seven working days end on Wednesday the 11th, fifteen on the 23rd.
    complaint = matters.reported(town, nature="complaint", **with_mail(town))
    matters.reported(town, resident=matters.a_resident(town, name="李", email="li@resident.example"))
    feedback = CaseDeadline.objects.get(case=complaint, kind="feedback")
    assert feedback.due_at == DUE
    tell_delays(now=march(10, 12))
    assert fresh(complaint).delay_told_at == march(10, 12)
    assert tell_delays(now=march(19, 12)).told == 1, "and then its promise"
    assert kinds(complaint).count("case.delay_told") == 2


def test_what_came_in_from_an_old_register_is_not_told_of_afterwards(town: Town) -> None:
    case = matters.investigating(town, **with_mail(town)).case
    Case.objects.filter(pk=case.pk).update(imported_at=march(10, 10))
    assert tell_delays(now=march(10, 11)) == Told()
    assert Message.objects.count() == 0


def test_who_is_anonymous_reads_it_on_the_tracking_page(town: Town) -> None:
    case = matters.investigating(town, identity="anonymous").case
    assert tell_delays(now=WARNED) == Told(told=1)
    assert fresh(case).delay_told_at == WARNED
    assert last_entry(case).payload["means"] == "tracking_page"
    assert Message.objects.count() == 0


# By the desk.


def test_whom_no_message_reaches_the_desk_is_asked_to_tell(town: Town, slip: TransferSlip) -> None:
    on_shift(town.mei, town.north, march(10, 8))
    assert tell_delays(now=WARNED) == Told(asked=1)
    assert (fresh(slip).delay_due_at, fresh(slip).delay_told_at) == (DUE, None)
    assert kinds(slip)[-1] == "case.delay_to_tell"
    assert told(slip, WARNED) == {"lin", "mei"}
    assert set(Alert.objects.filter(created_at=WARNED).values_list("level", flat=True)) == {"action"}
    assert tell_delays(now=WARNED + timedelta(hours=1)) == Told()


def test_who_is_barred_is_not_asked(town: Town, slip: TransferSlip) -> None:
    on_shift(town.mei, town.north, march(10, 8))
    bar(case_id=slip.case_id, staff=town.mei, reason="被投诉", actor=None, now=march(3, 9))
    tell_delays(now=WARNED)
    assert "mei" not in told(slip, WARNED)
    with refused(NotAllowed, slip):
        tell_delay(slip, town.mei, march(10, 11))


def test_lin_tells_the_resident_in_time(town: Town, slip: TransferSlip) -> None:
    tell_delays(now=WARNED)
    tell_delay(slip, town.lin, march(10, 11), told_at=march(10, 10, 30), told_to="女儿")
    case = fresh(slip)
    assert (case.delay_due_at, case.delay_told_at) == (None, march(10, 10, 30))
    entry = last_entry(slip)
    assert (entry.kind, entry.happened_at, entry.texts) == ("case.delay_told", march(10, 10, 30), {"told_to": "女儿"})
    assert (entry.payload["means"], entry.payload["in_time"]) == ("phone", True)
    assert case.promise_due_at == DUE, "the limit itself stays"


def test_told_after_the_limit_is_told_late(town: Town, slip: TransferSlip) -> None:
    tell_delays(now=WARNED)
    tell_delay(slip, town.chen, march(12, 9))
    assert last_entry(slip).payload["in_time"] is False


@pytest.mark.parametrize("name", ["wang", "zhao", "feng", "sun"])
def test_only_desk_and_director_tell(town: Town, slip: TransferSlip, name: str) -> None:
    tell_delays(now=WARNED)
    with refused(NotAllowed, slip):
        tell_delay(slip, getattr(town, name), march(10, 11))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"means": "pigeon"}, "means"),
        ({"means": "tracking_page"}, "means"),
        ({"told_at": march(10, 11, 1)}, "told_at"),
        ({"told_at": march(2, 9, 29)}, "told_at"),
    ],
)
def test_how_and_when_must_make_sense(town: Town, slip: TransferSlip, given: dict[str, Any], field: str) -> None:
    tell_delays(now=WARNED)
    with refused(Refused, slip, field=field):
        tell_delay(slip, town.lin, march(10, 11), **given)


def test_there_must_be_something_to_tell_and_it_is_told_once(town: Town, slip: TransferSlip) -> None:
    with refused(WrongState, slip):
        tell_delay(slip, town.lin, march(9, 9))
    tell_delays(now=WARNED)
    drawn = fresh(slip).transition_no
    tell_delay(slip, town.lin, march(10, 11))
    with refused(Stale, slip):
        tell_delay(slip, town.mei, march(10, 12), transition_no=drawn)
    with refused(WrongState, slip):
        tell_delay(slip, town.mei, march(10, 12))


def test_a_form_drawn_before_the_desk_was_asked_stays_good(town: Town, slip: TransferSlip) -> None:
    drawn = fresh(slip).transition_no
    tell_delays(now=WARNED)
    assert fresh(slip).transition_no == drawn


def test_once_the_limit_moves_there_is_another_to_tell_of(town: Town) -> None:
    case = reported_late(town)
    tell_delays(now=WARNED)
    ask_pause(case, town.lin, march(10, 10), reason="resident")
    grant_pause(case, town.chen, march(10, 11))
    assert fresh(case).delay_due_at == DUE, "while it stands still, that is still to be told"
    resume(case, town.lin, march(12, 10))
    assert fresh(case).delay_due_at is None
    tell_delays(now=march(12, 11))
    assert fresh(case).delay_due_at == fresh(case).promise_due_at
    assert (fresh(case).promise_due_at or DUE) > DUE


def test_once_the_answer_is_given_nobody_needs_to_tell(town: Town) -> None:
    case = reported_late(town)
    tell_delays(now=WARNED)
    answer(town, case)
    assert fresh(case).delay_due_at is None


def test_a_new_round_has_been_told_nothing(town: Town) -> None:
    case = matters.reported(town, **with_mail(town))
    tell_delays(now=WARNED)
    assert fresh(case).delay_told_at == WARNED
    answer(town, case)
    reopen(case, town.mei, march(11, 9))
    assert fresh(case).delay_told_at is None


# Where the message reaches nobody.


def test_a_message_that_reached_nobody_leaves_it_to_the_desk(town: Town) -> None:
    case = matters.investigating(town, **with_mail(town)).case
    tell_delays(now=WARNED)
    Delivery.objects.update(state=DeliveryState.DEAD)
    Message.objects.update(failed_at=march(10, 15))

    assert tell_delays(now=march(10, 16)) == Told(asked=1)
    case = fresh(case)
    assert (case.delay_told_at, case.delay_due_at) == (None, DUE)
    assert kinds(case)[-1] == "case.delay_not_reached"
    assert told(case, march(10, 16)) >= {"lin"}
    assert tell_delays(now=march(10, 17)) == Told()

    tell_delay(case, town.lin, march(11, 9))
    assert tell_delays(now=march(11, 10)) == Told()
    assert fresh(case).delay_told_at == march(11, 9)


def test_it_is_asked_no_more_once_the_resident_was_answered(town: Town) -> None:
    case = matters.reported(town, **with_mail(town))
    tell_delays(now=WARNED)
    answer(town, case)
    Message.objects.update(failed_at=march(10, 15))
    assert tell_delays(now=march(10, 16)) == Told()
    assert (fresh(case).delay_told_at, fresh(case).delay_due_at) == (None, None)


# Whatever happens on the way.


def test_one_case_that_cannot_be_dealt_with_stops_no_other_and_is_shown(town: Town) -> None:
    broken = matters.investigating(town, **with_mail(town)).case
    case = matters.investigating(town, resident=matters.a_resident(town, name="李", email="li@resident.example")).case
    # There is no page without a code.
    Case.objects.filter(pk=broken.pk).update(tracking_code="")
    assert tell_delays(now=WARNED) == Told(told=1)
    assert fresh(case).delay_told_at == WARNED
    clock = CaseDeadline.objects.get(case=broken, kind="promise")
    assert (clock.failed_at, clock.told_for) == (WARNED, None)
    assert clock.failure
    assert fresh(broken).delay_told_at is None
    assert tell_delays(now=WARNED + timedelta(minutes=9)) == Told()
    Case.objects.filter(pk=broken.pk).update(tracking_code="0123456789ABC")
    assert tell_delays(now=WARNED + timedelta(minutes=10)) == Told(told=1)
    clock.refresh_from_db()
    assert (clock.failed_at, clock.failure) == (None, "")


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_tell_each_once(town: Town) -> None:
    cases = [
        matters.investigating(
            town, resident=matters.a_resident(town, name=name, email=f"r{number}@resident.example")
        ).case
        for number, name in enumerate("赵钱孙李周吴")
    ]

    def work(_number: int) -> int:
        try:
            return tell_delays(now=WARNED).told
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == len(cases)
    assert Message.objects.count() == Delivery.objects.filter(alert=None).count() == len(cases)
    assert [kinds(case).count("case.delay_told") for case in cases] == [1] * len(cases)


@pytest.mark.django_db(transaction=True)
def test_a_case_somebody_works_on_is_left_to_the_next_look(town: Town) -> None:
    case = matters.investigating(town, **with_mail(town)).case

    def work() -> Told:
        try:
            return tell_delays(now=WARNED)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=case.pk)
            assert pool.submit(work).result(timeout=30) == Told()
        assert pool.submit(work).result(timeout=30) == Told(told=1)


def test_its_cost_follows_what_is_due(town: Town, django_assert_num_queries: Any) -> None:
    for _number in range(3):
        matters.investigating(town)
    with django_assert_num_queries(2):
        tell_delays(now=MONDAY + timedelta(hours=1))


def test_beat_calls_it_by_this_name() -> None:
    assert task.name == "cases.tasks.tell_delays"


# At acceptance.


@pytest.mark.parametrize(("channel", "messages"), [("web", 1), ("email", 1), ("walk_in", 0), ("phone", 0)])
def test_who_wrote_from_afar_is_written_the_number_and_the_promised_date(
    town: Town, channel: str, messages: int
) -> None:
    case = matters.accepted(town, channel=channel, **with_mail(town))
    assert Message.objects.count() == messages
    if messages:
        send(MONDAY)
        assert case.number in mail.outbox[0].subject
        assert case.tracking_code in mail.outbox[0].body
