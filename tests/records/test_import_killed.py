"""A worker killed half-way through a register, and two at once: it ends as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import connection

from cases.models import Case, CaseDeadline
from foundation.ledger.actions import seal
from foundation.ledger.models import Entry
from foundation.ledger.verify import verify
from foundation.notifications.models import Alert
from records.importing.job import CLAIM, claim, go_on
from records.models import ImportedCase, ImportJob
from tests.builders import Town
from tests.records.registers import HEADINGS, NOW, as_csv, begun, worked
from tests.running import BASE_DIR, database_url

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 60
ANSWERED_EVERY = 3
BAD_EVERY = 20


def many() -> bytes:
    """Sixty rows over two years: every third answered, every twentieth without a matter."""
    rows = []
    for place in range(1, MANY + 1):
        day = f"2023-{place % 12 + 1:02}-{place % 28 + 1:02} 10:{place - 1:02}"
        answer = ["已经处理。", f"{day[:10]} 17:00"] if place % ANSWERED_EVERY == 0 else ["", ""]
        matter = "" if place % BAD_EVERY == 0 else f"第{place}件：楼道的灯不亮。"
        rows.append([str(place), day, f"居民{place}号", "", matter, "求助", "", *answer])
    return as_csv(rows, headings=HEADINGS)


GOOD = [place for place in range(1, MANY + 1) if place % BAD_EVERY]
ANSWERED = [place for place in GOOD if place % ANSWERED_EVERY == 0]


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> None:
    settings.VAR_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"


@contextmanager
def workers(number: int, *, later: timedelta = timedelta()) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that ask for a job once and go on with it to its end, as Celery's workers do."""
    code = (
        "import django; django.setup()\n"
        "from datetime import datetime, timedelta\n"
        "from records.importing.job import claim, go_on\n"
        f"now = datetime.fromisoformat('{(NOW + later).isoformat()}')\n"
        "print('asking', flush=True)\n"
        "job = claim(now=now)\n"
        "print('claimed' if job else 'nothing to do', flush=True)\n"
        "if job: go_on(job, clock=lambda: now)\n"
    )
    environment = os.environ | {
        "DATABASE_URL": database_url(str(connection.settings_dict["NAME"])),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VAR_DIR": str(configured.VAR_DIR),
    }
    running = [
        subprocess.Popen([sys.executable, "-c", code], cwd=BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True)
        for _worker in range(number)
    ]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.communicate()


def assert_it_is_all_there_once(job: ImportJob) -> None:
    job = ImportJob.objects.get(pk=job.pk)
    assert (job.state, job.total, job.position) == ("done", MANY, MANY)
    assert (job.imported, job.already, job.faulty) == (len(GOOD), 0, MANY - len(GOOD))
    assert sorted(int(number) for number in Case.objects.values_list("outside_number", flat=True)) == GOOD
    assert Case.objects.filter(state="archived").count() == len(ANSWERED)
    assert ImportedCase.objects.count() == len(GOOD)
    assert [fault.line - 1 for fault in job.faults.all()] == [20, 40, 60]
    assert CaseDeadline.objects.filter(kind="promise").count() == len(GOOD)
    assert Entry.objects.filter(kind="case.registered").count() == len(GOOD)
    assert Entry.objects.filter(kind="register.imported").count() == 1
    assert Alert.objects.count() == 1
    # Numbers follow the times, without a gap, however often it was begun anew.
    numbers = list(Case.objects.order_by("registered_at").values_list("number", flat=True))
    assert numbers == [f"NTH-2023-{place:06}" for place in range(1, len(GOOD) + 1)]
    seal(now=NOW + timedelta(days=1))
    assert list(verify()) == []


def test_a_killed_worker_is_followed_by_one_that_goes_on_where_it_stopped(town: Town) -> None:
    job = begun(town, many())
    with workers(1) as [victim]:
        assert victim.stdout is not None
        while not ImportJob.objects.filter(pk=job.pk, position__gte=15).exists():
            assert victim.poll() is None, "it was faster than the test"
            time.sleep(0.005)
        os.kill(victim.pid, signal.SIGKILL)
        assert victim.wait() == -signal.SIGKILL
    stopped = ImportJob.objects.get(pk=job.pk)
    assert 15 <= stopped.position < MANY
    assert Case.objects.count() == stopped.imported
    with workers(1) as [early]:
        output, _errors = early.communicate(timeout=120)
        assert "nothing to do" in output, "the claim of the killed one still holds"
    with workers(1, later=CLAIM) as [next_]:
        output, _errors = next_.communicate(timeout=120)
        assert "claimed" in output
    assert_it_is_all_there_once(job)


def test_it_ends_the_same_as_an_unkilled_run(town: Town) -> None:
    job = begun(town, many())
    worked(job)
    assert_it_is_all_there_once(job)


def test_two_workers_at_once_do_no_row_twice(town: Town) -> None:
    job = begun(town, many())
    with workers(2) as running:
        outputs = [process.communicate(timeout=120)[0] for process in running]
    assert sorted("claimed" in output for output in outputs) == [False, True]
    assert_it_is_all_there_once(job)


def test_a_worker_whose_claim_ran_out_stops_at_the_next_row(town: Town) -> None:
    job = begun(town, many())
    with workers(1) as [slow]:
        while not ImportJob.objects.filter(pk=job.pk, position__gte=5).exists():
            assert slow.poll() is None
            time.sleep(0.005)
        own = None
        while own is None:
            # The job's row is locked nearly all the time, and whoever looks for work waits for nobody.
            own = claim(now=NOW + CLAIM, job_id=job.pk)
        go_on(own, clock=lambda: NOW + CLAIM)
        slow.communicate(timeout=60)
    assert slow.returncode == 0
    assert_it_is_all_there_once(job)


def test_a_job_that_never_gets_on_is_given_up_and_says_so(town: Town) -> None:
    job = begun(town, many())
    ImportJob.objects.filter(pk=job.pk).update(attempts=5)
    with workers(1) as [process]:
        process.communicate(timeout=60)
    given_up = ImportJob.objects.get(pk=job.pk)
    assert (given_up.state, Case.objects.count()) == ("failed", 0)
    assert given_up.error
