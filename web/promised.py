"""What a resident was promised at first, where the date has moved since: for the receipt and the status page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from cases.models import CaseDeadline
from foundation.deadlines.models import ClockKind
from foundation.ledger.models import Entry

PROMISES_BEGIN = ("case.accepted", "case.reopened", "case.answered_on_the_spot", "case.registered")


@dataclass(frozen=True)
class Corrected:
    """The date that stands on an older receipt."""

    was: datetime
    because: list[str]


def corrected(promises: Collection[CaseDeadline]) -> dict[int, Corrected]:
    """By clock, those whose date is another than when they began; one query. The record knows what was promised."""
    by_round = {(clock.case.chain_id, clock.round): clock for clock in promises}
    found: dict[int, Corrected] = {}
    entries = Entry.objects.filter(chain__in={chain for chain, _round in by_round}, kind__in=PROMISES_BEGIN)
    for entry in entries.order_by("seq"):
        clock = by_round.get((entry.chain_id, entry.data.get("round", 0)))
        started = [
            event
            for event in entry.data.get("clocks", [])
            if event["kind"] == ClockKind.PROMISE and event["event"] == "started"
        ]
        if clock is None or not started:
            continue
        was = datetime.fromisoformat(started[0]["due_at"])
        if was != clock.due_at:
            found[clock.pk] = Corrected(was, _because(clock))
    return found


def _because(clock: CaseDeadline) -> list[str]:
    words = {"pause": _("its time limit was paused"), "extension": _("it was extended once")}
    kinds = dict.fromkeys(move["kind"] for move in clock.explanation.get("moves", []))
    return [words[kind] for kind in kinds if kind in words] or [_("the calendar of the hall changed")]
