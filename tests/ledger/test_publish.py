from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.utils import translation

from foundation.ledger.actions import append
from foundation.ledger.models import Chain, DailySeal, Seal
from foundation.ledger.publishing import publish_daily_seal
from foundation.ledger.sealing import seal


@pytest.fixture(autouse=True)
def published_to(tmp_path: Path, settings) -> Path:
    translation.activate("en")
    settings.SEAL_DIRECTORY = tmp_path / "seals"
    settings.SEAL_RECIPIENTS = ["street@example.org"]
    return tmp_path / "seals" / "daily-seals.txt"


@pytest.fixture
def sealed(write_case: Callable[[], Chain], now: datetime) -> Seal:
    write_case()
    sealed = seal(now=now)
    assert sealed is not None
    return sealed


def test_nothing_sealed_nothing_published(db: None, now: datetime, published_to: Path) -> None:
    assert publish_daily_seal(now=now) is None
    assert not published_to.exists()
    assert mail.outbox == []


def test_the_digest_leaves_the_database_by_file_and_mail(sealed: Seal, now: datetime, published_to: Path) -> None:
    publish_daily_seal(now=now)

    line = f"2026-03-02 1 {bytes(sealed.digest).hex()}"
    assert published_to.read_text() == f"{line}\n"
    assert [message.to for message in mail.outbox] == [["street@example.org"]]
    assert line in mail.outbox[0].body


def test_a_day_is_published_once(sealed: Seal, now: datetime, published_to: Path) -> None:
    for hours in (0, 1, 2):
        publish_daily_seal(now=now + timedelta(hours=hours))
    publish_daily_seal(now=now + timedelta(days=1))

    assert [line.split()[0] for line in published_to.read_text().splitlines()] == ["2026-03-02", "2026-03-03"]
    assert len(mail.outbox) == 2


def test_a_day_without_a_worker_until_the_evening_is_published_in_the_evening(
    sealed: Seal, now: datetime, published_to: Path
) -> None:
    """Monday was published; then the machine was off until Thursday, half past six: Tuesday and Wednesday are over."""
    publish_daily_seal(now=now)
    thursday = datetime(2026, 3, 5, 10, 30, tzinfo=UTC)
    for minutes in (0, 5, 10):
        publish_daily_seal(now=thursday + timedelta(minutes=minutes))

    assert [line.split()[0] for line in published_to.read_text().splitlines()] == ["2026-03-02", "2026-03-05"]
    assert [daily.published_at for daily in DailySeal.objects.order_by("day")] == [now, thursday]
    assert len(mail.outbox) == 2


def test_the_day_is_the_day_in_china(sealed: Seal, published_to: Path) -> None:
    publish_daily_seal(now=datetime(2026, 3, 2, 16, 5, tzinfo=UTC))
    assert published_to.read_text().startswith("2026-03-03 ")


def test_broken_off_it_goes_on_where_it_was(sealed: Seal, now: datetime, published_to: Path, settings) -> None:
    """The disk is full (here: the folder's name is taken by a file) when the row is there already."""
    published_to.parent.write_text("in the way")
    with pytest.raises(OSError, match="seals"):
        publish_daily_seal(now=now)
    assert DailySeal.objects.get().published_at is None

    published_to.parent.unlink()
    # What was sealed since does not change what this day's line says.
    append(chain=Chain.objects.get(), kind="case.noted", actor=None, happened_at=now, now=now)
    seal(now=now)
    publish_daily_seal(now=now + timedelta(hours=1))
    assert published_to.read_text().split()[1:] == ["1", bytes(sealed.digest).hex()]
    assert DailySeal.objects.get().published_at == now + timedelta(hours=1)


def test_without_a_folder_or_recipients_the_day_is_in_the_database_alone(
    sealed: Seal, now: datetime, published_to: Path, settings
) -> None:
    settings.SEAL_DIRECTORY = None
    settings.SEAL_RECIPIENTS = []
    publish_daily_seal(now=now)
    daily = DailySeal.objects.get()
    assert (daily.day, daily.seal_number, daily.digest) == (date(2026, 3, 2), 1, sealed.digest)
    assert mail.outbox == []


@pytest.fixture
def two_seals(sealed: Seal, now: datetime) -> None:
    append(chain=Chain.objects.get(), kind="case.noted", actor=None, happened_at=now, now=now)
    seal(now=now)
    publish_daily_seal(now=now)


@pytest.mark.usefixtures("two_seals")
def test_seals_cut_off_after_they_were_published_are_named(
    tamper: Callable[..., None], said: Callable[[], list[str]]
) -> None:
    """With the last seal all trace of entry 6 is gone from the database, but not from the street office's file."""
    assert said() == []
    tamper("DELETE FROM ledger_dailyseal")
    tamper("DELETE FROM ledger_sealedhead WHERE seal_id = 2")
    tamper("DELETE FROM ledger_seal WHERE number = 2")
    tamper("DELETE FROM ledger_entry WHERE seq = 6")
    tamper("UPDATE ledger_chain SET seq = 5, head = mac FROM ledger_entry WHERE ledger_entry.seq = 5")
    assert said() == ["Seal 2 is not the one that was published on 2026-03-02."]


@pytest.mark.usefixtures("two_seals")
def test_who_holds_the_key_cannot_make_another_history_fit_what_was_published(
    tamper: Callable[..., None], said: Callable[[], list[str]], now: datetime
) -> None:
    """The operator himself: takes the last entry and seal away and lets the program write others in their place."""
    tamper("DELETE FROM ledger_dailyseal")
    tamper("DELETE FROM ledger_sealedhead WHERE seal_id = 2")
    tamper("DELETE FROM ledger_seal WHERE number = 2")
    tamper("DELETE FROM ledger_entry WHERE seq = 6")
    tamper("UPDATE ledger_chain SET seq = 5, head = mac FROM ledger_entry WHERE ledger_entry.seq = 5")
    append(chain=Chain.objects.get(), kind="case.praised", actor=None, happened_at=now, now=now)
    seal(now=now)
    assert said() == ["Seal 2 is not the one that was published on 2026-03-02."]
