"""The start page, and the two switches in the bar: which hall, and keyboard shortcuts."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from foundation.organization.models import Staff
from foundation.refusals import NotAllowed
from web.access import StaffRequest, ask_to_log_in, hall_of, staff_required
from web.hall import choose_hall
from web.navigation import home_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Sends everybody where their work is; also open to an administrator of the street office who has no hall yet."""
    if not isinstance(request.user, Staff):
        return ask_to_log_in(request)
    target = home_of(request.user, hall_of(request))
    if target is None:
        raise PermissionDenied(_("You have no role in any hall. Ask the administrator to give you one."))
    return redirect(target)


@require_POST
@staff_required
def hall_switch(request: StaffRequest) -> HttpResponse:
    """Always to the start page: what was open belongs to the hall just left."""
    try:
        hall = choose_hall(request.user, request.session, request.POST.get("hall", ""))
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    messages.info(request, _("You now work in: %(hall)s") % {"hall": hall.name})
    return redirect("home")


@require_POST
@staff_required
def shortcuts_switch(request: StaffRequest) -> HttpResponse:
    Staff.objects.filter(pk=request.user.pk).update(shortcuts_enabled=request.POST.get("enabled") == "1")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    return redirect(back)
