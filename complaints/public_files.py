"""Files that come in by the public pages: so much a hall and day, so that strangers cannot fill the disk unseen."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from foundation.notifications.actions import notify
from foundation.notifications.models import Level
from foundation.organization.models import Hall, Role, Staff
from foundation.refusals import Refused
from foundation.throttling.actions import take_volume

SCOPE: Final = "public_files"
MEGABYTE: Final = 1024**2
FULL: Final = gettext_noop(
    "So many files came in by the public pages that no more are taken today; residents' words still arrive. If you do "
    "not know why, tell who looks after the computer: somebody may be filling its disk."
)


class NoRoom(Refused):
    """Too much came in, or waits already; words are taken in all the same."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "So many files came in just now that no more fit in today. Send your words without them; add the files "
                "tomorrow on the tracking page, or bring them to the hall."
            ),
            field="attachments",
        )


def has_room(*, hall: Hall, size: int, now: datetime) -> bool:
    """Counts so many bytes as taken in, where they still fit into the hall's day."""
    most = settings.PUBLIC_FILES_MB_A_DAY * MEGABYTE
    day = now.astimezone(hall.zone).date()
    return take_volume(scope=SCOPE, who=str(hall.pk), day=day, amount=size, most=most)


def no_room(*, hall: Hall, now: datetime) -> NoRoom:
    """To be raised, outside any transaction; supervisors and administrators are told, once a day."""
    looking_after = list(Staff.objects.holding(Role.SUPERVISOR, Role.ADMINISTRATOR, hall=hall))
    notify(
        recipients=looking_after or list(Staff.objects.holding(Role.SUPERVISOR, Role.ADMINISTRATOR)),
        key=f"public-files-full:{hall.pk}:{now.astimezone(hall.zone).date().isoformat()}",
        level=Level.ACTION,
        text=FULL,
        params={},
        url="",
        hall=hall,
        now=now,
    )
    return NoRoom()
