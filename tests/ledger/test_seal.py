from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from django.db import connection, transaction

from foundation.ledger.actions import append, open_chain, open_chains
from foundation.ledger.models import Chain, Entry, Seal, SealedHead
from foundation.ledger.sealing import LedgerBusy, seal
from foundation.ledger.verify import verify
from foundation.organization.models import Hall


def note(chain: Chain, now: datetime) -> Entry:
    return append(chain=chain, kind="case.noted", actor=None, happened_at=now, now=now)


def heads(sealed: Seal) -> set[tuple[int, int, bytes]]:
    rows = SealedHead.objects.filter(seal_id=sealed.number)
    return {(row.number, row.seq, bytes(row.head)) for row in rows}


def test_a_seal_lists_every_chain_that_changed_and_no_other(north: Hall, now: datetime) -> None:
    first, second = open_chains(hall=north, count=2, now=now)
    one = note(first, now)
    sealed = seal(now=now)
    assert sealed is not None
    assert heads(sealed) == {(1, 1, bytes(one.mac))}

    two, _three, four = note(second, now), note(first, now), note(first, now)
    sealed = seal(now=now)
    assert sealed is not None
    assert heads(sealed) == {(1, 3, bytes(four.mac)), (2, 1, bytes(two.mac))}
    assert list(verify()) == []


def test_with_nothing_new_there_is_nothing_to_seal(north: Hall, now: datetime) -> None:
    assert seal(now=now) is None
    note(open_chain(hall=north, now=now), now)
    assert seal(now=now) is not None
    assert seal(now=now + timedelta(minutes=5)) is None
    assert Seal.objects.count() == 1


def test_an_import_of_old_papers_is_sealed_although_it_tells_of_long_ago(north: Hall, now: datetime) -> None:
    chain = open_chain(hall=north, now=now)
    note(chain, now)
    seal(now=now)
    append(chain=chain, kind="case.imported", actor=None, happened_at=datetime(2019, 1, 1, tzinfo=UTC), now=now)
    sealed = seal(now=now + timedelta(minutes=5))
    assert sealed is not None
    assert {(number, seq) for number, seq, _head in heads(sealed)} == {(1, 2)}


def test_each_seal_hangs_on_the_one_before(north: Hall, now: datetime) -> None:
    chain = open_chain(hall=north, now=now)
    for minutes in (0, 5, 10):
        note(chain, now)
        seal(now=now + timedelta(minutes=minutes))
    seals = list(Seal.objects.order_by("number"))
    assert [sealed.number for sealed in seals] == [1, 2, 3]
    assert bytes(seals[0].previous_digest) == b"\x00" * 32
    assert [sealed.previous_digest for sealed in seals[1:]] == [sealed.digest for sealed in seals[:-1]]


@pytest.mark.django_db(transaction=True)
def test_who_began_before_the_seal_and_ends_after_it_is_in_the_next(north: Hall, now: datetime) -> None:
    """The slow one holds the lower id: sealing up to the quick one's would pass it over for ever."""
    slow_chain, quick_chain = open_chains(hall=north, count=2, now=now)
    written, may_commit = Event(), Event()

    def slow_writer() -> int:
        try:
            with transaction.atomic():
                entry = note(slow_chain, now)
                written.set()
                may_commit.wait(10)
            return entry.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        slow = thread.submit(slow_writer)
        written.wait(10)
        quick = note(quick_chain, now)
        with pytest.raises(LedgerBusy):
            seal(now=now)
        # While the sealer is turned away, everybody else goes on writing.
        note(quick_chain, now)
        may_commit.set()
        assert slow.result() < quick.pk

    sealed = seal(now=now)
    assert sealed is not None
    assert {(number, seq) for number, seq, _head in heads(sealed)} == {(1, 1), (2, 2)}


@pytest.mark.django_db(transaction=True)
def test_sealing_in_the_middle_of_work_never_misses_an_entry(north: Hall, now: datetime) -> None:
    chains = open_chains(hall=north, count=6, now=now)
    dice = random.Random(20260302)
    pauses = [[dice.random() * 0.01 for _turn in range(25)] for _chain in chains]

    def write(chain: Chain, own_pauses: list[float]) -> None:
        try:
            for pause in own_pauses:
                with transaction.atomic():
                    note(chain, now)
                    time.sleep(pause)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(chains)) as threads:
        working = [threads.submit(write, chain, own) for chain, own in zip(chains, pauses, strict=True)]
        while not all(work.done() for work in working):
            try:
                sealed = seal(now=now)
            except LedgerBusy:
                continue
            if sealed is not None:
                below = Entry.objects.filter(pk__lte=sealed.last_entry, pk__gt=0)
                known = dict(SealedHead.objects.order_by("seal_id").values_list("chain_id", "seq"))
                assert all(entry.seq <= known[entry.chain_id] for entry in below), "an entry was passed over"
            time.sleep(0.005)
        for work in working:
            work.result()
    seal(now=now)

    assert Seal.objects.count() > 3, "the seals did not fall into the middle of the work"
    last_sealed = dict(SealedHead.objects.order_by("seal_id").values_list("chain_id", "seq"))
    assert last_sealed == {chain.pk: 25 for chain in chains}
    assert list(verify()) == []


@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_make_one_line_of_seals(north: Hall, now: datetime) -> None:
    chain = open_chain(hall=north, now=now)

    def seal_often(_beat: int) -> None:
        try:
            for _turn in range(10):
                try:
                    seal(now=now)
                except LedgerBusy:
                    continue
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        beats = [threads.submit(seal_often, beat) for beat in range(2)]
        while not all(beat.done() for beat in beats):
            note(chain, now)
        for beat in beats:
            beat.result()
    assert Seal.objects.count() > 1
    assert list(verify()) == []


@pytest.mark.django_db(transaction=True)
def test_a_waiting_sealer_holds_nobody_up_for_long(write_case: Callable[[], Chain], north: Hall, now: datetime) -> None:
    """Wang holds a row Mei wants, Mei waits behind the sealer, the sealer waits for Wang: the sealer gives way."""
    chain = write_case()
    held, mei_may_start = Event(), Event()

    def sealer() -> bool:
        try:
            held.wait(10)
            mei_may_start.set()
            seal(now=now + timedelta(days=1))
        except LedgerBusy:
            return False
        finally:
            connection.close()
        return True

    def mei() -> None:
        try:
            mei_may_start.wait(10)
            time.sleep(0.1)
            with transaction.atomic():
                Hall.objects.select_for_update(no_key=True).get(pk=north.pk)
                note(open_chain(hall=north, now=now), now)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        sealing, writing = threads.submit(sealer), threads.submit(mei)
        with transaction.atomic():
            note(chain, now)
            held.set()
            time.sleep(0.3)
            Hall.objects.select_for_update(no_key=True).get(pk=north.pk)
            # Still in Wang's transaction: the sealer gave up by itself, not because Wang ended.
            assert sealing.result(timeout=5) is False
        writing.result(timeout=5)
