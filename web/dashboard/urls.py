from django.urls import URLPattern, path

from web.dashboard import home

app_name = "dashboard"
urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
]
