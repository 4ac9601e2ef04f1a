"""What Celery runs for the room. Jobs are rows of the database; each of these asks which of them wait."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from records.exporting import job as exporting
from records.importing import job as importing
from records.tidying import tidy

SLICE = timedelta(seconds=20)
"""How long a worker stays with one import: what else beat sends must not wait for a whole register."""


@shared_task(name="records.tasks.go_on_importing")
def go_on_importing() -> None:
    now = timezone.now()
    job = importing.claim(now=now)
    if job is not None:
        importing.go_on(job, clock=timezone.now, until=now + SLICE)


# A file cannot be gone on with half-way, so it is given the time it needs. Should the broker hand the task out a second
# time meanwhile, that one finds the job claimed and has nothing to do.
@shared_task(name="records.tasks.write_exports", soft_time_limit=1700, time_limit=1800)
def write_exports() -> None:
    job = exporting.claim(now=timezone.now())
    if job is not None:
        exporting.write(job, clock=timezone.now)


@shared_task(name="records.tasks.tidy_up")
def tidy_up() -> dict[str, int]:
    return tidy(now=timezone.now())
