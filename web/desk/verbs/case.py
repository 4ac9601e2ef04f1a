"""Verbs of the desk: accept, answer, transfer, decline, confirm, inform, send back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.actions.accept import accept, stays_a_complaint
from cases.actions.answer_on_the_spot import answer_on_the_spot
from cases.actions.attach import attach
from cases.actions.decline import decline, tell_declined
from cases.actions.inform import ATTEMPTS_BEFORE_MESSAGE, inform, record_unreached, send_back, unreached_attempts
from cases.actions.transfer import transfer
from cases.models import Case
from cases.powers import acts_as_director, knows_identity
from cases.vocabulary import (
    COMPLAINED,
    GROUNDS_OF_THE_DESK,
    AnswerMeans,
    AttachmentKind,
    DeclineGround,
    Nature,
    SignatureKind,
    Urgency,
)
from complaints.actions.confirm import confirm
from complaints.models import ConfirmMeans
from foundation.organization.models import Category, Department, DepartmentKind
from reception.models import Channel
from web.desk.verbs.coordination import departments_left
from web.desk.verbs.follow_up import FOLLOW_UP
from web.desk.verbs.form import FilesField, MomentField, SignedForm, Verb, VerbForm, long_text
from web.desk.verbs.result import result_of

REACHING = [
    choice
    for choice in AnswerMeans.choices
    if choice[0] in (AnswerMeans.PHONE, AnswerMeans.HOME_VISIT, AnswerMeans.LETTER)
]


class AcceptForm(VerbForm):
    nature = forms.ChoiceField(label=_("Kind of matter"), choices=Nature.choices, widget=forms.RadioSelect)
    category = forms.ModelChoiceField(label=_("Category"), queryset=Category.objects.none(), empty_label="–")
    urgency = forms.ChoiceField(label=_("Urgency"), choices=Urgency.choices, widget=forms.RadioSelect)
    headcount = forms.IntegerField(label=_("People concerned"), min_value=1, max_value=100_000)
    reason = long_text(
        _("Why it is neither a complaint nor a report"),
        rows=2,
        required=False,
        help_text=_("Only where you screen it as something else although it names somebody of the house."),
    )

    def prepare(self) -> None:
        self.fields["category"].queryset = categories_of(self.case.hall_id)  # type: ignore[attr-defined]
        for name in ("nature", "urgency", "headcount"):
            self.initial.setdefault(name, getattr(self.case, name))
        self.initial.setdefault("category", self.case.category_id)
        self._keep_what_is_about_staff()

    def _keep_what_is_about_staff(self) -> None:
        if self.case.is_complaint_about_staff() and acts_as_director(self.case, self.staff):
            return
        del self.fields["reason"]
        if self.case.is_complaint_about_staff():
            nature: Any = self.fields["nature"]
            nature.choices = [choice for choice in Nature.choices if choice[0] in COMPLAINED]
            nature.help_text = stays_a_complaint(self.case)
            # Sent from a page that still offered everything.
            nature.error_messages["invalid_choice"] = nature.help_text


class TransferForm(VerbForm):
    department = forms.ModelChoiceField(label=_("Department"), queryset=Department.objects.none(), empty_label="–")
    instruction = long_text(_("What the department is asked to do"))

    def prepare(self) -> None:
        self.fields["department"].queryset = departments_left(self.case)  # type: ignore[attr-defined]
        if self.case.category.default_department_id:
            self.initial.setdefault("department", self.case.category.default_department_id)
        first = self.case.case_visits.select_related("visit").first()
        if first and not self.case.slips.exists():
            self.initial.setdefault("instruction", first.visit.matter)


class DeclineForm(VerbForm):
    ground = forms.ChoiceField(label=_("Ground"), choices=GROUNDS_OF_THE_DESK, widget=forms.RadioSelect)
    advice = long_text(_("Where the resident can go instead"))


class NoLongerAcceptForm(VerbForm):
    advice = long_text(_("Where the resident can go instead"))


class TellDeclinedForm(VerbForm):
    means = forms.ChoiceField(
        label=_("How the resident was told"), choices=AnswerMeans.choices, widget=forms.RadioSelect
    )
    told_at = MomentField(label=_("When"))
    told_to = forms.CharField(label=_("Who was told"), required=False, max_length=60)

    def prepare(self) -> None:
        self.initial.setdefault("told_at", self.now)
        self.fields["means"].choices = means_for(self.case)  # type: ignore[attr-defined]
        if self.case.is_anonymous:
            self.initial.setdefault("means", AnswerMeans.TRACKING_PAGE)


class ConfirmForm(VerbForm):
    means = forms.ChoiceField(
        label=_("How you reached the resident"), choices=ConfirmMeans.choices, widget=forms.RadioSelect
    )
    confirmed_at = MomentField(label=_("When"))
    corrections = long_text(
        _("Corrections"), required=False, help_text=_("What the resident corrected or added; empty if all was right.")
    )

    def prepare(self) -> None:
        self.initial.setdefault("means", ConfirmMeans.PHONE)
        self.initial.setdefault("confirmed_at", self.now)


class InformForm(SignedForm):
    field_order = ("text", "means", "told_to", "signature_kind", "signature", "unsigned_reason")
    means = forms.ChoiceField(
        label=_("How the resident is told"), choices=AnswerMeans.choices, widget=forms.RadioSelect
    )
    told_to = forms.CharField(label=_("Who was told"), required=False, max_length=60)
    text = long_text(
        _("Answer to the resident"),
        rows=6,
        help_text=_("In words the resident understands: what was found, what was done, what follows."),
    )

    def prepare(self) -> None:
        self.fields["means"].choices = self._means()  # type: ignore[attr-defined]
        if self.case.is_anonymous:
            self.initial["means"] = AnswerMeans.TRACKING_PAGE
            self.initial["signature_kind"] = SignatureKind.NONE
            self.initial["unsigned_reason"] = _("anonymous")
        if self.case.resident and knows_identity(self.case, self.staff):
            self.initial.setdefault("told_to", self.case.resident.name)
        self.initial.setdefault("text", result_of(self.case, self.staff))

    def _means(self) -> list[tuple[Any, Any]]:
        means = means_for(self.case)
        if unreached_attempts(self.case) < ATTEMPTS_BEFORE_MESSAGE:
            means = [choice for choice in means if choice[0] != AnswerMeans.MESSAGE]
        return means


class UnreachedForm(VerbForm):
    means = forms.ChoiceField(label=_("How you tried"), choices=REACHING, widget=forms.RadioSelect)
    remark = forms.CharField(label=_("Remark"), required=False, max_length=200)


class AnswerForm(SignedForm):
    field_order = ("text", "told_to", "signature_kind", "signature", "unsigned_reason")
    text = long_text(_("Answer"), rows=5)
    told_to = forms.CharField(label=_("Who was told"), required=False, max_length=60)

    def prepare(self) -> None:
        if self.case.resident and knows_identity(self.case, self.staff):
            self.initial.setdefault("told_to", self.case.resident.name)


class SendBackForm(VerbForm):
    missing = long_text(_("What is missing"))


class FilesForm(VerbForm):
    attachments = FilesField(required=True)


def means_for(case: Case) -> list[tuple[Any, Any]]:
    """The ways on which this resident can be told something: the tracking page, if nobody knows who they are."""
    return [choice for choice in AnswerMeans.choices if (choice[0] == AnswerMeans.TRACKING_PAGE) == case.is_anonymous]


def categories_of(hall_id: int) -> Any:
    """Categories one can choose: the lower level, with its theme."""
    return Category.objects.filter(hall=hall_id, is_active=True, parent__isnull=False).select_related("parent")


def departments_of(hall_id: int) -> Any:
    """Whom a matter can be transferred to. To the street office it is handed up."""
    return Department.objects.filter(hall=hall_id, is_active=True).exclude(kind=DepartmentKind.STREET)


def _means_on_the_spot(case: Case) -> str:
    """How somebody who is answered at once is told: by the way they came; the anonymous read it on their page."""
    if case.is_anonymous:
        return AnswerMeans.TRACKING_PAGE
    return AnswerMeans.PHONE if case.channel == Channel.PHONE else AnswerMeans.DESK


CASE_VERBS = [
    Verb(
        name="confirm",
        label=_("Confirm with the resident"),
        form=ConfirmForm,
        run=lambda form, now: confirm(**form.about(now), **form.given("means", "confirmed_at", "corrections")),
        done=_("The complaint is confirmed."),
        hint=_(
            "A complaint is confirmed with who lodged it within 24 hours: read it back, write down what they correct."
        ),
        is_next_step=True,
    ),
    Verb(
        name="accept",
        label=_("Accept"),
        form=AcceptForm,
        run=lambda form, now: accept(
            **form.about(now),
            **form.given("nature", "category", "urgency", "headcount"),
            reason=form.cleaned_data.get("reason", ""),
        ),
        done=_("Accepted. The receipt with the promised date can be printed."),
        is_next_step=True,
        shortcut="Alt+A",
    ),
    Verb(
        name="transfer",
        label=_("Transfer"),
        form=TransferForm,
        run=lambda form, now: transfer(**form.about(now), **form.given("department", "instruction")),
        done=_("Transferred. The department has been told."),
        is_next_step=True,
        shortcut="Alt+T",
    ),
    Verb(
        name="inform",
        label=_("Inform the resident"),
        form=InformForm,
        run=lambda form, now: inform(
            **form.about(now),
            **form.given("means", "told_to", "text", "submission_key"),
            signature=form.given_signature(),
        ),
        done=_("The resident has been informed; the follow-up is on the list."),
        is_next_step=True,
        shortcut="Alt+A",
        signs=True,
    ),
    FOLLOW_UP,
    Verb(
        name="answer_on_the_spot",
        label=_("Answer on the spot"),
        form=AnswerForm,
        run=lambda form, now: answer_on_the_spot(
            **form.about(now),
            **form.given("text", "told_to", "submission_key"),
            means=_means_on_the_spot(form.case),
            signature=form.given_signature(),
        ),
        done=_("Answered on the spot."),
        shortcut="Alt+D",
        signs=True,
    ),
    Verb(
        name="unreached",
        transition="inform",
        label=_("Nobody reached"),
        form=UnreachedForm,
        run=lambda form, now: record_unreached(**form.about(now), **form.given("means", "remark", "submission_key")),
        done=_("The attempt is written down."),
        hint=_("After three attempts that reached nobody a message counts as the answer."),
    ),
    Verb(
        name="send_back",
        label=_("Send back to be completed"),
        form=SendBackForm,
        run=lambda form, now: send_back(**form.about(now), **form.given("missing")),
        done=_("Sent back. The department has been told."),
        hint=_("The old limit stays; at least one working day is left."),
    ),
    Verb(
        name="tell_declined",
        label=_("Tell the resident it was declined"),
        form=TellDeclinedForm,
        run=lambda form, now: tell_declined(**form.about(now), **form.given("means", "told_at", "told_to")),
        done=_("It is written down that the resident was told."),
        is_next_step=True,
    ),
    Verb(
        name="decline",
        label=_("Decline"),
        form=DeclineForm,
        run=lambda form, now: decline(**form.about(now), **form.given("ground", "advice")),
        done=_("Declined. Tell the resident within 15 days."),
        hint=_("Only on a listed ground, with advice where the resident can go."),
    ),
    Verb(
        name="no_longer_accept",
        label=_("Accept no longer"),
        form=NoLongerAcceptForm,
        run=lambda form, now: decline(
            **form.about(now), **form.given("advice"), ground=DeclineGround.FINAL_ANSWER.value
        ),
        done=_("Declined. Tell the resident within 15 days."),
        hint=_("Only where a final review answer was given before; the director decides it."),
    ),
]

ADD_FILES = Verb(
    name="files",
    label=_("Add files"),
    form=FilesForm,
    run=lambda form, now: attach(
        case_id=form.case.pk,
        files=form.cleaned_data["attachments"],
        kind=AttachmentKind.RESIDENT,
        actor=form.staff,
        now=now,
    ),
    done=_("The files are added."),
)
