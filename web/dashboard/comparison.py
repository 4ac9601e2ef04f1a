"""Departments, categories and people of a hall beside each other, for some days."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from foundation.organization.models import Role
from web.access import StaffRequest, roles_required
from web.case_filters import counted_cases
from web.dashboard.categories import SMALL, categories
from web.dashboard.departments import departments
from web.dashboard.figure import Reader
from web.dashboard.period import period_of
from web.dashboard.persons import first_contacts
from web.dashboard.places import places


@require_safe
@roles_required(Role.SUPERVISOR, Role.DIRECTOR, Role.MONITOR)
def comparison(request: StaffRequest) -> HttpResponse:
    hall, staff, now = request.hall, request.user, timezone.now()
    period = period_of(request.GET, hall, now)
    reader = Reader.of(request, period.span)
    cases = counted_cases(hall, staff)
    by_category, whole = categories(cases, hall, reader)
    return render(
        request,
        "dashboard/comparison.html",
        {
            "now": now,
            "sees_cases": reader.sees_cases,
            "places": places(request, period, "dashboard:comparison"),
            "period": period,
            "departments": departments(hall, reader, now),
            "categories": by_category,
            "whole": whole,
            "small": SMALL,
            # How single people work is for whoever directs or supervises them.
            "persons": first_contacts(cases, reader) if reader.sees_cases else [],
        },
        status=422 if period.is_wrong else 200,
    )
