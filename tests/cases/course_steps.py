"""The buttons that end a matter in another way, join it to another, or see that it goes on; see steps.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cases.actions.hand_over import hand_over as hand_case_over
from cases.actions.merge import merge as merge_case
from cases.actions.merge import unmerge as unmerge_case
from cases.actions.name_contact import name_contact as name_contact_of
from cases.actions.nudge import nudge as nudge_departments
from cases.actions.press import answer_press_case, answer_press_slip, press_case, press_slip
from cases.actions.withdraw import Wish
from cases.actions.withdraw import ask_withdrawal as ask_to_withdraw
from cases.actions.withdraw import grant_withdrawal as grant_to_withdraw
from cases.actions.withdraw import refuse_withdrawal as refuse_to_withdraw
from cases.actions.withdraw import withdraw as withdraw_case
from cases.models import Case, SupervisionNotice, TransferSlip
from followups.actions.conclude import conclude as conclude_case
from foundation.organization.models import Staff
from tests.cases.steps import drawn, fresh
from tests.matters import MONDAY, UNSIGNED


def _case(subject: Case | TransferSlip, by: Staff, at: datetime, transition_no: int | None) -> dict[str, Any]:
    case = fresh(subject)
    return {"case_id": case.pk, "transition_no": drawn(case, transition_no), "actor": by, "now": at}


def _slip(slip: TransferSlip, by: Staff, at: datetime, transition_no: int | None) -> dict[str, Any]:
    return {"slip_id": slip.pk, "transition_no": drawn(slip, transition_no), "actor": by, "now": at}


def wish_at(at: datetime, **given: Any) -> Wish:
    said: dict[str, Any] = {
        "text": "邻居已经修好了，不用再办。",
        "means": "phone",
        "said_at": at,
        "signature": UNSIGNED,
    }
    return Wish(**said | given)


def withdraw(
    case: Case | TransferSlip, by: Staff, at: datetime = MONDAY, *, transition_no: int | None = None, **wish: Any
) -> Case:
    return withdraw_case(**_case(case, by, at, transition_no), wish=wish_at(at, **wish))


def ask_withdrawal(
    case: Case | TransferSlip, by: Staff, at: datetime = MONDAY, *, transition_no: int | None = None, **wish: Any
) -> Case:
    return ask_to_withdraw(**_case(case, by, at, transition_no), wish=wish_at(at, **wish))


def grant_withdrawal(
    case: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    checked: str = "当面问过，没有人劝她。",
    transition_no: int | None = None,
) -> Case:
    return grant_to_withdraw(**_case(case, by, at, transition_no), checked=checked)


def refuse_withdrawal(
    case: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    checked: str = "有人上门劝她撤回，不是自愿。",
    transition_no: int | None = None,
) -> Case:
    return refuse_to_withdraw(**_case(case, by, at, transition_no), checked=checked)


def merge(
    case: Case | TransferSlip,
    main: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    transition_no: int | None = None,
) -> Case:
    return merge_case(**_case(case, by, at, transition_no), main_id=fresh(main).pk)


def unmerge(
    case: Case, by: Staff, at: datetime = MONDAY, *, reason: str = "是另一处漏水。", transition_no: int | None = None
) -> Case:
    return unmerge_case(**_case(case, by, at, transition_no), reason=reason)


def conclude(
    case: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    letter: str = "两轮办理均已查明，防水已做，依据现行标准不再返工。",
    review_body: str = "街道办事处信访办",
    transition_no: int | None = None,
) -> Case:
    return conclude_case(**_case(case, by, at, transition_no), letter=letter, review_body=review_body)


def hand_over(
    case: Case | TransferSlip,
    by: Staff,
    to: Staff,
    at: datetime = MONDAY,
    *,
    reason: str = "小林调休一个月。",
    transition_no: int | None = None,
) -> Case:
    return hand_case_over(**_case(case, by, at, transition_no), owner=to, reason=reason)


def name_contact(
    case: Case | TransferSlip, by: Staff, contact: Staff, at: datetime = MONDAY, *, transition_no: int | None = None
) -> Case:
    return name_contact_of(**_case(case, by, at, transition_no), contact=contact)


def nudge(
    case: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    slips: Sequence[TransferSlip] | None = None,
    wanted: str = "请今天回复住户。",
    due_at: datetime | None = None,
    transition_no: int | None = None,
) -> Case:
    chosen = list(fresh(case).slips.open()) if slips is None else slips
    return nudge_departments(
        **_case(case, by, at, transition_no), slips=chosen, wanted=wanted, due_at=due_at or at + timedelta(days=1)
    )


def press(
    subject: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    wanted: str = "请书面说明为何逾期。",
    due_at: datetime | None = None,
    transition_no: int | None = None,
) -> SupervisionNotice:
    until = due_at or at + timedelta(days=2)
    if isinstance(subject, TransferSlip):
        return press_slip(**_slip(subject, by, at, transition_no), wanted=wanted, due_at=until)
    return press_case(**_case(subject, by, at, transition_no), wanted=wanted, due_at=until)


def answer_press(
    subject: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    answer: str = "已约定周三施工。",
    transition_no: int | None = None,
) -> object:
    if isinstance(subject, TransferSlip):
        return answer_press_slip(**_slip(subject, by, at, transition_no), answer=answer)
    return answer_press_case(**_case(subject, by, at, transition_no), answer=answer)
