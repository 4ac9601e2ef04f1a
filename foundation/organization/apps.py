from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class OrganizationConfig(AppConfig):
    default = True
    name = "foundation.organization"
    label = "organization"
    verbose_name = _("Organization")


class AdministrationConfig(admin_apps.AdminConfig):
    """Django's administration, for reference data only."""

    default = False
    default_site = "foundation.organization.site.AdministrationSite"
