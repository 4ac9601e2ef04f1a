from django.urls import URLPattern, path

from web.dashboard import comparison, halls, home

app_name = "dashboard"
urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("departments/", comparison.comparison, name="comparison"),
    path("halls/", halls.halls, name="halls"),
    path("halls/open/", halls.hall_open, name="hall_open"),
]
