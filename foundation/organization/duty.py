"""Who is there now, read off the duty roster."""

from __future__ import annotations

from datetime import datetime

from foundation.organization.models import DutyShift, Hall, Staff


def on_duty(hall: Hall, at: datetime) -> list[Staff]:
    """People on duty at the desk at this moment, active accounts only; empty when nobody is."""
    return on_duty_and_on_call(hall, at)[0]


def on_call(hall: Hall, at: datetime) -> list[Staff]:
    """People who can be called at this moment outside opening hours."""
    return on_duty_and_on_call(hall, at)[1]


def on_duty_and_on_call(hall: Hall, at: datetime) -> tuple[list[Staff], list[Staff]]:
    """Both in one query."""
    shifts = list(
        DutyShift.objects.covering(at)
        .filter(hall=hall, staff__is_active=True)
        .select_related("staff")
        .order_by("staff__name", "staff_id")
    )
    there, callable_ = ([shift.staff for shift in shifts if shift.is_on_call is on_call] for on_call in (False, True))
    return there, callable_
