"""Who looks for work looks alone: two who saw at one moment that nobody is at it would both begin."""

from __future__ import annotations

from django.db import connection

_CLAIMS = 7303
"""First half of the lock keys; nobody else in the house may use it."""
IMPORTS = 1
EXPORTS = 2


def look_alone(work: int) -> None:
    """Until the transaction ends, whichever way it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_CLAIMS, work])
