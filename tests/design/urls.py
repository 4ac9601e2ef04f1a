"""Addresses for the drawn pages, so that drawing them depends on no view."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def nowhere(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


desk = (
    [
        path("cases/", nowhere, name="case_list"),
        path("search/", nowhere, name="search"),
        path("search/suggestions/", nowhere, name="search_suggestions"),
        path("alerts/", nowhere, name="alert_list"),
        path("hall/", nowhere, name="hall_switch"),
        path("shortcuts/", nowhere, name="shortcuts_switch"),
    ],
    "desk",
)
portal = (
    [
        path("h/<str:code>/", nowhere, name="home"),
        path("h/<str:code>/tell/", nowhere, name="tell"),
        path("h/<str:code>/track/", nowhere, name="track"),
        path("h/<str:code>/board/", nowhere, name="board"),
        path("h/<str:code>/procedure/", nowhere, name="procedure"),
    ],
    "portal",
)

urlpatterns = [
    path("", nowhere, name="home"),
    path("", include(desk)),
    path("", include(portal)),
    path("password/", nowhere, name="password_change"),
    path("log-out/", nowhere, name="logout"),
    path("language/", nowhere, name="set_language"),
]
