from __future__ import annotations

from collections.abc import Iterator

import pytest

from foundation.ledger.verify import verify


@pytest.fixture(autouse=True)
def _ledger_stays_whole(db: None) -> Iterator[None]:
    """Whatever a test did or was refused, every chain verifies afterwards."""
    yield
    assert list(verify()) == []
