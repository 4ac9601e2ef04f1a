"""Days and moments in few words: the year stands where it is not the present one.

Whatever shows a day without its year asks here, so that a December is not read as this one in January.
"""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format


def day(of: date, today: date | None = None) -> str:
    """A moment is taken as its day in the zone that is active: the hall's."""
    local = _local(of)
    return date_format(local, "SHORT_DATE_FORMAT" if _this_year(local, today) else "DATE_FORMAT")


def moment(of: datetime, today: date | None = None) -> str:
    local = _local(of)
    return date_format(local, "SHORT_DATETIME_FORMAT" if _this_year(local, today) else "DATETIME_FORMAT")


def _local(of: date) -> date:
    return timezone.localtime(of) if isinstance(of, datetime) and timezone.is_aware(of) else of


def _this_year(local: date, today: date | None) -> bool:
    return local.year == (today or timezone.localdate()).year
