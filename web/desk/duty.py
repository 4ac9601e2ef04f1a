"""The duty roster: a week of the hall's shifts, and who is on duty now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from foundation.organization.actions import add_shift, copy_shifts, hand_over_shift, remove_shift, rosterable
from foundation.organization.duty import on_duty_and_on_call
from foundation.organization.models import DutyShift, Hall, Role, Staff
from foundation.refusals import Refused
from web.access import StaffRequest, roles_required

WEEK = timedelta(days=7)


class ColleagueForm(forms.Form):
    """Somebody out of the people who can be on the hall's roster, who are read once for the whole page."""

    staff = forms.TypedChoiceField(label=gettext_lazy("Who"))

    def __init__(self, *args: Any, colleagues: list[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = self.fields["staff"]
        assert isinstance(staff, forms.TypedChoiceField)
        staff.choices = [("", "–"), *((str(person.pk), person.name) for person in colleagues)]
        staff.coerce = {str(person.pk): person for person in colleagues}.__getitem__


class ShiftForm(ColleagueForm):
    starts_at = forms.DateTimeField(
        label=gettext_lazy("From"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    is_on_call = forms.BooleanField(label=gettext_lazy("On call, outside opening hours"), required=False)


@dataclass(frozen=True)
class Day:
    date: date
    shifts: list[DutyShift]
    is_today: bool


@require_safe
@roles_required(Role.RECEPTIONIST, Role.DIRECTOR)
def duty_list(request: StaffRequest) -> HttpResponse:
    return _roster(request, _monday(request.GET.get("week", "")))


@require_POST
@roles_required(Role.DIRECTOR)
def duty_add(request: StaffRequest) -> HttpResponse:
    form = ShiftForm(request.POST, colleagues=list(rosterable(request.hall)))
    monday = _monday(request.POST.get("week", ""))
    if form.is_valid():
        try:
            shift = add_shift(hall=request.hall, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("%(name)s is on the roster.") % {"name": shift.staff.name})
            return _to_week(_monday_of(timezone.localdate(shift.starts_at)))
    return _roster(request, monday, form)


@require_POST
@roles_required(Role.DIRECTOR)
def duty_copy(request: StaffRequest) -> HttpResponse:
    """The week before, once more into this one."""
    monday = _monday(request.POST.get("week", ""))
    start = _midnight(monday - WEEK)
    try:
        copies = copy_shifts(
            hall=request.hall,
            start=start,
            end=_midnight(monday),
            by=WEEK,
            actor=request.user,
            now=timezone.now(),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            ngettext("%(count)d shift copied.", "%(count)d shifts copied.", len(copies)) % {"count": len(copies)},
        )
    return _to_week(monday)


@require_POST
@roles_required(Role.DIRECTOR)
def duty_remove(request: StaffRequest, pk: int) -> HttpResponse:
    shift = get_object_or_404(DutyShift, pk=pk, hall=request.hall)
    try:
        ended = remove_shift(shift_id=pk, actor=request.user, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        words = (
            _("The shift ends now; the part already served stays on the roster.")
            if ended
            else _("The shift is removed.")
        )
        messages.success(request, words)
    return _to_week(_monday_of(timezone.localdate(shift.starts_at)))


@require_POST
@roles_required(Role.DIRECTOR)
def duty_hand_over(request: StaffRequest, pk: int) -> HttpResponse:
    shift = get_object_or_404(DutyShift, pk=pk, hall=request.hall)
    form = ColleagueForm(request.POST, colleagues=list(rosterable(request.hall)))
    if not form.is_valid():
        messages.error(request, _("Choose who takes over the shift."))
    else:
        try:
            taken = hand_over_shift(
                shift_id=pk, staff=form.cleaned_data["staff"], actor=request.user, now=timezone.now()
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("%(name)s takes over the shift.") % {"name": taken.staff.name})
    return _to_week(_monday_of(timezone.localdate(shift.starts_at)))


def _roster(request: StaffRequest, monday: date, refused: ShiftForm | None = None) -> HttpResponse:
    now = timezone.now()
    on_duty, on_call = on_duty_and_on_call(request.hall, now)
    may_edit = request.user.holds(Role.DIRECTOR, hall=request.hall)
    colleagues = list(rosterable(request.hall)) if may_edit else []
    end = _midnight(monday + WEEK)
    shifts = list(
        DutyShift.objects.filter(hall=request.hall, starts_at__lt=end, ends_at__gt=_midnight(monday))
        .select_related("staff")
        .order_by("starts_at", "staff__name")
    )
    today = timezone.localdate(now)
    page = {
        "days": [
            Day(day, [shift for shift in shifts if _touches(shift, day)], day == today)
            for day in (monday + timedelta(days=number) for number in range(7))
        ],
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "before": monday - WEEK,
        "after": monday + WEEK,
        "now": now,
        "on_duty": on_duty,
        "on_call": on_call,
        "may_edit": may_edit,
        "colleagues": colleagues,
        "form": refused or ShiftForm(colleagues=colleagues, initial=_usual_shift(request.hall) if may_edit else None),
    }
    return render(request, "desk/duty_list.html", page, status=422 if refused else 200)


def _touches(shift: DutyShift, day: date) -> bool:
    """A shift past midnight stands on both days."""
    return shift.starts_at < _midnight(day + timedelta(days=1)) and shift.ends_at > _midnight(day)


def _usual_shift(hall: Hall) -> dict[str, datetime]:
    """The next opening day's hours, the most likely shift; nothing where the hall has no opening hours."""
    today = timezone.localdate()
    hours: dict[int, tuple[time, time]] = {}
    for row in hall.opening_hours.all():
        opens, closes = hours.get(row.weekday, (row.opens, row.closes))
        hours[row.weekday] = min(opens, row.opens), max(closes, row.closes)
    for number in range(1, 8):
        day = today + timedelta(days=number)
        if day.weekday() in hours:
            opens, closes = hours[day.weekday()]
            return {"starts_at": datetime.combine(day, opens), "ends_at": datetime.combine(day, closes)}
    return {}


def _monday(text: str) -> date:
    """The Monday of the week a date in the address lies in; this week's when it is none, or in no year of ours."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = timezone.localdate()
    # The weeks beside it are linked, and at both ends of the calendar there are none.
    return _monday_of(day if 2000 <= day.year < 2200 else timezone.localdate())


def _monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _to_week(monday: date) -> HttpResponse:
    return redirect(f"{reverse('desk:duty_list')}?{urlencode({'week': monday.isoformat()})}")
