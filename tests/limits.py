"""Matters whose limits were moved, or are asked to be: for the tests of all rooms."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cases.actions.extend import ask_extension, grant_extension
from cases.actions.pause import ask_pause, grant_pause
from cases.delays import tell_delays
from cases.models import Case, TransferSlip
from tests import matters
from tests.builders import Town
from tests.matters import MONDAY

TWO_HOURS, THREE_HOURS = timedelta(hours=2), timedelta(hours=3)
SOON, LATER = MONDAY + TWO_HOURS, MONDAY + THREE_HOURS
WAITING = "等待自来水公司开挖。"


def pause_asked(town: Town, *, now: datetime = MONDAY, **more: Any) -> TransferSlip:
    """Handler Wang asks for a pause; head Zhao decides. is_shelved: director Chen does."""
    is_shelved = more.pop("is_shelved", False)
    slip = matters.investigating(town, now=now, **more)
    ask_pause(
        subject=slip,
        transition_no=slip.transition_no,
        actor=slip.handler or town.wang,
        now=now + TWO_HOURS,
        reason="third_party",
        text=WAITING,
        is_shelved=is_shelved,
    )
    return TransferSlip.objects.get(pk=slip.pk)


def paused(town: Town, *, now: datetime = MONDAY, **more: Any) -> TransferSlip:
    who = town.chen if more.get("is_shelved") else town.zhao
    slip = pause_asked(town, now=now, **more)
    grant_pause(subject=slip, transition_no=slip.transition_no, actor=who, now=now + THREE_HOURS)
    return TransferSlip.objects.get(pk=slip.pk)


def desk_asks_pause(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    """The result is in; receptionist Lin waits for the resident; director Chen decides."""
    case = matters.reported(town, now=now, **more)
    ask_pause(
        subject=case,
        transition_no=case.transition_no,
        actor=town.lin,
        now=now + TWO_HOURS,
        reason="resident",
        text="居民外出。",
    )
    return Case.objects.get(pk=case.pk)


def desk_paused(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    case = desk_asks_pause(town, now=now, **more)
    grant_pause(subject=case, transition_no=case.transition_no, actor=town.chen, now=now + THREE_HOURS)
    return Case.objects.get(pk=case.pk)


def to_be_told_of_delay(town: Town, *, now: datetime = MONDAY, **more: Any) -> Case:
    """Promised almost three weeks ago, and no message reaches the resident: the desk is to say that it takes longer."""
    slip = matters.investigating(town, now=now - timedelta(days=20), **more)
    tell_delays(now=now)
    return Case.objects.get(pk=slip.case_id)


def extension_asked(town: Town, *, now: datetime = MONDAY, **more: Any) -> TransferSlip:
    slip = matters.investigating(town, now=now, **more)
    ask_extension(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=slip.handler or town.wang,
        now=now + TWO_HOURS,
        working_days=3,
        reason="材料未到。",
    )
    return TransferSlip.objects.get(pk=slip.pk)


def extended(town: Town, *, now: datetime = MONDAY, **more: Any) -> TransferSlip:
    """The promise moved by three working days; the resident has not been told."""
    slip = extension_asked(town, now=now, **more)
    grant_extension(slip_id=slip.pk, transition_no=slip.transition_no, actor=town.chen, now=now + THREE_HOURS)
    return TransferSlip.objects.get(pk=slip.pk)
