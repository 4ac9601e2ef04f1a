"""Reads the whole ledger as somebody who trusts nobody: every MAC, every link, every seal, what was published.

Memory stays the same however long the ledger is: three ordered streams of chains, entries and sealed heads run side
by side. One transaction with one snapshot, so people go on working meanwhile.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import attrgetter, itemgetter
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from foundation.ledger import mac
from foundation.ledger.checking import VANISHED, ChainCheck, Finding
from foundation.ledger.models import GENESIS, Chain, DailySeal, Entry, Seal, SealedHead, Text
from foundation.ledger.publishing import published_lines
from foundation.ledger.sealing import digest_of
from foundation.organization.models import Hall

__all__ = ["Finding", "Tally", "verify"]

BATCH = 2000

NUMBER_MISSING = _("Hall %(hall)s: chain %(number)s is missing; numbers have no gaps.")
ROW_GONE = _("The row of a chain is gone, its entries from %(seq)s on are still there (chain id %(number)s).")
SEAL_CHANGED = _("Seal %(seal)s was changed, or what it lists.")
SEAL_MISSING = _("Seal %(seal)s is missing.")
SEAL_OUT_OF_LINE = _("Seal %(seal)s does not follow the seal before it.")
SEAL_UNKNOWN_KEY = _("Seal %(seal)s names a key that is not known here.")
NOT_AS_PUBLISHED = _("Seal %(seal)s is not the one that was published on %(day)s.")


@dataclass
class Tally:
    """How much was read."""

    chains: int = 0
    entries: int = 0
    seals: int = 0


def verify(tally: Tally | None = None) -> Iterator[Finding]:
    """The first bad entry of every chain, chains that vanished, bad seals. Call it outside a transaction: inside one
    of the caller it has no snapshot of its own, and takes what is written meanwhile for damage."""
    tally = tally if tally is not None else Tally()
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        halls = dict(Hall.objects.values_list("pk", "code"))
        yield from _verify_chains(halls, tally)
        yield from _verify_numbers(halls)
        yield from _verify_seals(tally)
        yield from _verify_published()


class _Row(NamedTuple):
    """One row of the three streams, and where it belongs in their common order: chain id, seq, kind of row."""

    place: tuple[int, int, int]
    row: Chain | Entry | SealedHead
    texts: Sequence[Text] = ()


def _chain_rows() -> Iterator[_Row]:
    for chain in Chain.objects.order_by("pk").iterator(chunk_size=BATCH):
        yield _Row((chain.pk, -1, 0), chain)


def _entry_rows() -> Iterator[_Row]:
    stream = Entry.objects.order_by("chain_id", "seq").iterator(chunk_size=BATCH)
    while batch := list(islice(stream, BATCH)):
        texts: dict[int, list[Text]] = defaultdict(list)
        for text in Text.objects.filter(entry__in=[entry.pk for entry in batch]):
            texts[text.entry_id].append(text)
        for entry in batch:
            yield _Row((entry.chain_id, entry.seq, 1), entry, texts.get(entry.pk, ()))


def _head_rows() -> Iterator[_Row]:
    for head in SealedHead.objects.order_by("chain_id", "seq").iterator(chunk_size=BATCH):
        yield _Row((head.chain_id, head.seq, 2), head)


def _verify_chains(halls: dict[int, str], tally: Tally) -> Iterator[Finding]:
    rows = heapq.merge(_chain_rows(), _entry_rows(), _head_rows(), key=itemgetter(0))
    for _chain_id, group in groupby(rows, key=lambda row: row.place[0]):
        yield from _verify_chain(group, halls, tally)


def _verify_chain(rows: Iterator[_Row], halls: dict[int, str], tally: Tally) -> Iterator[Finding]:
    first = next(rows)
    if not isinstance(first.row, Chain):
        yield _without_chain(first, rows, halls)
        return
    tally.chains += 1
    check = ChainCheck(first.row, _hall(halls, first.row.hall_id))
    for item in rows:
        finding = None
        if isinstance(item.row, Entry):
            tally.entries += 1
            finding = check.take_entry(item.row, item.texts)
        elif isinstance(item.row, SealedHead):
            finding = check.take_sealed_head(item.row)
        if finding:
            yield finding
    if finding := check.finish():
        yield finding


def _without_chain(first: _Row, rows: Iterator[_Row], halls: dict[int, str]) -> Finding:
    """Only the seals know the number of a chain whose row is gone."""
    last_sealed = first.row if isinstance(first.row, SealedHead) else None
    for item in rows:
        if isinstance(item.row, SealedHead):
            last_sealed = item.row
    if last_sealed is None:
        return Finding(message=ROW_GONE, number=first.place[0], seq=first.place[1])
    return Finding(
        message=VANISHED, hall=_hall(halls, last_sealed.hall_id), number=last_sealed.number, seq=last_sealed.seq
    )


def _verify_numbers(halls: dict[int, str]) -> Iterator[Finding]:
    """Numbers that no chain has and no seal knows (those were named above)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT hall_id, missing FROM (
                SELECT hall_id, number, lag(number, 1, 0::bigint) OVER (PARTITION BY hall_id ORDER BY number) AS before
                FROM ledger_chain
            ) AS neighbours
            CROSS JOIN LATERAL generate_series(before + 1, number - 1) AS missing
            WHERE number > before + 1 AND NOT EXISTS (
                SELECT FROM ledger_sealedhead AS head
                WHERE head.hall_id = neighbours.hall_id AND head.number = missing
                  AND NOT EXISTS (SELECT FROM ledger_chain WHERE id = head.chain_id)
            )
            ORDER BY hall_id, missing
            """
        )
        missing = cursor.fetchall()
    for hall_id, number in missing:
        yield Finding(message=NUMBER_MISSING, hall=_hall(halls, hall_id), number=number)


def _verify_seals(tally: Tally) -> Iterator[Finding]:
    """The first bad seal: those after it hang on it."""
    heads = SealedHead.objects.order_by("seal_id", "chain_id").iterator(chunk_size=BATCH)
    groups = groupby(heads, key=attrgetter("seal_id"))
    listed = next(groups, None)
    digest = GENESIS
    for number, sealed in enumerate(Seal.objects.order_by("number").iterator(chunk_size=BATCH), start=1):
        tally.seals = number
        if sealed.number > number:
            yield Finding(message=SEAL_MISSING, seal=number)
            return
        count, contents = 0, mac.heads_digest(())[1]
        if listed and listed[0] == sealed.number:
            count, contents = mac.heads_digest(
                (head.chain_id, head.hall_id, head.number, head.seq, bytes(head.head)) for head in listed[1]
            )
            listed = next(groups, None)
        try:
            rightful = digest_of(sealed, contents)
        except mac.UnknownKey:
            yield Finding(message=SEAL_UNKNOWN_KEY, seal=number)
            return
        if rightful != bytes(sealed.digest) or count != sealed.chain_count:
            yield Finding(message=SEAL_CHANGED, seal=number)
            return
        if bytes(sealed.previous_digest) != digest:
            yield Finding(message=SEAL_OUT_OF_LINE, seal=number)
            return
        digest = bytes(sealed.digest)
    if listed:
        yield Finding(message=SEAL_MISSING, seal=listed[0])


def _verify_published() -> Iterator[Finding]:
    """What left the database against what is in it: this is what finds seals cut off at the end."""
    published = {(daily.day, daily.seal_number, bytes(daily.digest)) for daily in DailySeal.objects.all()}
    published.update(published_lines())
    digests = dict(
        Seal.objects.filter(number__in={number for _day, number, _digest in published}).values_list("number", "digest")
    )
    for day, number, digest in sorted(published):
        if number not in digests or bytes(digests[number]) != digest:
            yield Finding(message=NOT_AS_PUBLISHED, seal=number, day=day)


def _hall(halls: dict[int, str], hall_id: int) -> str:
    return halls.get(hall_id, f"#{hall_id}")
