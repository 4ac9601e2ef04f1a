"""What all verbs share: a form about one row, drawn at one transition number."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.sign import Signature
from cases.models import Case, TransferSlip
from cases.uploads import inspect_signature
from cases.vocabulary import SignatureKind
from foundation.organization.models import Staff
from foundation.refusals import Refused
from web.files_field import FilesField as FilesField

Subject = Case | TransferSlip


class VerbForm(forms.Form):
    """A form about a case or slip; with the transition number it was drawn at and a key against double sending."""

    transition_no = forms.IntegerField(widget=forms.HiddenInput)
    submission_key = forms.UUIDField(widget=forms.HiddenInput)
    folded: tuple[str, ...] = ()
    """Names of fields that few need: they stand folded together at the end, under folded_label."""
    folded_label: str | Promise = ""

    def __init__(self, data: Any = None, files: Any = None, *, subject: Any, staff: Staff, now: datetime) -> None:
        self.subject = subject
        self.staff = staff
        self.now = now
        drawn = {"transition_no": subject.transition_no, "submission_key": uuid.uuid4()}
        super().__init__(data, files, initial=drawn)
        self.prepare()

    def prepare(self) -> None:
        """Fill choices and initial values that depend on the row."""

    def plain_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.folded]

    def folded_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.folded]

    def is_unfolded(self) -> bool:
        """Something was typed there, or is wrong there."""
        return any(field.value() or field.errors for field in self.folded_fields())

    def given(self, *names: str) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in names}

    def about(self, now: datetime) -> dict[str, Any]:
        """What every action is told: which case or slip, as it was when the form was drawn, who, and when."""
        row = "slip_id" if isinstance(self.subject, TransferSlip) else "case_id"
        return {
            row: self.subject.pk,
            "transition_no": self.cleaned_data["transition_no"],
            "actor": self.staff,
            "now": now,
        }

    @property
    def case(self) -> Case:
        return self.subject.case if isinstance(self.subject, TransferSlip) else self.subject


@dataclass(frozen=True)
class Verb:
    name: str
    """The FSM transition that offers it, and the last part of its address."""
    label: str | Promise
    form: type[VerbForm]
    run: Callable[[Any, datetime], object]
    """Takes the valid form and the moment; raises Refused."""
    done: str | Promise
    """Told to who pressed it."""
    hint: str | Promise = ""
    transition: str = ""
    """Where another verb is offered by the same transition: that transition's name."""
    is_next_step: bool = False
    """Whether it moves the matter on; the first of these offered is the page's strong button."""
    shortcut: str = ""
    signs: bool = False
    is_aside: bool = False
    """Done seldom, and beside the five stages: it stands in the menu "More"."""

    @property
    def offered_by(self) -> str:
        return self.transition or self.name


class MomentField(forms.DateTimeField):
    """A date and time of day, typed by the hall's own clocks."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"))
        super().__init__(**kwargs)


def long_text(label: Any, *, rows: int = 4, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        max_length=5000,
    )


class SignatureFields(forms.Form):
    """How a resident signs: on the tablet, on paper, or the reason why not."""

    signature_kind = forms.ChoiceField(
        label=gettext_lazy("Signature"), choices=SignatureKind.choices, widget=forms.RadioSelect
    )
    signature = forms.CharField(required=False, widget=forms.HiddenInput)
    unsigned_reason = forms.CharField(label=gettext_lazy("Why there is no signature"), required=False, max_length=200)

    def given_signature(self) -> Signature:
        """Raises Refused for a picture that is none."""
        kind = self.cleaned_data["signature_kind"]
        image = None
        if kind == SignatureKind.TABLET and self.cleaned_data["signature"]:
            image = inspect_signature(_drawn(self.cleaned_data["signature"]))
        return Signature(kind, image, self.cleaned_data["unsigned_reason"])


class SignedForm(SignatureFields, VerbForm):
    """An answer to a resident that they sign."""


def _drawn(data_url: str) -> bytes:
    """The bytes behind a PNG data URL."""
    head, _comma, body = data_url.partition(",")
    if head != "data:image/png;base64":
        raise Refused(_("The signature did not arrive; please sign once more."), field="signature_kind")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise Refused(_("The signature did not arrive; please sign once more."), field="signature_kind") from error
