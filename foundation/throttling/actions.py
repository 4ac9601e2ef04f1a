"""Limits for what strangers can do without an account: so many times in so long, counted in the database."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from foundation.refusals import Refused
from foundation.throttling.models import Spent, Use, Volume

LONGEST_WINDOW = timedelta(days=1)


class TooMany(Refused):
    """Too often; `retry_after`: when it may be tried again, in whole seconds. Answered with status 429."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(_("Too many tries from here. Please wait a while, or call the hall."))
        self.retry_after = retry_after


@dataclass(frozen=True)
class Limit:
    scope: str
    most: int
    window: timedelta
    """At most a day: older uses are deleted."""


def take(limit: Limit, *, who: str, now: datetime) -> None:
    """Counts one use. Raises TooMany, counting nothing, where the limit is reached.

    who: a network address, a code, a hall; only a keyed digest of it is kept. In a transaction of its own, so that the
    use stays counted whatever becomes of it: call it outside of any other.
    """
    take_in_turn([(limit, who)], now=now)


def take_in_turn(uses: Sequence[tuple[Limit, str]], *, now: datetime) -> None:
    """Counts a use of each limit. Raises TooMany at the first that is reached; those before it stay counted."""
    tokens = [token_of(limit.scope, who) for limit, who in uses]
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        # Two at once count one after the other, and never each waits for the other. A use forgotten in a crash harms
        # nobody: no wait for the disk.
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock(id)"
            " FROM unnest(%s::bigint[]) AS id",
            [sorted(int(token[:15], 16) for token in tokens)],
        )
        turns = (_refused(cursor, limit, token, now) for (limit, _who), token in zip(uses, tokens, strict=True))
        refused = next((refusal for refusal in turns if refusal is not None), None)
    if refused is not None:
        raise refused


def _refused(cursor: CursorWrapper, limit: Limit, token: str, now: datetime) -> TooMany | None:
    """Counts, unless the limit is reached; then by the use that must fall out of the window first."""
    cursor.execute(
        """
        WITH oldest AS (
            SELECT at FROM throttling_use WHERE scope = %(scope)s AND who = %(who)s AND at > %(since)s
            ORDER BY at DESC OFFSET %(before)s LIMIT 1
        ), counted AS (
            INSERT INTO throttling_use (scope, who, at)
            SELECT %(scope)s, %(who)s, %(now)s WHERE NOT EXISTS (SELECT FROM oldest)
        )
        SELECT at FROM oldest
        """,
        {"scope": limit.scope, "who": token, "since": now - limit.window, "before": limit.most - 1, "now": now},
    )
    oldest = cursor.fetchone()
    if oldest is None:
        return None
    return TooMany(max(1, int((oldest[0] + limit.window - now).total_seconds()) + 1))


def take_volume(*, scope: str, who: str, day: date, amount: int, most: int) -> bool:
    """Counts what is brought on that day, where it fits into the most of a day; says whether it did."""
    if amount > most:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO throttling_volume (scope, who, day, amount) VALUES (%(scope)s, %(who)s, %(day)s, %(amount)s) "
            "ON CONFLICT (scope, who, day) DO UPDATE SET amount = throttling_volume.amount + EXCLUDED.amount "
            "WHERE throttling_volume.amount + EXCLUDED.amount <= %(most)s",
            {"scope": scope, "who": token_of(scope, who), "day": day, "amount": amount, "most": most},
        )
        return bool(cursor.rowcount == 1)


def spend(*, token: str, until: datetime) -> bool:
    """Whether this is the first time it is used. until: from when on it would not be taken anyway.

    In a transaction it is spent with that: whoever comes with the same meanwhile waits for its end.
    """
    digest = hashlib.sha256(token.encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO throttling_spent (digest, expires_at) VALUES (%s, %s) ON CONFLICT (digest) DO NOTHING",
            [digest, until],
        )
        return bool(cursor.rowcount == 1)


def forget_old(*, now: datetime) -> int:
    """Deletes what no limit asks for any more."""
    uses, _by_model = Use.objects.filter(at__lte=now - LONGEST_WINDOW).delete()
    spent, _by_model = Spent.objects.filter(expires_at__lte=now).delete()
    # A day lasts longest where it ends last on earth.
    volumes, _by_model = Volume.objects.filter(day__lt=(now - 2 * LONGEST_WINDOW).date()).delete()
    return uses + spent + volumes


def token_of(scope: str, who: str) -> str:
    return salted_hmac(f"throttling.{scope}", who, algorithm="sha256").hexdigest()[:32]
