from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from foundation.notifications import delivery

# Short, so that a long backlog does not keep the worker from the sweep: beat comes again a few seconds later.
BUDGET = timedelta(seconds=20)


@shared_task
def deliver() -> int:
    return delivery.run(clock=timezone.now, budget=BUDGET)
