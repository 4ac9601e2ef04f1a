"""When messages may leave a hall."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from foundation.notifications.models import SENDING_ENDS, SENDING_STARTS, SendingHours
from foundation.organization.models import Hall


@dataclass(frozen=True)
class Window:
    """The hours of every day in which messages go out, in the hall's own time."""

    zone: ZoneInfo
    starts: time = SENDING_STARTS
    ends: time = SENDING_ENDS

    def next_moment(self, at: datetime) -> datetime:
        """The moment itself if it lies inside the hours, else the next opening of the window."""
        local = at.astimezone(self.zone)
        if self.starts <= local.time() < self.ends:
            return at
        day = local.date() if local.time() < self.starts else local.date() + timedelta(days=1)
        return datetime.combine(day, self.starts, tzinfo=self.zone)


def windows(halls: Iterable[Hall]) -> Mapping[int, Window]:
    """The windows of these halls by hall id, in one query."""
    by_id = {hall.pk: hall for hall in halls}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT hall_id, starts, ends FROM {SendingHours._meta.db_table} WHERE hall_id = ANY(%s)",  # noqa: S608
            [list(by_id)],
        )
        hours = {hall_id: (starts, ends) for hall_id, starts, ends in cursor.fetchall()}
    return {hall_id: Window(hall.zone, *hours.get(hall_id, ())) for hall_id, hall in by_id.items()}
