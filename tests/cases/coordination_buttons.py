"""The buttons of coordination and of slips that go other ways, for the random machine and the twenty people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from cases.models import Case, TransferSlip
from cases.people import handler_candidates, open_lead_slip
from foundation.organization.models import ON_PAPER, Department, Staff
from tests.builders import HALL_ITSELF, PROPERTY, WATERWORKS, WORKS
from tests.cases import coordination_steps as steps

Choose = Callable[[Sequence[Any]], Any]
Button = Callable[[Any, Staff, datetime, int, Choose], object]

ASKED = (WORKS, PROPERTY, HALL_ITSELF, WATERWORKS)
HELD = ("issued", "signed", "investigating", "submitted", "reported")


def departments_left(case: Case) -> list[Department]:
    """Those that have no slip of this round, or gave it back."""
    held = case.slips.filter(round=case.round, state__in=HELD).values("department")
    return list(Department.objects.filter(hall=case.hall, name__in=ASKED).exclude(pk__in=held).order_by("pk"))


def refer(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.refer(case, by, at, transition_no=drawn)


def coordinate(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    left = departments_left(case) or list(Department.objects.filter(hall=case.hall, name__in=ASKED))
    lead = choose(left)
    others = [one for one in left if one != lead]
    assisting = [choose(others)] if others else []
    if len(others) > 1 and choose([True, False]):
        assisting = others[:2]
    return steps.coordinate(case, by, lead, assisting, at, transition_no=drawn)


def add_department(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    left = departments_left(case) or list(Department.objects.filter(hall=case.hall, name__in=ASKED))
    kind = "assisting" if open_lead_slip(case) else choose(["lead", "lead", "assisting"])
    return steps.add_department(case, by, choose(left), at, kind=kind, transition_no=drawn)


def hand_up(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.hand_up(case, by, at, transition_no=drawn)


def ask_return(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.ask_return(slip, by, at, transition_no=drawn)


def return_signed(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.consent(slip, by, at, transition_no=drawn)


def refuse_return(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.refuse_return(slip, by, at, transition_no=drawn)


def recall(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.recall(slip, by, at, transition_no=drawn)


def reassign(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.reassign(slip, by, choose(others_to_name(slip) or [None]), at, transition_no=drawn)


def record_plan(slip: TransferSlip, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return steps.record_plan(slip, by, at, transition_no=drawn)


def others_to_name(slip: TransferSlip) -> list[Staff]:
    if slip.department.kind in ON_PAPER:
        return []
    return [person for person in handler_candidates(slip).staff if person.pk != slip.handler_id]


def impossible(subject: Case | TransferSlip) -> set[str]:
    """Offered, and yet there is nobody left who could be chosen on the page."""
    if isinstance(subject, TransferSlip):
        return set() if others_to_name(subject) else {"reassign"}
    left, held = departments_left(subject), subject.slips.filter(round=subject.round, state__in=HELD)
    names = set()
    if len(left) < (1 if held.exists() else 2):
        names.add("coordinate")
    if not left:
        names.add("add_department")
    if held.filter(department__kind="street").exists():
        names.add("hand_up")
    return names


CASE_BUTTONS: dict[str, Button] = {
    "refer": refer,
    "coordinate": coordinate,
    "add_department": add_department,
    "hand_up": hand_up,
}
SLIP_BUTTONS: dict[str, Button] = {
    "ask_return": ask_return,
    "return_signed": return_signed,
    "refuse_return": refuse_return,
    "recall": recall,
    "reassign": reassign,
    "record_plan": record_plan,
}
SELDOM = ("hand_up", "recall", "ask_return", "reassign")
