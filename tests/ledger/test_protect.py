"""The triggers: a mistake in the program, or a hand in psql, is an error and not a loss."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from foundation.ledger.models import Chain
from foundation.ledger.publishing import publish_daily_seal
from foundation.ledger.sealing import seal


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET payload = '{}'",
        "UPDATE ledger_entry SET actor_id = NULL",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry CASCADE",
        "UPDATE ledger_text SET content = 'all was well'",
        "UPDATE ledger_text SET content = NULL, salt = NULL, digest = '\\x00'",
        "UPDATE ledger_text SET content = NULL, salt = NULL, name = 'other'",
        "DELETE FROM ledger_text",
        "TRUNCATE ledger_text",
        "UPDATE ledger_chain SET head = '\\x00'",
        "UPDATE ledger_chain SET seq = seq - 1",
        "UPDATE ledger_chain SET seq = seq + 1, number = 7",
        "DELETE FROM ledger_chain",
        "TRUNCATE ledger_chain CASCADE",
        "UPDATE ledger_seal SET digest = '\\x00'",
        "DELETE FROM ledger_seal",
        "TRUNCATE ledger_seal CASCADE",
        "UPDATE ledger_sealedhead SET seq = 1",
        "DELETE FROM ledger_sealedhead",
        "TRUNCATE ledger_sealedhead",
        "UPDATE ledger_dailyseal SET digest = '\\x00'",
        "UPDATE ledger_dailyseal SET published_at = NULL",
        "DELETE FROM ledger_dailyseal",
        "TRUNCATE ledger_dailyseal",
    ],
)
def test_the_database_refuses(write_case: Callable[[], Chain], now: datetime, statement: str) -> None:
    write_case()
    seal(now=now)
    publish_daily_seal(now=now)
    with connection.cursor() as cursor:
        # Otherwise foreign keys still to be checked at the end of this test would be the ones to refuse.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            cursor.execute(statement)


def test_a_text_is_erased_whole_or_not_at_all(write_case: Callable[[], Chain]) -> None:
    write_case()
    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_text SET content = NULL")
