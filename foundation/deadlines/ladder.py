"""The alert ladder of a hall, and when each of its steps is due."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from itertools import groupby

from foundation.deadlines.calendar import WorkCalendar
from foundation.deadlines.models import Anchor, LadderStep
from foundation.organization.models import Hall


@dataclass(frozen=True, slots=True)
class Step:
    position: int
    anchor: str
    offset_length: int
    offset_unit: str
    audience: str
    card: str


def ladder_for(hall: Hall) -> tuple[Step, ...]:
    """The hall's steps by position; one query."""
    rows = LadderStep.objects.filter(hall=hall).order_by("position")
    return tuple(
        Step(row.position, row.anchor, row.offset_length, row.offset_unit, row.audience, row.card) for row in rows
    )


def ladder_version(ladder: Sequence[Step]) -> str:
    """A digest of the steps: another one means that alerts are to be planned anew."""
    return hashlib.sha256(json.dumps([astuple(step) for step in ladder]).encode()).hexdigest()[:16]


def step_moment(
    step: Step, *, started_at: datetime, warn_at: datetime, due_at: datetime, calendar: WorkCalendar
) -> datetime:
    """When the step is taken, in UTC. Offsets follow the rules of terms: +1 working day is closing time of the next."""
    anchor = max(warn_at, started_at) if step.anchor == Anchor.WARNING else due_at
    return calendar.due(anchor, step.offset_length, step.offset_unit) if step.offset_length else anchor


def moments(
    ladder: Sequence[Step], *, started_at: datetime, warn_at: datetime, due_at: datetime, calendar: WorkCalendar
) -> list[tuple[datetime, tuple[Step, ...]]]:
    """All moments of one clock in order, each with the steps taken at it.

    Steps that share a moment (at the due time: who is responsible, and their head) belong together: whoever merges
    overtaken steps into the highest keeps all steps of the last moment.
    """
    timed = [
        (step_moment(step, started_at=started_at, warn_at=warn_at, due_at=due_at, calendar=calendar), step)
        for step in ladder
    ]
    timed.sort(key=lambda pair: (pair[0], pair[1].position))
    return [(moment, tuple(step for _at, step in group)) for moment, group in groupby(timed, key=lambda pair: pair[0])]
