"""Matters whose limits were moved, or are asked to be: for the tests of all rooms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cases.actions.extend import ask_extension, grant_extension
from cases.actions.pause import ask_pause, grant_pause
from cases.models import Case, TransferSlip
from tests import matters
from tests.builders import Town
from tests.matters import MONDAY

SOON = MONDAY + timedelta(hours=2)
LATER = MONDAY + timedelta(hours=3)
WAITING = "等待自来水公司开挖。"


def pause_asked(town: Town, **more: Any) -> TransferSlip:
    """Handler Wang asks for a pause; head Zhao decides. is_shelved: director Chen does."""
    is_shelved = more.pop("is_shelved", False)
    slip = matters.investigating(town, **more)
    ask_pause(
        subject=slip,
        transition_no=slip.transition_no,
        actor=slip.handler or town.wang,
        now=SOON,
        reason="third_party",
        text=WAITING,
        is_shelved=is_shelved,
    )
    return TransferSlip.objects.get(pk=slip.pk)


def paused(town: Town, **more: Any) -> TransferSlip:
    who = town.chen if more.get("is_shelved") else town.zhao
    slip = pause_asked(town, **more)
    grant_pause(subject=slip, transition_no=slip.transition_no, actor=who, now=LATER)
    return TransferSlip.objects.get(pk=slip.pk)


def desk_asks_pause(town: Town) -> Case:
    """The result is in; receptionist Lin waits for the resident; director Chen decides."""
    case = matters.reported(town)
    ask_pause(
        subject=case, transition_no=case.transition_no, actor=town.lin, now=SOON, reason="resident", text="居民外出。"
    )
    return Case.objects.get(pk=case.pk)


def desk_paused(town: Town) -> Case:
    case = desk_asks_pause(town)
    grant_pause(subject=case, transition_no=case.transition_no, actor=town.chen, now=LATER)
    return Case.objects.get(pk=case.pk)


def extension_asked(town: Town, **more: Any) -> TransferSlip:
    slip = matters.investigating(town, **more)
    ask_extension(
        slip_id=slip.pk,
        transition_no=slip.transition_no,
        actor=slip.handler or town.wang,
        now=SOON,
        working_days=3,
        reason="材料未到。",
    )
    return TransferSlip.objects.get(pk=slip.pk)


def extended(town: Town, **more: Any) -> TransferSlip:
    """The promise moved by three working days; the resident has not been told."""
    slip = extension_asked(town, **more)
    grant_extension(slip_id=slip.pk, transition_no=slip.transition_no, actor=town.chen, now=LATER)
    return TransferSlip.objects.get(pk=slip.pk)
