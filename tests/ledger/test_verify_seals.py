"""Seals attacked by somebody with the database, but without the key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from foundation.ledger.actions import append
from foundation.ledger.models import Chain
from foundation.ledger.sealing import seal

Tamper = Callable[..., None]
Said = Callable[[], list[str]]


@pytest.fixture
def three_seals(cases: list[Chain], now: datetime) -> None:
    for minutes in (0, 5, 10):
        append(chain=cases[0], kind="case.noted", actor=None, happened_at=now, now=now)
        seal(now=now + timedelta(hours=5, minutes=minutes))


@pytest.mark.usefixtures("three_seals")
@pytest.mark.parametrize(
    ("attack", "finding"),
    [
        ("UPDATE ledger_seal SET sealed_at = sealed_at + interval '1 day' WHERE number = 2", "Seal 2 was changed"),
        ("UPDATE ledger_seal SET last_entry = last_entry + 1 WHERE number = 2", "Seal 2 was changed"),
        ("UPDATE ledger_seal SET digest = sha256(digest) WHERE number = 2", "Seal 2 was changed"),
        ("UPDATE ledger_seal SET previous_digest = sha256(digest) WHERE number = 2", "Seal 2 was changed"),
        ("UPDATE ledger_seal SET chain_count = 0 WHERE number = 2", "Seal 2 was changed"),
        ("UPDATE ledger_seal SET key_id = 'mine' WHERE number = 2", "Seal 2 names a key that is not known"),
        ("DELETE FROM ledger_sealedhead WHERE seal_id = 1 AND number = 3", "Seal 1 was changed"),
        ("UPDATE ledger_sealedhead SET number = 9 WHERE seal_id = 1 AND number = 3", "Seal 1 was changed"),
        ("DELETE FROM ledger_seal WHERE number = 1", "Seal 1 is missing"),
        ("DELETE FROM ledger_seal WHERE number = 2", "Seal 2 is missing"),
        ("DELETE FROM ledger_seal WHERE number = 3", "Seal 3 is missing"),
    ],
)
def test_a_seal_changed_or_removed_is_named(tamper: Tamper, said: Said, attack: str, finding: str) -> None:
    tamper(attack)
    (only,) = said()
    assert only.startswith(finding)


@pytest.mark.usefixtures("three_seals")
def test_a_seal_removed_and_the_rest_moved_up_is_named(tamper: Tamper, said: Said) -> None:
    tamper("DELETE FROM ledger_sealedhead WHERE seal_id = 2")
    tamper("DELETE FROM ledger_seal WHERE number = 2")
    tamper("UPDATE ledger_sealedhead SET seal_id = 2 WHERE seal_id = 3")
    tamper("UPDATE ledger_seal SET number = 2 WHERE number = 3")
    assert said() == ["Seal 2 was changed, or what it lists."]
