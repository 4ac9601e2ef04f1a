"""The duty roster. Who was on duty answers for what happened then: its past never changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from foundation.organization.models import DutyShift, Hall, Role, Staff
from foundation.refusals import NotAllowed, Refused, WrongState

LONGEST_SHIFT = timedelta(days=14)
ROSTER_ROLES = (Role.RECEPTIONIST, Role.HANDLER, Role.HEAD, Role.DIRECTOR)


def rosterable(hall: Hall) -> QuerySet[Staff]:
    """Who can be put on the hall's roster: the people who work in it, not those who watch it."""
    return Staff.objects.holding(*ROSTER_ROLES, hall=hall).order_by("name", "pk")


@transaction.atomic
def add_shift(
    *,
    hall: Hall,
    staff: Staff,
    starts_at: datetime,
    ends_at: datetime,
    is_on_call: bool = False,
    actor: Staff,
    now: datetime,
) -> DutyShift:
    _must_direct(actor, hall)
    if ends_at <= starts_at:
        raise Refused(_("The shift ends before it starts. Give an end after the start."), field="ends_at")
    if ends_at - starts_at > LONGEST_SHIFT:
        raise Refused(_("A shift lasts fourteen days at most. Check the dates."), field="ends_at")
    if ends_at <= now:
        raise Refused(_("This time is over already; the roster of the past is not changed."), field="ends_at")
    if not rosterable(hall).filter(pk=staff.pk).exists():
        raise Refused(_("%(name)s does not work in this hall.") % {"name": staff.name}, field="staff")
    _must_be_free(_locked([staff.pk])[0], starts_at, ends_at, hall)
    return DutyShift.objects.create(hall=hall, staff=staff, starts_at=starts_at, ends_at=ends_at, is_on_call=is_on_call)


@transaction.atomic
def remove_shift(*, shift_id: int, actor: Staff, now: datetime) -> DutyShift | None:
    """Takes a shift off the roster; one that has begun ends now instead, and is returned."""
    shift = _open_shift(shift_id, actor, now)
    if shift.starts_at >= now:
        shift.delete()
        return None
    shift.ends_at = now
    shift.save(update_fields=["ends_at"])
    return shift


@transaction.atomic
def hand_over_shift(*, shift_id: int, staff: Staff, actor: Staff, now: datetime) -> DutyShift:
    """Somebody else takes over: the whole shift, or what is left of it once it has begun."""
    shift = _open_shift(shift_id, actor, now)
    if staff.pk == shift.staff_id:
        raise Refused(_("%(name)s has this shift already.") % {"name": staff.name}, field="staff")
    starts_at = max(shift.starts_at, now)
    ends_at = shift.ends_at
    remove_shift(shift_id=shift_id, actor=actor, now=now)
    return add_shift(
        hall=shift.hall,
        staff=staff,
        starts_at=starts_at,
        ends_at=ends_at,
        is_on_call=shift.is_on_call,
        actor=actor,
        now=now,
    )


@transaction.atomic
def copy_shifts(
    *, hall: Hall, start: datetime, end: datetime, by: timedelta, actor: Staff, now: datetime
) -> list[DutyShift]:
    """Repeats the shifts that start between two moments later on; who has left or has a shift then is left out."""
    _must_direct(actor, hall)
    present = set(rosterable(hall).values_list("pk", flat=True))
    shifts = [
        shift
        for shift in DutyShift.objects.filter(hall=hall, starts_at__gte=start, starts_at__lt=end).order_by("starts_at")
        if shift.staff_id in present
    ]
    if not shifts:
        raise Refused(_("There is nothing to copy: nobody has a shift in the week before."))
    people = {staff.pk: staff for staff in _locked({shift.staff_id for shift in shifts})}
    copies = []
    for shift in shifts:
        starts_at = _moved(shift.starts_at, by, hall)
        ends_at = _moved(shift.ends_at, by, hall)
        if ends_at <= now or _clashing(people[shift.staff_id], starts_at, ends_at).exists():
            continue
        copies.append(
            DutyShift.objects.create(
                hall=hall, staff_id=shift.staff_id, starts_at=starts_at, ends_at=ends_at, is_on_call=shift.is_on_call
            )
        )
    return copies


def _must_direct(actor: Staff, hall: Hall) -> None:
    if not actor.holds(Role.DIRECTOR, hall=hall):
        raise NotAllowed(_("The duty roster is kept by the hall's director."))


def _open_shift(shift_id: int, actor: Staff, now: datetime) -> DutyShift:
    shift = (
        DutyShift.objects.select_for_update(no_key=True, of=["self"]).select_related("hall").filter(pk=shift_id).first()
    )
    if shift is None:
        raise WrongState(_("This shift is no longer on the roster."))
    _must_direct(actor, shift.hall)
    if shift.ends_at <= now:
        raise WrongState(_("This shift is over; the roster of the past is not changed."))
    return shift


def _locked(staff_ids: Iterable[int]) -> list[Staff]:
    """One roster change per person at a time, or two at once would both find them free."""
    return list(Staff.objects.select_for_update(no_key=True).filter(pk__in=staff_ids).order_by("pk"))


def _clashing(staff: Staff, starts_at: datetime, ends_at: datetime) -> QuerySet[DutyShift]:
    return DutyShift.objects.filter(staff=staff, starts_at__lt=ends_at, ends_at__gt=starts_at)


def _must_be_free(staff: Staff, starts_at: datetime, ends_at: datetime, hall: Hall) -> None:
    clash = _clashing(staff, starts_at, ends_at).order_by("starts_at").first()
    if clash is not None:
        raise Refused(
            _("%(name)s already has a shift then: from %(start)s to %(end)s.")
            % {"name": staff.name, "start": _in_words(clash.starts_at, hall), "end": _in_words(clash.ends_at, hall)},
            field="staff",
        )


def _in_words(moment: datetime, hall: Hall) -> str:
    return date_format(moment.astimezone(hall.zone), "DATETIME_FORMAT")


def _moved(moment: datetime, by: timedelta, hall: Hall) -> datetime:
    """The same time on the hall's clock some days later, also across a change of summer time."""
    return (moment.astimezone(hall.zone).replace(tzinfo=None) + by).replace(tzinfo=hall.zone)
