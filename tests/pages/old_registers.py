"""A register in each of its stages, for the pages about it; they are made when first asked for."""

from __future__ import annotations

import io
import uuid

from django.utils import timezone

from foundation.organization.models import Category, Hall, Role, Staff
from records.exporting.job import ask_for, write
from records.exporting.job import claim as claim_export
from records.importing.actions import Setting, hand_in, registrars, set_up
from records.importing.job import claim, go_on
from records.importing.mapping import guess
from records.models import ExportJob, ImportJob
from tests.records.registers import HEADINGS, NOISE, PENSION, ROWS, as_csv

BAD = ["5", "上个月", *NOISE[2:]]


def old_register(hall: Hall, stage: str) -> ImportJob:
    """draft, checked, running, done or failed; the one of last time, if there is one."""
    known = ImportJob.objects.filter(hall=hall, name=f"{stage}.csv").first()
    if known is not None:
        return known
    director = Staff.objects.holding(Role.DIRECTOR, hall=hall)[0]
    # Each another file of another year, so that their numbers are not taken for the same.
    rows = [[f"{stage}-{row[0]}", *row[1:]] for row in ([PENSION, BAD] if stage == "done" else [*ROWS, BAD])]
    now = timezone.now()
    job = hand_in(hall=hall, asked_by=director, file=io.BytesIO(as_csv(rows)), name=f"{stage}.csv", now=now)
    if stage == "draft":
        return job
    setting = Setting(
        actor=registrars(hall)[0],
        mapping=guess(HEADINGS),
        category=Category.objects.filter(hall=hall, parent__isnull=False)[0],
    )
    set_up(job_id=job.pk, asked_by=director, setting=setting, now=now, begins=stage != "checked")
    if stage == "failed":
        ImportJob.objects.filter(pk=job.pk).update(attempts=5)
    if stage == "running":
        ImportJob.objects.filter(pk=job.pk).update(claimed_until=now.replace(year=now.year + 1), total=5, position=2)
        return job
    own = claim(now=now, job_id=job.pk)
    if own is not None:
        go_on(own, clock=timezone.now)
    return ImportJob.objects.get(pk=job.pk)


def export(hall: Hall, stage: str) -> ExportJob:
    """running or done."""
    known = ExportJob.objects.filter(hall=hall, state=stage).first()
    if known is not None:
        return known
    director = Staff.objects.holding(Role.DIRECTOR, hall=hall)[0]
    job = ask_for(
        hall=hall,
        asked_by=director,
        filters="state=archived",
        language="zh-hans",
        now=timezone.now(),
        submission_key=uuid.uuid4(),
    )
    own = claim_export(now=timezone.now()) if stage == "done" else None
    if own is not None:
        write(own, clock=timezone.now)
    return job
