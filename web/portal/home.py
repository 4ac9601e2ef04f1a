"""A hall's public page, and the list of halls that have one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from followups.board import postings
from foundation.deadlines.terms import calendar_for
from foundation.organization.models import Hall
from web.portal.hall import public_hall
from web.portal.limits import Limits
from web.portal.on_duty import desk_today
from web.portal.opening import opening_of
from web.portal.procedure import stages

NEWEST = 3
"""Postings of the board on the first page."""


@require_safe
@cache_control(private=True, no_cache=True)
def halls(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/halls.html", {"halls": Hall.objects.filter(is_active=True).order_by("name", "pk")})


@require_safe
@cache_control(private=True, no_cache=True)
def home(request: HttpRequest, hall_code: str) -> HttpResponse:
    hall = public_hall(hall_code)
    now = timezone.now()
    with timezone.override(hall.zone):
        limits = Limits(hall)
        page = {
            "hall": hall,
            "opening": opening_of(calendar_for(hall), now),
            "shifts": desk_today(hall, now),
            "stages": stages(limits),
            "promises": limits.promises(),
            "postings": postings(hall).defer("text", "raised")[:NEWEST],
        }
        return render(request, "portal/home.html", page)
