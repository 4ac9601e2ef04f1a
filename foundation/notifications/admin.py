"""When and over what a hall writes. Registered in records/admin.py, where each change is put on record."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.notifications.gateways import validate_gateway
from foundation.notifications.models import SendingHours, SmsGateway
from foundation.organization.administration import HallScopedAdmin


class SendingHoursAdmin(HallScopedAdmin[SendingHours]):
    list_display = ["hall", "starts", "ends"]
    list_select_related = ["hall"]


class SmsGatewayForm(forms.ModelForm[SmsGateway]):
    """What is kept is never shown again: whoever opens the page would read the password of the service."""

    url = forms.CharField(
        label=_("address of the service"),
        max_length=500,
        validators=[validate_gateway],
        widget=forms.TextInput(attrs={"class": "vLargeTextField", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("An apprise address of your text message service, with {phone} where the number goes."),
    )

    class Meta:
        model = SmsGateway
        fields = ["hall", "url"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = self.instance.url
        if self.kept:
            self.initial["url"] = ""
            self.fields["url"].required = False
            self.fields["url"].help_text = _(
                "Kept: %(address)s. To change it, write the whole new address, with {phone} where the number goes."
            ) % {"address": self.instance.masked_url}

    def clean_url(self) -> str:
        return str(self.cleaned_data["url"] or self.kept)


class SmsGatewayAdmin(HallScopedAdmin[SmsGateway]):
    form = SmsGatewayForm
    list_display = ["hall", "masked_url"]
    list_select_related = ["hall"]
