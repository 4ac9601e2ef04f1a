"""The buttons of the complaint procedure; see buttons.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from cases.models import Case, TransferSlip
from complaints.models import Hearing, Sanction
from foundation.organization.models import Role, Staff
from tests.cases.steps import fresh
from tests.complaints import procedure

Choose = Callable[[Sequence[Any]], Any]
Button = Callable[[Any, Staff, datetime, int, Choose], object]
MOST_NAMED = 2
"""How many people a case may lose to being named; a hall has only so many."""


def classify(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return procedure.classify(case, by, at, kind=choose(["service", "conduct"]), transition_no=drawn)


def name_subject(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return procedure.name_subject(case, by, choose(namable(case, by) or [by]), at, transition_no=drawn)


def namable(case: Case, by: Staff) -> list[Staff]:
    if len(case.barred_ids) >= MOST_NAMED:
        return []
    return list(Staff.objects.holding(Role.RECEPTIONIST, hall=case.hall).exclude(pk__in={*case.barred_ids, by.pk}))


def hear(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    """Whoever was not heard yet comes first: only then it goes on."""
    subjects = sorted(case.barred_ids)
    heard = set(
        Hearing.objects.filter(case=case)
        .exclude(accounted_at=None, not_heard_because="")
        .values_list("staff", flat=True)
    )
    waiting = set(
        Hearing.objects.filter(case=case, accounted_at=None, not_heard_because="").values_list("staff", flat=True)
    )
    left = [pk for pk in subjects if pk not in heard] or subjects or [by.pk]
    person = Staff.objects.get(pk=choose(left))
    steps = [procedure.answer_for, procedure.excuse]
    if person.pk not in waiting:
        steps.append(procedure.ask)
    return choose(steps)(case, by, person, at, transition_no=drawn)


def find(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    verdict = choose(["founded", "partly", "unfounded"])
    return procedure.find_out(case, by, at, verdict=verdict, responsible_other="外请师傅", transition_no=drawn)


def decide_sanction(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    if choose([True, False]):
        return procedure.sanction(case, by, at, kind="correction", correct_by=at.date(), transition_no=drawn)
    return procedure.sanction(case, by, at, transition_no=drawn)


def confirm_correction(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    waiting = Sanction.objects.filter(case=case, correct_by__isnull=False, correction=None).order_by("pk")
    return procedure.confirm_correction(case, by, choose(list(waiting)), at, transition_no=drawn)


def decide_apology(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return procedure.apologise(case, by, at, kind=choose(["apology", "none"]), transition_no=drawn)


def add_record(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return procedure.record(slip, by, at, kind=choose(["interview", "site_check"]), transition_no=drawn)


CASE_BUTTONS: dict[str, Button] = {
    "classify": classify,
    "name_subject": name_subject,
    "hear": hear,
    "record_finding": find,
    "correct_finding": find,
    "decide_sanction": decide_sanction,
    "confirm_correction": confirm_correction,
    "decide_apology": decide_apology,
}
SLIP_BUTTONS: dict[str, Button] = {"add_record": add_record}
SELDOM = ("classify", "name_subject", "correct_finding", "decide_sanction", "decide_apology", "add_record")


def impossible(subject: Case | TransferSlip, staff: Staff) -> set[str]:
    """Offered, and yet nobody is left who could be named, in these towns."""
    if isinstance(subject, TransferSlip) or namable(fresh(subject), staff):
        return set()
    return {"name_subject"}
