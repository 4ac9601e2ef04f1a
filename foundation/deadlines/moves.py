"""What moved a limit after its clock had started: pauses, the one extension, a result sent back. Pure.

A move is a dict that stands in the clock's explanation under "moves", in the order in which things happened:
    {"kind": "pause", "from": ISO, "to": ISO, "minutes": working minutes between, "due_at": ISO}
    {"kind": "extension", "working_days": n, "due_at": ISO}
    {"kind": "sent_back", "at": ISO, "due_at": ISO}
due_at is the limit after the move: for explain(). Played again in another calendar, a move has other minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from foundation.deadlines.calendar import Unit, WorkCalendar, compute
from foundation.deadlines.explanation import OLD_LIMIT_KEPT, SET_FROM_ABOVE

WARNING_SHARE = 0.75

Move = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limit:
    start: datetime
    due_at: datetime
    warn_at: datetime


def paused(start: datetime, end: datetime) -> Move:
    return {"kind": "pause", "from": iso(start), "to": iso(max(start, end))}


def extended(working_days: int) -> Move:
    return {"kind": "extension", "working_days": working_days}


def sent_back(at: datetime) -> Move:
    return {"kind": "sent_back", "at": iso(at)}


def apply(calendar: WorkCalendar, limit: Limit, move: Mapping[str, Any]) -> tuple[Limit, Move]:
    """The limit after the move, and the move as it is to be kept."""
    if move["kind"] == "pause":
        minutes = calendar.working_minutes(datetime.fromisoformat(move["from"]), datetime.fromisoformat(move["to"]))
        moved = Limit(
            limit.start,
            calendar.add_working_minutes(limit.due_at, minutes),
            calendar.add_working_minutes(limit.warn_at, minutes),
        )
        return moved, {**move, "minutes": minutes, "due_at": iso(moved.due_at)}
    if move["kind"] == "extension":
        due_at = calendar.due(limit.due_at, move["working_days"], Unit.WORKING_DAYS)
        # The warning keeps its distance from the end.
        gained = calendar.working_time(limit.due_at, due_at)
        moved = Limit(limit.start, due_at, calendar.add_working_time(limit.warn_at, gained))
        return moved, {**move, "due_at": iso(due_at)}
    at = datetime.fromisoformat(move["at"])
    due_at = max(limit.due_at, calendar.due(at, 1, Unit.WORKING_DAYS))
    return within(at, due_at), {**move, "due_at": iso(due_at)}


def within(start: datetime, due_at: datetime) -> Limit:
    """A limit that was set, not counted: the warning comes after three quarters of the time between."""
    return Limit(start, due_at, start + (due_at - start) * WARNING_SHARE)


def replay(calendar: WorkCalendar, explanation: Mapping[str, Any]) -> tuple[Limit, dict[str, Any]]:
    """The limit counted anew in this calendar, with all that has moved it since, and its new explanation.

    That a limit may not lie beyond the promise is not looked at here: who knows the promise does. Raises NeverOpens.
    """
    plan = compute(
        calendar,
        start=datetime.fromisoformat(explanation["happened_at"]),
        length=explanation["length"],
        unit=explanation["unit"],
        urgent=explanation["urgent"],
        on_call=explanation["on_call"],
        lead_minutes=explanation.get("lead_minutes"),
    )
    limit, anew = Limit(plan.start, plan.due_at, plan.warn_at), dict(plan.explanation)
    moves = explanation.get("moves", [])
    reason = explanation.get("overridden")
    if reason == SET_FROM_ABOVE or (reason == OLD_LIMIT_KEPT and not moves):
        limit = within(plan.start, datetime.fromisoformat(explanation["overridden_due_at"]))
        anew |= {"overridden": reason, "overridden_due_at": explanation["overridden_due_at"]}
    for move in moves:
        limit, kept = apply(calendar, limit, move)
        anew["moves"] = [*anew.get("moves", []), kept]
        if kept["kind"] == "sent_back":
            anew |= {"overridden": OLD_LIMIT_KEPT, "overridden_due_at": kept["due_at"]}
    return limit, anew


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
