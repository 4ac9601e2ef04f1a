"""Twenty people press at the same moment, each on a page drawn before anybody did. One of them is first.

Real threads and real connections; sweeps run beside them all the while.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction

from cases.actions.attach import attach
from cases.actions.bar import bar
from cases.actions.inform import inform
from cases.actions.register import join_visit, register_case
from cases.models import Case, TransferSlip
from cases.sweep import sweep
from foundation.ledger.models import Chain, Entry
from foundation.ledger.verify import verify
from foundation.notifications.models import Alert
from foundation.organization.models import Staff
from foundation.refusals import Refused, Stale, WrongState
from foundation.residents.actions import register_resident
from reception.actions import AlreadyRegistered, register_visit
from tests import matters
from tests.builders import Town, category
from tests.cases import steps
from tests.cases.buttons import buttons_of, offered
from tests.cases.steps import fresh, march
from tests.cases.test_attach import paper
from tests.matters import MONDAY, UNSIGNED

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 20
MUCH_LATER = MONDAY + timedelta(days=60)
"""By then every clock is due, and every sweep finds work."""

Press = Callable[[], object]


def at_once(presses: Sequence[Press]) -> list[object]:
    """All of them at the same moment, each over a connection of its own: what each gave, or how it was refused.

    Anything but a refusal in words, a deadlock above all, fails the test.
    """
    ready = Barrier(len(presses))

    def run(press: Press) -> object:
        try:
            connection.ensure_connection()
            ready.wait(30)
            return press()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(presses)) as threads:
        return list(threads.map(run, presses))


@contextmanager
def sweeps_all_the_while(workers: int = 2) -> Iterator[None]:
    over = Event()

    def work() -> int:
        try:
            number = 0
            while not over.is_set():
                number += 1
                sweep(now=MUCH_LATER + timedelta(hours=number))
            return number
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as threads:
        done = [threads.submit(work) for _worker in range(workers)]
        try:
            yield
        finally:
            over.set()
        assert all(job.result() > 0 for job in done)


def twenty_presses(
    subject: Case | TransferSlip, people: Sequence[Staff], chance: random.Random, *, only: Collection[str] = ()
) -> list[Press]:
    """Whatever any page offers to anybody, twenty times; every page was drawn before the first press."""
    shown = [(name, person) for person in people for name in sorted(offered(subject, person))]
    shown = [(name, person) for name, person in shown if not only or name in only]
    chance.shuffle(shown)
    assert shown
    buttons = buttons_of(subject)

    def press(name: str, person: Staff, seed: int) -> Press:
        own = random.Random(seed)
        # Half an hour later than anything that was prepared.
        return lambda: buttons[name](subject, person, march(2, 13), subject.transition_no, own.choice)

    return [press(*shown[number % len(shown)], number) for number in range(PEOPLE)]


def the_one(results: Sequence[object]) -> object:
    """The press that was first; all the others were told in words that somebody was faster."""
    done = [result for result in results if not isinstance(result, Refused)]
    assert len(done) == 1, results
    for result in results:
        if isinstance(result, Refused):
            assert isinstance(result, Stale | WrongState), result
            assert str(result)
    return done[0]


def at_every_stage(town: Town) -> Iterator[Case | TransferSlip]:
    structure = category(town.north, "房屋结构安全")
    resident = matters.a_resident(town)
    yield matters.registered(town, resident=resident)
    yield matters.accepted(town, resident=resident)
    yield matters.transferred(town, resident=resident)
    yield matters.signed(town, resident=resident)
    yield matters.investigating(town, resident=resident)
    yield steps.report(matters.investigating(town, resident=resident, category=structure), town.wang)
    yield matters.reported(town, resident=resident)
    yield matters.informed(town, resident=resident)
    yield steps.decline(matters.registered(town, resident=resident), town.lin)
    yield steps.reopen(matters.informed(town, resident=resident), town.mei, march(2, 12))


def test_of_twenty_who_press_on_one_case_one_is_first_at_every_stage_of_its_life(town: Town):
    people = list(Staff.objects.order_by("pk"))
    chance = random.Random(2026)
    for prepared in list(at_every_stage(town)):
        subject = type(prepared).objects.get(pk=prepared.pk)
        case = fresh(subject)
        written = Entry.objects.filter(chain=case.chain_id).count()
        presses = twenty_presses(subject, people, chance)
        with sweeps_all_the_while():
            the_one(at_once(presses))
        assert Entry.objects.filter(chain=case.chain_id).count() == written + 1
        assert type(subject).objects.get(pk=subject.pk).transition_no == subject.transition_no + 1
    assert list(verify()) == []


def test_a_case_goes_through_its_whole_life_with_twenty_on_it_at_every_step(town: Town):
    people = list(Staff.objects.order_by("pk"))
    chance = random.Random(7)
    # What would end it early or turn it back is left out. Some categories ask for approval by the head.
    onward = {
        "accept",
        "transfer",
        "sign_in",
        "investigate",
        "report",
        "submit",
        "approve",
        # Whoever accepts it may screen it as a complaint: then nobody is informed without a finding.
        "record_finding",
        "inform",
        "take_evaluation",
    }
    case = matters.registered(town, nature="consultation")
    while case.state != "archived" and case.round == 1:
        slip = case.slips.order_by("-pk").first()
        subject = slip if slip is not None and case.state == "transferred" else case
        the_one(at_once(twenty_presses(subject, people, chance, only=onward)))
        case = fresh(case)
    kinds = steps.kinds(case)
    assert ("complaint.found" in kinds) == (case.nature == "complaint")
    assert [kind for kind in kinds if kind not in ("slip.submitted", "slip.approved", "complaint.found")] == [
        "case.registered",
        "case.accepted",
        "case.transferred",
        "slip.signed",
        "slip.investigation_begun",
        *(["slip.reported"] if "slip.submitted" not in kinds else []),
        "case.informed",
        "case.archived" if case.state == "archived" else "case.reopened",
    ]
    assert list(verify()) == []


def test_three_departments_work_side_by_side_with_twenty_people_on_their_slips(town: Town):
    """Everybody presses at once on all three slips: of each slip one press is done, whatever the others do."""
    people = list(Staff.objects.order_by("pk"))
    chance = random.Random(3)
    onward = {"sign_in", "investigate", "record_plan", "report"}
    lead, *_assisting = matters.coordinated(town, assisting=[town.property, town.hall_itself])
    case = fresh(lead)
    while case.state == "transferred":
        written = Entry.objects.filter(chain=case.chain_id).count()
        slips = [
            slip
            for slip in case.slips.open().select_related("department", "hall", "handler", "case").order_by("pk")
            if any(offered(slip, person) & onward for person in people)
        ]
        each = PEOPLE // len(slips)
        presses = [twenty_presses(slip, people, chance, only=onward)[:each] for slip in slips]
        with sweeps_all_the_while(workers=1):
            results = at_once([press for of_slip in presses for press in of_slip])
        for number in range(len(slips)):
            the_one(results[number * each : (number + 1) * each])
        assert Entry.objects.filter(chain=case.chain_id).count() - written >= len(slips)
        case = fresh(case)
    assert case.state == "feedback"
    assert set(case.slips.values_list("state", flat=True)) == {"reported"}
    kinds = steps.kinds(case)
    assert (kinds.count("slip.signed"), kinds.count("slip.reported"), kinds.count("slip.planned")) == (3, 3, 1)
    assert case.deadlines.filter(kind="feedback").count() == 1
    assert list(verify()) == []


def test_two_departments_that_return_at_once_bring_the_case_back_once(town: Town):
    lead, assisting = matters.coordinated(town)
    at_once(
        [
            lambda: steps.give_back(lead, town.zhao, march(2, 13)),
            lambda: steps.give_back(assisting, town.zhou, march(2, 13)),
        ]
    )
    case = fresh(lead)
    assert (case.state, case.is_referred) == ("accepted", True)
    assert case.deadlines.running().filter(kind="dispatch").count() == 1
    assert list(verify()) == []


# Forms that are sent twice: a double click, or a browser that tries again.


def test_a_double_click_registers_one_case(town: Town):
    resident, key = matters.a_resident(town), uuid.uuid4()

    @transaction.atomic
    def send() -> object:
        visit = register_visit(
            hall=town.north,
            actor=town.lin,
            now=MONDAY,
            channel="walk_in",
            matter="漏水。",
            resident=resident,
            submission_key=key,
        )
        return register_case(visit=visit, actor=town.lin, now=MONDAY, nature="request", category=category(town.north))

    results = at_once([send] * 5)
    assert [type(result) for result in results if isinstance(result, Refused)] == [AlreadyRegistered] * 4
    assert Case.objects.count() == 1


def test_a_double_click_does_nothing_twice(town: Town):
    case = matters.accepted(town)
    number = case.transition_no
    results = at_once([lambda: steps.transfer(case, town.lin, town.works, transition_no=number)] * 5)
    assert isinstance(the_one(results), TransferSlip)
    assert TransferSlip.objects.count() == 1
    assert Alert.objects.filter(recipient=town.wang).count() == 1


def test_a_double_click_tells_the_resident_once(town: Town):
    case, key = matters.reported(town), uuid.uuid4()
    form: dict[str, Any] = {"case_id": case.pk, "transition_no": case.transition_no, "submission_key": key}
    send = lambda: inform(  # noqa: E731 - five times the same
        **form, actor=town.lin, now=march(2, 13), means="phone", text="已修好。", signature=UNSIGNED
    )
    the_one(at_once([send] * 5))
    assert case.answers.count() == 1


def test_the_same_files_sent_five_times_at_once_are_kept_once(town: Town):
    case = matters.registered(town)
    files = [paper("一"), paper("二")]
    send = lambda: attach(case_id=case.pk, files=files, kind="resident", actor=town.lin, now=MONDAY)  # noqa: E731
    results = at_once([send] * 5)
    assert sorted(len(stored) for stored in results if isinstance(stored, list)) == [0, 0, 0, 0, 2]


def test_the_same_visit_joined_twice_at_once_is_counted_once(town: Town):
    case = matters.registered(town)
    visit = register_visit(
        hall=town.north, actor=town.lin, now=MONDAY, channel="phone", matter="又漏了", resident=None,
        identity="anonymous",
    )  # fmt: skip
    the_one(at_once([lambda: join_visit(case_id=case.pk, visit=visit, actor=town.lin, now=MONDAY)] * 5))
    assert list(case.case_visits.values_list("ordinal", flat=True)) == [1, 2]


# Together, but not about the same.


def test_ten_who_register_at_once_get_ten_numbers_without_a_gap(town: Town):
    @transaction.atomic
    def register(number: int) -> Case:
        resident = register_resident(
            hall=town.north, actor=town.lin, now=MONDAY, name="王秀兰", phone=f"1380571{number:04d}"
        )
        visit = register_visit(
            hall=town.north, actor=town.lin, now=MONDAY, channel="walk_in", matter="漏水。", resident=resident
        )
        return register_case(visit=visit, actor=town.lin, now=MONDAY, nature="request", category=category(town.north))

    for first in (0, 10):
        at_once([lambda number=number: register(number) for number in range(first, first + 10)])  # type: ignore[misc]
    assert sorted(Case.objects.values_list("number", flat=True)) == [f"NTH-2026-{n:06d}" for n in range(1, 21)]
    chains = Chain.objects.filter(hall=town.north, number__gt=0)
    assert sorted(chains.values_list("number", flat=True)) == list(range(1, 21))


def test_who_is_barred_while_a_sweep_is_telling_them_keeps_nothing_of_it(town: Town):
    resident = matters.a_resident(town)
    for number in range(5):
        slip = matters.signed(town, resident=resident)
        later = MUCH_LATER + timedelta(days=number)
        at_once(
            [
                lambda later=later: sweep(now=later),  # type: ignore[misc]
                lambda slip=slip: bar(  # type: ignore[misc]
                    case_id=slip.case_id, staff=town.wang, reason="被投诉", actor=town.lin, now=march(2, 13)
                ),
            ]
        )
        assert not Alert.objects.visible_to(town.wang).filter(chain=slip.case.chain_id).exists()
