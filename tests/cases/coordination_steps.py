"""The buttons by which several departments work on one case, and by which slips go other ways; see steps.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cases.actions.coordinate import add_department as add_to_case
from cases.actions.coordinate import coordinate as coordinate_case
from cases.actions.coordinate import hand_up as hand_case_up
from cases.actions.plan import record_plan as record_plan_on
from cases.actions.reassign import reassign as reassign_slip
from cases.actions.recall import recall as recall_slip
from cases.actions.refer import refer as refer_case
from cases.actions.return_slip import ask_return as ask_to_return
from cases.actions.return_slip import refuse_return as refuse_to_return
from cases.actions.return_slip import return_signed as consent_to_return
from cases.models import Case, TransferSlip
from foundation.organization.models import Department, Staff
from tests.builders import Town
from tests.cases.steps import drawn, fresh
from tests.cases.steps import investigate as begin
from tests.cases.steps import report as report_on
from tests.cases.steps import sign_in as sign_slip_in
from tests.matters import MONDAY


def _case(subject: Case | TransferSlip, by: Staff, at: datetime, transition_no: int | None) -> dict[str, Any]:
    case = fresh(subject)
    return {"case_id": case.pk, "transition_no": drawn(case, transition_no), "actor": by, "now": at}


def _slip(slip: TransferSlip, by: Staff, at: datetime, transition_no: int | None) -> dict[str, Any]:
    return {"slip_id": slip.pk, "transition_no": drawn(slip, transition_no), "actor": by, "now": at}


def refer(
    case: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    reason: str = "涉及房屋和物业两家。",
    transition_no: int | None = None,
) -> Case:
    return refer_case(**_case(case, by, at, transition_no), reason=reason)


def coordinate(
    case: Case | TransferSlip,
    by: Staff,
    lead: Department,
    assisting: Sequence[Department],
    at: datetime = MONDAY,
    *,
    instruction: str = "请联合查明原因并答复。",
    own_instructions: Mapping[int, str] | None = None,
    transition_no: int | None = None,
) -> list[TransferSlip]:
    return coordinate_case(
        **_case(case, by, at, transition_no),
        lead=lead,
        assisting=assisting,
        instruction=instruction,
        own_instructions=own_instructions,
    )


def add_department(
    case: Case | TransferSlip,
    by: Staff,
    department: Department,
    at: datetime = MONDAY,
    *,
    kind: str = "assisting",
    instruction: str = "请一并查看。",
    transition_no: int | None = None,
) -> TransferSlip:
    return add_to_case(**_case(case, by, at, transition_no), department=department, kind=kind, instruction=instruction)


def hand_up(
    case: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    instruction: str = "超出社区权限，请街道答复。",
    transition_no: int | None = None,
) -> TransferSlip:
    return hand_case_up(**_case(case, by, at, transition_no), instruction=instruction)


def ask_return(
    slip: TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    reason: str = "漏点在自来水公司的管道上。",
    transition_no: int | None = None,
) -> TransferSlip:
    return ask_to_return(**_slip(slip, by, at, transition_no), reason=reason)


def consent(slip: TransferSlip, by: Staff, at: datetime = MONDAY, *, transition_no: int | None = None) -> TransferSlip:
    return consent_to_return(**_slip(slip, by, at, transition_no))


def refuse_return(
    slip: TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    reason: str = "屋面归房屋部门管。",
    transition_no: int | None = None,
) -> TransferSlip:
    return refuse_to_return(**_slip(slip, by, at, transition_no), reason=reason)


def recall(
    slip: TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    reason: str = "转错了部门。",
    transition_no: int | None = None,
) -> TransferSlip:
    return recall_slip(**_slip(slip, by, at, transition_no), reason=reason)


def reassign(
    slip: TransferSlip,
    by: Staff,
    to: Staff | None,
    at: datetime = MONDAY,
    *,
    reason: str = "原承办人请假。",
    transition_no: int | None = None,
) -> TransferSlip:
    return reassign_slip(**_slip(slip, by, at, transition_no), handler=to, reason=reason)


def record_plan(
    slip: TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    plan: str = "周三会同物业上屋面查看，周五前修好。",
    transition_no: int | None = None,
) -> TransferSlip:
    return record_plan_on(**_slip(slip, by, at, transition_no), plan=plan)


def begin_work(slip: TransferSlip, head: Staff, handler: Staff | None, at: datetime = MONDAY) -> TransferSlip:
    """Signed in and begun."""
    return begin(sign_slip_in(slip, head, handler, at), handler or head, at)


def done(slip: TransferSlip, head: Staff, handler: Staff | None, at: datetime = MONDAY) -> TransferSlip:
    """Signed in, begun and reported."""
    return report_on(begin_work(slip, head, handler, at), handler or head, at)


def all_begun(town: Town, slips: Sequence[TransferSlip], at: datetime = MONDAY) -> list[TransferSlip]:
    """Works and property are at it: Wang of the one, Sun of the other."""
    at_work = {town.works: (town.zhao, town.wang), town.property: (town.zhou, town.sun)}
    return [begin_work(slip, *at_work[slip.department], at) for slip in slips]
