from django.urls import path

from web.portal import status

app_name = "portal"
urlpatterns = [
    path("<str:hall_code>/t/<str:tracking_code>/", status.status, name="status"),
]
