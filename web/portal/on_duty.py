"""Who receives residents today: names of receptionists alone, and nobody's telephone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.organization.models import DutyShift, Hall, Role, Staff
from web.portal.opening import stretch


@dataclass(frozen=True)
class Shift:
    """People who are at the desk between the same hours."""

    names: str
    hours: str
    is_now: bool


def desk_today(hall: Hall, now: datetime) -> list[Shift]:
    """What is left of the hall's day, the next to end first. One query."""
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(now, hall.zone), time()), hall.zone)
    rows = (
        DutyShift.objects.filter(
            hall=hall,
            is_on_call=False,
            ends_at__gt=now,
            starts_at__lt=midnight + timedelta(days=1),
            staff__is_active=True,
            staff__in=Staff.objects.holding(Role.RECEPTIONIST, hall=hall),
        )
        .select_related("staff")
        .order_by("ends_at", "starts_at", "staff__name", "staff_id")
    )
    together: dict[tuple[datetime, datetime], list[str]] = {}
    for row in rows:
        together.setdefault((row.starts_at, row.ends_at), []).append(row.staff.name)
    return [
        Shift(_(", ").join(names), _hours(hall, starts_at, ends_at), starts_at <= now)
        for (starts_at, ends_at), names in together.items()
    ]


def _hours(hall: Hall, starts_at: datetime, ends_at: datetime) -> str:
    return stretch(starts_at.astimezone(hall.zone).time(), ends_at.astimezone(hall.zone).time())
