"""A poster for the door and the notice boards: A4, with the address of the public page as a QR code."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from foundation.deadlines.terms import calendar_for
from foundation.organization.models import Hall
from web.portal.hall import public_hall
from web.portal.opening import opening_of
from web.qr import qr_code


@require_safe
@cache_control(private=True, no_cache=True)
def poster(request: HttpRequest, hall_code: str) -> HttpResponse:
    """Nothing on it is secret: whoever wants to hang it up may print it."""
    hall = public_hall(hall_code)
    with timezone.override(hall.zone):
        address = public_address(hall)
        page = {
            "hall": hall,
            "address": address,
            # Level Q: a poster is scratched, wetted and photographed from the side.
            "qr": qr_code(address, _("QR code of the public page"), error="q"),
            "week": opening_of(calendar_for(hall), timezone.now()).week,
        }
        return render(request, "portal/poster.html", page)


def public_address(hall: Hall) -> str:
    base: str = settings.PUBLIC_BASE_URL
    return base + reverse("portal:home", args=[hall.code])
