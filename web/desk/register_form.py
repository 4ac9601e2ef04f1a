"""The registration form: one form for every way a contact can go on, checked for the way that was pressed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pypinyin import Style, lazy_pinyin

from cases.actions.sign import Signature
from cases.vocabulary import GROUNDS_OF_THE_DESK, Nature, Urgency
from followups.models import Satisfaction, Solved
from foundation.organization.models import Category, Department, Hall, Membership, Staff
from foundation.refusals import Refused
from foundation.residents.fields import validate_birth_date, validate_id_number, validate_phone
from foundation.residents.models import Resident, Sex
from foundation.residents.names import normalize_name
from reception.models import Channel, Identity
from web.desk.verbs.case import categories_of, departments_of
from web.desk.verbs.form import FilesField, MomentField, SignatureFields, long_text
from web.refused import show_refusal

CHANNELS = [choice for choice in Channel.choices if choice[0] != Channel.WEB]
RESIDENT_FIELDS = (
    "name",
    "sex",
    "birth_date",
    "employer",
    "phone",
    "id_number",
    "estate",
    "building",
    "unit",
    "room",
    "grid",
    "address_note",
    "email",
)
SHOWN_FIELDS = ("name", "sex", "birth_date", "employer", "estate", "building", "grid")
"""What is filled in once a resident was recognised; the rest stays masked, and as it is unless typed anew."""
ABOUT_STAFF = (Nature.COMPLAINT, Nature.REPORT)
WAYS = ("transfer", "refer", "answer", "accept", "register", "decline", "join")
ONLY_FOR = {
    "text": "answer",
    "signature_kind": "answer",
    "ground": "decline",
    "advice": "decline",
    "referral": "refer",
}


class KeptInput(forms.TextInput):
    """Unseen by people, yet no hidden input: drafts keep what is typed, and these must come back with it."""

    def __init__(self) -> None:
        super().__init__(attrs={"hidden": True, "tabindex": "-1", "autocomplete": "off"})


class CategorySelect(forms.Select):
    """Options that know their usual department and their pinyin initials, for choosing without the mouse."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        category: Category | None = getattr(value, "instance", None)
        if category is not None:
            option["attrs"] |= {
                "data-department": category.default_department_id or "",
                "data-initials": first_letters(str(option["label"])),
            }
        return option


def short_text(label: Any, length: int, **attributes: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", **attributes})
    return forms.CharField(label=label, required=False, max_length=length, widget=widget)


def chips(label: Any, choices: Any, *, required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=required, widget=forms.RadioSelect)


def asks(url_name: str, field: str, *, target: str, pause: str) -> dict[str, str]:
    """Attributes of a field that asks the server while somebody types; register.js says when they do."""
    return {
        "data-typed": "",
        "hx-post": reverse(url_name),
        "hx-trigger": f"typed delay:{pause}",
        "hx-params": field,
        "hx-target": target,
        "hx-swap": "innerHTML",
        "hx-sync": "this:replace",
    }


class RegisterForm(SignatureFields):
    """`way` is one of WAYS, or empty while nothing was pressed yet."""

    use_required_attribute = False

    submission_key = forms.UUIDField(widget=KeptInput)
    resident = forms.IntegerField(label=gettext_lazy("Resident"), required=False, widget=KeptInput)
    channel = chips(gettext_lazy("By which door"), CHANNELS)

    name = short_text(gettext_lazy("Name, or phone"), 80)
    is_renamed = forms.BooleanField(
        label=gettext_lazy("It is the same person; correct the name on record"), required=False
    )
    sex = chips(gettext_lazy("Sex"), Sex.choices, required=False)
    birth_date = forms.DateField(
        label=gettext_lazy("Birth date"),
        required=False,
        validators=[validate_birth_date],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    phone = short_text(gettext_lazy("Phone"), 40, inputmode="tel")
    estate = short_text(gettext_lazy("Estate"), 80)
    building = short_text(gettext_lazy("Building"), 40)
    unit = short_text(gettext_lazy("Unit"), 40)
    room = short_text(gettext_lazy("Room"), 40)
    grid = short_text(gettext_lazy("Grid"), 40)
    employer = short_text(gettext_lazy("Employer"), 120)
    address_note = short_text(gettext_lazy("Address, in free words"), 200)
    id_number = short_text(gettext_lazy("ID number"), 24)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    identity = chips(gettext_lazy("Identity"), Identity.choices)

    matter = long_text(gettext_lazy("The matter"), rows=3)
    nature = chips(gettext_lazy("Kind of matter"), Nature.choices)
    category = forms.ModelChoiceField(
        label=gettext_lazy("Category"),
        queryset=Category.objects.none(),
        widget=CategorySelect(attrs={"data-search": ""}),
        empty_label="",
    )
    urgency = chips(gettext_lazy("Urgency"), Urgency.choices)
    about_staff = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Which members of the staff it is about"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("They are shown nothing of the case from now on."),
    )
    about = short_text(gettext_lazy("Whom or what it is about"), 200)
    outside_number = short_text(gettext_lazy("Number given from above"), 60)
    outside_due_at = MomentField(label=gettext_lazy("Date set from above"), required=False)
    received_at = MomentField(
        label=gettext_lazy("Received"), required=False, help_text=gettext_lazy("Left empty: now.")
    )
    headcount = forms.IntegerField(label=gettext_lazy("How many people came"), min_value=1, max_value=100_000)
    files: Any = FilesField()
    is_verified = forms.BooleanField(label=gettext_lazy("Read back to the resident and found right"), required=False)

    department = forms.ModelChoiceField(
        label=gettext_lazy("Department"),
        queryset=Department.objects.none(),
        required=False,
        empty_label=gettext_lazy("the usual one of the category"),
    )
    instruction = long_text(
        gettext_lazy("What the department is asked to do"),
        rows=1,
        required=False,
        help_text=gettext_lazy("Left empty: the matter itself."),
    )

    text = long_text(gettext_lazy("Answer"), rows=3)
    contacted = chips(
        gettext_lazy("Were you received and heard?"),
        [("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))],
        required=False,
    )
    solved = chips(gettext_lazy("Is it solved?"), Solved.choices, required=False)
    satisfaction = chips(gettext_lazy("Are you satisfied?"), Satisfaction.choices, required=False)
    reasons = short_text(gettext_lazy("If not: why"), 500)

    ground = chips(gettext_lazy("Ground"), GROUNDS_OF_THE_DESK)
    advice = long_text(gettext_lazy("Where the resident can go instead"), rows=2)
    referral = long_text(gettext_lazy("Why it needs coordination"), rows=2)

    def __init__(self, *args: Any, hall: Hall, staff: Staff, now: datetime, way: str = "", **kwargs: Any) -> None:
        self.hall, self.staff, self.now, self.way = hall, staff, now, way
        self.chosen: Resident | None = None
        self.asks_about_name = False
        self.signature_given: Signature | None = None
        kwargs["initial"] = {
            "submission_key": self.new_key(),
            "channel": Channel.WALK_IN,
            "identity": Identity.NAMED,
            "urgency": Urgency.NORMAL,
            "headcount": 1,
            "contacted": "yes",
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["category"].queryset = categories_of(hall.pk)
        fields["department"].queryset = departments_of(hall.pk)
        self._offer_colleagues()
        fields["name"].widget.attrs |= asks("desk:register_residents", "name", target="#residents", pause="350ms")
        fields["phone"].widget.attrs |= asks("desk:register_residents", "phone", target="#residents", pause="350ms")
        fields["matter"].widget.attrs |= asks("desk:register_similar", "matter", target="#similar", pause="600ms")
        for name, way_of in ONLY_FOR.items():
            fields[name].required = not self.is_bound or way == way_of
        for name in ("nature", "category", "urgency"):
            fields[name].required = way != "join"

    @staticmethod
    def new_key() -> uuid.UUID:
        return uuid.uuid4()

    def _offer_colleagues(self) -> None:
        here = Q(hall=self.hall) | Q(hall=None)
        memberships = (
            Membership.objects.filter(here, ended_at=None, staff__is_active=True)
            .select_related("staff", "department")
            .order_by("staff__name", "staff_id", "pk")
        )
        people: dict[str, Staff] = {}
        places: dict[str, list[str]] = {}
        for membership in memberships:
            key = str(membership.staff_id)
            people[key] = membership.staff
            if membership.department:
                places.setdefault(key, []).append(membership.department.name)
        field: Any = self.fields["about_staff"]
        field.choices = [(key, " · ".join([person.name, *places.get(key, [])])) for key, person in people.items()]
        field.coerce = people.__getitem__

    def clean_resident(self) -> Resident | None:
        key = self.cleaned_data["resident"]
        if key is None:
            return None
        self.chosen = chosen_resident(self.staff, self.hall, key)
        if self.chosen is None:
            self.add_error("name", _("This resident is not registered in this hall. Look them up again."))
        return self.chosen

    def clean_name(self) -> str:
        name = normalize_name(self.cleaned_data["name"])
        if name and not any(character.isalpha() for character in name):
            raise forms.ValidationError(_("This is a number. Nobody was chosen by it: write the name here."))
        return name

    def clean_phone(self) -> str:
        return self._valid("phone", validate_phone)

    def clean_id_number(self) -> str:
        return self._valid("id_number", validate_id_number)

    def clean_received_at(self) -> datetime | None:
        received: datetime | None = self.cleaned_data["received_at"]
        if received and received > self.now:
            raise forms.ValidationError(_("The time of receipt lies in the future."))
        return received

    def clean_about_staff(self) -> list[Staff]:
        about: list[Staff] = self.cleaned_data["about_staff"]
        if self.staff.pk in [person.pk for person in about]:
            raise forms.ValidationError(_("A complaint about yourself is registered by a colleague."))
        return about

    def clean(self) -> None:
        data = self.cleaned_data
        self._check_identity(data)
        if self.way == "join" and data.get("identity") == Identity.HIDDEN:
            self.add_error("identity", _("A contact whose identity is hidden becomes a case of its own."))
        if self.way == "transfer" and not self.errors.keys() & {"category", "department"}:
            data["department"] = data["department"] or data["category"].default_department
            if data["department"] is None:
                self.add_error("department", _("This category has no usual department: choose one."))
        if self.way == "answer" and "signature_kind" in data:
            try:
                self.signature_given = self.given_signature().checked()
            except Refused as refusal:
                self.add_error(refusal.field, str(refusal))

    def _check_identity(self, data: dict[str, Any]) -> None:
        chosen, name = data.get("resident"), data.get("name")
        if data.get("identity") == Identity.ANONYMOUS:
            if chosen or any(data.get(field) for field in RESIDENT_FIELDS):
                self.add_error(
                    "identity",
                    _("Anonymous, yet personal data are given: take them out, or choose “identity hidden”."),
                )
        elif chosen is None and not name and "name" not in self.errors:
            self.add_error("name", _("Write the name, or mark the contact as anonymous."))
        elif chosen and name and name != chosen.name and not data.get("is_renamed"):
            self.asks_about_name = True
            self.add_error(
                "name",
                _("You chose %(name)s, and the name was changed since. Press “Somebody else”, or tick the box below.")
                % {"name": chosen.name},
            )

    def _valid(self, name: str, validate: Any) -> str:
        value: str = self.cleaned_data[name]
        if value:
            validate(value)
        return value

    @property
    def is_about_staff(self) -> bool:
        return self.cleaned_data["nature"] in ABOUT_STAFF

    @property
    def is_evaluated(self) -> bool:
        """Whether the resident answered; then all three questions are to be answered."""
        return bool(self.cleaned_data["solved"] or self.cleaned_data["satisfaction"])

    def resident_fields(self) -> Iterator[tuple[str, Any]]:
        """What was typed about the person; an empty field says nothing."""
        return ((name, self.cleaned_data[name]) for name in RESIDENT_FIELDS if self.cleaned_data[name])

    def refuse(self, refusal: Refused) -> None:
        """Show at its field why an action was not done."""
        show_refusal(self, refusal)


def chosen_resident(staff: Staff, hall: Hall, key: int) -> Resident | None:
    """The resident with this key, if they are of this hall and this person serves its desk."""
    return Resident.objects.visible_to(staff).filter(hall=hall, erased_at=None, pk=key).first()


@cache
def first_letters(label: str) -> str:
    """Pinyin initials of a label; an administrator's list is short, so it is kept."""
    return "".join(lazy_pinyin(label, style=Style.FIRST_LETTER, errors="ignore"))
