"""Once a day the seal's digest leaves the database. What is on paper, in a mailbox or in a file elsewhere can't be
rewritten even by somebody who holds the key."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.ledger.models import DailySeal, Seal

FILE_NAME = "daily-seals.txt"


def publish_daily_seal(*, now: datetime) -> DailySeal | None:
    """Publishes the day's seal, once: row, line of the file, mail. None while nothing was ever sealed.

    Asked at any hour and any number of times: a day that has been published is left as it is, and one that was
    broken off goes on where it was; only the mail can then come twice. Days that are over are not made up for.
    """
    day = timezone.localdate(now)
    done = DailySeal.objects.filter(day=day, published_at__isnull=False).first()
    if done is not None:
        return done
    latest = Seal.objects.order_by("number").last()
    if latest is None:
        return None
    DailySeal.objects.get_or_create(day=day, defaults={"seal_number": latest.number, "digest": latest.digest})
    with transaction.atomic():
        daily = DailySeal.objects.select_for_update(no_key=True).get(day=day)
        if daily.published_at is None:
            _append_line(daily)
            _send(daily)
            daily.published_at = now
            daily.save(update_fields=["published_at"])
    return daily


def published_lines() -> Iterator[tuple[date, int, bytes]]:
    """Day, number of the seal and digest of each line of the file, if there is one."""
    path = _path()
    if path is None or not path.exists():
        return
    for line in path.read_text(encoding="ascii").splitlines():
        day, number, digest = line.split()
        yield date.fromisoformat(day), int(number), bytes.fromhex(digest)


def _append_line(daily: DailySeal) -> None:
    path = _path()
    if path is None or any(day == daily.day for day, _number, _digest in published_lines()):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as file:
        file.write(f"{_line(daily)}\n")
        file.flush()
        os.fsync(file.fileno())


def _send(daily: DailySeal) -> None:
    recipients: list[str] = settings.SEAL_RECIPIENTS
    if not recipients:
        return
    send_mail(
        subject=_("Daily seal of %(day)s") % {"day": daily.day},
        message=_("Keep this line: it proves that the ledger was not rewritten later.\n\n%(line)s\n")
        % {"line": _line(daily)},
        from_email=None,
        recipient_list=recipients,
    )


def _line(daily: DailySeal) -> str:
    return f"{daily.day.isoformat()} {daily.seal_number} {bytes(daily.digest).hex()}"


def _path() -> Path | None:
    directory: str | Path | None = settings.SEAL_DIRECTORY
    return Path(directory) / FILE_NAME if directory else None
