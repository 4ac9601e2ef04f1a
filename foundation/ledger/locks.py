"""The advisory locks of the ledger. All end with their transaction, whichever way it ends."""

from __future__ import annotations

from django.db import connection

_LEDGER = 7301
_NUMBERS = 7302
"""First halves of the lock keys; nobody else in the house may use them."""

_WRITERS = 1
_SEALERS = 2


SHARED_BY_WRITERS = f"SELECT pg_advisory_xact_lock_shared({_LEDGER}, {_WRITERS})"
"""Taken before an entry gets its id: under the sealer's lock no id below the highest can still be on its way."""


def shut_out_writers(wait_milliseconds: int) -> None:
    """Raises django.db.OperationalError when a transaction that wrote entries stays open for longer.

    Writers that come while we wait queue behind us, and may hold a row the open one wants. The wait stays below
    PostgreSQL's deadlock_timeout (1 s), so that we give way before anybody is chosen as a victim.
    """
    _execute("SELECT set_config('lock_timeout', %s, true)", str(wait_milliseconds))
    _execute("SELECT pg_advisory_xact_lock(%s, %s)", _LEDGER, _WRITERS)
    _execute("SELECT set_config('lock_timeout', '0', true)")


def be_the_only_sealer() -> None:
    _execute("SELECT pg_advisory_xact_lock(%s, %s)", _LEDGER, _SEALERS)


def number_chains_of(hall_id: int) -> None:
    _execute("SELECT pg_advisory_xact_lock(%s, %s)", _NUMBERS, hall_id)


def _execute(statement: str, *parameters: int | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
