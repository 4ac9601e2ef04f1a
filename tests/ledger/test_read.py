from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.ledger.actions import append, open_chain
from foundation.ledger.models import Chain
from foundation.ledger.reading import chain_is_intact, timeline, verified_timeline
from foundation.ledger.sealing import seal
from foundation.organization.models import Hall, Staff


def test_the_timeline_tells_who_did_what_when(
    write_case: Callable[[], Chain], lin: Staff, wang: Staff, now: datetime
) -> None:
    entries = timeline(write_case())

    assert [(entry.seq, entry.actor, entry.kind) for entry in entries] == [
        (1, lin, "case.registered"),
        (2, wang, "slip.signed"),
        (3, wang, "slip.contacted"),
        (4, wang, "slip.investigated"),
        (5, wang, "slip.reported"),
    ]
    assert entries[0].happened_at == now
    assert entries[0].payload == {"channel": "walk_in", "head_count": 1}
    assert entries[0].texts == {"statement": "厨房漏水三天了", "phone": "13812341234"}


@pytest.mark.parametrize(("read", "queries"), [(timeline, 2), (verified_timeline, 3), (chain_is_intact, 3)])
def test_reading_takes_as_many_queries_for_thirty_entries_as_for_one(
    north: Hall, lin: Staff, now: datetime, read: Callable[[Chain], object], queries: int
) -> None:
    chain = open_chain(hall=north, now=now)
    for length in (1, 30):
        while Chain.objects.get(pk=chain.pk).seq < length:
            append(chain=chain, kind="case.noted", actor=lin, happened_at=now, now=now, texts={"note": "电话已通知"})
        with CaptureQueriesContext(
            connection,
        ) as asked:
            for entry in timeline(chain) if read is timeline else verified_timeline(chain)[0]:
                assert entry.actor is not None
                assert entry.actor.name == "林"
        assert len(asked) == queries
    assert read(chain)


def test_a_new_chain_is_empty_and_intact(north: Hall, now: datetime) -> None:
    chain = open_chain(hall=north, now=now)
    assert verified_timeline(chain) == ([], True)


def test_a_page_that_holds_an_old_copy_of_the_chain_raises_no_alarm(
    write_case: Callable[[], Chain], north: Hall, now: datetime
) -> None:
    old_copy = open_chain(hall=north, now=now)
    append(chain=old_copy, kind="case.noted", actor=None, happened_at=now, now=now)
    assert old_copy.seq == 0
    assert chain_is_intact(old_copy)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE ledger_entry SET actor_id = NULL WHERE seq = 3",
        "UPDATE ledger_text SET content = 'all was well' WHERE name = 'statement'",
        "DELETE FROM ledger_entry WHERE seq = 5",
        "UPDATE ledger_chain SET seq = 9",
        """
        WITH cut AS (DELETE FROM ledger_entry WHERE seq = 5 RETURNING chain_id, previous_mac)
        UPDATE ledger_chain SET seq = 4, head = previous_mac FROM cut WHERE chain_id = ledger_chain.id
        """,
    ],
)
def test_the_page_of_a_case_tells_that_it_was_touched(
    write_case: Callable[[], Chain], tamper: Callable[..., None], now: datetime, attack: str
) -> None:
    chain = write_case()
    seal(now=now)
    assert chain_is_intact(chain)
    tamper(attack)
    assert not chain_is_intact(chain)
