"""Two workers look for work at one moment: one finds it, the other waits and then sees that somebody is at it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from pathlib import Path

import pytest
from django.db import connection, transaction

from records.exporting import job as exporting
from records.importing import job as importing
from tests.builders import Town
from tests.records.registers import LEAK, NOW, PENSION, as_csv, begun

pytestmark = pytest.mark.django_db(transaction=True)

Claim = Callable[[], object]


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def claimed_elsewhere(claim: Claim) -> object:
    try:
        return claim()
    finally:
        connection.close()


def found_by_two(claim: Claim) -> tuple[object, object]:
    """The second begins to look while the first has found something and not committed it yet."""
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            first = claim()
            second = threads.submit(claimed_elsewhere, claim)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
        return first, second.result(timeout=30)


def test_two_registers_of_one_hall_never_come_in_at_once(town: Town) -> None:
    begun(town, as_csv([LEAK]))
    begun(town, as_csv([PENSION]))
    first, second = found_by_two(lambda: importing.claim(now=NOW))
    assert first is not None
    assert second is None


def test_two_registers_are_never_written_at_once(town: Town) -> None:
    for who in (town.chen, town.feng):
        exporting.ask_for(
            hall=town.north, asked_by=who, filters="", language="en", now=NOW, submission_key=uuid.uuid4()
        )
    first, second = found_by_two(lambda: exporting.claim(now=NOW))
    assert first is not None
    assert second is None
