"""A register goes out: asked for, written by a worker batch by batch, kept for a day, given to who asked alone."""

from __future__ import annotations

import logging
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from cases.conditions import identity_known
from cases.filters import Chip, Choices, filtered, narrow
from cases.models import Case
from cases.models.case import CaseQuerySet
from foundation.ledger.actions import append, hall_chain
from foundation.notifications.actions import notify
from foundation.organization.models import Hall, Role, Staff
from foundation.refusals import NotAllowed, Refused, Stale
from records.claims import EXPORTS, look_alone
from records.exporting.columns import FACTS, HEADINGS, rows_of
from records.models import ExportJob, ExportState
from records.sheets import as_cell

logger = logging.getLogger(__name__)

EXPORTERS = (Role.DIRECTOR, Role.SUPERVISOR)
"""A register with names leaves the house; the desk reads it on the screen, and monitors see figures only."""
KEPT = timedelta(days=1)
CLAIM = timedelta(seconds=60)
MOST_ATTEMPTS = 3
MOST_ROWS = 200_000
BATCH = 1000
Clock = Callable[[], datetime]


class TakenOver(Exception):
    """The claim ran out and somebody else writes it."""


def found(*, hall: Hall, staff: Staff, filters: str, now: datetime) -> tuple[CaseQuerySet, list[Chip]]:
    """The cases that a list with this address shows this person, and the filters in force."""
    return filtered(Case.objects.visible_to(staff), QueryDict(filters), hall, staff, now)


@transaction.atomic
def ask_for(
    *, hall: Hall, asked_by: Staff, filters: str, language: str, now: datetime, submission_key: uuid.UUID
) -> ExportJob:
    """The same form sent twice is one export. Raises NotAllowed, Stale."""
    _check(asked_by, hall)
    job, created = ExportJob.objects.get_or_create(
        submission_key=submission_key,
        defaults={
            "hall": hall,
            "asked_by": asked_by,
            "filters": filters[:2000],
            "language": language,
            "created_at": now,
        },
    )
    if not created:
        raise Stale(_("This form was already sent; nothing was recorded a second time."))
    return job


def claim(*, now: datetime) -> ExportJob | None:
    """The next register nobody writes, taken for a while. One at a time: each keeps a worker busy for minutes."""
    with transaction.atomic():
        look_alone(EXPORTS)
        if ExportJob.objects.filter(state=ExportState.RUNNING, claimed_until__gt=now).exists():
            return None
        waiting = ExportJob.objects.waiting(now).select_for_update(no_key=True, skip_locked=True, of=("self",))
        job = waiting.select_related("hall", "asked_by").first()
        if job is None:
            return None
        if job.attempts >= MOST_ATTEMPTS:
            _give_up(job, _("It could not be written; tell whoever looks after the program."), now)
            return None
        job.claim, job.claimed_until = uuid.uuid4(), now + CLAIM
        job.attempts += 1
        job.save(update_fields=["claim", "claimed_until", "attempts"])
        return job


def write(job: ExportJob, *, clock: Clock) -> None:
    """Write the whole file: who was interrupted begins anew. Memory does not grow with the rows."""
    try:
        with override(job.language), tempfile.TemporaryFile() as target:
            _check(job.asked_by, job.hall)
            cases, chips = _found_again(job)
            words = [str(chip.label) for chip in chips]
            total = cases.count()
            if total > MOST_ROWS:
                raise Refused(_("These are more than %(most)d cases. Choose a shorter period.") % {"most": MOST_ROWS})
            _progress(job, clock, position=0, total=total)
            rows = _write_book(job, cases, target, clock)
            _finish(job, target, rows, words, clock())
    except Refused as refusal:
        _give_up(job, str(refusal), clock())
    except TakenOver:
        logger.info("export %s: somebody else writes it", job.public_id)


def _found_again(job: ExportJob) -> tuple[CaseQuerySet, list[Chip]]:
    """As the page said it, or not at all: without one of its filters more would leave the house than was asked for."""
    asked = QueryDict(job.filters)
    narrowed = narrow(asked, hall=job.hall, staff=job.asked_by, now=job.created_at, choices=Choices.of(job.hall))
    about_the_search = narrowed.search.notes if narrowed.search else []
    for note in narrowed.notes:
        if note not in about_the_search:
            raise Refused(_("%(note)s Ask for the register anew, from the list of cases.") % {"note": note})
    return found(hall=job.hall, staff=job.asked_by, filters=job.filters, now=job.created_at)


def _write_book(job: ExportJob, cases: CaseQuerySet, target: Any, clock: Clock) -> int:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=_("Register"))
    sheet.freeze_panes = "B2"
    headings = []
    for place, (heading, width) in enumerate(HEADINGS, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
        cell = WriteOnlyCell(sheet, value=str(heading))
        cell.font = Font(bold=True)
        headings.append(cell)
    sheet.append(headings)
    written = 0
    for batch in _batches(cases, job.asked_by):
        for row in rows_of(batch, zone=job.hall.zone):
            sheet.append([as_cell(sheet, value) for value in row])
        written += len(batch)
        _progress(job, clock, position=written)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(HEADINGS))}{written + 1}"
    book.save(target)
    _progress(job, clock, position=written)
    return written


def _batches(cases: CaseQuerySet, staff: Staff) -> Iterator[list[dict[str, Any]]]:
    """By the time of registration, through a cursor of the server."""
    rows: QuerySet[Any, dict[str, Any]] = (
        cases.annotate(is_name_known=Q(identity_known(staff))).order_by("registered_at", "pk").values(*FACTS)
    )
    batch: list[dict[str, Any]] = []
    for facts in rows.iterator(chunk_size=BATCH):
        batch.append(facts)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _progress(job: ExportJob, clock: Clock, **figures: int) -> None:
    own = ExportJob.objects.filter(pk=job.pk, claim=job.claim, state=ExportState.RUNNING)
    if not own.update(**figures, claimed_until=clock() + CLAIM):
        raise TakenOver


def _finish(job: ExportJob, target: Any, rows: int, words: list[str], now: datetime) -> None:
    """The file may be fetched from the moment the hall's chain says that it left."""
    target.seek(0)
    with transaction.atomic():
        held = (
            ExportJob.objects.select_for_update(no_key=True, of=("self",))
            .select_related("hall", "asked_by")
            .filter(pk=job.pk, claim=job.claim, state=ExportState.RUNNING)
            .first()
        )
        if held is None:
            raise TakenOver
        held.file.save("register", File(target), save=False)
        held.state, held.finished_at, held.position, held.total = ExportState.DONE, now, rows, rows
        held.claim = held.claimed_until = None
        held.save()
        append(
            chain=hall_chain(held.hall),
            kind="register.exported",
            actor=held.asked_by,
            happened_at=now,
            now=now,
            payload={"rows": rows, "export": str(held.public_id), "asked_at": held.created_at.isoformat()},
            # Words that were looked for may be somebody's name.
            texts={"filters": "; ".join(words)} if words else {},
        )
        notify(
            recipients=[held.asked_by],
            key=f"export:{held.pk}",
            level="info",
            text=gettext_noop("The register is ready to be fetched: %(rows)s cases"),
            params={"rows": rows},
            url=f"/exports/{held.public_id}/",
            hall=held.hall,
            inbox_only=True,
            now=now,
        )


def _check(staff: Staff, hall: Hall) -> None:
    """Asked anew when it is written: who has lost the role meanwhile gets nothing."""
    if not (staff.is_active and staff.holds(*EXPORTERS, hall=hall)):
        raise NotAllowed(_("Only the director and supervisors take the register out of the house."))


def _give_up(job: ExportJob, words: str, now: datetime) -> None:
    own = ExportJob.objects.filter(pk=job.pk, claim=job.claim, state=ExportState.RUNNING)
    with transaction.atomic():
        if own.update(state=ExportState.FAILED, error=words[:300], claim=None, claimed_until=None, finished_at=now):
            notify(
                recipients=[job.asked_by],
                key=f"export:{job.pk}",
                level="info",
                text=gettext_noop("The register could not be written: its page says why"),
                url=f"/exports/{job.public_id}/",
                hall=job.hall,
                inbox_only=True,
                now=now,
            )
