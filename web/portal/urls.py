from django.urls import path

from web.portal import home, procedure, status

app_name = "portal"
urlpatterns = [
    path("", home.halls, name="halls"),
    path("<str:hall_code>/", home.home, name="home"),
    path("<str:hall_code>/procedure/", procedure.procedure, name="procedure"),
    path("<str:hall_code>/t/<str:tracking_code>/", status.status, name="status"),
]
