"""Matters on which the verbs of a case's course are offered, made by the real actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cases.actions.bar import bar
from cases.models import Case, TransferSlip
from tests import matters
from tests.builders import Town
from tests.cases.course_steps import ask_withdrawal, merge, press
from tests.cases.steps import answer, fresh, reopen
from tests.matters import MONDAY


def about_staff(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    """Somebody of another department is complained about; the works department has it."""
    slip = matters.transferred(town, now=now, **{"nature": "complaint"} | more)
    return bar(case_id=slip.case_id, staff=town.qian, reason="被投诉", actor=None, now=now)


def wish_waits(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    return ask_withdrawal(about_staff(town, now=now, **more), town.lin, now + timedelta(minutes=30))


def merged(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    main = matters.accepted(town, now=now, **more)
    return merge(matters.accepted(town, now=now, identity="anonymous"), main, town.lin, now + timedelta(minutes=30))


def second_round(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    """Answered twice, and to be followed up again."""
    case = reopen(matters.informed(town, now=now, **more), town.lin, now + timedelta(hours=4))
    return answer(case, town.lin, now + timedelta(hours=5))


def hidden(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    return fresh(matters.transferred(town, now=now, identity="hidden", **more))


def desk_pressed(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    case = matters.accepted(town, now=now, **more)
    press(case, town.chen, now + timedelta(minutes=30))
    return fresh(case)


def department_pressed(town: Town, *, now: datetime = MONDAY, **more: Any) -> TransferSlip:
    slip = matters.signed(town, now=now, **more)
    press(slip, town.chen, now + timedelta(minutes=30))
    return TransferSlip.objects.get(pk=slip.pk)
