"""Going on with an import, in any process: a claim that runs out by itself, one row a transaction, progress in the job.

A row's case, its place in the job and the figures are committed together, under the job's lock. Whoever is killed has
done a row or has not; whoever comes next begins behind the last one done. Two at once wait for each other, row by row.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import BinaryIO, cast

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.models import Case
from foundation.ledger.actions import append, hall_chain
from foundation.notifications.actions import notify
from foundation.organization.models import Role, Staff
from foundation.refusals import Refused
from records.claims import IMPORTS, look_alone
from records.importing import reading
from records.importing.mapping import FIELDS, checked
from records.importing.reading import Line
from records.importing.rows import Defaults, Reader, Row
from records.importing.taking import take_in
from records.models import ImportedCase, ImportFault, ImportJob, ImportState

logger = logging.getLogger(__name__)

CLAIM = timedelta(seconds=45)
"""How long nobody else touches a job whose worker has gone silent."""
MOST_ATTEMPTS = 5
"""Claims in a row that got nothing done, until the job is given up."""
SAVED_EVERY = 20
"""Rows between two figures of progress while a file is only tried."""
TROUBLE = (OperationalError, InterfaceError, SoftTimeLimitExceeded)
"""The database is in trouble, or the time is up: nothing about the row, which is taken again."""
Clock = Callable[[], datetime]


class TakenOver(Exception):
    """The claim ran out and somebody else goes on."""


def claim(*, now: datetime, job_id: int | None = None) -> ImportJob | None:
    """The next job nobody works on, taken for a while; None: there is none. Tired ones are given up here."""
    with transaction.atomic():
        look_alone(IMPORTS)
        # One file a hall at a time: two that hold the same row would both find that it has not come in.
        busy = ImportJob.objects.filter(claimed_until__gt=now).values("hall")
        waiting = ImportJob.objects.waiting(now).exclude(hall__in=busy)
        if job_id is not None:
            waiting = waiting.filter(pk=job_id)
        job = waiting.select_for_update(no_key=True, skip_locked=True).first()
        if job is None:
            return None
        if job.attempts >= MOST_ATTEMPTS:
            _give_up(job, _("The program stopped again and again at row %(row)d.") % {"row": job.position + 1}, now)
            return None
        job.claim, job.claimed_until = uuid.uuid4(), now + CLAIM
        job.attempts += 1
        job.save(update_fields=["claim", "claimed_until", "attempts"])
        return job


def go_on(job: ImportJob, *, clock: Clock, until: datetime | None = None) -> None:
    """Work on a claimed job until it is finished or the time is up; then it is free for whoever looks next."""
    try:
        if job.state == ImportState.CHECKING:
            _check(job, clock=clock, until=until)
        else:
            _run(job, clock=clock, until=until)
    except Refused as refusal:
        _give_up(job, str(refusal), clock())
    except TakenOver:
        logger.info("import %s: somebody else goes on", job.public_id)


def reader_for(job: ImportJob, *, now: datetime) -> Reader:
    if job.actor is None:
        raise Refused(_("Choose in whose name the matters are registered."), field="actor")
    defaults = Defaults(nature=job.nature, channel=job.channel, category=job.category, suggests=job.suggests)
    return Reader(job.hall, job.actor, job.mapping, defaults, now)


def sorted_lines(job: ImportJob, reader: Reader) -> list[Line]:
    """All rows below the headings, by their time. Raises Refused for a file that cannot be read to its end."""
    with opened(job) as file:
        rows = reading.lines(file)
        checked(job.mapping, next(rows).cells)
        return sorted(rows, key=reader.order)


@contextmanager
def opened(job: ImportJob) -> Iterator[BinaryIO]:
    try:
        file = job.file.open("rb")
    except FileNotFoundError as error:
        raise Refused(_("The file is not kept any more; choose it again.")) from error
    with file:
        yield cast(BinaryIO, file.file)


def attempt(lines: list[Line], reader: Reader) -> tuple[int, int, list[ImportFault]]:
    """How many rows would come in, how many came in before, and what is wrong with the others. Writes nothing."""
    before = _before(reader)
    found = [_judged(line, reader, before) for line in lines]
    faults = [one for one in found if isinstance(one, ImportFault)]
    return found.count("imported"), found.count("already"), faults


def _before(reader: Reader) -> dict[str, datetime]:
    return dict(ImportedCase.objects.filter(hall=reader.hall).values_list("key", "case__registered_at"))


def _judged(line: Line, reader: Reader, before: dict[str, datetime]) -> str | ImportFault:
    """The figure in which the row is counted, or its fault; `before` then knows it too."""
    try:
        with transaction.atomic():
            row = reader.read(line)
        if row.key not in before:
            before[row.key] = row.received_at
            return "imported"
        if before[row.key] == row.received_at:
            return "already"
        refusal = Refused(_("This number stands here with another time before."), field="outside_number")
    except Refused as raised:
        refusal = raised
    except TROUBLE:
        raise
    except Exception:
        logger.exception("trying an import: row %d", line.number)
        refusal = _unable()
    return ImportFault(line=line.number, field=refusal.field or "", reason=str(refusal)[:300])


def _unable() -> Refused:
    return Refused(_("The program could not take this row in; tell whoever looks after it."))


def _check(job: ImportJob, *, clock: Clock, until: datetime | None) -> None:
    """From where the last slice stopped, at least one saving a slice."""
    reader = reader_for(job, now=clock())
    lines = sorted_lines(job, reader)
    position = job.position
    before = _before(reader)
    faulty = set(job.faults.values_list("line", flat=True))
    for line in lines[:position]:
        if line.number not in faulty:
            before.setdefault(*reader.known_by(line))
    own = ImportJob.objects.filter(pk=job.pk, claim=job.claim, state=ImportState.CHECKING)
    if not own.update(total=len(lines), claimed_until=clock() + CLAIM):
        raise TakenOver
    while position < len(lines):
        found = [_judged(line, reader, before) for line in lines[position : position + SAVED_EVERY]]
        position += len(found)
        now = clock()
        with transaction.atomic():
            # Counted as got on only here, behind the rows: what kills the program each time uses up the attempts.
            if not own.update(
                position=position,
                imported=F("imported") + found.count("imported"),
                already=F("already") + found.count("already"),
                faulty=F("faulty") + sum(isinstance(one, ImportFault) for one in found),
                claimed_until=now + CLAIM,
                attempts=0,
            ):
                raise TakenOver
            faults = [one for one in found if isinstance(one, ImportFault)]
            for fault in faults:
                fault.job = job
            ImportFault.objects.bulk_create(faults)
        if until is not None and now >= until and position < len(lines):
            own.update(claim=None, claimed_until=None)
            return
    with transaction.atomic():
        if own.update(state=ImportState.CHECKED, claim=None, claimed_until=None):
            tried = ImportJob.objects.get(pk=job.pk)
            text = gettext_noop("An old register was tried: %(imported)s cases; %(faulty)s rows are to be mended")
            _tell(job, "tried", text, {"imported": tried.imported, "faulty": tried.faulty}, clock())


def _run(job: ImportJob, *, clock: Clock, until: datetime | None) -> None:
    reader = reader_for(job, now=clock())
    lines = sorted_lines(job, reader)
    with _own(job) as held:
        position = held.position
        held.total = len(lines)
        held.save(update_fields=["total"])
    for line in lines[position:]:
        now = clock()
        if until is not None and now >= until:
            ImportJob.objects.filter(pk=job.pk, claim=job.claim).update(claim=None, claimed_until=None)
            return
        _one(job, line, reader, now)
    _finish(job, clock())


@contextmanager
def _own(job: ImportJob) -> Iterator[ImportJob]:
    """The job, locked, as long as the claim is ours. Raises TakenOver."""
    with transaction.atomic():
        held = (
            ImportJob.objects.select_for_update(no_key=True, of=("self",))
            .select_related("hall", "actor", "category")
            .filter(pk=job.pk, claim=job.claim, state=ImportState.RUNNING)
            .first()
        )
        if held is None:
            raise TakenOver
        yield held


def _one(job: ImportJob, line: Line, reader: Reader, now: datetime) -> None:
    """The row's case or its fault, and the progress, all or nothing."""
    with _own(job) as held:
        try:
            with transaction.atomic():
                came = _take(reader.read(line), held, reader.actor, now)
            counted = "imported" if came else "already"
        except Refused as refusal:
            _record(held, line, refusal)
            counted = "faulty"
        except TROUBLE:
            raise
        except Exception:
            # Whatever is wrong with one row must not keep out the others: it stands in the list of rows to mend.
            logger.exception("import %s: row %d", held.public_id, line.number)
            _record(held, line, _unable())
            counted = "faulty"
        ImportJob.objects.filter(pk=held.pk).update(
            **{counted: F(counted) + 1}, position=F("position") + 1, claimed_until=now + CLAIM, attempts=0
        )


def _take(row: Row, job: ImportJob, actor: Staff, now: datetime) -> Case | None:
    return take_in(row, job=job, actor=actor, now=now)


def _record(job: ImportJob, line: Line, refusal: Refused) -> None:
    field = refusal.field if refusal.field in FIELDS else ""
    ImportFault.objects.create(job=job, line=line.number, field=field or "", reason=str(refusal)[:300])


def _finish(job: ImportJob, now: datetime) -> None:
    with _own(job) as held:
        held.state, held.finished_at = ImportState.DONE, now
        held.claim = held.claimed_until = None
        held.save(update_fields=["state", "finished_at", "claim", "claimed_until"])
        append(
            chain=hall_chain(held.hall),
            kind="register.imported",
            actor=held.asked_by or held.actor,
            happened_at=now,
            now=now,
            payload={
                "file": held.sha256,
                "registered_by": held.actor_id,
                "rows": held.total,
                "imported": held.imported,
                "already": held.already,
                "faulty": held.faulty,
            },
        )
        # The one alert about all of it; the matters themselves are of the past and tell nobody anything.
        notify(
            recipients=Staff.objects.holding(Role.DIRECTOR, hall=held.hall),
            key=f"import:{held.pk}",
            level="info",
            text=gettext_noop("An old register is in: %(imported)s cases; %(faulty)s rows are to be mended"),
            params={"imported": held.imported, "faulty": held.faulty},
            url=f"/imports/{held.public_id}/",
            hall=held.hall,
            now=now,
        )


def _give_up(job: ImportJob, words: str, now: datetime) -> None:
    own = ImportJob.objects.filter(pk=job.pk, claim=job.claim, state__in=[ImportState.CHECKING, ImportState.RUNNING])
    with transaction.atomic():
        if own.update(state=ImportState.FAILED, error=words[:300], claim=None, claimed_until=None, finished_at=now):
            _tell(job, "failed", gettext_noop("An old register could not be finished: its page says why"), {}, now)


def _tell(job: ImportJob, what: str, text: str, params: dict[str, int], now: datetime) -> None:
    """Once for each claim: a register may be tried several times."""
    notify(
        recipients=Staff.objects.holding(Role.DIRECTOR, hall=job.hall),
        key=f"import-{what}:{job.pk}:{job.claim}",
        level="info",
        text=text,
        params=params,
        url=f"/imports/{job.public_id}/",
        hall=job.hall,
        inbox_only=True,
        now=now,
    )
