from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardConfig(AppConfig):
    name = "web.dashboard"
    label = "dashboard"
    verbose_name = _("Dashboard")

    def ready(self) -> None:
        # Lists are narrowed by figures in every process: a worker that writes a list out as well.
        import_module("web.dashboard.figure_filters")
