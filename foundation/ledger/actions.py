"""Opening chains, appending to them and erasing texts. Sealing is in sealing.py and offered here by name."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from foundation.ledger import locks, mac
from foundation.ledger.models import ERASED, GENESIS, HALL_CHAIN, Chain, Entry, Text
from foundation.ledger.sealing import LedgerBusy, seal
from foundation.organization.models import Hall, Staff

__all__ = [
    "LedgerBusy",
    "NewEntry",
    "append",
    "append_many",
    "erase_texts",
    "hall_chain",
    "hold",
    "open_chain",
    "open_chains",
    "seal",
]

SALT_BYTES = 16

_Row = TypeVar("_Row", Chain, Entry)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEntry:
    """An entry to be appended. Ids, not objects: the sweep has a thousand of them and loads nobody."""

    chain_id: int
    kind: str
    happened_at: datetime
    actor_id: int | None = None
    payload: Mapping[str, object] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def open_chain(*, hall: Hall, now: datetime) -> Chain:
    """A new chain with the hall's next number. Call it after all other locks: see open_chains."""
    return open_chains(hall=hall, count=1, now=now)[0]


def open_chains(*, hall: Hall, count: int, now: datetime) -> list[Chain]:
    """New chains with the hall's next numbers, in order.

    The next number is only known once whoever took the one before has committed or rolled back: that is the price of
    having no gaps, and a sequence, which never waits, leaves one at each rollback. So registrations of one hall wait
    for each other from here to the end of the transaction, and only for that stretch: call this as late as possible.
    """
    with transaction.atomic(savepoint=False):
        locks.number_chains_of(hall.pk)
        # A statement of its own: what it reads must be no older than the lock.
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO ledger_chain (hall_id, number, seq, head)
                SELECT %(hall)s,
                       coalesce((SELECT max(number) FROM ledger_chain WHERE hall_id = %(hall)s), 0) + step, 0, %(head)s
                FROM generate_series(1, %(count)s) AS step
                RETURNING id, number
                """,
                {"hall": hall.pk, "head": GENESIS, "count": count},
            )
            rows = sorted(cursor.fetchall(), key=lambda row: row[1])
    return [_loaded(Chain(id=pk, hall=hall, number=number, seq=0, head=GENESIS)) for pk, number in rows]


def hall_chain(hall: Hall) -> Chain:
    """The hall's own chain, for what belongs to no case."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, seq, head FROM ledger_chain WHERE hall_id = %s AND number = %s", [hall.pk, HALL_CHAIN]
        )
        found = cursor.fetchone()
    if found is None:
        Chain.objects.bulk_create([Chain(hall=hall, number=HALL_CHAIN)], ignore_conflicts=True)
        return Chain.objects.get(hall=hall, number=HALL_CHAIN)
    return _loaded(Chain(id=found[0], hall=hall, number=HALL_CHAIN, seq=found[1], head=found[2]))


def append(
    *,
    chain: Chain,
    kind: str,
    actor: Staff | None,
    happened_at: datetime,
    now: datetime,
    payload: Mapping[str, object] | None = None,
    texts: Mapping[str, str] | None = None,
) -> Entry:
    """One entry more. The payload takes str, int, bool, None, list, dict; what people typed goes into `texts`."""
    entry = NewEntry(
        chain_id=chain.pk,
        kind=kind,
        actor_id=actor.pk if actor else None,
        happened_at=happened_at,
        payload=payload or {},
        texts=texts or {},
    )
    return append_many([entry], now=now)[0]


def append_many(entries: Sequence[NewEntry], *, now: datetime) -> list[Entry]:
    """Appends to any number of chains in a few statements; entries of one chain in the order given.

    Raises TypeError for what the ledger cannot keep exactly, ValueError for what happened later than `now`.
    """
    if not entries:
        return []
    payloads = [mac.canonical_json(dict(new.payload)) for new in entries]
    for new in entries:
        _check(new, now)
    # No savepoint: everything that can be refused was refused above, and what fails below fails the caller too.
    with transaction.atomic(savepoint=False):
        chains = _lock_chains({new.chain_id for new in entries})
        # The real clock, here alone: happened_at is the caller's word (imports, a demonstration under a moved
        # clock), recorded_at is ours. Read under the lock, so that it never runs backwards in a chain.
        recorded_at = timezone.now()
        rows: list[Entry] = []
        texts: list[Text] = []
        key_id = mac.signing_key_id()
        for new, payload in zip(entries, payloads, strict=True):
            chain = chains[new.chain_id]
            entry = Entry(
                chain=chain,
                seq=chain.seq + 1,
                kind=str(new.kind),
                actor_id=new.actor_id,
                happened_at=new.happened_at,
                recorded_at=recorded_at,
                payload=payload,
                previous_mac=chain.head,
                key_id=key_id,
                version=mac.VERSION,
            )
            own_texts = [_salted(entry, name, content) for name, content in new.texts.items()]
            entry.mac = mac.entry_mac(
                version=entry.version,
                key_id=key_id,
                hall_id=chain.hall_id,
                number=chain.number,
                seq=entry.seq,
                kind=entry.kind,
                actor_id=entry.actor_id,
                happened_at=entry.happened_at,
                recorded_at=recorded_at,
                payload=payload,
                text_digests={text.name: bytes(text.digest) for text in own_texts},
                previous_mac=bytes(entry.previous_mac),
            )
            chain.seq, chain.head = entry.seq, entry.mac
            rows.append(entry)
            texts += own_texts
        _write(chains.values(), rows, texts)
    return rows


def hold(chain_ids: Collection[int]) -> dict[int, Chain]:
    """Locks chains until the transaction ends, for a verb that appends to several of them one by one.

    In the order every writer keeps; what is read of their heads then stays true until that verb itself appends.
    """
    return _lock_chains(set(chain_ids))


def erase_texts(*, texts: QuerySet[Text], actor: Staff | None, reason: str, now: datetime) -> int:
    """Deletes texts and their salts for good and says so in each chain; returns how many were there to erase."""
    with transaction.atomic():
        found = list(
            texts.filter(content__isnull=False)
            .order_by("pk")
            .select_for_update(of=("self",), no_key=True)
            .values_list("pk", "name", "entry__seq", "entry__chain_id")
        )
        named: dict[int, list[list[object]]] = {}
        for _pk, name, seq, chain_id in found:
            named.setdefault(chain_id, []).append([seq, name])
        append_many(
            [
                NewEntry(
                    chain_id=chain_id,
                    kind=ERASED,
                    actor_id=actor.pk if actor else None,
                    happened_at=now,
                    payload={"texts": sorted(pairs, key=str)},
                    # Somebody typed it, so it may name the person whose data go: erasable in its turn.
                    texts={"reason": reason},
                )
                for chain_id, pairs in named.items()
            ],
            now=now,
        )
        return Text.objects.filter(pk__in=[pk for pk, *_ in found]).update(content=None, salt=None)


def _check(entry: NewEntry, now: datetime) -> None:
    if mac.microseconds(entry.happened_at) > mac.microseconds(now):
        raise ValueError(f"{entry.kind} is said to have happened at {entry.happened_at}, after {now}.")
    if not entry.kind or len(entry.kind) > 60:
        raise ValueError(f"An entry needs a kind of at most 60 characters, not {entry.kind!r}.")
    for name, content in entry.texts.items():
        if not isinstance(content, str):
            raise TypeError(f"The text {name} of {entry.kind} is {type(content).__name__}, not str.")
        if "\x00" in content:
            raise ValueError(f"The text {name} of {entry.kind} holds a NUL, which the database cannot keep.")


def _salted(entry: Entry, name: str, content: str) -> Text:
    salt = os.urandom(SALT_BYTES)
    return Text(entry=entry, name=name, content=content, salt=salt, digest=mac.text_digest(salt, content))


def _lock_chains(chain_ids: set[int]) -> dict[int, Chain]:
    """With the lock that writers share, which comes first: rows are locked last of all, when everything was joined."""
    with connection.cursor() as cursor:
        # In the order of ids, as every writer of several chains does it: none waits for one that waits for it.
        cursor.execute(
            f"""
            WITH writers AS MATERIALIZED ({locks.SHARED_BY_WRITERS})
            SELECT chain.id, chain.hall_id, chain.number, chain.seq, chain.head
            FROM writers, ledger_chain AS chain WHERE chain.id = ANY(%s)
            ORDER BY chain.id FOR NO KEY UPDATE OF chain
            """,  # noqa: S608 - fixed texts
            (list(chain_ids),),
        )
        chains = {
            row[0]: _loaded(Chain(id=row[0], hall_id=row[1], number=row[2], seq=row[3], head=row[4]))
            for row in cursor.fetchall()
        }
    if missing := chain_ids - chains.keys():
        raise Chain.DoesNotExist(f"No chain has the id {min(missing)}.")
    return chains


def _write(chains: Collection[Chain], rows: Sequence[Entry], texts: Sequence[Text]) -> None:
    # Arrays, and all three tables in one statement: a thousand rows take one, and one row not much longer than alone.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH moved AS (
                UPDATE ledger_chain SET seq = new.seq, head = new.head
                FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[]) AS new (id, seq, head)
                WHERE ledger_chain.id = new.id
            ), written AS (
                INSERT INTO ledger_entry (recorded_at, key_id, version, chain_id, seq, kind, actor_id, happened_at,
                                          payload, mac, previous_mac)
                SELECT %s, %s, %s, * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[],
                                                 %s::timestamptz[], %s::text[], %s::bytea[], %s::bytea[])
                RETURNING id, chain_id, seq
            ), told AS (
                INSERT INTO ledger_text (entry_id, name, content, salt, digest)
                SELECT written.id, text.name, text.content, text.salt, text.digest
                FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bytea[], %s::bytea[])
                    WITH ORDINALITY AS text (chain_id, seq, name, content, salt, digest, place)
                JOIN written USING (chain_id, seq) ORDER BY text.place
            )
            SELECT id, chain_id, seq FROM written
            """,
            (
                [chain.pk for chain in chains],
                [chain.seq for chain in chains],
                [chain.head for chain in chains],
                rows[0].recorded_at,
                rows[0].key_id,
                rows[0].version,
                [row.chain_id for row in rows],
                [row.seq for row in rows],
                [row.kind for row in rows],
                [row.actor_id for row in rows],
                [row.happened_at for row in rows],
                [row.payload for row in rows],
                [row.mac for row in rows],
                [row.previous_mac for row in rows],
                [text.entry.chain_id for text in texts],
                [text.entry.seq for text in texts],
                [text.name for text in texts],
                [text.content for text in texts],
                [text.salt for text in texts],
                [text.digest for text in texts],
            ),
        )
        ids = {(chain_id, seq): pk for pk, chain_id, seq in cursor.fetchall()}
    for row in rows:
        row.pk = ids[row.chain_id, row.seq]
        _loaded(row)


def _loaded(row: _Row) -> _Row:
    row._state.adding = False
    row._state.db = connection.alias
    return row
