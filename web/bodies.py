"""How much a request may bring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# Everything a form may bring at most, and room for its words.
LARGEST_BODY: Final = settings.UPLOAD_MAX_FILES * settings.UPLOAD_MAX_BYTES + 16 * 1024 * 1024


class RefuseHugeBodiesMiddleware:
    """Refuses what is larger than any form of ours before the check against forgery reads it.

    Django counts only what is not a file: a stranger could fill the disk with one request to any address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        # A view that checks against forgery itself reads nothing before it asks how much there is.
        if getattr(view, "csrf_exempt", False) or length_of(request) <= LARGEST_BODY:
            return None
        response = render(request, "413.html", status=413)
        # Nobody waits for the rest of it.
        response["Connection"] = "close"
        return response


def length_of(request: HttpRequest) -> int:
    """As stated; without it nothing is read at all."""
    return int(request.META.get("CONTENT_LENGTH") or 0)
