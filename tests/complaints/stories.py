"""How a complaint reaches the desk, told through the real actions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cases.actions.register import register_case
from cases.models import Case
from foundation.organization.models import Staff
from foundation.residents.actions import register_resident
from reception.actions import register_visit
from tests.builders import Town, category

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def complained(town: Town, *, nature: str = "complaint", by: Staff | None = None, **visit: Any) -> Case:
    resident = None
    if visit.get("identity") != "anonymous":
        resident = register_resident(hall=town.north, actor=town.lin, now=MONDAY, name="王秀兰", phone="13805716021")
    contact = register_visit(
        hall=town.north,
        actor=by or town.lin,
        now=MONDAY,
        matter="维修师傅态度恶劣，还多收了钱。",
        resident=resident,
        **({"channel": "letter"} | visit),
    )
    return register_case(
        visit=contact, actor=by or town.lin, now=MONDAY, nature=nature, category=category(town.north, "楼道堆物")
    )


def last_entry(case: Case) -> Any:
    return case.chain.entries.order_by("-seq")[0]
