"""`manage.py erase_resident 42 --director chen --reason …`: shows what would go, and erases it with --yes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.organization.models import Staff
from foundation.refusals import Refused
from foundation.residents.models import Resident
from records.erasure import delete_files_of_erased, erase_resident, preview


class Command(BaseCommand):
    help = (
        "Erases a resident for good, in every room: contact data, words, answers and files. Figures and the ledger "
        "stay. Without --yes it only says what would be erased."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("resident", type=int, help="The resident's number in the database.")
        parser.add_argument("--director", required=True, help="User name of the hall's director who decided it.")
        parser.add_argument("--reason", required=True, help="Why; kept in the ledger, so without the person's name.")
        parser.add_argument("--yes", action="store_true", help="Erase instead of only showing what would go.")

    def handle(self, *args: Any, **options: Any) -> None:
        director = Staff.objects.filter(username=options["director"]).first()
        if director is None:
            raise CommandError(_("There is no account with this user name."))
        resident = Resident.objects.filter(pk=options["resident"]).first()
        if resident is None:
            raise CommandError(_("There is no resident with this number."))
        if resident.erased_at is not None:
            # A crash between the rows and the files leaves files.
            self.stdout.write(_("Erased before; files deleted now: %(files)s.") % {"files": delete_files_of_erased()})
            return
        counted = preview(resident)
        self.stdout.write(
            _("Cases: %(cases)s, open: %(open)s; visits: %(visits)s; ledger texts: %(texts)s; files: %(files)s.")
            % {
                "cases": counted.cases,
                "open": counted.open_cases,
                "visits": counted.visits,
                "texts": counted.texts,
                "files": counted.files,
            }
        )
        self.stdout.write(
            _("Files of registers they may stand in: taken in %(imports)s, taken out %(exports)s.")
            % {"imports": counted.imports, "exports": counted.exports}
        )
        if not options["yes"]:
            self.stdout.write(_("Nothing was erased. With --yes it is, and nobody can bring it back."))
            return
        try:
            erase_resident(resident_id=resident.pk, actor=director, reason=options["reason"], now=timezone.now())
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(_("Erased."))
