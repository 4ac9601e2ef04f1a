from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from foundation.ledger.verify import verify
from foundation.organization.models import Staff
from tests.builders import Town
from tests.desk.matters import MONDAY


@pytest.fixture
def monday() -> Iterator[time_machine.Traveller]:
    """A working Monday, ten in the morning; nothing moves unless the test moves it."""
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def queries(client: Client) -> Callable[[Staff, str], int]:
    """How many queries a page costs this person, who has had it open before."""

    def count(staff: Staff, url: str) -> int:
        client.force_login(staff)
        assert client.get(url).status_code == 200, url
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(url)
        return len(captured)

    return count


@pytest.fixture
def desk(client: Client, town: Town, tmp_path: Path) -> Iterator[Client]:
    """Receptionist Lin of the north hall, logged in, files apart; whatever she did, every chain verifies."""
    client.force_login(town.lin)
    with override_settings(MEDIA_ROOT=tmp_path):
        yield client
    assert list(verify()) == []
