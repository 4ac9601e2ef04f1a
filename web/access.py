"""Who may open a staff page. The first line of every staff view; what they see on it is told by `visible_to`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from foundation.organization.models import Hall, Role, Staff
from web.hall import working_hall

KEPT_PARAMETER = "kept"
"""Tells the log-in page that a form was being sent, so that it can say that nothing typed is lost."""


class StaffRequest(HttpRequest):
    """A request of somebody logged in who works in a hall: what staff views receive."""

    user: Staff
    hall: Hall
    htmx: HtmxDetails


P = ParamSpec("P")
StaffView = Callable[Concatenate[StaffRequest, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def staff_required(view: StaffView[P]) -> View[P]:
    """Anybody logged in who holds any role; the hall they work in now is `request.hall`."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not isinstance(request.user, Staff):
            return ask_to_log_in(request)
        staff_request = cast(StaffRequest, request)
        hall = _working_hall(request)
        if hall is None:
            raise PermissionDenied(_("You have no role in any hall. Ask the administrator to give you one."))
        staff_request.hall = hall
        # Times on every page are those of the hall's own clocks.
        with timezone.override(hall.zone):
            return view(staff_request, *args, **kwargs)

    return guarded


def roles_required(*roles: Role) -> Callable[[StaffView[P]], View[P]]:
    """Only who holds one of the roles in the hall they work in now; a street role counts for every hall."""

    def decorate(view: StaffView[P]) -> View[P]:
        @wraps(view)
        @staff_required
        def guarded(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.holds(*roles, hall=request.hall):
                raise PermissionDenied(
                    _("This page is for: %(roles)s. In %(hall)s you do not have this role.")
                    % {"roles": _(", ").join(str(role.label) for role in roles), "hall": request.hall.name}
                )
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def hall_of(request: HttpRequest) -> Hall | None:
    """The hall somebody works in now; None for people without any role, and for nobody logged in."""
    hall: Hall | None = getattr(request, "hall", None)
    # Outside staff views it is the middleware's lazy object, which stands for None without being None.
    return hall if hall else None


class WorkingHall:
    """Middleware: `request.hall`, looked up when a page first asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.hall = SimpleLazyObject(lambda: _working_hall(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _working_hall(request: HttpRequest) -> Hall | None:
    return working_hall(request.user, request.session) if isinstance(request.user, Staff) else None


def ask_to_log_in(request: HttpRequest) -> HttpResponse:
    """To the log-in page and back; a form sent without a session goes back to its page, where the browser kept it."""
    parameters = {}
    if request.method in ("GET", "HEAD") and not _is_partial(request):
        parameters[REDIRECT_FIELD_NAME] = request.get_full_path()
    else:
        parameters[REDIRECT_FIELD_NAME] = _page_of_the_form(request)
        parameters[KEPT_PARAMETER] = "1"
    target = f"{reverse('login')}?{urlencode(parameters)}"
    # htmx would put a redirect's page into the part it replaces.
    return HttpResponseClientRedirect(target) if _is_partial(request) else redirect(target)


def _is_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page; a form it boosts or a whole page is none."""
    details: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    return bool(details) and not details.boosted


def _page_of_the_form(request: HttpRequest) -> str:
    """Where the form stood, from the browser; only ever a page of our own."""
    referer = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    parts = urlsplit(referer)
    if parts.netloc != request.get_host():
        return reverse("home")
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
