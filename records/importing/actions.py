"""A register is handed in, set up, tried, begun, or thrown away. Only the hall's director does any of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from cases.vocabulary import Nature
from foundation.ledger.actions import append, hall_chain
from foundation.organization.models import Category, Hall, Role, Staff
from foundation.refusals import NotAllowed, Refused, WrongState
from reception.models import Channel
from records.importing import reading
from records.importing.mapping import checked, guess
from records.models import ImportFault, ImportJob, ImportState

PREVIEWED = 8
BEFORE = (ImportState.DRAFT, ImportState.CHECKED)
THROWN_AWAY = (*BEFORE, ImportState.CHECKING)
"""Trying writes nothing: whoever tries it finds the row gone, and stops."""


@dataclass(frozen=True)
class Setting:
    """How the rows are to be read, and in whose name they are registered."""

    actor: Staff
    mapping: Mapping[str, int]
    nature: str = Nature.REQUEST
    channel: str = Channel.WALK_IN
    category: Category | None = None
    suggests: bool = False


@dataclass(frozen=True)
class Head:
    """The beginning of a file, for choosing what its columns are."""

    headings: list[str]
    rows: list[reading.Line]


def registrars(hall: Hall) -> list[Staff]:
    """In whose name a register can come in: the hall's receptionists, where there is none its directors."""
    return list(Staff.objects.holding(Role.RECEPTIONIST, hall=hall).order_by("name", "pk")) or list(
        Staff.objects.holding(Role.DIRECTOR, hall=hall).order_by("name", "pk")
    )


def head_of(file: BinaryIO) -> Head:
    """Headings and first rows. Raises Refused for what cannot be read."""
    rows = reading.lines(file)
    headings = next(rows).cells
    return Head(headings, [line for line, _place in zip(rows, range(PREVIEWED), strict=False)])


def hand_in(*, hall: Hall, asked_by: Staff | None, file: BinaryIO, name: str, now: datetime) -> ImportJob:
    """Keep the file and guess its columns; nothing is read further yet. asked_by=None: a command of the program."""
    _check_director(hall, asked_by)
    digest = reading.digest_of(file)
    head = head_of(file)
    file.seek(0)
    job = ImportJob(
        hall=hall,
        asked_by=asked_by,
        name=name[-120:],
        sha256=digest,
        mapping=guess(head.headings),
        created_at=now,
    )
    job.file.save(job.name, File(file), save=False)
    job.save(force_insert=True)
    return job


@transaction.atomic
def set_up(*, job_id: int, asked_by: Staff | None, setting: Setting, now: datetime, begins: bool) -> ImportJob:
    """Say how the file is read; then it is tried (begins=False) or comes in. A worker does either.

    Raises Refused with a field's name, WrongState once it has begun.
    """
    job = _locked(job_id, asked_by)
    if setting.actor not in registrars(job.hall):
        raise Refused(_("Choose somebody who registers in this hall."), field="actor")
    if setting.category is not None and setting.category.hall_id != job.hall_id:
        raise Refused(_("Choose a category of this hall."), field="category")
    with job.file.open("rb") as file:
        headings = head_of(file.file).headings
    job.mapping = checked(setting.mapping, headings)
    job.actor, job.category, job.suggests = setting.actor, setting.category, setting.suggests
    job.nature, job.channel = Nature(setting.nature), Channel(setting.channel)
    job.total = job.position = job.imported = job.already = job.faulty = job.attempts = 0
    ImportFault.objects.filter(job=job).delete()
    job.state = ImportState.RUNNING if begins else ImportState.CHECKING
    if begins:
        job.started_at = now
        append(
            chain=hall_chain(job.hall),
            kind="register.import_begun",
            actor=asked_by or job.actor,
            happened_at=now,
            now=now,
            payload={"file": job.sha256, "registered_by": setting.actor.pk, "by_command": asked_by is None},
        )
    job.save()
    return job


@transaction.atomic
def discard(*, job_id: int, asked_by: Staff | None, now: datetime) -> None:
    """Throw a file away from which nothing has come in."""
    job = _locked(job_id, asked_by, states=THROWN_AWAY)
    file: Any = job.file
    job.delete()
    transaction.on_commit(lambda: file.delete(save=False))


def _locked(job_id: int, asked_by: Staff | None, states: tuple[ImportState, ...] = BEFORE) -> ImportJob:
    job = ImportJob.objects.select_for_update(no_key=True, of=("self",)).select_related("hall").get(pk=job_id)
    _check_director(job.hall, asked_by)
    if job.state not in states:
        raise WrongState(_("This register is coming in, or has come in already; nothing was begun a second time."))
    return job


def _check_director(hall: Hall, asked_by: Staff | None) -> None:
    if asked_by is not None and not asked_by.holds(Role.DIRECTOR, hall=hall):
        raise NotAllowed(_("Only the hall's director takes in old registers."))
