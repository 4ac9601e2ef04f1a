"""What Celery runs for the room."""

from celery import shared_task
from django.utils import timezone

from cases import delays
from cases import recompute as clock_recompute
from cases import sweep as clock_sweep
from cases.actions import end_pauses as pauses


@shared_task(name="cases.tasks.sweep")
def sweep() -> dict[str, int]:
    """Take every due step of every alert ladder; safe to run in any number of workers at once."""
    done = clock_sweep.sweep(now=timezone.now())
    return {"looked_at": done.looked_at, "alerts": done.alerts, "postponed": done.postponed}


@shared_task(name="cases.tasks.tell_delays")
def tell_delays() -> dict[str, int]:
    """Where a limit comes to its warning, see to it that the resident hears that it may take longer."""
    done = delays.tell_delays(now=timezone.now())
    return {"told": done.told, "asked": done.asked}


@shared_task(name="cases.tasks.end_pauses")
def end_pauses() -> dict[str, int]:
    """End what has been paused for as long as it may be; ask for the monthly look at what is shelved."""
    done = pauses.end_pauses(now=timezone.now())
    return {"ended": done.ended, "reviewed": done.reviewed}


@shared_task(name="cases.tasks.recompute")
def recompute() -> dict[str, int]:
    """Where a hall's calendar or alert ladder has changed, compute its running clocks anew."""
    done = clock_recompute.recompute(now=timezone.now())
    return {"cases": done.cases, "clocks": done.clocks, "moved": done.moved}
