from django.contrib import admin

from foundation.notifications.models import SendingHours


@admin.register(SendingHours)
class SendingHoursAdmin(admin.ModelAdmin[SendingHours]):
    list_display = ["hall", "starts", "ends"]
