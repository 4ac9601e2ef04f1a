import os
from datetime import timedelta

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("hall")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def every(seconds: float, task: str) -> dict[str, object]:
    """A beat entry that expires before the next one: a worker that was away catches up once, not many times."""
    return {
        "task": task,
        "schedule": timedelta(seconds=seconds),
        "options": {"expires": seconds * 0.9},
    }


def schedule(sweep_seconds: float) -> dict[str, dict[str, object]]:
    """What beat sends; the tasks ask the database "what is due and unhandled", so a beat that is lost loses nothing."""
    return {
        # The checks asked for at 24 hours (a complaint confirmed), 48 hours (an investigation begun) and
        # 7 working days (the result told to the resident) are no timers of their own: they are the seeded
        # terms "confirm", "investigate" and "feedback", whose clocks this one sweep fires.
        "sweep": every(sweep_seconds, "cases.tasks.sweep"),
        "tell-delays": every(sweep_seconds, "cases.tasks.tell_delays"),
        "end-pauses": every(60, "cases.tasks.end_pauses"),
        "recompute": every(60, "cases.tasks.recompute"),
        "deliver": every(10, "foundation.notifications.tasks.deliver"),
        "seal": every(300, "foundation.ledger.tasks.seal"),
        # Registers that come in and go out: jobs are rows, and a worker stays with one for a while only.
        "import": every(5, "records.tasks.go_on_importing"),
        "export": every(5, "records.tasks.write_exports"),
        # Once a day, but asked for all day long: where the machine is off at night, the day is published in the
        # morning, and what failed is tried again. The row of the day says that it is done.
        "publish-daily-seal": every(300, "foundation.ledger.tasks.publish_daily_seal"),
        "forget-old-log-ins": {
            "task": "foundation.organization.tasks.forget_old_log_ins",
            "schedule": crontab(hour="3", minute="30"),
            "options": {"expires": timedelta(hours=6).total_seconds()},
        },
        "tidy-up": {
            "task": "records.tasks.tidy_up",
            "schedule": crontab(hour="3", minute="45"),
            "options": {"expires": timedelta(hours=6).total_seconds()},
        },
    }


app.conf.beat_schedule = schedule(float(os.environ.get("SWEEP_SECONDS", "60")))
