from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from foundation.ledger.actions import NewEntry, append, append_many, hall_chain, open_chain, open_chains
from foundation.ledger.models import Chain, Entry, Text
from foundation.ledger.verify import verify
from foundation.organization.models import Hall, Role, Staff


def test_each_entry_names_the_one_before_and_moves_the_chain_on(
    write_case: Callable[[], Chain],
) -> None:
    chain = Chain.objects.get(pk=write_case().pk)
    entries = list(chain.entries.order_by("seq"))

    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
    assert bytes(entries[0].previous_mac) == b"\x00" * 32
    assert [entry.previous_mac for entry in entries[1:]] == [entry.mac for entry in entries[:-1]]
    assert (chain.seq, chain.head) == (5, entries[-1].mac)


def test_the_mac_is_the_documented_one(north: Hall, lin: Staff, now: datetime, settings) -> None:
    """Written out by hand: whoever has the key and this page can check a ledger without our program."""
    settings.LEDGER_KEYS = {"2026": b"k" * 32}
    chain = open_chain(hall=north, now=now)
    entry = append(
        chain=chain,
        kind="case.registered",
        actor=lin,
        happened_at=datetime(2026, 3, 2, 1, 30, 0, 7, tzinfo=UTC),
        now=now + timedelta(seconds=1),
        payload={"b": [1, None, True], "a": "漏水"},
        texts={"statement": "厨房漏水"},
    )
    kept = Entry.objects.get(pk=entry.pk)
    text = kept.texts.get()

    assert kept.payload == '{"a":"漏水","b":[1,null,true]}'
    assert text.content == "厨房漏水"
    assert text.salt is not None
    assert text.digest == hashlib.sha256(bytes(text.salt) + "厨房漏水".encode()).digest()
    recorded = (kept.recorded_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    parts = [
        "entry", 1, "2026", north.pk, 1, 1, "case.registered", lin.pk, 1_772_415_000_000_007, recorded,
        kept.payload, {"statement": text.digest.hex()}, "00" * 32,
    ]  # fmt: skip
    written = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    assert kept.mac == hmac.new(b"k" * 32, written.encode(), "sha256").digest()


def test_an_import_may_tell_of_long_ago_but_is_recorded_today(north: Hall, now: datetime) -> None:
    long_ago = datetime(2019, 5, 6, 2, 0, tzinfo=UTC)
    before = timezone.now()
    entry = append(
        chain=open_chain(hall=north, now=now), kind="case.imported", actor=None, happened_at=long_ago, now=now
    )

    kept = Entry.objects.get(pk=entry.pk)
    assert kept.happened_at == long_ago
    assert before <= kept.recorded_at <= timezone.now()


def test_nothing_can_have_happened_later_than_now(north: Hall, now: datetime) -> None:
    chain = open_chain(hall=north, now=now)
    with pytest.raises(ValueError, match="after"):
        append(chain=chain, kind="case.closed", actor=None, happened_at=now + timedelta(seconds=1), now=now)
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "value",
    [1.5, Decimal("1.5"), datetime(2026, 3, 2, tzinfo=UTC), (1, 2), {1: "one"}, b"bytes", {"deep": [{"er": 0.1}]}],
    ids=["float", "decimal", "datetime", "tuple", "key that is no text", "bytes", "float deep inside"],
)
def test_what_has_no_exact_text_is_refused_loudly(north: Hall, now: datetime, value: object) -> None:
    chain = open_chain(hall=north, now=now)
    with pytest.raises(TypeError, match="The ledger keeps"):
        append(chain=chain, kind="case.priced", actor=None, happened_at=now, now=now, payload={"value": value})
    assert not Entry.objects.exists()


def test_choices_are_kept_by_their_value(north: Hall, now: datetime) -> None:
    chain = open_chain(hall=north, now=now)
    entry = append(
        chain=chain, kind="role.given", actor=None, happened_at=now, now=now, payload={"role": Role.DIRECTOR}
    )
    assert Entry.objects.get(pk=entry.pk).data == {"role": "director"}


@pytest.mark.parametrize("content", ["nul\x00", 5, None], ids=["with NUL", "a number", "nothing"])
def test_a_text_must_be_text_the_database_can_keep(north: Hall, now: datetime, content: str) -> None:
    chain = open_chain(hall=north, now=now)
    with pytest.raises((TypeError, ValueError), match="The text note"):
        append(chain=chain, kind="case.noted", actor=None, happened_at=now, now=now, texts={"note": content})


def test_appending_to_a_chain_that_does_not_exist_writes_nothing(north: Hall, now: datetime) -> None:
    chain = open_chain(hall=north, now=now)
    with pytest.raises(Chain.DoesNotExist), transaction.atomic():
        append_many(
            [
                NewEntry(chain_id=chain.pk, kind="clock.due", happened_at=now),
                NewEntry(chain_id=chain.pk + 1000, kind="clock.due", happened_at=now),
            ],
            now=now,
        )
    assert not Entry.objects.exists()


def test_many_chains_take_no_more_statements_than_one(
    north: Hall, lin: Staff, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    chains = open_chains(hall=north, count=200, now=now)
    new = [
        NewEntry(chain_id=chain.pk, kind=kind, actor_id=lin.pk, happened_at=now, texts={"note": f"第{chain.number}件"})
        for kind in ("clock.due", "alert.sent")
        for chain in reversed(chains)
    ]
    with django_assert_max_num_queries(5):
        rows = append_many(new, now=now)

    assert [(row.chain_id, row.kind) for row in rows] == [(entry.chain_id, entry.kind) for entry in new]
    assert {row.pk for row in rows} == set(Entry.objects.values_list("pk", flat=True))
    for row in rows[:3]:
        assert Text.objects.get(entry_id=row.pk).content == f"第{row.chain.number}件"
    assert set(Chain.objects.values_list("seq", flat=True)) == {2}
    assert list(verify()) == []


def test_a_hall_has_one_chain_of_its_own(north: Hall, now: datetime) -> None:
    own = hall_chain(north)
    assert (own.number, hall_chain(north).pk) == (0, own.pk)
    assert open_chain(hall=north, now=now).number == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_never_fork_a_chain(north: Hall, lin: Staff, wang: Staff, now: datetime) -> None:
    chain = open_chain(hall=north, now=now)

    both_ready = Barrier(2)

    def write(person: Staff) -> None:
        try:
            both_ready.wait()
            for turn in range(40):
                append(chain=chain, kind="case.noted", actor=person, happened_at=now, now=now, payload={"turn": turn})
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(write, [lin, wang]))

    entries = list(Entry.objects.order_by("seq"))
    assert [entry.seq for entry in entries] == list(range(1, 81))
    assert [entry.previous_mac for entry in entries[1:]] == [entry.mac for entry in entries[:-1]]
    assert list(verify()) == []


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_over_the_same_chains_do_not_deadlock(north: Hall, now: datetime) -> None:
    ids = [chain.pk for chain in open_chains(hall=north, count=30, now=now)]

    def sweep(order: list[int]) -> None:
        try:
            for _turn in range(10):
                append_many([NewEntry(chain_id=pk, kind="clock.due", happened_at=now) for pk in order], now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(sweep, [ids, ids[::-1]]))
    assert set(Chain.objects.values_list("seq", flat=True)) == {20}
    assert list(verify()) == []
