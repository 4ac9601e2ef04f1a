from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from foundation.ledger.verify import verify


@pytest.fixture(autouse=True)
def _files_of_its_own(tmp_path: Path) -> Iterator[None]:
    with override_settings(MEDIA_ROOT=tmp_path):
        yield


@pytest.fixture(autouse=True)
def _ledger_stays_whole(db: None) -> Iterator[None]:
    """Whatever a test did or was refused, every chain verifies afterwards."""
    yield
    assert list(verify()) == []
