"""Logging in and out, and how long a log-in lasts on a counter that several people share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, login, logout, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.organization.models import Staff
from records.staffing import change_password as change_own_password
from web.access import KEPT_PARAMETER, ask_to_log_in

LONGEST = timedelta(hours=8)
IDLE = timedelta(minutes=30)
# The session is a row; written at most this often, a page costs no write.
NOTED_EVERY = timedelta(minutes=1)
BEGAN, SEEN, ENDED = "began", "seen", "ended"
BACKGROUND_HEADER = "X-Background"
"""Sent by scripts that ask by themselves (polling): what nobody pressed must not keep a session alive."""


class SessionLimits:
    """Logs out who has been away too long, or logged in for a whole working day."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if BEGAN in request.session:
            now = timezone.now().timestamp()
            session = request.session
            if now - session[BEGAN] > LONGEST.total_seconds() or now - session[SEEN] > IDLE.total_seconds():
                logout(request)
                request.session[ENDED] = True
            elif now - session[SEEN] > NOTED_EVERY.total_seconds() and not _is_background(request):
                session[SEEN] = now
        return self.get_response(request)


def _is_background(request: HttpRequest) -> bool:
    return BACKGROUND_HEADER in request.headers or request.path == reverse("session_state")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, Staff):
        return redirect(_wanted_page(request))
    form = AuthenticationForm(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        staff = form.get_user()
        assert isinstance(staff, Staff)
        login(request, staff)
        request.session[BEGAN] = request.session[SEEN] = timezone.now().timestamp()
        request.session.pop(ENDED, None)
        response = redirect(_wanted_page(request))
        keep_language(response, staff.language)
        return response
    return _log_in_page(request, form)


def locked_out(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None) -> HttpResponse:
    """What AXES_LOCKOUT_CALLABLE shows instead of the log-in page after too many wrong passwords."""
    form = AuthenticationForm(request, data=None, initial={"username": request.POST.get("username", "")})
    return _log_in_page(request, form, locked=True)


def _log_in_page(request: HttpRequest, form: AuthenticationForm, *, locked: bool = False) -> HttpResponse:
    page = {
        "form": form,
        "next": _wanted_page(request),
        "next_name": REDIRECT_FIELD_NAME,
        "kept": KEPT_PARAMETER in request.GET or KEPT_PARAMETER in request.POST,
        "kept_name": KEPT_PARAMETER,
        "ended": request.session.get(ENDED, False),
        "idle_minutes": int(IDLE.total_seconds() // 60),
        "locked": locked,
        "locked_minutes": int(settings.AXES_COOLOFF_TIME.total_seconds() // 60),
    }
    return render(request, "desk/login.html", page, status=429 if locked else 422 if form.errors else 200)


def _wanted_page(request: HttpRequest) -> str:
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse(settings.LOGIN_REDIRECT_URL)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("You are logged out."))
    return redirect(settings.LOGOUT_REDIRECT_URL)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """Open to everybody with an account, also to those who have no role yet."""
    if not isinstance(request.user, Staff):
        return ask_to_log_in(request)
    form = PasswordChangeForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        staff = change_own_password(
            staff=request.user,
            hashed_password=make_password(form.cleaned_data["new_password1"]),
            now=timezone.now(),
        )
        # Every other browser of this person is logged out by the new password; this one stays.
        update_session_auth_hash(request, staff)
        messages.success(request, _("The new password is set. Other browsers you were logged in with are logged out."))
        return redirect("home")
    return render(request, "desk/password_change.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_safe
def session_state(request: HttpRequest) -> HttpResponse:
    """For scripts: 204 while somebody is logged in, 401 otherwise. Asking does not prolong the session."""
    return HttpResponse(status=204 if isinstance(request.user, Staff) else 401)


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Residents and staff alike; for staff the choice is kept with the account and comes back at the next log-in."""
    language = request.POST.get("language", "")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = redirect(back)
    if language in dict(settings.LANGUAGES):
        keep_language(response, language)
        if isinstance(request.user, Staff):
            Staff.objects.filter(pk=request.user.pk).update(language=language)
    return response


def keep_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=int(timedelta(days=365).total_seconds()),
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
