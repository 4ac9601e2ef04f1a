from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ClientAddressMiddleware:
    """Makes REMOTE_ADDR the browser's address behind the TRUSTED_PROXIES reverse proxies in front of us.

    Only the last entries of X-Forwarded-For were written by our own proxies; anything further left is the
    visitor's own claim, which must not dodge the throttles.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        proxies: int = settings.TRUSTED_PROXIES
        forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        if proxies and len(forwarded) >= proxies and forwarded[-proxies]:
            request.META["REMOTE_ADDR"] = forwarded[-proxies]
        return self.get_response(request)
