"""What beat asks of the ledger."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from foundation.ledger import publishing, sealing


# A long import keeps the sealer waiting; it comes back a few times and then leaves it to the next five minutes.
@shared_task(autoretry_for=(sealing.LedgerBusy,), retry_backoff=5, max_retries=4)
def seal() -> None:
    sealing.seal(now=timezone.now())


# Beat asks again soon: a disk or a mail server that fails needs no retries of its own.
@shared_task
def publish_daily_seal() -> None:
    publishing.publish_daily_seal(now=timezone.now())
