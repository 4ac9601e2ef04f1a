"""The north hall with receptionist Lin and handler Wang, and the means of somebody who has the database but no key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import translation

from foundation.ledger.actions import append, open_chain
from foundation.ledger.models import Chain
from foundation.ledger.verify import verify
from foundation.organization.models import Hall, Staff

Tamper = Callable[..., None]


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture
def north(db: None) -> Hall:
    return Hall.objects.create(code="NTH", name="北苑社区居民接待厅")


@pytest.fixture
def lin(db: None) -> Staff:
    return Staff.objects.create(username="lin", name="林")


@pytest.fixture
def wang(db: None) -> Staff:
    return Staff.objects.create(username="wang", name="王")


@pytest.fixture
def write_case(north: Hall, lin: Staff, wang: Staff, now: datetime) -> Callable[[], Chain]:
    """A case of five entries: registered by Lin with a statement, then worked on by Wang."""

    def write() -> Chain:
        chain = open_chain(hall=north, now=now)
        append(
            chain=chain,
            kind="case.registered",
            actor=lin,
            happened_at=now,
            now=now,
            payload={"channel": "walk_in", "head_count": 1},
            texts={"statement": "厨房漏水三天了", "phone": "13812341234"},
        )
        for step, kind in enumerate(["slip.signed", "slip.contacted", "slip.investigated", "slip.reported"], start=1):
            append(
                chain=chain,
                kind=kind,
                actor=wang,
                happened_at=now + timedelta(hours=step),
                now=now + timedelta(hours=step),
                payload={"step": step},
            )
        return chain

    return write


@pytest.fixture
def tamper(db: None) -> Tamper:
    """Runs SQL as a database superuser would who wants no trigger and no foreign key in the way."""

    def run(statement: str, *parameters: object) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # What the test wrote so far counts as committed: its foreign keys were checked when they still fitted.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statement, parameters)  # type: ignore[arg-type]
            assert cursor.rowcount != 0, "the attack hit nothing"
            cursor.execute("SET LOCAL session_replication_role = origin")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    return run


@pytest.fixture
def said() -> Callable[[], list[str]]:
    """What verification says, in English."""

    def words() -> list[str]:
        with translation.override("en"):
            return [str(finding) for finding in verify()]

    return words


@pytest.fixture
def cases(write_case: Callable[[], Chain]) -> list[Chain]:
    """Three cases of five entries each; the second is the one attacked, the others must not be blamed."""
    return [write_case() for _ in range(3)]
