from django.contrib import admin
from django.urls import include, path

from config.health import healthz
from web.session import set_language

urlpatterns = [
    path("", include("web.urls")),
    path("", include("web.desk.urls")),
    path("h/", include("web.portal.urls")),
    path("dashboard/", include("web.dashboard.urls")),
    path("admin/", admin.site.urls),
    path("i18n/setlang/", set_language, name="set_language"),
    path("healthz", healthz, name="healthz"),
]
