"""A wish to withdraw that waits for its answer, as the case page shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cases.models import Case
from foundation.ledger.reading import TimelineEntry
from web.desk.verbs.form import Verb

ANSWERS = ("withdraw", "refuse_withdrawal")


@dataclass(frozen=True)
class WaitingWish:
    asked_at: datetime
    text: str
    """Empty once it is erased."""
    is_of_public_page: bool
    """Written on the tracking page: the resident is spoken with before anything is done."""
    answers: list[Verb]
    """What this reader can do about it."""


def waiting_wish(case: Case, entries: Iterable[TimelineEntry], verbs: Iterable[Verb]) -> WaitingWish | None:
    """No query: the story of the case has been read already."""
    if case.withdrawal_asked_at is None:
        return None
    asked = [entry for entry in entries if entry.kind == "case.withdrawal_asked"]
    last = asked[-1] if asked else None
    return WaitingWish(
        asked_at=case.withdrawal_asked_at,
        text=(last.texts.get("wish") or "") if last else "",
        is_of_public_page=last is not None and last.actor is None,
        answers=[verb for verb in verbs if verb.name in ANSWERS],
    )
