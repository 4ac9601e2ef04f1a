"""Complaints on which the verbs of their procedure are offered, made by the real actions; Qian is complained about."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cases.actions.bar import bar
from cases.actions.handle import report
from cases.models import Case, TransferSlip
from tests import matters
from tests.builders import Town
from tests.cases.steps import fresh
from tests.complaints.procedure import apologise, ask, excuse, find_out, record, sanction
from tests.matters import MONDAY

COMPLAINT = {"nature": "complaint"}


def registered(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    return matters.registered(town, now=now, **COMPLAINT | more)


def looked_into(town: Town, *, now: datetime = MONDAY, **more: Any) -> TransferSlip:
    return matters.investigating(town, now=now, **COMPLAINT | more)


def about_qian(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    """Looked into by the works department, where Qian works too; nobody was heard yet."""
    slip = looked_into(town, now=now, **more)
    return bar(case_id=slip.case_id, staff=town.qian, reason="被投诉", actor=None, now=now)


def asked(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    case = about_qian(town, now=now, **more)
    ask(case, town.chen, town.qian, now + timedelta(minutes=10))
    return fresh(case)


def reported(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    return matters.reported(town, now=now, **COMPLAINT | more)


def found(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    """The works department has reported, and it proved true."""
    case = reported(town, now=now, **more)
    at = now + timedelta(hours=1)
    bar(case_id=case.pk, staff=town.qian, reason="被投诉", actor=None, now=at)
    excuse(case, town.chen, town.qian, at)
    find_out(case, town.chen, at, verdict="founded", responsible_department=town.works, responsible_staff=town.qian)
    return fresh(case)


def to_be_corrected(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    """The director wants something put right within three weeks."""
    case = found(town, now=now, **more)
    at = now + timedelta(hours=2)
    sanction(case, town.chen, at, kind="correction", correct_by=(now + timedelta(days=21)).date())
    return fresh(case)


def whole(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    """With every part a complaint sheet can show."""
    slip = looked_into(town, now=now, **more)
    at = now + timedelta(minutes=30)
    bar(case_id=slip.case_id, staff=town.qian, reason="被投诉", actor=None, now=at)
    record(slip, town.wang, at)
    record(slip, town.wang, at, kind="site_check")
    excuse(slip, town.chen, town.qian, at)
    find_out(slip, town.wang, at, verdict="partly", responsible_department=town.works, responsible_staff=town.qian)
    case = report(
        slip_id=slip.pk,
        transition_no=TransferSlip.objects.get(pk=slip.pk).transition_no,
        actor=town.wang,
        now=at,
        result="多收了二百元。",
        remedy="已退还。",
        prevention="公示价目。",
    ).case
    sanction(case, town.chen, at, staff=town.qian)
    apologise(case, town.chen, at)
    return fresh(case)
