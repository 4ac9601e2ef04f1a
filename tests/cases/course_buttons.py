"""The buttons that end a matter in another way, join it to another, or see that it goes on; see buttons.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from cases.actions.hand_over import owner_candidates
from cases.actions.name_contact import contact_candidates
from cases.models import Case, TransferSlip
from followups.board.drafting import draft_posting
from foundation.organization.models import Staff
from tests.cases import course_steps

Choose = Callable[[Sequence[Any]], Any]
Button = Callable[[Any, Staff, datetime, int, Choose], object]


def withdraw(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    if case.is_about_staff:
        return course_steps.grant_withdrawal(case, by, at, transition_no=drawn)
    return course_steps.withdraw(case, by, at, transition_no=drawn)


def ask_withdrawal(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return course_steps.ask_withdrawal(case, by, at, transition_no=drawn)


def refuse_withdrawal(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return course_steps.refuse_withdrawal(case, by, at, transition_no=drawn)


def merge(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return course_steps.merge(case, choose(mains(case) or [case]), by, at, transition_no=drawn)


def mains(case: Case) -> list[Case]:
    """What this case could go on with."""
    if case.merged_cases.filter(state="merged").exists():
        return []
    others = Case.objects.filter(hall=case.hall, state__in=["registered", "accepted", "transferred"])
    fitting = others.exclude(pk=case.pk).exclude(identity="hidden").order_by("pk")
    return [other for other in fitting if other.barred_ids == case.barred_ids]


def unmerge(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return course_steps.unmerge(case, by, at, transition_no=drawn)


def conclude(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return course_steps.conclude(case, by, at, transition_no=drawn)


def hand_over(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return course_steps.hand_over(case, by, choose(list(owner_candidates(case)) or [by]), at, transition_no=drawn)


def name_contact(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return course_steps.name_contact(case, by, choose(list(contact_candidates(case)) or [by]), at, transition_no=drawn)


def nudge(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return course_steps.nudge(case, by, at, transition_no=drawn)


def press(subject: Any, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return course_steps.press(subject, by, at, transition_no=drawn)


def answer_press(subject: Any, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return course_steps.answer_press(subject, by, at, transition_no=drawn)


def draft_for_the_board(case: Case, by: Staff, at: datetime, drawn: int, choose: Choose) -> object:
    return draft_posting(
        case_id=case.pk,
        transition_no=drawn,
        actor=by,
        now=at,
        kind=choose(["outcome", "improvement"]),
        title="楼顶漏水已修好",
        raised="",
        text="防水层已经重做。",
    )


CASE_BUTTONS: dict[str, Button] = {
    "draft_posting": draft_for_the_board,
    "withdraw": withdraw,
    "ask_withdrawal": ask_withdrawal,
    "refuse_withdrawal": refuse_withdrawal,
    "merge": merge,
    "unmerge": unmerge,
    "conclude": conclude,
    "hand_over": hand_over,
    "name_contact": name_contact,
    "nudge": nudge,
    "press": press,
    "answer_press": answer_press,
}
SLIP_BUTTONS: dict[str, Button] = {"press": press, "answer_press": answer_press}

SELDOM = (
    "withdraw",
    "ask_withdrawal",
    "refuse_withdrawal",
    "unmerge",
    "conclude",
    "hand_over",
    "name_contact",
    "nudge",
    "press",
    "draft_posting",
)


def impossible(subject: Case | TransferSlip) -> set[str]:
    """What the page offers although nobody, or nothing, is left to be chosen on its form."""
    if isinstance(subject, TransferSlip):
        return set()
    nothing_left = set()
    if not mains(subject):
        nothing_left.add("merge")
    if not owner_candidates(subject).exists():
        nothing_left.add("hand_over")
    if not contact_candidates(subject).exists():
        nothing_left.add("name_contact")
    return nothing_left
