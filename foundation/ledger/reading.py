"""A chain as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from foundation.ledger.checking import ChainCheck
from foundation.ledger.models import Chain, Entry, SealedHead
from foundation.organization.models import Staff


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineEntry:
    """One entry; a text that was erased is there by name, as None."""

    seq: int
    kind: str
    actor: Staff | None
    happened_at: datetime
    recorded_at: datetime
    payload: dict[str, Any]
    texts: dict[str, str | None]
    entry: Entry


def timeline(chain: Chain) -> list[TimelineEntry]:
    """The chain's entries, oldest first. Two queries."""
    return [_read(entry) for entry in _entries(chain)]


def verified_timeline(chain: Chain) -> tuple[list[TimelineEntry], bool]:
    """The entries, and whether nobody touched them behind the program's back. Three queries."""
    # Seals first: whatever was sealed by now is then among the entries read after it.
    heads = list(SealedHead.objects.filter(chain_id=chain.pk))
    entries = list(_entries(chain))
    # The chain as it was when the entries were read; the caller's may be older.
    check = ChainCheck(entries[0].chain if entries else chain, hall="")
    sealed = {head.seq: head for head in heads}
    findings = []
    for entry in entries:
        findings.append(check.take_entry(entry, entry.texts.all()))
        if head := sealed.pop(entry.seq, None):
            findings.append(check.take_sealed_head(head))
    # What is left was sealed and is gone.
    findings += [check.take_sealed_head(head) for head in sealed.values()]
    findings.append(check.finish())
    return [_read(entry) for entry in entries], not any(findings)


def chain_is_intact(chain: Chain) -> bool:
    return verified_timeline(chain)[1]


def _entries(chain: Chain) -> QuerySet[Entry]:
    return chain.entries.select_related("chain", "actor").prefetch_related("texts").order_by("seq")


def _read(entry: Entry) -> TimelineEntry:
    return TimelineEntry(
        seq=entry.seq,
        kind=entry.kind,
        actor=entry.actor,
        happened_at=entry.happened_at,
        recorded_at=entry.recorded_at,
        payload=entry.data,
        texts={text.name: text.content for text in entry.texts.all()},
        entry=entry,
    )
