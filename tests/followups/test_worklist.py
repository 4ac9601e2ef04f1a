"""Who finds which cases on the worklist, in which order; and who stands in where nobody else is left."""

from __future__ import annotations

from datetime import timedelta
from operator import itemgetter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_fsm import has_transition_perm

from cases.models import Case
from followups.actions.attempt import record_attempt
from followups.models import Evaluation
from followups.worklist import worklist
from foundation.organization.models import Hall, Membership, Role, Staff
from foundation.refusals import NotAllowed
from tests.builders import Town, person
from tests.followups.stories import WEDNESDAY, accepted, answered_on_the_spot, evaluated, informed

ANNOTATED = ("attempts", "days_tried", "last_attempt_at", "limit_at")


def fresh(staff: Staff) -> Staff:
    return Staff.objects.get(pk=staff.pk)


def leaves(*people: Staff, role: Role) -> None:
    Membership.objects.filter(staff__in=people, role=role).update(ended_at=timezone.now())


def listed(hall: Hall, staff: Staff) -> list[Case]:
    return list(worklist(hall, fresh(staff)))


def told(town: Town) -> list[tuple[Any, ...]]:
    return [itemgetter(*ANNOTATED)(vars(row)) for row in listed(town.north, town.lin)]


def test_what_is_due_first_stands_first_with_its_attempts_and_limit(town: Town) -> None:
    later = informed(town)
    sooner = informed(town, now=WEDNESDAY - timedelta(days=1, hours=2))
    accepted(town)
    for hours in (0, 1, 24):
        later = record_attempt(
            case_id=later.pk,
            transition_no=later.transition_no,
            actor=town.mei,
            now=WEDNESDAY + timedelta(hours=hours),
            means="phone",
        )
    assert listed(town.north, town.lin) == [sooner, later]
    # The first attempt of the later one started the seven days of its outcome.
    assert told(town) == [
        (0, 0, None, WEDNESDAY - timedelta(days=1, hours=2) + timedelta(days=7)),
        (3, 2, WEDNESDAY + timedelta(hours=24), WEDNESDAY + timedelta(days=7)),
    ]


def test_a_new_round_begins_without_attempts(town: Town) -> None:
    case = informed(town)
    case = record_attempt(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.mei,
        now=WEDNESDAY,
        means="phone",
    )
    case = evaluated(case, actor=town.mei, satisfaction="dissatisfied", reasons="还是堆着")
    informed(town, case=case, handler=town.qian, now=WEDNESDAY)
    assert told(town) == [(0, 0, None, WEDNESDAY + timedelta(days=7))]


def test_the_worklist_takes_the_same_queries_for_one_case_and_for_four(town: Town) -> None:
    def queries(staff: Staff) -> int:
        with CaptureQueriesContext(
            connection,
        ) as taken:
            for row in listed(town.north, staff):
                assert row.category.parent is not None
                assert row.first_contact_owner.name
        return len(taken)

    informed(town)
    few = {name: queries(getattr(town, name)) for name in ("lin", "zhao", "tang")}
    for _copy in range(3):
        informed(town)
    assert {name: queries(getattr(town, name)) for name in few} == few
    # Who is asking, their memberships, the list itself.
    assert few["lin"] <= 3


def test_the_other_hall_sees_nothing_of_it(town: Town) -> None:
    informed(town)
    assert listed(town.south, town.lin) == []
    assert listed(town.north, town.lu) == []


def test_the_worklist_offers_what_the_case_offers_to_everybody(town: Town) -> None:
    """Two ways of asking the same thing: rows for a list, one case for a button."""
    by_wang, on_the_spot = informed(town), answered_on_the_spot(town)
    by_zhao = informed(town, handler=town.zhao)
    barred = informed(town)
    barred.parts.create(staff=town.mei, role="barred", started_at=WEDNESDAY, reason="被投诉人")
    cases = [by_wang, on_the_spot, by_zhao, barred]
    people = [town.lin, town.mei, town.wang, town.zhao, town.zhou, town.chen, town.feng, town.tang, town.gu, town.he]
    removals: list[tuple[list[Staff], Role]] = [
        ([], Role.RECEPTIONIST),
        ([town.lin], Role.RECEPTIONIST),
        ([town.mei], Role.RECEPTIONIST),
        ([town.chen], Role.DIRECTOR),
        ([town.zhao], Role.HEAD),
        ([town.tang], Role.SUPERVISOR),
    ]
    found = set()
    for gone, role in removals:
        leaves(*gone, role=role)
        for someone in map(fresh, people):
            rows = set(worklist(town.north, someone))
            for case in Case.objects.filter(pk__in=[case.pk for case in cases]):
                offered = has_transition_perm(case.attempt_follow_up, someone)
                assert (case in rows) == offered, (someone.username, cases.index(case), role)
                found.add((someone.username, offered))
    # The comparison has met both answers for everybody who can ever follow up here.
    assert {name for name, offered in found if offered} == {"lin", "mei", "zhao", "chen", "feng", "tang"}


def test_without_receptionists_head_director_and_street_office_stand_in_and_are_marked(town: Town) -> None:
    cases = [informed(town) for _number in range(5)]
    evaluated(cases[0], actor=fresh(town.chen))
    leaves(town.lin, town.mei, role=Role.RECEPTIONIST)
    evaluated(cases[1], actor=fresh(town.zhao))
    evaluated(cases[2], actor=fresh(town.chen))
    with pytest.raises(NotAllowed):
        evaluated(cases[3], actor=fresh(town.tang))
    leaves(town.chen, role=Role.DIRECTOR)
    leaves(town.zhao, role=Role.HEAD)
    with pytest.raises(NotAllowed):
        evaluated(cases[3], actor=fresh(town.feng))
    evaluated(cases[3], actor=fresh(town.tang))
    leaves(town.tang, role=Role.SUPERVISOR)
    evaluated(cases[4], actor=fresh(town.feng))
    marks = dict(Evaluation.objects.values_list("case", "stood_in"))
    assert [marks[case.pk] for case in cases] == ["", "head", "director", "street", "supervisor"]


def test_a_head_who_handled_it_does_not_stand_in(town: Town) -> None:
    case = informed(town, handler=town.zhao)
    leaves(town.lin, town.mei, role=Role.RECEPTIONIST)
    assert listed(town.north, town.zhao) == []
    assert listed(town.north, town.chen) == [case]


def test_another_head_of_the_department_stands_in(town: Town) -> None:
    case = informed(town, handler=town.zhao)
    second = person("yang", Role.HEAD, department=town.works)
    leaves(town.lin, town.mei, role=Role.RECEPTIONIST)
    assert listed(town.north, second) == [case]
    assert listed(town.north, town.zhou) == []
