"""What Celery runs for the room."""

from celery import shared_task

from foundation.organization import housekeeping


@shared_task(name="foundation.organization.tasks.forget_old_log_ins")
def forget_old_log_ins() -> None:
    housekeeping.forget_old_log_ins()
