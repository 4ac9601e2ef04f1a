"""Random people press random buttons at random moments; what must always be true stays true.

Under a minute in make test; for a long time, and shrinking what it finds, in make soak or with HYPOTHESIS_PROFILE=long.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cases.actions.bar import bar
from cases.actions.end_pauses import end_pauses
from cases.actions.register import join_visit, register_case
from cases.actions.withdraw import wish_withdrawal
from cases.delays import Told, tell_delays
from cases.models import Case, TransferSlip
from cases.sweep import sweep
from followups.actions.evaluate import evaluate_by_link
from followups.links import link_for
from foundation.ledger.verify import verify
from foundation.organization.models import Hall, Staff
from foundation.refusals import Refused, Stale
from foundation.residents.actions import register_resident
from foundation.residents.models import Resident
from reception.actions import register_visit
from tests import matters
from tests.builders import Town, category, make_town
from tests.cases.buttons import SAID, Choose, buttons_of, in_proportion, offered
from tests.cases.course_steps import merge
from tests.cases.steps import everything, fresh, reopen
from tests.cases.truths import Memory, check
from tests.matters import MONDAY

PROFILES: dict[str, dict[str, Any]] = {
    # Shrinking presses the same buttons hundreds of times more: worth it only where nobody waits.
    "long": {"max_examples": 400, "stateful_step_count": 60},
    "short": {"max_examples": 10, "stateful_step_count": 30, "phases": [Phase.generate]},
}
MOST_CASES = 3
MOST_LOST = 2
"""How many people a case may lose to being barred; a hall has only so many."""

NOT_ANSWERED_YET = ("registered", "accepted", "transferred", "feedback")

Subject = Case | TransferSlip


class Halls(RuleBasedStateMachine):
    town: Town
    residents: dict[int, Resident]
    people: list[Staff]

    def __init__(self) -> None:
        super().__init__()
        # Everything of one run is undone at its end; the town itself stands.
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = MONDAY
        self.memories: dict[int, Memory] = {}
        self.changed: set[int] = set()

    def teardown(self) -> None:
        try:
            assert list(verify()) == []
        finally:
            for person in self.people:
                person.is_active = True
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    # Looking around. Cases and slips are read anew at each step, as every page is.

    def who_could(self, case: Case) -> list[Staff]:
        """Those with an account who belong to the hall or to the street office."""
        return [person for person in self.people if person.is_active and _belongs(person, case)]

    def offered(self, subject: Subject, person: Staff) -> set[str]:
        """What does something if it is pressed in the next minute."""
        return offered(subject, person, self.now + timedelta(minutes=1))

    def later(self, minutes: int = 1) -> datetime:
        self.now += timedelta(minutes=minutes)
        return self.now

    def pick_case(self, choose: Choose) -> Case:
        return Case.objects.get(pk=choose(sorted(self.memories)))

    def subjects(self, case: Case) -> list[Subject]:
        return [case, *case.slips.select_related("department", "hall", "handler", "case").order_by("pk")]

    # Pressing.

    @initialize(
        data=st.data(),
        stage=st.sampled_from(["registered", "transferred", "coordinated", "informed", "second round", "merged"]),
    )
    def somebody_came(self, data: st.DataObject, stage: str) -> None:
        """Not always from the very beginning: thirty steps would seldom come as far as a second round."""
        if stage == "registered":
            self.enter(data, hall=self.town.north)
            return
        resident = self.residents[self.town.north.pk]
        if stage == "merged":
            self.neighbour_is_merged(resident)
            return
        made: Subject
        if stage == "coordinated":
            made, _assisting = matters.coordinated(self.town, now=self.now, resident=resident)
        else:
            prepare = matters.transferred if stage == "transferred" else matters.informed
            made = prepare(self.town, now=self.now, resident=resident)
        self.later(180)
        if stage == "second round":
            reopen(made, self.town.mei, self.later())
        case = fresh(made)
        self.memories[case.pk] = Memory(owner=case.first_contact_owner_id)
        self.changed.add(case.pk)

    def neighbour_is_merged(self, resident: Resident) -> None:
        """Two residents with the same matter, one of which is worked on."""
        main = fresh(matters.transferred(self.town, now=self.now, resident=resident))
        other = matters.accepted(self.town, now=self.now, resident=resident)
        merge(other, main, self.town.lin, self.later())
        for case in (main, other):
            self.memories[case.pk] = Memory(owner=self.town.lin.pk)
            self.changed.add(case.pk)

    @precondition(lambda self: 0 < len(self.memories) < MOST_CASES)
    @rule(data=st.data())
    def somebody_else_comes(self, data: st.DataObject) -> None:
        self.enter(data, hall=data.draw(st.sampled_from([self.town.north, self.town.south])))

    def enter(self, data: st.DataObject, *, hall: Hall) -> None:
        choose = chooser(data)
        town = self.town
        actor = choose([town.lin, town.mei] if hall == town.north else [town.lu])
        identity = choose(["named", "named", "anonymous", "hidden"])
        at = self.later()
        visit = register_visit(
            hall=hall,
            actor=actor,
            now=at,
            channel="walk_in",
            matter="楼顶漏水，卧室发霉。",
            identity=identity,
            resident=None if identity == "anonymous" else self.residents[hall.pk],
        )
        case = register_case(
            visit=visit,
            actor=actor,
            now=at,
            nature=choose(["request", "complaint", "consultation"]),
            category=category(hall, choose(["室内上下水渗漏", "房屋结构安全"])),
            urgency=choose(["normal", "urgent"]),
        )
        self.memories[case.pk] = Memory(owner=actor.pk)
        self.changed.add(case.pk)

    @rule(data=st.data())
    def somebody_presses_what_their_page_offers(self, data: st.DataObject) -> None:
        self.press_offered(data)

    @rule(data=st.data())
    def and_somebody_the_next(self, data: st.DataObject) -> None:
        """The same once more: most of a life is going on."""
        self.press_offered(data)

    @rule(data=st.data())
    def and_the_next(self, data: st.DataObject) -> None:
        self.press_offered(data)

    def press_offered(self, data: st.DataObject) -> None:
        choose = chooser(data)
        case = self.pick_case(choose)
        choices = [
            (subject, person, name)
            for subject in self.subjects(case)
            for person in self.who_could(case)
            for name in sorted(self.offered(subject, person))
        ]
        if not choices:
            return
        # First which button, then who: else the many who may all do the same would crowd out the one director.
        name = choose(in_proportion({name for _subject, _person, name in choices}))
        subject, person, _name = choose([choice for choice in choices if choice[2] == name])
        before = (case.transition_no, subject.transition_no)
        buttons_of(subject)[name](subject, person, self.later(), subject.transition_no, choose)
        after = (fresh_number(case), fresh_number(subject))
        assert after > before
        assert after[0] >= before[0]
        self.changed.add(case.pk)

    @rule(data=st.data())
    def somebody_presses_anything(self, data: st.DataObject) -> None:
        """What the page does not offer is refused, and nothing is written; what it offers is done."""
        choose = chooser(data)
        case = self.pick_case(choose)
        subject = choose(self.subjects(case))
        person = choose([person for person in self.people if person.is_active])
        name = choose(sorted(buttons_of(subject)))
        button = buttons_of(subject)[name]
        self.changed.add(case.pk)
        # "Report" is one button: it submits where the head approves.
        names = {"report", "submit"} if name in ("report", "submit") else {name}
        if names & self.offered(subject, person):
            button(subject, person, self.later(), subject.transition_no, choose)
            return
        before = everything(case)
        with pytest.raises(Refused):
            button(subject, person, self.later(), subject.transition_no, choose)
        assert everything(case) == before

    @rule(data=st.data())
    def somebody_presses_on_a_page_of_yesterday(self, data: st.DataObject) -> None:
        choose = chooser(data)
        case = self.pick_case(choose)
        subject = choose(self.subjects(case))
        people = [person for person in self.who_could(case) if self.offered(subject, person)]
        if not people:
            return
        person = choose(people)
        name = choose(sorted(self.offered(subject, person)))
        before = everything(case)
        with pytest.raises(Stale):
            buttons_of(subject)[name](subject, person, self.later(), subject.transition_no - 1, choose)
        assert everything(case) == before

    @rule(hours=st.sampled_from([1, 7, 30, 80, 200]))
    def time_passes_and_the_sweep_looks(self, hours: int) -> None:
        at = self.later(hours * 60)
        end_pauses(now=at)
        done = sweep(now=at)
        assert done.postponed == 0
        assert sweep(now=at).looked_at == 0
        tell_delays(now=at)
        assert tell_delays(now=at) == Told()
        self.changed |= self.memories.keys()

    @rule(data=st.data())
    def they_answer_the_link(self, data: st.DataObject) -> None:
        """Whoever asked them meanwhile, or nobody: what they say is taken once and never refused for the state."""
        choose = chooser(data)
        case = self.pick_case(choose)
        if case.state not in ("follow_up", "archived") or case.informed_at is None:
            return
        at = self.later()
        link = link_for(case, now=at)
        if link.is_open(at):
            evaluate_by_link(token=link.path.split("/")[-2], now=at, **choose(SAID))
            self.changed.add(case.pk)

    @rule(data=st.data())
    def they_come_again(self, data: st.DataObject) -> None:
        case = self.pick_case(chooser(data))
        if not case.is_open:
            return
        at = self.later()
        visit = register_visit(
            hall=case.hall, actor=None, now=at, channel="web", matter="又漏了。", resident=None, identity="anonymous"
        )
        join_visit(case_id=case.pk, visit=visit, actor=None, now=at)
        self.changed.add(case.pk)

    @rule(data=st.data())
    def they_ask_from_outside_to_withdraw(self, data: st.DataObject) -> None:
        case = self.pick_case(chooser(data))
        if case.state not in NOT_ANSWERED_YET or case.withdrawal_asked_at is not None:
            return
        wish_withdrawal(case_id=case.pk, now=self.later(), wish="不用再办了。")
        self.changed.add(case.pk)

    @rule(data=st.data())
    def somebody_is_barred(self, data: st.DataObject) -> None:
        choose = chooser(data)
        case = self.pick_case(choose)
        if len(case.barred_ids) >= MOST_LOST:
            return
        # First those whom it concerns: they are what is difficult.
        parts = sorted({part.staff_id for part in case.active_parts})
        person = Staff.objects.get(pk=choose([*parts, *(person.pk for person in self.people)]))
        bar(case_id=case.pk, staff=person, reason="被投诉", actor=None, now=self.later())
        self.changed.add(case.pk)

    @rule(name=st.sampled_from(["mei", "wang", "zhao", "chen"]))
    def somebody_leaves_the_office(self, name: str) -> None:
        if not all(person.is_active for person in self.people):
            return
        (person,) = (person for person in self.people if person.username == name)
        person.is_active = False
        person.save(update_fields=["is_active"])
        self.changed |= self.memories.keys()

    @invariant()
    def what_must_be_true_is_true(self) -> None:
        if not self.changed:
            return
        # What becomes of a main case becomes of those merged into it.
        together = Q(pk__in=self.changed) | Q(main_case__in=self.changed) | Q(merged_cases__in=self.changed)
        family = set(Case.objects.filter(together).values_list("pk", flat=True))
        for case in Case.objects.filter(pk__in=family).select_related("hall", "chain").order_by("pk"):
            check(case, self.memories[case.pk], self.people, self.now)
        self.changed = set()


def _belongs(person: Staff, case: Case) -> bool:
    return person.belongs_to_street or case.hall_id in person.hall_ids


def chooser(data: st.DataObject) -> Choose:
    def choose(choices: Any) -> Any:
        return data.draw(st.sampled_from(list(choices)))

    return choose


def fresh_number(subject: Subject) -> int:
    return int(type(subject).objects.values_list("transition_no", flat=True).get(pk=subject.pk))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "profile", [os.environ.get("HYPOTHESIS_PROFILE", "short"), pytest.param("long", marks=pytest.mark.soak)]
)
def test_whoever_presses_what_the_house_stays_in_order(profile: str):
    town = make_town()
    residents = {
        hall.pk: register_resident(hall=hall, actor=actor, now=MONDAY, name="王秀兰", phone="13805716021")
        for hall, actor in ((town.north, town.lin), (town.south, town.lu))
    }
    people = list(Staff.objects.order_by("pk"))
    machine = type("HallsOfTheTown", (Halls,), {"town": town, "residents": residents, "people": people})
    run_state_machine_as_test(
        machine,
        settings=settings(
            **PROFILES[profile],
            deadline=None,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            database=None,
        ),
    )
