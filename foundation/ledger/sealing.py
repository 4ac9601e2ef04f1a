"""Seals: what stood at the head of every chain that changed, each seal chained to the one before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import OperationalError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from psycopg.errors import LockNotAvailable

from foundation.ledger import locks, mac
from foundation.ledger.models import GENESIS, Entry, Seal, SealedHead
from foundation.refusals import Refused

PATIENCE_MILLISECONDS = 500


class LedgerBusy(Refused):
    """Somebody's long transaction is writing entries; nothing was sealed, and nothing is lost by sealing later."""


def seal(*, now: datetime) -> Seal | None:
    """Seals every chain that changed since the seal before; None when none did. Raises LedgerBusy.

    Not to be called inside a transaction of the caller: writers would be shut out until that one ends.
    """
    upto = _last_settled_entry()
    with transaction.atomic():
        locks.be_the_only_sealer()
        previous = Seal.objects.order_by("number").last()
        since = previous.last_entry if previous else 0
        if upto <= since:
            return None
        number = previous.number + 1 if previous else 1
        _keep_heads(number, since, upto)
        chain_count, heads = mac.heads_digest(sealed_heads(number))
        sealed = Seal(
            number=number,
            sealed_at=now,
            last_entry=upto,
            chain_count=chain_count,
            previous_digest=previous.digest if previous else GENESIS,
            key_id=mac.signing_key_id(),
            version=mac.VERSION,
        )
        sealed.digest = digest_of(sealed, heads)
        sealed.save(force_insert=True)
    return sealed


def sealed_heads(number: int) -> Iterator[tuple[int, int, int, int, bytes]]:
    """What the seal lists, in the order its digest takes it."""
    rows = SealedHead.objects.filter(seal_id=number).order_by("chain_id")
    for chain_id, hall_id, own_number, seq, head in rows.values_list(
        "chain_id", "hall_id", "number", "seq", "head"
    ).iterator(chunk_size=5000):
        yield chain_id, hall_id, own_number, seq, bytes(head)


def digest_of(sealed: Seal, heads: bytes) -> bytes:
    """The seal's digest as its contents demand it. Raises mac.UnknownKey."""
    return mac.seal_digest(
        version=sealed.version,
        key_id=sealed.key_id,
        number=sealed.number,
        sealed_at=sealed.sealed_at,
        last_entry=sealed.last_entry,
        chain_count=sealed.chain_count,
        heads=heads,
        previous_digest=bytes(sealed.previous_digest),
    )


def _last_settled_entry() -> int:
    """The highest id below which every entry is committed or never will be.

    A transaction may take id 7, another id 8 and commit first: sealing up to 8 then would miss 7 for ever. Writers
    share a lock from before they take an id until they end; holding it alone for a moment means nobody is on the way.
    Only the moment needs the lock; the sealing itself, however long, shuts nobody out.
    """
    try:
        with transaction.atomic():
            locks.shut_out_writers(PATIENCE_MILLISECONDS)
            # A statement of its own: it sees everything the writers we waited for have committed.
            return Entry.objects.aggregate(last=Max("pk"))["last"] or 0
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise LedgerBusy(_("The ledger is being written to; it will be sealed later.")) from error


def _keep_heads(number: int, since: int, upto: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO ledger_sealedhead (seal_id, chain_id, hall_id, number, seq, head)
            SELECT %s, chain.id, chain.hall_id, chain.number, last.seq, last.mac
            FROM (
                SELECT DISTINCT ON (chain_id) chain_id, seq, mac
                FROM ledger_entry WHERE id > %s AND id <= %s
                ORDER BY chain_id, seq DESC
            ) AS last
            JOIN ledger_chain AS chain ON chain.id = last.chain_id
            """,
            (number, since, upto),
        )
