"""`manage.py play_demonstration`: two halls and a quarter of their work, on an empty database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.ledger.verify import verify
from foundation.organization.models import Hall
from records.demonstration.player import Player
from records.demonstration.programme import counts, logins
from records.demonstration.script import read_script


class Command(BaseCommand):
    help = (
        "Plays a quarter of two halls into an empty database: every person, matter, slip, alert and entry is made by "
        "the same actions as in real work, under a moved clock. All accounts get one well-known password."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="Also where HTTPS is on, which is how real halls are run."
        )

        parser.add_argument("--logins-to", type=Path, help="A file that keeps the log-ins printed at the end.")

    def handle(self, *args: Any, **options: Any) -> None:
        if Hall.objects.exists():
            raise CommandError(_("There is a hall already; the demonstration is only played into an empty database."))
        if settings.HTTPS and not options["force"]:
            raise CommandError(
                _("HTTPS is on, so this looks like a real hall; the demonstration's password is known to everybody.")
            )
        script = read_script()
        player = Player(script, present=timezone.now())
        player.play()
        findings = list(verify())
        if findings:
            raise CommandError("\n".join(str(finding) for finding in findings))
        for hall in Hall.objects.all():
            self.stdout.write(f"{hall.name}: {counts(hall)}")
        self.stdout.write(_("The ledger is whole."))
        told = [*logins(script), _("Password of everybody: %(password)s") % {"password": script.password}]
        self.stdout.write("\n".join(["", *told]))
        if options["logins_to"]:
            options["logins_to"].touch(mode=0o600)
            options["logins_to"].write_text("\n".join(told) + "\n", encoding="utf-8")
