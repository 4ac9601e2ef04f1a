"""The first hall and its director, asked on the terminal or taken from the environment (`make run DEMO=0`)."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.organization.models import Hall, Role, Staff
from records.staffing import hire
from records.standard import found_hall

ROLES = (Role.DIRECTOR, Role.RECEPTIONIST, Role.ADMINISTRATOR)


class Command(BaseCommand):
    help = (
        "Makes the first hall with opening hours, departments, categories and time limits, and its director, who can "
        "also receive residents and make further accounts. Asks on the terminal; without one, HALL_CODE, HALL_NAME, "
        "DIRECTOR_USERNAME, DIRECTOR_NAME and DIRECTOR_PASSWORD must be set."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if Hall.objects.exists():
            raise CommandError(_("There is a hall already; further halls are made under Settings."))
        code = self.answer(
            "HALL_CODE",
            _("Short code of the hall, 2 to 8 capital letters or digits, stands in case numbers"),
            check_code,
        )
        name = self.answer("HALL_NAME", _("Name of the hall"), check_hall_name)
        director = Staff(
            username=self.answer("DIRECTOR_USERNAME", _("User name of the director"), check_username),
            name=self.answer("DIRECTOR_NAME", _("Name of the director"), check_name),
        )
        password = self.answer(
            "DIRECTOR_PASSWORD",
            _("Password of the director"),
            lambda text: validate_password(text, director),
            secret=True,
        )
        now = timezone.now()
        with transaction.atomic():
            hall = found_hall(code=code, name=name, actor=None, now=now)
            director = hire(
                username=director.username,
                name=director.name,
                hashed_password=make_password(password),
                roles=ROLES,
                hall=hall,
                actor=None,
                now=now,
            )
        self.stdout.write(
            _("%(hall)s is ready. Log in as %(username)s; departments and further accounts are under Settings.")
            % {"hall": hall.name, "username": director.username}
        )

    def answer(self, variable: str, question: str, check: Callable[[str], None], *, secret: bool = False) -> str:
        """The variable if it is set; otherwise asked until the answer is right."""
        given = os.environ.get(variable, "")
        if given:
            try:
                check(given)
            except ValidationError as error:
                raise CommandError(f"{variable}: {' '.join(error.messages)}") from error
            return given
        if not sys.stdin.isatty():
            raise CommandError(
                _("%(variable)s is not set, and there is no terminal to ask on.") % {"variable": variable}
            )
        while True:
            text = self.ask(question, secret=secret)
            try:
                check(text)
            except ValidationError as error:
                self.stderr.write(" ".join(error.messages))
            else:
                return text

    def ask(self, question: str, *, secret: bool) -> str:
        try:
            if not secret:
                return input(f"{question}: ").strip()
            while True:
                text = getpass.getpass(f"{question}: ")
                # Typed unseen, and nobody else could set it anew yet.
                if text == getpass.getpass(_("The same once more: ")):
                    return text
                self.stderr.write(_("The two are not the same."))
        except EOFError as end:
            raise CommandError(_("Nothing was made.")) from end


def check_code(text: str) -> None:
    Hall._meta.get_field("code").clean(text, None)


def check_hall_name(text: str) -> None:
    Hall._meta.get_field("name").clean(text, None)


def check_username(text: str) -> None:
    Staff._meta.get_field("username").clean(text, None)


def check_name(text: str) -> None:
    Staff._meta.get_field("name").clean(text, None)
