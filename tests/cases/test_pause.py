"""Pausing: who asks, who decides, which clocks stand still, and how it ends.

The hall is open from 9:00 to 12:00 and 13:30 to 17:30, seven hours a day. A request transferred on Monday the 2nd of
March: handling five working days, until Monday the 9th; promise seven, until Wednesday the 11th.
"""

from __future__ import annotations

from datetime import datetime
from threading import Event, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from cases.actions.bar import bar
from cases.actions.end_pauses import end_pauses
from cases.actions.moving import lock_case
from cases.models import Pause, TransferSlip
from cases.sweep import sweep
from foundation.ledger.verify import verify
from foundation.notifications.models import Alert
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town, on_shift
from tests.cases.steps import (
    ask_extension,
    ask_pause,
    fresh,
    grant_pause,
    inform,
    kinds,
    last_entry,
    march,
    refuse_pause,
    refused,
    report,
    resume,
    running,
    send_back,
    standing_still,
    tell_limit,
    told,
)

TUESDAY = march(3, 10)


@pytest.fixture
def slip(town: Town) -> TransferSlip:
    """Handler Wang investigates since Monday the 2nd."""
    return matters.investigating(town)


def asked(slip: TransferSlip, town: Town, at: datetime = TUESDAY, **more: object) -> TransferSlip:
    ask_pause(slip, town.wang, at, **more)  # type: ignore[arg-type]
    return slip


def paused(slip: TransferSlip, town: Town, at: datetime = TUESDAY) -> TransferSlip:
    grant_pause(asked(slip, town, at), town.zhao, at)
    return slip


# Asking


def test_the_handler_asks_the_head_is_told_and_the_clocks_run_on(town: Town, slip: TransferSlip):
    asked(slip, town)
    pause = Pause.objects.get()
    assert (pause.state, pause.reason, pause.asked_by, pause.slip_id) == ("asked", "third_party", town.wang, slip.pk)
    assert TransferSlip.objects.get().pause_state == "asked"
    assert standing_still(slip) == set()
    assert told(slip, march(3, 10)) == {"zhao"}
    assert (kinds(slip)[-1], last_entry(slip).texts) == ("slip.pause_asked", {"text": "等待自来水公司开挖。"})


@pytest.mark.parametrize("name", ["lin", "sun", "chen", "feng", "qian"])
def test_only_who_works_the_slip_asks(town: Town, slip: TransferSlip, name: str):
    with refused(NotAllowed, slip):
        ask_pause(slip, getattr(town, name), march(3, 10))


def test_nothing_is_paused_before_it_was_signed_in(town: Town):
    slip = matters.transferred(town)
    with refused(WrongState, slip):
        ask_pause(slip, town.zhao, march(3, 10))


@pytest.mark.parametrize(("field", "given"), [("reason", {"reason": "holiday"}), ("text", {"text": "  "})])
def test_a_pause_has_a_reason_in_a_word_and_in_words(town: Town, slip: TransferSlip, field: str, given: dict[str, str]):
    with refused(Refused, slip, field=field):
        ask_pause(slip, town.wang, march(3, 10), **given)  # type: ignore[arg-type]


def test_what_is_overdue_is_not_paused(town: Town, slip: TransferSlip):
    """Handling is due on Monday the 9th at 17:30; the promise still has two days."""
    with refused(Refused, slip):
        ask_pause(slip, town.wang, march(9, 17, 30))
    ask_pause(slip, town.wang, march(9, 17, 29))


def test_what_has_become_overdue_meanwhile_is_not_granted(town: Town, slip: TransferSlip):
    asked(slip, town)
    with refused(Refused, slip):
        grant_pause(slip, town.zhao, march(9, 17, 30))
    assert TransferSlip.objects.get().pause_state == "asked"


def test_a_stale_page_asks_nothing(town: Town, slip: TransferSlip):
    with refused(Stale, slip):
        ask_pause(slip, town.wang, march(3, 10), transition_no=slip.transition_no - 1)


def test_asked_twice_there_is_one(town: Town, slip: TransferSlip):
    asked(slip, town)
    with refused(WrongState, slip):
        ask_pause(slip, town.wang, march(3, 11))
    # The database alone would say so, too.
    row = Pause.objects.values("case_id", "slip_id", "round", "reason", "text", "asked_by_id", "asked_at").get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Pause.objects.create(**row)


# Deciding


def test_the_head_grants_it_and_handling_and_promise_stand_still(town: Town, slip: TransferSlip):
    asked(slip, town)
    grant_pause(slip, town.zhao, march(3, 11))
    assert standing_still(slip) == {"handle", "promise"}
    handle = fresh(slip).deadlines.get(kind="handle")
    assert (handle.paused_at, handle.next_alert_at, handle.due_at) == (march(3, 11), None, march(9, 17, 30))
    assert (fresh(slip).next_due_at, TransferSlip.objects.get().next_due_at) == (None, None)
    assert told(slip, march(3, 11)) == {"wang"}
    assert kinds(slip)[-1] == "slip.paused"
    # Ten working days from Tuesday the 3rd: the 4th to the 6th, the week of the 9th, and two of the next.
    assert Pause.objects.get().ends_at == march(17, 17, 30)


@pytest.mark.parametrize("name", ["wang", "qian", "lin", "chen", "sun", "zhou"])
def test_nobody_but_the_head_decides(town: Town, slip: TransferSlip, name: str):
    asked(slip, town)
    with refused(NotAllowed, slip):
        grant_pause(slip, getattr(town, name), march(3, 11))
    with refused(NotAllowed, slip):
        refuse_pause(slip, getattr(town, name), march(3, 11))


def test_a_head_who_asks_does_not_decide_themselves_the_director_does(town: Town, slip: TransferSlip):
    ask_pause(slip, town.zhao, march(3, 10))
    assert told(slip, march(3, 10)) == {"chen"}
    with refused(NotAllowed, slip):
        grant_pause(slip, town.zhao, march(3, 11))
    grant_pause(slip, town.chen, march(3, 11))


def test_refused_the_clocks_run_on_and_it_may_be_asked_again(town: Town, slip: TransferSlip):
    asked(slip, town)
    before = running(slip)
    refuse_pause(slip, town.zhao, march(3, 11))
    assert running(slip) == before
    assert standing_still(slip) == set()
    assert told(slip, march(3, 11)) == {"wang"}
    assert (Pause.objects.get().decision, last_entry(slip).texts["decision"]) == ("可以先做别的。", "可以先做别的。")
    asked(slip, town, march(3, 14))


def test_a_refusal_has_words(town: Town, slip: TransferSlip):
    asked(slip, town)
    with refused(Refused, slip, field="decision"):
        refuse_pause(slip, town.zhao, march(3, 11), decision=" ")


def test_decided_once(town: Town, slip: TransferSlip):
    drawn = TransferSlip.objects.get().transition_no + 1
    paused(slip, town)
    with refused(Stale, slip):
        grant_pause(slip, town.zhao, march(3, 11), transition_no=drawn)
    with refused(WrongState, slip):
        grant_pause(slip, town.zhao, march(3, 11))


# Running on


def test_resumed_both_are_due_later_by_the_working_time_between(town: Town, slip: TransferSlip):
    """From Tuesday 10:00 to Thursday 15:00: 6 h of Tuesday, 7 of Wednesday, 4.5 of Thursday; 17.5 h in all.

    Handling, Monday the 9th 17:30, moves over Tuesday (7) and Wednesday (7) to Thursday the 12th, 3.5 h on: 14:00.
    The promise, Wednesday the 11th 17:30, over Thursday and Friday to Monday the 16th, 14:00.
    """
    paused(slip, town)
    resume(slip, town.wang, march(5, 15))
    assert running(slip) == {"promise": "03-16 14:00", "handle": "03-12 14:00"}
    case = fresh(slip)
    assert (case.promise_due_at, case.limit_changed_at) == (march(16, 14), march(5, 15))
    assert case.next_due_at == march(12, 14)
    handle = case.deadlines.get(kind="handle")
    # It would have been warned of after three quarters of 41.5 h of opening time from Monday 9:30, on Friday the 6th
    # 14:07:30; 17.5 h on that is the rest of Friday (3:22:30), Monday, Tuesday, and 7.5 minutes of Wednesday.
    assert handle.warn_at == march(11, 9, 7).replace(second=30)
    assert (handle.next_alert_at, handle.step, handle.paused_at) == (handle.warn_at, 0, None)
    (move,) = handle.explanation["moves"]
    assert (move["kind"], move["minutes"]) == ("pause", 17 * 60 + 30)
    assert told(slip, march(5, 15)) == {"lin", "chen"}
    assert Pause.objects.get().state == "ended"


@pytest.mark.parametrize("name", ["qian", "sun", "lin"])
def test_who_does_not_work_the_slip_does_not_resume(town: Town, slip: TransferSlip, name: str):
    paused(slip, town)
    with refused(NotAllowed, slip):
        resume(slip, getattr(town, name), march(5, 15))


def test_resumed_once(town: Town, slip: TransferSlip):
    paused(slip, town)
    resume(slip, town.chen, march(5, 15))
    with refused(WrongState, slip):
        resume(slip, town.chen, march(5, 16))


def test_nobody_is_alerted_while_it_stands_still_and_the_steps_run_again_afterwards(town: Town, slip: TransferSlip):
    on_shift(town.lin, town.north, march(2, 9), hours=24 * 30)
    sweep(now=march(6, 15))
    yellow = Alert.objects.filter(key__contains="clock:", level="yellow")
    assert [alert.recipient for alert in yellow] == [town.wang]
    grant_pause(asked(slip, town, march(6, 15)), town.zhao, march(6, 15))
    sweep(now=march(12, 12))
    assert Alert.objects.filter(level="red", text__contains="overdue").count() == 0
    resume(slip, town.wang, march(12, 12))
    # 2.5 h of Friday, three days, 3 h of Thursday: 26.5 h. Handling is due on Friday the 13th after 5.5 h: at 16:00.
    assert running(slip)["handle"] == "03-13 16:00"
    sweep(now=march(13, 15, 59))
    assert yellow.filter(recipient=town.wang, created_at=march(13, 15, 59)).exists()
    assert not Alert.objects.filter(level="red").exists()
    sweep(now=march(13, 16))
    assert Alert.objects.filter(level="red", recipient=town.wang).exists()


# The cap of ten working days


def test_a_pause_that_cannot_be_ended_is_shown_and_keeps_no_other(town: Town, slip: TransferSlip):
    paused(slip, town)
    second = matters.investigating(town, resident=fresh(slip).resident)
    paused(second, town)
    clocks = fresh(slip).deadlines.running().filter(kind="handle")
    whole = clocks.get().explanation
    clocks.update(explanation=[])
    with pytest.raises(ExceptionGroup):
        end_pauses(now=march(18, 9))
    assert standing_still(second) == set()
    failed = fresh(slip).deadlines.filter(failed_at=march(18, 9)).exclude(failure="")
    assert {clock.kind for clock in failed} == {"handle", "promise"}
    clocks.update(explanation=whole)
    assert end_pauses(now=march(18, 10)).ended == 1
    assert not fresh(slip).deadlines.filter(failed_at__isnull=False).exists()


def test_after_ten_working_days_it_ends_by_itself_as_of_that_moment(town: Town, slip: TransferSlip):
    paused(slip, town)
    assert end_pauses(now=march(17, 17, 29)).ended == 0
    # Nobody looked for two days: it ended at its hour all the same.
    assert end_pauses(now=march(19, 9)).ended == 1
    assert end_pauses(now=march(19, 9)).ended == 0
    pause = Pause.objects.get()
    assert (pause.state, pause.ended_at) == ("ended", march(17, 17, 30))
    # 6 h of Tuesday and ten days: 76 h. Monday the 9th 17:30 + 70 h is Monday the 23rd 17:30, + 6 h Tuesday 16:30.
    assert running(slip)["handle"] == "03-24 16:30"
    assert TransferSlip.objects.get().pause_state == ""
    assert told(slip, march(19, 9)) == {"wang", "lin", "chen"}
    assert last_entry(slip).happened_at == march(17, 17, 30)
    assert list(verify()) == []


def test_whoever_resumes_later_than_the_ten_days_gains_nothing_by_it(town: Town, slip: TransferSlip):
    """Nobody looked for two days, then Wang presses: the limit is that of the end of the ten days."""
    paused(slip, town)
    resume(slip, town.wang, march(19, 10))
    assert Pause.objects.get().ended_at == march(17, 17, 30)
    assert running(slip)["handle"] == "03-24 16:30"


def test_the_ten_days_are_of_all_pauses_of_the_round(town: Town, slip: TransferSlip):
    """Wednesday to Friday are used up by the first; the second has seven left, the third none."""
    paused(slip, town)
    resume(slip, town.wang, march(6, 10))
    paused(slip, town, march(6, 11))
    # Seven from Friday the 6th: the week of the 9th, Monday and Tuesday.
    assert Pause.objects.get(state="running").ends_at == march(17, 17, 30)
    end_pauses(now=march(17, 18))
    with refused(Refused, slip):
        ask_pause(slip, town.wang, march(18, 9, 30))
    ask_pause(slip, town.wang, march(18, 9, 30), is_shelved=True)


def test_several_pauses_on_one_day_use_that_day(town: Town, slip: TransferSlip):
    paused(slip, town, march(3, 10))
    resume(slip, town.wang, march(3, 11))
    paused(slip, town, march(3, 14))
    # Nine are left: the 4th to the 6th, the week of the 9th, Monday the 16th.
    assert Pause.objects.get(state="running").ends_at == march(16, 17, 30)


# What ends a pause besides


def test_a_result_ends_it_and_the_promise_runs_on(town: Town, slip: TransferSlip):
    """From Tuesday 10:00 to Wednesday 10:00: 7 h. The promise moves from the 11th to the 12th, closing time."""
    paused(slip, town)
    report(slip, town.wang, march(4, 10))
    assert Pause.objects.get().state == "ended"
    assert standing_still(slip) == set()
    # Informing: two working days from Wednesday the 4th.
    assert running(slip) == {"promise": "03-12 17:30", "feedback": "03-06 17:30"}
    assert fresh(slip).deadlines.get(kind="handle").outcome == "met"
    assert fresh(slip).limit_changed_at == march(4, 10)
    assert TransferSlip.objects.get().pause_state == ""


def test_a_result_drops_what_was_only_asked(town: Town, slip: TransferSlip):
    asked(slip, town)
    report(slip, town.wang, march(4, 10))
    pause = Pause.objects.get()
    assert (pause.state, pause.decided_by) == ("refused", None)
    assert TransferSlip.objects.get().pause_state == ""


def test_what_was_due_in_the_pause_is_still_in_time(town: Town, slip: TransferSlip):
    """Handling was due on the 9th; it stood still from the 3rd, and the result comes on the 10th."""
    paused(slip, town)
    report(slip, town.wang, march(10, 10))
    assert fresh(slip).deadlines.get(kind="handle").outcome == "met"


# The desk's own pause, while it informs


def test_in_feedback_the_desk_asks_and_the_director_decides(town: Town, slip: TransferSlip):
    report(slip, town.wang, march(3, 10))
    # Informing until Thursday the 5th, the promise until Wednesday the 11th.
    assert running(slip) == {"promise": "03-11 17:30", "feedback": "03-05 17:30"}
    case = fresh(slip)
    ask_pause(case, town.lin, march(3, 15), reason="resident")
    with refused(NotAllowed, case):
        grant_pause(case, town.lin, march(3, 16))
    grant_pause(case, town.chen, march(3, 16))
    assert standing_still(case) == {"promise", "feedback"}
    resume(case, town.lin, march(4, 16))
    # 1.5 h of Tuesday, 5.5 of Wednesday: 7 h, one working day.
    assert running(case) == {"promise": "03-12 17:30", "feedback": "03-06 17:30"}


def test_what_the_director_asked_for_the_supervisor_decides(town: Town):
    case = matters.reported(town)
    on_shift(town.chen, town.north, march(2, 9))
    for receptionist in (town.lin, town.mei):
        receptionist.is_active = False
        receptionist.save()
    ask_pause(case, town.chen, march(3, 10))
    with refused(NotAllowed, case):
        grant_pause(case, town.chen, march(3, 11))
    # The street office comes before the hall's own supervisor.
    with refused(NotAllowed, case):
        grant_pause(case, town.feng, march(3, 11))
    grant_pause(case, town.tang, march(3, 11))


def test_informing_ends_the_pause_of_the_case(town: Town):
    case = matters.reported(town)
    ask_pause(case, town.lin, march(3, 10), reason="resident")
    grant_pause(case, town.chen, march(3, 10))
    inform(case, town.lin, march(16, 10))
    clocks = {clock.kind: clock.outcome for clock in fresh(case).deadlines.all()}
    assert (clocks["promise"], clocks["feedback"]) == ("met", "met")
    assert (fresh(case).pause_state, fresh(case).limit_changed_at) == ("", None)
    assert Pause.objects.get().state == "ended"


def test_sending_back_ends_the_pause_of_the_case(town: Town):
    case = matters.reported(town)
    ask_pause(case, town.lin, march(3, 10), reason="resident")
    grant_pause(case, town.chen, march(3, 10))
    send_back(case, town.lin, march(4, 10))
    assert standing_still(case) == set()
    assert running(case)["promise"] == "03-12 17:30"


# Together with the rest


def test_what_is_paused_cannot_be_paused_again_but_an_extension_may_be_asked(town: Town, slip: TransferSlip):
    paused(slip, town)
    with refused(WrongState, slip):
        ask_pause(slip, town.wang, march(4, 10))
    ask_extension(slip, town.wang, march(4, 10))


def test_a_barred_head_is_not_asked_nor_does_she_decide(town: Town, slip: TransferSlip):
    bar(case_id=slip.case_id, staff=town.zhao, reason="被投诉", actor=None, now=march(3, 9))
    asked(slip, town)
    assert told(slip, march(3, 10)) == {"chen"}
    with refused(NotAllowed, slip):
        grant_pause(slip, town.zhao, march(3, 11))
    grant_pause(slip, town.chen, march(3, 11))


def test_the_resident_is_told_the_new_date(town: Town, slip: TransferSlip):
    paused(slip, town)
    resume(slip, town.wang, march(5, 15))
    tell_limit(slip, town.lin, march(5, 16))
    assert fresh(slip).limit_changed_at is None


@pytest.mark.django_db(transaction=True)
def test_a_case_somebody_works_on_at_that_moment_is_left_to_the_next_run(town: Town):
    slip = paused(matters.investigating(town), town)
    locked, done = Event(), Event()

    def works_on_it() -> None:
        with transaction.atomic():
            lock_case(case_id=slip.case_id, actor=None, transition_no=None)
            locked.set()
            done.wait(20)
        connection.close()

    somebody = Thread(target=works_on_it)
    somebody.start()
    assert locked.wait(20)
    assert end_pauses(now=march(18, 9)).ended == 0
    done.set()
    somebody.join()
    assert end_pauses(now=march(18, 9)).ended == 1
