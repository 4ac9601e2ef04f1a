"""The one extension (延期): asked by the department, decided before expiry by the director, once a case."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from cases.models import Case, Extension, TransferSlip
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.steps import (
    ask_extension,
    ask_pause,
    fresh,
    grant_extension,
    grant_pause,
    kinds,
    last_entry,
    march,
    refuse_extension,
    refused,
    report,
    resume,
    running,
    sign_in,
    told,
)


@pytest.fixture
def slip(town: Town) -> TransferSlip:
    """Transferred on Monday the 2nd: handling five working days, until the 9th; promise seven, until the 11th."""
    return matters.investigating(town)


def test_the_handler_asks_and_the_director_is_told(town: Town, slip: TransferSlip):
    ask_extension(slip, town.wang, march(5, 10), days=5)
    extension = Extension.objects.get()
    assert (extension.state, extension.working_days, extension.asked_by) == ("asked", 5, town.wang)
    assert fresh(slip).extension_state == "asked"
    assert running(slip) == {"promise": "03-11 17:30", "handle": "03-09 17:30"}
    assert told(slip, march(5, 10)) == {"chen"}
    assert (kinds(slip)[-1], last_entry(slip).texts) == ("slip.extension_asked", {"reason": "材料未到。"})


@pytest.mark.parametrize("days", [0, 6])
def test_at_most_as_long_as_the_handling_was_given(town: Town, slip: TransferSlip, days: int):
    with refused(Refused, slip, field="working_days"):
        ask_extension(slip, town.wang, march(5, 10), days=days)


def test_an_urgent_matter_of_twenty_four_hours_gets_one_working_day_at_most(town: Town):
    slip = matters.investigating(town, urgency="urgent")
    with refused(Refused, slip, field="working_days"):
        ask_extension(slip, town.wang, march(2, 15), days=2)
    ask_extension(slip, town.wang, march(2, 15), days=1)
    grant_extension(slip, town.chen, march(2, 16))
    # Due on Tuesday the 3rd at 9:30; the next working day ends on Wednesday at 17:30.
    assert running(slip)["handle"] == "03-04 17:30"


def test_a_reason_is_given_in_words(town: Town, slip: TransferSlip):
    with refused(Refused, slip, field="reason"):
        ask_extension(slip, town.wang, march(5, 10), reason=" ")


@pytest.mark.parametrize("name", ["lin", "qian", "sun", "chen", "feng"])
def test_only_who_works_the_slip_asks(town: Town, slip: TransferSlip, name: str):
    with refused(NotAllowed, slip):
        ask_extension(slip, getattr(town, name), march(5, 10))


def test_too_late_to_ask_and_too_late_to_grant(town: Town, slip: TransferSlip):
    """Handling is due on Monday the 9th at 17:30."""
    ask_extension(slip, town.wang, march(9, 17, 29))
    with refused(Refused, slip):
        grant_extension(slip, town.chen, march(9, 17, 30))
    refuse_extension(slip, town.chen, march(9, 17, 31))
    with refused(Refused, slip):
        ask_extension(slip, town.wang, march(9, 17, 32))


def test_granted_handling_and_promise_move_together(town: Town, slip: TransferSlip):
    """Four working days more: from Monday the 9th to Friday the 13th, from Wednesday the 11th to Tuesday the 17th."""
    ask_extension(slip, town.wang, march(5, 10), days=4)
    grant_extension(slip, town.chen, march(6, 10))
    assert running(slip) == {"promise": "03-17 17:30", "handle": "03-13 17:30"}
    case, extension = fresh(slip), Extension.objects.get()
    assert (case.extension_state, case.limit_changed_at) == ("granted", march(6, 10))
    assert (case.promise_due_at, case.next_due_at) == (march(17, 17, 30), march(13, 17, 30))
    assert (extension.old_due_at, extension.new_due_at) == (march(11, 17, 30), march(17, 17, 30))
    assert told(slip, march(6, 10)) == {"wang", "lin"}
    assert TransferSlip.objects.get().next_due_at == march(13, 17, 30)


def test_a_date_from_above_is_not_moved(town: Town):
    """The office above wants it by Friday the 20th: the handling moves, that date does not, nobody is to be told."""
    slip = matters.investigating(
        town, channel="handed_down", outside_due_at=march(20, 17, 30), outside_number="12345-7"
    )
    assert running(slip) == {"promise": "03-20 17:30", "handle": "03-09 17:30"}
    ask_extension(slip, town.wang, march(5, 10))
    grant_extension(slip, town.chen, march(6, 10))
    assert running(slip) == {"promise": "03-20 17:30", "handle": "03-12 17:30"}
    assert fresh(slip).limit_changed_at is None


@pytest.mark.parametrize("name", ["wang", "zhao", "lin", "feng", "tang", "han"])
def test_nobody_but_the_director_decides(town: Town, slip: TransferSlip, name: str):
    ask_extension(slip, town.wang, march(5, 10))
    with refused(NotAllowed, slip):
        grant_extension(slip, getattr(town, name), march(6, 10))
    with refused(NotAllowed, slip):
        refuse_extension(slip, getattr(town, name), march(6, 10))


def test_what_the_director_handles_the_supervisor_decides(town: Town):
    """Nobody of the department is left: director Chen was named as handler. The street office decides."""
    for person in (town.wang, town.qian, town.zhao):
        person.is_active = False
        person.save()
    slip = matters.transferred(town)
    slip = sign_in(slip, town.chen, town.chen, march(2, 10))
    ask_extension(slip, town.chen, march(5, 10))
    assert told(slip, march(5, 10)) == {"tang"}
    with refused(NotAllowed, slip):
        grant_extension(slip, town.chen, march(6, 10))
    grant_extension(slip, town.tang, march(6, 10))


def test_refused_the_limit_stays_and_it_may_be_asked_again(town: Town, slip: TransferSlip):
    ask_extension(slip, town.wang, march(5, 10))
    refuse_extension(slip, town.chen, march(5, 11))
    assert running(slip) == {"promise": "03-11 17:30", "handle": "03-09 17:30"}
    assert told(slip, march(5, 11)) == {"wang"}
    ask_extension(slip, town.wang, march(6, 10), days=1)
    grant_extension(slip, town.chen, march(6, 11))
    assert [one.state for one in Extension.objects.all()] == ["refused", "granted"]


def test_a_refusal_has_words(town: Town, slip: TransferSlip):
    ask_extension(slip, town.wang, march(5, 10))
    with refused(Refused, slip, field="decision"):
        refuse_extension(slip, town.chen, march(5, 11), decision="")


def test_a_second_one_is_refused(town: Town, slip: TransferSlip):
    ask_extension(slip, town.wang, march(5, 10))
    with refused(WrongState, slip):
        ask_extension(slip, town.wang, march(5, 11))
    grant_extension(slip, town.chen, march(6, 10))
    with refused(WrongState, slip):
        ask_extension(slip, town.wang, march(6, 11))
    with refused(WrongState, slip):
        grant_extension(slip, town.chen, march(6, 11))


def test_the_database_itself_refuses_a_second_one(town: Town, slip: TransferSlip):
    ask_extension(slip, town.wang, march(5, 10))
    grant_extension(slip, town.chen, march(6, 10))
    row = Extension.objects.values("case_id", "slip_id", "working_days", "reason", "asked_by_id", "asked_at").get()
    for state in ("asked", "granted"):
        with pytest.raises(IntegrityError, match="extension_once_a_case"), transaction.atomic():
            Extension.objects.create(**row, state=state)
    refused_row = Extension.objects.create(**row, state="refused")
    with pytest.raises(IntegrityError, match="extension_once_a_case"), transaction.atomic(), connection.cursor() as sql:
        sql.execute("UPDATE cases_extension SET state = 'granted' WHERE id = %s", [refused_row.pk])


def test_a_stale_page_decides_nothing(town: Town, slip: TransferSlip):
    ask_extension(slip, town.wang, march(5, 10))
    drawn = TransferSlip.objects.get().transition_no
    grant_extension(slip, town.chen, march(6, 10))
    with refused(Stale, slip):
        refuse_extension(slip, town.chen, march(6, 10), transition_no=drawn)


def test_what_was_extended_is_not_paused(town: Town, slip: TransferSlip):
    """A pause that was only asked for falls with the extension."""
    ask_pause(slip, town.wang, march(5, 9))
    ask_extension(slip, town.wang, march(5, 10))
    grant_extension(slip, town.chen, march(6, 10))
    assert TransferSlip.objects.get().pause_state == ""
    for at in (march(6, 11), march(12, 10)):
        with refused(WrongState, slip):
            ask_pause(slip, town.wang, at)


def test_a_pause_and_then_an_extension(town: Town, slip: TransferSlip):
    """Paused from Tuesday 10:00 to Wednesday 10:00, 7 h: handling moves to the 10th, the promise to the 12th.

    Two working days more: Thursday the 12th, Monday the 16th.
    """
    ask_pause(slip, town.wang, march(3, 10))
    grant_pause(slip, town.zhao, march(3, 10))
    resume(slip, town.wang, march(4, 10))
    assert running(slip) == {"promise": "03-12 17:30", "handle": "03-10 17:30"}
    ask_extension(slip, town.wang, march(10, 10), days=2)
    grant_extension(slip, town.chen, march(10, 11))
    assert running(slip) == {"promise": "03-16 17:30", "handle": "03-12 17:30"}
    kinds_of_moves = [move["kind"] for move in fresh(slip).deadlines.get(kind="handle").explanation["moves"]]
    assert kinds_of_moves == ["pause", "extension"]


def test_a_result_makes_what_was_asked_moot(town: Town, slip: TransferSlip):
    ask_extension(slip, town.wang, march(5, 10))
    report(slip, town.wang, march(5, 11))
    extension = Extension.objects.get()
    assert (extension.state, extension.decided_by, fresh(slip).extension_state) == ("refused", None, "refused")
    assert Case.objects.get().state == "feedback"


def test_no_other_department_asks_for_its_own(town: Town, slip: TransferSlip):
    TransferSlip.objects.filter(pk=slip.pk).update(kind="assisting")
    with refused(WrongState, slip):
        ask_extension(slip, town.wang, march(5, 10))
