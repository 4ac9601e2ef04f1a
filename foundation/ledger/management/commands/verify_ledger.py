"""`manage.py verify_ledger`: says what was done to the ledger behind the program's back; exit code 1 if anything."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from foundation.ledger.verify import Tally, verify


class Command(BaseCommand):
    help = "Verifies every chain and every seal of the ledger and names the first bad entry of each chain."

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        tally = Tally()
        count = 0
        for finding in verify(tally):
            count += 1
            self.stdout.write(self.style.ERROR(str(finding)))
        if count:
            raise CommandError(_("The ledger was altered: %(count)s findings.") % {"count": count})
        self.stdout.write(
            self.style.SUCCESS(
                _("The ledger is whole: %(chains)s chains, %(entries)s entries, %(seals)s seals, %(seconds)s seconds.")
                % {
                    "chains": tally.chains,
                    "entries": tally.entries,
                    "seals": tally.seals,
                    "seconds": f"{time.monotonic() - started:.1f}",
                }
            )
        )
