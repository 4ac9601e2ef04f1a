"""python -m config.healthcheck web|worker|beat: ends with 0 if the process of that kind in this place is well."""

import os
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from django.conf import settings

from config.celery import app


def web() -> bool:
    """The page answers, and with it the database."""
    port = os.environ.get("PORT", "8000")
    # Asked from inside, but under a name the hall answers to.
    host = settings.ALLOWED_HOSTS[0].removeprefix(".").replace("*", "localhost")
    request = urllib.request.Request(f"http://localhost:{port}/healthz", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=8):  # noqa: S310
            return True
    except (urllib.error.URLError, OSError):
        return False


def worker() -> bool:
    """The worker of this very machine answers through the broker."""
    return bool(app.control.ping(destination=[f"celery@{socket.gethostname()}"], timeout=10))


def beat() -> bool:
    """Beat writes its file after whatever it sends, and it sends something every few seconds."""
    schedule = Path(settings.CELERY_BEAT_SCHEDULE_FILENAME)
    files = list(schedule.parent.glob(f"{schedule.name}*"))
    return any(time.time() - file.stat().st_mtime < 120 for file in files)


CHECKS = {"web": web, "worker": worker, "beat": beat}

if __name__ == "__main__":
    sys.exit(0 if CHECKS[sys.argv[1]]() else 1)
