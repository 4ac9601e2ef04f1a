"""The director keeps the roster some days ahead: two at the desk while the hall is open, one on call otherwise."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from foundation.organization.actions import add_shift, hand_over_shift
from foundation.organization.models import DutyShift
from records.demonstration.cast import Cast

DAYS_AHEAD = 12
HANDED_OVER = 0.08
ONE_DAY = timedelta(days=1)


def keep_roster(cast: Cast, *, day: date, now: datetime) -> None:
    """Adds what is missing up to some days ahead; now and then somebody stands in for a colleague."""
    calendar = cast.calendar
    last = DutyShift.objects.filter(hall=cast.hall, is_on_call=False).order_by("-starts_at").first()
    known = last.starts_at.astimezone(cast.hall.zone).date() if last else day - ONE_DAY
    wanted = known + ONE_DAY
    while wanted <= day + DAYS_AHEAD * ONE_DAY:
        if calendar.is_working(wanted):
            _fill_day(cast, wanted, now)
        wanted += ONE_DAY
    if calendar.is_working(day):
        _maybe_hand_over(cast, day, now)


def _fill_day(cast: Cast, day: date, now: datetime) -> None:
    calendar = cast.calendar
    intervals = calendar.open_intervals(day)
    opens, closes = intervals[0][0], intervals[-1][1]
    desk = cast.receptionists
    turn = day.toordinal()
    for place in range(min(2, len(desk))):
        add_shift(
            hall=cast.hall,
            staff=desk[(turn + place) % len(desk)],
            starts_at=opens,
            ends_at=closes,
            actor=cast.director,
            now=now,
        )
    reachable = [cast.director, *cast.heads]
    _next_day, following = next(calendar.working_days_from(day + ONE_DAY))
    add_shift(
        hall=cast.hall,
        staff=reachable[turn % len(reachable)],
        starts_at=closes,
        ends_at=following.intervals[0][0],
        is_on_call=True,
        actor=cast.director,
        now=now,
    )


def _maybe_hand_over(cast: Cast, day: date, now: datetime) -> None:
    chance = Random(f"{cast.hall.code} {day}")  # noqa: S311  nothing here is secret
    if chance.random() >= HANDED_OVER:
        return
    shifts = DutyShift.objects.filter(hall=cast.hall, is_on_call=False, ends_at__gt=now).order_by("starts_at", "pk")
    today = [shift for shift in shifts if shift.starts_at.astimezone(cast.hall.zone).date() == day]
    busy = {shift.staff_id for shift in today}
    free = [staff for staff in cast.receptionists if staff.pk not in busy]
    if today and free:
        hand_over_shift(shift_id=today[0].pk, staff=free[0], actor=cast.director, now=now)
