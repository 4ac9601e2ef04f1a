"""The public form in its steps: what happened, who tells it, and what was given read once more."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.files.base import File
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cases.uploads import LARGEST_FILE, MOST_FILES, CleanFile, inspect
from cases.vocabulary import Nature
from complaints.actions.submit import LODGED
from foundation.refusals import Refused
from foundation.residents.fields import validate_phone
from foundation.residents.names import normalize_name
from reception.models import Identity
from web.files_field import ACCEPTED_FILES, SeveralFilesInput
from web.refused import show_refusal

CONSENT_VERSION: Final = "2026-11"
"""Of the words a resident agrees to, in templates/portal/tell_consent.html: a new one with every change of them."""

NATURES: Final[list[tuple[str, str | Promise]]] = [
    (Nature.COMPLAINT.value, pgettext_lazy("kind of matter on the public form", "Complaint")),
    (Nature.REQUEST.value, pgettext_lazy("kind of matter on the public form", "Request for help")),
    (Nature.CONSULTATION.value, pgettext_lazy("kind of matter on the public form", "Question")),
    (Nature.SUGGESTION.value, pgettext_lazy("kind of matter on the public form", "Suggestion")),
    (Nature.PRAISE.value, pgettext_lazy("kind of matter on the public form", "Praise")),
    (Nature.REPORT.value, pgettext_lazy("kind of matter on the public form", "Report of wrongdoing")),
]
IDENTITIES: Final[list[tuple[str, str | Promise]]] = [
    (Identity.NAMED.value, gettext_lazy("With my name")),
    (Identity.HIDDEN.value, gettext_lazy("With my name, hidden from the department")),
    (Identity.ANONYMOUS.value, gettext_lazy("Anonymous")),
]


class PublicFilesField(forms.FileField):
    """The files that are fit, as CleanFile; what is wrong with the others is told, and they alone are left out."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Photos and documents"),
            required=False,
            help_text=gettext_lazy(
                "Photos, PDF, Word or Excel; up to 9 files of 10 MB each. The place where a photo was taken is removed "
                "from it."
            ),
            widget=SeveralFilesInput(
                attrs={"accept": ACCEPTED_FILES, "data-max-files": MOST_FILES, "data-max-bytes": LARGEST_FILE}
            ),
        )

    def clean(self, data: Any, initial: Any = None) -> tuple[list[CleanFile], list[str]]:
        files: list[File[bytes]] = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        fit: list[CleanFile] = []
        wrong: list[str] = []
        for file in files:
            try:
                fit.append(inspect(file))
            except Refused as refusal:
                wrong.append(str(refusal))
        return fit, wrong


class StepForm(forms.Form):
    use_required_attribute = False

    def refuse(self, refusal: Refused) -> None:
        show_refusal(self, refusal)


class WhatForm(StepForm):
    nature = forms.ChoiceField(label=gettext_lazy("What is it?"), choices=NATURES, widget=forms.RadioSelect)
    about = forms.CharField(
        label=gettext_lazy("Whom or what is it about?"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "For a complaint or a report. Members of the staff whom you name here in full are shown nothing of it."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    matter = forms.CharField(
        label=gettext_lazy("What happened, and what do you wish?"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    place = forms.CharField(
        label=gettext_lazy("Where?"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Such as estate, building, entrance."),
    )
    when = forms.CharField(
        label=gettext_lazy("When?"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("In your own words, such as: yesterday at about eight in the evening."),
    )
    files: Any = PublicFilesField()

    def clean(self) -> None:
        data = self.cleaned_data
        if data.get("nature") in LODGED and not data.get("about") and "about" not in self.errors:
            self.add_error("about", _("Write whom or what it is about; a department or a service will do."))


class WhoForm(StepForm):
    identity = forms.ChoiceField(
        label=gettext_lazy("How do you want to tell us?"), choices=IDENTITIES, widget=forms.RadioSelect
    )
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Your phone number"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("We call it to confirm and to answer; its last four digits open the tracking page."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address, if you like"),
        required=False,
        max_length=200,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_name(self) -> str:
        return normalize_name(self.cleaned_data["name"])

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        # Whoever stays anonymous is told nothing about a number that is not sent.
        if phone and self.data.get("identity") != Identity.ANONYMOUS:
            validate_phone(phone)
        return phone

    def clean(self) -> None:
        data = self.cleaned_data
        if data.get("identity") not in (Identity.NAMED, Identity.HIDDEN):
            return
        if not data.get("name") and "name" not in self.errors:
            self.add_error("name", _("Write your name, or choose “Anonymous”."))
        if not data.get("phone") and "phone" not in self.errors:
            self.add_error("phone", _("Write a number under which we can reach you, or choose “Anonymous”."))


class CheckForm(StepForm):
    consent = forms.BooleanField(
        label=gettext_lazy("I have read this and agree"),
        widget=forms.CheckboxInput(attrs={"data-no-draft": ""}),
        error_messages={"required": gettext_lazy("Without your consent we cannot take it in here.")},
    )
    answer = forms.CharField(
        required=False,
        max_length=20,
        help_text=gettext_lazy("We ask so that no machine fills this form in. Digits or words, both will do."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-no-draft": ""}),
    )


STEPS: Final[dict[str, type[StepForm]]] = {"what": WhatForm, "who": WhoForm, "check": CheckForm}
