"""What Celery runs for the room."""

from celery import shared_task
from django.utils import timezone

from cases import sweep as clock_sweep


@shared_task(name="cases.tasks.sweep")
def sweep() -> dict[str, int]:
    """Take every due step of every alert ladder; safe to run in any number of workers at once."""
    done = clock_sweep.sweep(now=timezone.now())
    return {"looked_at": done.looked_at, "alerts": done.alerts, "postponed": done.postponed}
