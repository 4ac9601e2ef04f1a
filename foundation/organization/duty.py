"""Who is there now, read off the duty roster."""

from __future__ import annotations

from datetime import datetime

from foundation.organization.models import DutyShift, Hall, Staff


def on_duty(hall: Hall, at: datetime) -> list[Staff]:
    """People on duty at the desk at this moment, active accounts only; empty when nobody is."""
    return _covering(hall, at, on_call=False)


def on_call(hall: Hall, at: datetime) -> list[Staff]:
    """People who can be called at this moment outside opening hours."""
    return _covering(hall, at, on_call=True)


def _covering(hall: Hall, at: datetime, *, on_call: bool) -> list[Staff]:
    shifts = DutyShift.objects.covering(at).filter(hall=hall, is_on_call=on_call, staff__is_active=True)
    return [shift.staff for shift in shifts.select_related("staff").order_by("staff__name", "staff_id")]
