from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from config.health import healthz

urlpatterns = [
    path("", include("web.desk.urls")),
    path("h/", include("web.portal.urls")),
    path("dashboard/", include("web.dashboard.urls")),
    path("admin/", admin.site.urls),
    path("i18n/setlang/", set_language, name="set_language"),
    path("healthz", healthz, name="healthz"),
]
