from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier, Event

import pytest
from celery.exceptions import Retry
from django.core import mail
from django.db import connection, transaction

from foundation.ledger import tasks
from foundation.ledger.actions import append
from foundation.ledger.models import Chain, DailySeal, Seal


def test_what_beat_sends_seals_and_publishes(write_case: Callable[[], Chain]) -> None:
    write_case()
    tasks.seal.apply().get()
    tasks.publish_daily_seal.apply().get()
    assert Seal.objects.count() == 1
    assert DailySeal.objects.get().published_at is not None


@pytest.mark.django_db(transaction=True)
def test_workers_that_come_back_together_publish_the_day_once(
    write_case: Callable[[], Chain], now: datetime, settings
) -> None:
    settings.SEAL_RECIPIENTS = ["street@example.org"]
    write_case()
    tasks.seal.apply().get()
    begin = Barrier(4)

    def work() -> None:
        try:
            begin.wait(10)
            tasks.publish_daily_seal.apply().get()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        for worker in [threads.submit(work) for _number in range(4)]:
            worker.result()
    assert DailySeal.objects.count() == 1
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_a_long_import_makes_the_task_come_back_later(write_case: Callable[[], Chain], now: datetime) -> None:
    chain = write_case()
    importing, may_end = Event(), Event()

    def import_papers() -> None:
        try:
            with transaction.atomic():
                append(chain=chain, kind="case.imported", actor=None, happened_at=now, now=now)
                importing.set()
                may_end.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        work = thread.submit(import_papers)
        importing.wait(10)
        try:
            with pytest.raises(Retry):
                tasks.seal.apply(throw=True)
        finally:
            may_end.set()
        work.result()
    tasks.seal.apply().get()
    assert Seal.objects.count() == 1
