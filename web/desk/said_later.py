"""What was said about a round after its follow-up: over the link, or at a second look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from followups.models import LateAnswer, Satisfaction, SecondLook, Solved

Words = str | Promise

LATE = {
    "at": "at",
    "round": "round",
    "came": "came",
    "is_contacted": "is_contacted",
    "solved": "solved",
    "satisfaction": "satisfaction",
    "reasons": "reasons",
    "remark": "remark",
    "decision": "decision",
    "decided_by": "decided_by__name",
    "decided_at": "decided_at",
    "word": "word",
}
LOOK = {"at": "at", "round": "round", "by": "by__name", "outcome": "outcome", "differs": "differs", "remark": "remark"}
"""The names of the columns, for web/desk/beside.py to read."""


@dataclass(frozen=True)
class Late:
    at: datetime
    came: Words
    is_contacted: bool | None
    solved: Words
    satisfaction: Words
    reasons: str
    remark: str
    waits: bool
    decision: Words
    decided_by: str
    decided_at: datetime | None
    word: str


@dataclass(frozen=True)
class Look:
    at: datetime
    by: str
    outcome: Words
    differs: str
    remark: str


def late(one: dict[str, Any]) -> Late:
    decided_at = one["decided_at"]
    return Late(
        at=datetime.fromisoformat(one["at"]),
        came=LateAnswer.Came(one["came"]).label,
        is_contacted=one["is_contacted"],
        solved=Solved(one["solved"]).label if one["solved"] else "",
        satisfaction=Satisfaction(one["satisfaction"]).label if one["satisfaction"] else "",
        reasons=one["reasons"],
        remark=one["remark"],
        waits=one["decision"] == LateAnswer.Decision.WAITS,
        decision=LateAnswer.Decision(one["decision"]).label,
        decided_by=one["decided_by"] or "",
        decided_at=datetime.fromisoformat(decided_at) if decided_at else None,
        word=one["word"],
    )


def look(one: dict[str, Any]) -> Look:
    outcome = SecondLook.Outcome(one["outcome"]).label
    return Look(datetime.fromisoformat(one["at"]), one["by"], outcome, one["differs"], one["remark"])
