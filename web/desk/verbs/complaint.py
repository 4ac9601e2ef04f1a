"""Verbs of the complaint procedure: its class, whom it is about, records, hearings, the finding, what follows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.people import HallPeople
from cases.vocabulary import PartRole, Verdict
from complaints.actions.classify import classify, name_subject
from complaints.actions.decide import confirm_correction, decide_apology, decide_sanction, to_be_confirmed
from complaints.actions.find import record_finding
from complaints.actions.hear import excuse_hearing, open_hearing, record_account
from complaints.actions.investigate import add_record
from complaints.models import ApologyKind, ComplaintKind, NotHeardBecause, RecordKind, Sanction, SanctionKind
from foundation import dates
from foundation.organization.models import Department, Staff
from web.desk.verbs.form import FilesField, MomentField, SignedForm, Verb, VerbForm, long_text

NOBODY = Staff.objects.none()
NO_SANCTION = Sanction.objects.none()


class ClassifyForm(VerbForm):
    kind = forms.ChoiceField(label=_("What kind of complaint"), choices=ComplaintKind.choices, widget=forms.RadioSelect)

    def prepare(self) -> None:
        known = getattr(self.case, "complaint", None)
        about_staff = ComplaintKind.CONDUCT if self.case.is_about_staff else ""
        self.initial.setdefault("kind", (known.kind if known else "") or about_staff)


class NameSubjectForm(VerbForm):
    person = forms.ModelChoiceField(label=_("Whom it is about"), queryset=NOBODY, empty_label="–")
    reason = long_text(_("Why this person is barred"), rows=2, help_text=_("In the words of the complaint."))

    def prepare(self) -> None:
        people = HallPeople.of(self.case.hall, self.now).staff
        left = people.keys() - self.case.barred_ids - {self.staff.pk}
        self.fields["person"].queryset = Staff.objects.filter(pk__in=left).order_by("name", "pk")  # type: ignore[attr-defined]


class SubjectForm(VerbForm):
    """About one of those the complaint is about."""

    person = forms.ModelChoiceField(label=_("Whom it is about"), queryset=NOBODY, empty_label="–")

    def prepare(self) -> None:
        subjects = subjects_of(self.case)
        self.fields["person"].queryset = subjects  # type: ignore[attr-defined]
        if len(subjects) == 1:
            self.initial.setdefault("person", subjects[0].pk)


class OpenHearingForm(SubjectForm):
    allegations = long_text(
        _("What the person is asked about"),
        rows=6,
        help_text=_(
            "The person reads these words, and nothing else of the case. Do not name the resident, and leave out "
            "whatever hints at who complained: dates, places and words that only they could know."
        ),
    )


class AccountForm(SubjectForm):
    account = long_text(_("The account"), rows=6)
    attachments = FilesField(label=_("Scans"))


class ExcuseForm(SubjectForm):
    because = forms.ChoiceField(
        label=_("Why this person cannot be heard"), choices=NotHeardBecause.choices, widget=forms.RadioSelect
    )
    reason = long_text(_("What was tried, and when"), rows=3)


class FindingForm(VerbForm):
    verdict = forms.ChoiceField(label=_("Did it prove true"), choices=Verdict.choices, widget=forms.RadioSelect)
    reasons = long_text(_("What the finding rests on"), rows=6)
    responsible_department = forms.ModelChoiceField(
        label=_("Responsible department"), queryset=Department.objects.none(), required=False, empty_label="–"
    )
    responsible_staff = forms.ModelChoiceField(
        label=_("Responsible person"),
        queryset=NOBODY,
        required=False,
        empty_label="–",
        help_text=_("Only who was named and heard; name somebody else as one it is about first."),
    )
    responsible_other = forms.CharField(
        label=_("Somebody else who is responsible"),
        required=False,
        max_length=120,
        help_text=_("Of an outside unit, a firm, a volunteer."),
    )

    def prepare(self) -> None:
        departments = Department.objects.filter(hall=self.case.hall_id, is_active=True)
        self.fields["responsible_department"].queryset = departments  # type: ignore[attr-defined]
        self.fields["responsible_staff"].queryset = subjects_of(self.case)  # type: ignore[attr-defined]


class SanctionForm(VerbForm):
    field_order = ("person", "kind", "correct_by", "text")
    person = forms.ModelChoiceField(
        label=_("Whom it is about"),
        queryset=NOBODY,
        required=False,
        empty_label=_("the department, or somebody outside"),
    )
    kind = forms.ChoiceField(label=_("What follows"), choices=SanctionKind.choices, widget=forms.RadioSelect)
    correct_by = forms.DateField(
        label=_("To be corrected by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Only for a correction by a date."),
    )
    text = long_text(
        _("What was decided, and why"),
        help_text=_("Read by the director, the supervisors and the head of the department; never by the resident."),
    )

    def prepare(self) -> None:
        self.fields["person"].queryset = subjects_of(self.case)  # type: ignore[attr-defined]


class ApologyForm(VerbForm):
    kind = forms.ChoiceField(label=_("In public"), choices=ApologyKind.choices, widget=forms.RadioSelect)
    text = long_text(
        _("The words, or why nothing is said in public"),
        rows=6,
        help_text=_("No names, no addresses. The notice board shows it only once it was reviewed and published."),
    )


class CorrectionForm(VerbForm):
    sanction = forms.ModelChoiceField(label=_("What was put right"), queryset=NO_SANCTION, empty_label="–")
    note = long_text(
        _("How it was put right, and how you made sure of it"),
        rows=4,
        help_text=_("Stands in the record. The person concerned and the resident do not read it."),
    )

    def prepare(self) -> None:
        waiting = to_be_confirmed(self.case).select_related("staff").order_by("correct_by", "pk")
        field = self.fields["sanction"]
        field.queryset = waiting  # type: ignore[attr-defined]
        field.label_from_instance = in_one_line  # type: ignore[attr-defined]
        if len(waiting) == 1:
            self.initial.setdefault("sanction", waiting[0].pk)


def in_one_line(sanction: Sanction) -> str:
    """One of several decisions, so that whoever confirms it knows which."""
    words = Truncator(" ".join(sanction.text.split())).chars(40)
    assert sanction.correct_by is not None
    day = gettext("to be corrected by %(day)s") % {"day": dates.day(sanction.correct_by)}
    return " · ".join(part for part in (sanction.staff.name if sanction.staff else "", words, day) if part)


class InterviewForm(SignedForm):
    field_order = (
        "happened_at", "place", "heard", "text", "signature_kind", "signature", "unsigned_reason", "attachments",
    )  # fmt: skip
    happened_at = MomentField(label=_("When"))
    place = forms.CharField(label=_("Where"), required=False, max_length=120)
    heard = forms.CharField(
        label=_("Who was heard"),
        max_length=120,
        help_text=_("Name and what they are: a neighbour, the foreman, a colleague."),
    )
    text = long_text(_("What was said"), rows=6)
    attachments = FilesField(label=_("Scans"))

    def prepare(self) -> None:
        self.initial.setdefault("happened_at", self.now)


class SiteCheckForm(VerbForm):
    happened_at = MomentField(label=_("When"))
    place = forms.CharField(label=_("Where"), max_length=120)
    text = long_text(_("What was found"), rows=5)
    attachments = FilesField(label=_("Photos"))

    def prepare(self) -> None:
        self.initial.setdefault("happened_at", self.now)


class EvidenceForm(VerbForm):
    happened_at = MomentField(label=_("From when it is"))
    text = long_text(_("What it shows"), rows=3)
    attachments = FilesField(label=_("Documents or photos"), required=True)

    def prepare(self) -> None:
        self.initial.setdefault("happened_at", self.now)


def subjects_of(case: Case) -> Any:
    """Those the complaint is about: everybody who is barred from it."""
    barred = case.parts.filter(role=PartRole.BARRED, ended_at=None).values("staff")
    return Staff.objects.filter(pk__in=barred).order_by("name", "pk")


def _finding_verb(name: str, label: Promise, done: Promise, hint: Promise, *, is_next_step: bool) -> Verb:
    return Verb(
        name=name,
        label=label,
        form=FindingForm,
        run=lambda form, now: record_finding(
            **form.about(now),
            **form.given("verdict", "reasons", "responsible_department", "responsible_staff", "responsible_other"),
        ),
        done=done,
        hint=hint,
        is_next_step=is_next_step,
        is_aside=not is_next_step,
    )


CASE_VERBS = [
    _finding_verb(
        "record_finding",
        _("Record the finding"),
        _("The finding is recorded; the resident can be told the result."),
        _(
            "Before the resident is told, it is written down whether the complaint proved true. Remedy and prevention "
            "stand in the department's result."
        ),
        is_next_step=True,
    ),
    Verb(
        name="open_hearing",
        transition="hear",
        label=_("Ask for a written account"),
        form=OpenHearingForm,
        run=lambda form, now: open_hearing(
            **form.about(now), staff=form.cleaned_data["person"], **form.given("allegations")
        ),
        done=_("The person has been asked, on a page of their own."),
        hint=_("Whoever a complaint is about is heard in writing before anything is found. They stay barred."),
    ),
    Verb(
        name="confirm_correction",
        label=_("Confirm that it was put right"),
        form=CorrectionForm,
        run=lambda form, now: confirm_correction(
            **form.about(now), sanction_id=form.cleaned_data["sanction"].pk, **form.given("note")
        ),
        done=_("It is written down that it was put right."),
        hint=_("Until then it stands on the first page of whoever decides about it, and of the department's head."),
    ),
    Verb(
        name="decide_sanction",
        label=_("Decide what follows"),
        form=SanctionForm,
        run=lambda form, now: decide_sanction(
            **form.about(now), staff=form.cleaned_data["person"], **form.given("kind", "correct_by", "text")
        ),
        done=_("Your decision is recorded."),
        hint=_("One decision for each person, or for the department."),
    ),
    Verb(
        name="decide_apology",
        label=_("Apology or correction in public"),
        form=ApologyForm,
        run=lambda form, now: decide_apology(**form.about(now), **form.given("kind", "text")),
        done=_("Your decision is recorded."),
    ),
    Verb(
        name="record_account",
        transition="hear",
        label=_("Record an account given on paper"),
        form=AccountForm,
        run=lambda form, now: record_account(
            **form.about(now),
            staff=form.cleaned_data["person"],
            **form.given("account"),
            files=form.cleaned_data["attachments"],
        ),
        done=_("The account is recorded."),
        is_aside=True,
    ),
    Verb(
        name="excuse_hearing",
        transition="hear",
        label=_("Somebody cannot be heard"),
        form=ExcuseForm,
        run=lambda form, now: excuse_hearing(
            **form.about(now), staff=form.cleaned_data["person"], **form.given("because", "reason")
        ),
        done=_("It is written down why."),
        is_aside=True,
    ),
    _finding_verb(
        "correct_finding",
        _("Correct the finding"),
        _("The finding is corrected; the one before is kept."),
        _("A further finding takes the place of the one before; both are kept."),
        is_next_step=False,
    ),
    Verb(
        name="classify",
        label=_("Classify the complaint"),
        form=ClassifyForm,
        run=lambda form, now: classify(**form.about(now), **form.given("kind")),
        done=_("The complaint is classified."),
        is_aside=True,
    ),
    Verb(
        name="name_subject",
        label=_("Name whom it is about"),
        form=NameSubjectForm,
        run=lambda form, now: name_subject(
            **form.about(now), staff=form.cleaned_data["person"], **form.given("reason")
        ),
        done=_("The person is barred from this case from now on."),
        hint=_("From now on this person sees nothing of the case, and is heard in writing before anything is found."),
        is_aside=True,
    ),
]


def _record(kind: RecordKind, *names: str) -> Any:
    def run(form: Any, now: Any) -> object:
        signature = form.given_signature() if kind == RecordKind.INTERVIEW else None
        return add_record(
            **form.about(now),
            **form.given(*names),
            kind=kind,
            signature=signature,
            files=form.cleaned_data["attachments"],
        )

    return run


RECORDED = _("The record is kept.")
NEVER_CHANGED = _("It is kept as it is and cannot be changed afterwards.")

SLIP_VERBS = [
    Verb(
        name="record_interview",
        transition="add_record",
        label=_("Record an interview"),
        form=InterviewForm,
        run=_record(RecordKind.INTERVIEW, "happened_at", "place", "heard", "text"),
        done=RECORDED,
        hint=NEVER_CHANGED,
        signs=True,
    ),
    Verb(
        name="record_site_check",
        transition="add_record",
        label=_("Record a site check"),
        form=SiteCheckForm,
        run=_record(RecordKind.SITE_CHECK, "happened_at", "place", "text"),
        done=RECORDED,
        hint=NEVER_CHANGED,
    ),
    Verb(
        name="record_evidence",
        transition="add_record",
        label=_("Record evidence"),
        form=EvidenceForm,
        run=_record(RecordKind.EVIDENCE, "happened_at", "text"),
        done=RECORDED,
        hint=NEVER_CHANGED,
    ),
]
