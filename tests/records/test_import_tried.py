"""A register that is only tried goes on slice by slice, ends whatever stands in it, and may be thrown away."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from foundation.notifications.models import Alert
from foundation.organization.models import Staff
from records.importing.actions import discard
from records.importing.job import CLAIM, MOST_ATTEMPTS, attempt, claim, go_on, reader_for, sorted_lines
from records.importing.reading import Line
from records.importing.rows import Reader, Row
from records.models import ImportJob
from records.tidying import tidy
from tests.builders import Town
from tests.records.registers import NOW, ROWS, as_csv, begun, worked

pytestmark = pytest.mark.django_db

MANY = 50


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def many() -> bytes:
    """Fifty rows, the last one the first again; the fifth and the fortieth without a matter."""
    rows = [
        [str(place), f"2023-05-{place % 28 + 1:02} 10:{place:02}", "", "", f"第{place}件", *[""] * 4]
        for place in range(1, MANY)
    ]
    rows[4][4] = rows[39][4] = ""
    return as_csv([*rows, rows[0]])


def slice_of(job: ImportJob, now: datetime) -> ImportJob:
    """A worker whose time is up as soon as it has begun."""
    own = claim(now=now, job_id=job.pk)
    assert own is not None
    go_on(own, clock=lambda: now, until=now)
    return ImportJob.objects.get(pk=job.pk)


def test_trying_stops_when_the_time_is_up_and_goes_on_where_it_stopped(town: Town) -> None:
    job = begun(town, many(), begins=False)
    first = slice_of(job, NOW)
    assert (first.state, first.claim) == ("checking", None)
    assert 0 < first.position < MANY
    second = slice_of(job, NOW)
    assert first.position < second.position < MANY
    last = slice_of(job, NOW)
    assert (last.state, last.total, last.position) == ("checked", MANY, MANY)
    assert (last.imported, last.already, last.faulty) == (MANY - 3, 1, 2)
    assert [fault.line for fault in last.faults.all()] == [6, 41]


def test_in_one_go_it_finds_the_same(town: Town) -> None:
    job = worked(begun(town, many(), begins=False))
    assert (job.state, job.imported, job.already, job.faulty) == ("checked", MANY - 3, 1, 2)


def test_a_worker_that_dies_each_time_before_it_gets_on_is_given_up(town: Town) -> None:
    job = begun(town, many(), begins=False)
    # Claimed, and never heard of again.
    for attempt_no in range(MOST_ATTEMPTS):
        assert claim(now=NOW + attempt_no * CLAIM, job_id=job.pk) is not None
    assert claim(now=NOW + MOST_ATTEMPTS * CLAIM, job_id=job.pk) is None
    assert ImportJob.objects.get(pk=job.pk).state == "failed"


def test_to_begin_is_not_to_get_on(town: Town) -> None:
    """The file cannot be read: the attempts stay counted, whoever began it."""
    job = begun(town, many(), begins=False)
    own = claim(now=NOW, job_id=job.pk)
    assert own is not None
    own.mapping = {**own.mapping, "received_at": "not a number"}
    with pytest.raises(TypeError):
        go_on(own, clock=lambda: NOW)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.position) == ("checking", 1, 0)


class StumblesOnTheSecond(Reader):
    def read(self, line: Line) -> Row:
        if line.number == 3:
            raise KeyError(line.number)
        return super().read(line)


def test_a_row_nobody_foresaw_is_told_with_the_others_to_mend(town: Town) -> None:
    job = begun(town, as_csv(), begins=False)
    usual = reader_for(job, now=NOW)
    reader = StumblesOnTheSecond(usual.hall, usual.actor, usual.mapping, usual.defaults, NOW)
    good, already, faults = attempt(sorted_lines(job, reader), reader)
    assert (good, already, [fault.line for fault in faults]) == (len(ROWS) - 1, 0, [3])
    assert faults[0].reason


def test_while_it_is_tried_it_may_be_thrown_away(town: Town, django_capture_on_commit_callbacks) -> None:
    job = begun(town, many(), begins=False)
    own = claim(now=NOW, job_id=job.pk)
    assert own is not None
    path = Path(job.file.path)
    with django_capture_on_commit_callbacks(execute=True):
        discard(job_id=job.pk, asked_by=town.chen, now=NOW)
    go_on(own, clock=lambda: NOW)
    assert (path.exists(), ImportJob.objects.count()) == (False, 0)


def test_what_is_tried_for_days_is_tidied_away(town: Town) -> None:
    begun(town, many(), begins=False)
    assert tidy(now=NOW + timedelta(days=3))["imports"] == 1
    assert ImportJob.objects.count() == 0


def alerts(job: ImportJob) -> list[tuple[Staff, str]]:
    return [(one.recipient, one.key.split(":")[0]) for one in Alert.objects.filter(url=f"/imports/{job.public_id}/")]


def test_the_director_is_told_once_that_it_was_tried(town: Town) -> None:
    job = begun(town, many(), begins=False)
    for _slice in range(3):
        assert alerts(job) == []
        slice_of(job, NOW)
    assert alerts(job) == [(town.chen, "import-tried")]
    assert Alert.objects.get().params == {"imported": MANY - 3, "faulty": 2}


def test_the_director_is_told_that_it_was_given_up(town: Town) -> None:
    job = begun(town, as_csv(), begins=False)
    Path(job.file.path).unlink()
    assert worked(job).state == "failed"
    assert alerts(job) == [(town.chen, "import-failed")]


def test_whose_claim_ran_out_gives_nothing_up(town: Town) -> None:
    job = begun(town, many(), begins=False)
    slow = claim(now=NOW, job_id=job.pk)
    assert slow is not None
    assert claim(now=NOW + CLAIM, job_id=job.pk) is not None
    Path(job.file.path).unlink()
    go_on(slow, clock=lambda: NOW + CLAIM)
    assert ImportJob.objects.get(pk=job.pk).state == "checking"
    assert alerts(job) == []
