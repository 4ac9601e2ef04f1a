"""Pauses, shelvings and the extension of a case as its page shows them: asked by whom, why, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.vocabulary import ExtensionState, PauseReason, PauseState

Words = str | Promise

# Read by web.desk.beside: what both kinds have in common, and where it stands.
ASKED = {
    "asked_by": "asked_by__name",
    "asked_at": "asked_at",
    "state": "state",
    "decided_by": "decided_by__name",
    "decided_at": "decided_at",
    "decision": "decision",
}


@dataclass(frozen=True)
class Suspended:
    """A pause, shelving or extension that was asked for, and what became of it."""

    department: str
    """Empty: the desk's own."""
    asked_by: str
    asked_at: datetime
    what: Words
    text: str
    state: str
    state_in_words: Words
    decided_by: str
    decided_at: datetime | None
    decision: str
    ends_at: datetime | None
    """Of a pause that runs: when it ends by itself, or is looked at again."""
    ended_at: datetime | None
    is_shelved: bool = False
    old_due_at: datetime | None = None
    new_due_at: datetime | None = None


def paused(one: dict[str, Any]) -> Suspended:
    what = PauseReason(one["reason"]).label
    return Suspended(
        **_asked(one),
        what=what,
        state_in_words=_("shelved")
        if one["is_shelved"] and one["state"] == "running"
        else PauseState(one["state"]).label,
        ends_at=_moment(one["ends_at"]),
        ended_at=_moment(one["ended_at"]),
        is_shelved=one["is_shelved"],
    )


def extended(one: dict[str, Any]) -> Suspended:
    return Suspended(
        **_asked(one),
        what=ngettext("%(days)d working day more", "%(days)d working days more", one["working_days"])
        % {"days": one["working_days"]},
        state_in_words=ExtensionState(one["state"]).label,
        ends_at=None,
        ended_at=None,
        old_due_at=_moment(one["old_due_at"]),
        new_due_at=_moment(one["new_due_at"]),
    )


def _asked(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "department": one["department"] or "",
        "asked_by": one["asked_by"],
        "asked_at": datetime.fromisoformat(one["asked_at"]),
        "text": one["text"],
        "state": one["state"],
        "decided_by": one["decided_by"] or "",
        "decided_at": _moment(one["decided_at"]),
        "decision": one["decision"],
    }


def _moment(iso: str | None) -> datetime | None:
    return datetime.fromisoformat(iso) if iso else None
