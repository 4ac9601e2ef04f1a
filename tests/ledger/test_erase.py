from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection

from foundation.ledger.actions import erase_texts
from foundation.ledger.models import Chain, Entry, Text
from foundation.ledger.reading import chain_is_intact, timeline
from foundation.ledger.sealing import seal
from foundation.ledger.verify import verify
from foundation.organization.models import Staff


@pytest.fixture
def later(now: datetime) -> datetime:
    return now + timedelta(days=400)


def test_an_erased_text_is_gone_and_the_chain_still_verifies(
    write_case: Callable[[], Chain], lin: Staff, now: datetime, later: datetime
) -> None:
    chain, other = write_case(), write_case()
    seal(now=now)
    texts = Text.objects.filter(entry__chain=chain)
    assert erase_texts(texts=texts, actor=lin, reason="居民要求删除", now=later) == 2

    assert list(verify()) == []
    assert chain_is_intact(chain)
    assert timeline(chain)[0].texts == {"statement": None, "phone": None}
    assert timeline(other)[0].texts == {"statement": "厨房漏水三天了", "phone": "13812341234"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_text WHERE content LIKE '%%漏水%%'")
        assert cursor.fetchone() == (1,), "only the other case's text may be left"


def test_erasing_leaves_an_entry_in_each_chain_that_names_the_texts(
    write_case: Callable[[], Chain], lin: Staff, later: datetime
) -> None:
    first, second = write_case(), write_case()
    erase_texts(texts=Text.objects.filter(name="phone"), actor=lin, reason="期满", now=later)

    for chain in (first, second):
        record = timeline(chain)[-1]
        assert (record.kind, record.actor, record.happened_at) == ("erased", lin, later)
        assert record.payload == {"texts": [[1, "phone"]]}
        assert record.texts == {"reason": "期满"}
        assert timeline(chain)[0].texts["statement"] == "厨房漏水三天了"


def test_erasing_twice_erases_once(write_case: Callable[[], Chain], lin: Staff, later: datetime) -> None:
    write_case()
    texts = Text.objects.filter(name="phone")
    assert erase_texts(texts=texts, actor=lin, reason="期满", now=later) == 1
    assert erase_texts(texts=texts, actor=lin, reason="期满", now=later) == 0
    assert Entry.objects.filter(kind="erased").count() == 1


def test_the_reason_can_be_erased_in_its_turn(write_case: Callable[[], Chain], lin: Staff, later: datetime) -> None:
    write_case()
    erase_texts(texts=Text.objects.filter(name="phone"), actor=lin, reason="张三来电要求", now=later)
    erase_texts(texts=Text.objects.filter(name="reason"), actor=lin, reason="期满", now=later)
    assert list(Text.objects.filter(name="reason").order_by("pk").values_list("content", flat=True)) == [None, "期满"]
    assert list(verify()) == []
