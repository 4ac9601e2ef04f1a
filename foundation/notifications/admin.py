from django.contrib import admin

from foundation.notifications.models import SendingHours
from foundation.organization.administration import HallScopedAdmin


@admin.register(SendingHours)
class SendingHoursAdmin(HallScopedAdmin[SendingHours]):
    list_display = ["hall", "starts", "ends"]
    list_select_related = ["hall"]
