"""Matters on which the verbs of a case's course are offered, made by the real actions."""

from __future__ import annotations

from cases.actions.bar import bar
from cases.models import Case, TransferSlip
from tests import matters
from tests.builders import Town
from tests.cases.course_steps import ask_withdrawal, merge, press
from tests.cases.steps import answer, fresh, march, reopen


def about_staff(town: Town) -> Case:
    """Somebody of another department is complained about; the works department has it."""
    slip = matters.transferred(town, nature="complaint")
    return bar(case_id=slip.case_id, staff=town.qian, reason="被投诉", actor=None, now=matters.MONDAY)


def wish_waits(town: Town) -> Case:
    return ask_withdrawal(about_staff(town), town.lin, march(2, 10))


def merged(town: Town) -> Case:
    main = matters.accepted(town)
    return merge(matters.accepted(town, identity="anonymous"), main, town.lin, march(2, 10))


def second_round(town: Town) -> Case:
    """Answered twice, and to be followed up again."""
    case = reopen(matters.informed(town), town.lin, march(2, 14))
    return answer(case, town.lin, march(2, 15))


def hidden(town: Town) -> Case:
    return fresh(matters.transferred(town, identity="hidden"))


def desk_pressed(town: Town) -> Case:
    case = matters.accepted(town)
    press(case, town.chen, march(2, 10))
    return fresh(case)


def department_pressed(town: Town) -> TransferSlip:
    slip = matters.signed(town)
    press(slip, town.chen, march(2, 10))
    return TransferSlip.objects.get(pk=slip.pk)
