from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "web.desk"
    label = "desk"
    verbose_name = _("Desk")

    def ready(self) -> None:
        # Lists are narrowed by what waits in every process: a worker that writes a list out as well.
        import_module("web.desk.waiting_filter")
