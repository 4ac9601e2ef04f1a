"""`manage.py import_cases register.xlsx --hall GHP --as lin`: an old register comes in, here and now.

Stopped half-way, the same command goes on where it stopped; so do the workers, if any run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.vocabulary import Nature
from foundation.organization.models import Category, Hall, Staff
from foundation.refusals import Refused
from reception.models import Channel
from records.importing import reading
from records.importing.actions import Setting, hand_in, head_of, registrars, set_up
from records.importing.job import CLAIM, attempt, claim, go_on
from records.importing.mapping import FIELDS, checked, guess
from records.importing.mending import to_mend
from records.importing.rows import Defaults, Reader
from records.models import ImportFault, ImportJob, ImportState

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Takes in an old register (CSV in UTF-8 or GBK, or XLSX): each row becomes a case, with its real times and "
        "without alerts about the past. Columns are guessed from their headings; --map says it where that is wrong. "
        "Importing twice changes nothing. Rows that cannot come in are written beside the file, to be mended."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--hall", required=True, metavar="CODE", help="Code of the hall whose register it is.")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=FIELD",
            help=f"What a column is, by its heading; may be given several times. Fields: {', '.join(FIELDS)}; "
            "an empty field: the column is left out.",
        )
        parser.add_argument("--as", dest="username", default="", help="User name of who registers the matters.")
        parser.add_argument("--nature", default=Nature.REQUEST, choices=Nature.values, help="Of rows that do not say.")
        parser.add_argument("--channel", default=Channel.WALK_IN, choices=Channel.values, help="Likewise.")
        parser.add_argument("--category", default="", help="Name of the category of rows without one of the hall's.")
        parser.add_argument(
            "--suggest", action="store_true", help="Before that: the category that similar cases of the hall have."
        )
        parser.add_argument("--dry-run", action="store_true", help="Write nothing; say what would happen.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._handle(options)
        except Refused as refusal:
            where = FIELDS.get(refusal.field or "")
            raise CommandError(f"{where}: {refusal}" if where else str(refusal)) from refusal

    def _handle(self, options: dict[str, Any]) -> None:
        hall = Hall.objects.filter(code=options["hall"]).first()
        if hall is None:
            raise CommandError(_("There is no hall with this code."))
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(_("There is no such file."))
        with path.open("rb") as file:
            digest = reading.digest_of(file)
            headings = head_of(file).headings
        setting = Setting(
            actor=_registrar(hall, options["username"]),
            mapping=_mapping(headings, options["map"]),
            nature=options["nature"],
            channel=options["channel"],
            category=_category(hall, options["category"]),
            suggests=options["suggest"],
        )
        if options["dry_run"]:
            self._try(path, hall, setting)
            return
        job = ImportJob.objects.filter(hall=hall, sha256=digest, state=ImportState.RUNNING, asked_by=None).first()
        if job is None:
            with path.open("rb") as file:
                job = hand_in(hall=hall, asked_by=None, file=file, name=path.name, now=timezone.now())
            job = set_up(job_id=job.pk, asked_by=None, setting=setting, now=timezone.now(), begins=True)
        else:
            self.stdout.write(_("Going on behind row %(row)d.") % {"row": job.position})
        self._run(job, path)

    def _try(self, path: Path, hall: Hall, setting: Setting) -> None:
        defaults = Defaults(
            nature=setting.nature, channel=setting.channel, category=setting.category, suggests=setting.suggests
        )
        reader = Reader(hall, setting.actor, setting.mapping, defaults, timezone.now())
        with path.open("rb") as file:
            rows = reading.lines(file)
            checked(setting.mapping, next(rows).cells)
            found = sorted(rows, key=reader.order)
        good, already, faults = attempt(found, reader)
        self._say(_("Tried only, nothing was written."))
        self._count(good, already, len(faults))
        self._list(faults)

    def _run(self, job: ImportJob, path: Path) -> None:
        own = self._claimed(job)
        go_on(own, clock=self._clock(own))
        job = ImportJob.objects.get(pk=job.pk)
        if job.state == ImportState.FAILED:
            raise CommandError(job.error)
        if job.state != ImportState.DONE:
            raise CommandError(_("A worker has taken over; it goes on by itself."))
        self._count(job.imported, job.already, job.faulty)
        if not job.faulty:
            return
        self._list(list(job.faults.all()[: SHOWN + 1]))
        content, kind = to_mend(job)
        target = path.with_name(f"{path.stem}-{job.public_id.hex[:8]}-to-mend.{kind}")
        target.write_bytes(content)
        self._say(_("The rows to mend are in %(file)s.") % {"file": target})

    def _claimed(self, job: ImportJob) -> ImportJob:
        """At once, or when the claim of one that was killed has run out."""
        patience = timezone.now() + 2 * CLAIM
        while (own := claim(now=timezone.now(), job_id=job.pk)) is None:
            fresh = ImportJob.objects.get(pk=job.pk)
            if fresh.state == ImportState.FAILED:
                raise CommandError(fresh.error)
            if fresh.position > job.position or timezone.now() > patience:
                raise CommandError(_("A worker is at it already; it goes on by itself."))
            time.sleep(1)
        return own

    def _clock(self, job: ImportJob) -> Callable[[], Any]:
        """The time, and now and then a word on how far it is."""
        looked = {"at": timezone.now()}

        def clock() -> Any:
            now = timezone.now()
            if self.verbosity_is_high and (now - looked["at"]).total_seconds() >= 5:
                looked["at"] = now
                fresh = ImportJob.objects.get(pk=job.pk)
                self._say(f"{fresh.position} / {fresh.total}")
            return now

        return clock

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.verbosity_is_high = options.get("verbosity", 1) >= 1
        return super().execute(*args, **options)

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()

    def _count(self, good: int, already: int, faulty: int) -> None:
        self._say(
            _("Cases: %(good)d; in already: %(already)d; rows to mend: %(faulty)d.")
            % {"good": good, "already": already, "faulty": faulty}
        )

    def _list(self, faults: list[ImportFault]) -> None:
        for fault in faults[:SHOWN]:
            self._say(
                _("Row %(row)d, %(column)s: %(reason)s")
                % {
                    "row": fault.line,
                    "column": FIELDS.get(fault.field, "–"),
                    "reason": fault.reason,
                }
            )
        if len(faults) > SHOWN:
            self._say(_("… and more"))


def _registrar(hall: Hall, username: str) -> Staff:
    people = registrars(hall)
    if username:
        chosen = next((person for person in people if person.username == username), None)
        if chosen is None:
            raise CommandError(_("Nobody of this user name registers in this hall."))
        return chosen
    if len(people) == 1:
        return people[0]
    names = ", ".join(person.username for person in people)
    raise CommandError(_("Say with --as who registers the matters: %(names)s") % {"names": names or "–"})


def _category(hall: Hall, name: str) -> Category | None:
    if not name:
        return None
    here = Category.objects.filter(Q(name=name), hall=hall, is_active=True).order_by("parent")
    category = here.filter(parent__isnull=False).first() or here.first()
    if category is None:
        raise CommandError(_("The hall has no category “%(name)s”.") % {"name": name})
    return category


def _mapping(headings: list[str], said: list[str]) -> dict[str, int]:
    """What was guessed, and over it what --map says."""
    mapping = guess(headings)
    for one in said:
        column, _equals, field = one.rpartition("=")
        if column not in headings:
            raise CommandError(
                _("There is no column “%(column)s”; there are: %(columns)s")
                % {"column": column, "columns": ", ".join(headings)}
            )
        if field and field not in FIELDS:
            raise CommandError(
                _("There is no field “%(field)s”; there are: %(fields)s")
                % {"field": field, "fields": ", ".join(FIELDS)}
            )
        place = headings.index(column)
        mapping = {known: at for known, at in mapping.items() if at != place}
        if field:
            mapping[field] = place
    return mapping
