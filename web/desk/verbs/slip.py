"""Verbs of the department on its slip."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actions.attach import attach
from cases.actions.handle import approve, contact, investigate, note, reject, report
from cases.actions.return_slip import return_unsigned
from cases.actions.transfer import sign_in
from cases.models import TransferSlip
from cases.people import handler_candidates
from cases.vocabulary import AnswerMeans, AttachmentKind
from foundation.organization.models import ON_PAPER, Staff
from web.desk.verbs.form import FilesField, MomentField, Verb, VerbForm, long_text

MEANS = [choice for choice in AnswerMeans.choices if choice[0] != AnswerMeans.TRACKING_PAGE]


class SignInForm(VerbForm):
    handler = forms.ModelChoiceField(label=_("Handler"), queryset=Staff.objects.none(), empty_label="–")
    attachments = FilesField(label=_("Scans"))

    def prepare(self) -> None:
        if self.subject.department.kind in ON_PAPER:
            del self.fields["handler"]
            return
        del self.fields["attachments"]
        candidates = handler_candidates(self.subject)
        field = self.fields["handler"]
        field.queryset = Staff.objects.filter(pk__in=[one.pk for one in candidates.staff])  # type: ignore[attr-defined]
        if candidates.level:
            field.help_text = _(
                "Nobody else of the department is left for this round; the next level steps in, and is marked so."
            )
        elif self.subject.round > 1:
            field.help_text = _("A new round has another handler than the rounds before.")
        if self.staff in candidates.staff:
            self.initial.setdefault("handler", self.staff.pk)
        elif len(candidates.staff) == 1:
            self.initial.setdefault("handler", candidates.staff[0].pk)


class ContactForm(VerbForm):
    means = forms.ChoiceField(label=_("How you reached the resident"), choices=MEANS, widget=forms.RadioSelect)
    contacted_at = MomentField(label=_("When"))
    summary = long_text(_("What was said"))

    def prepare(self) -> None:
        self.initial.setdefault("means", AnswerMeans.PHONE)
        self.initial.setdefault("contacted_at", self.now)


class InvestigateForm(VerbForm):
    plan = long_text(_("What is looked into"))


class NoteForm(VerbForm):
    text = long_text(_("Note"))
    attachments = FilesField(label=_("Evidence"))


class ReportForm(VerbForm):
    result = long_text(_("Result"), help_text=_("What was found."))
    remedy = long_text(_("Remedy now"), help_text=_("What was done about it."))
    prevention = long_text(_("Prevention"), required=False, rows=2, help_text=_("What keeps it from happening again."))
    attachments = FilesField(label=_("Evidence"))

    def prepare(self) -> None:
        for name in ("result", "remedy", "prevention"):
            self.initial.setdefault(name, getattr(self.subject, name))
        if self.subject.is_lead and self.case.wants_finding():
            self.fields["result"].help_text = _(
                "What was found. Record the finding, too: before it stands there the resident cannot be told."
            )
        if self.subject.is_lead and self.case.is_coordinated:
            self.fields["result"].label = _("Combined result")


class ApproveForm(VerbForm):
    pass


class RejectForm(VerbForm):
    reason = long_text(_("What is missing"))


class ReturnForm(VerbForm):
    reason = long_text(_("Why it is not yours, and whose it is"))


def _attach_evidence(form: VerbForm, slip: TransferSlip, now: datetime) -> None:
    if form.cleaned_data.get("attachments"):
        attach(
            case_id=slip.case_id,
            slip=slip,
            files=form.cleaned_data["attachments"],
            kind=AttachmentKind.EVIDENCE,
            actor=form.staff,
            now=now,
        )


@transaction.atomic
def _sign_in_with_scans(form: VerbForm, now: datetime) -> TransferSlip:
    slip = sign_in(**form.about(now), handler=form.cleaned_data.get("handler"))
    _attach_evidence(form, slip, now)
    return slip


@transaction.atomic
def _note_with_evidence(form: VerbForm, now: datetime) -> TransferSlip:
    slip = note(**form.about(now), **form.given("text"))
    _attach_evidence(form, slip, now)
    return slip


@transaction.atomic
def _report_with_evidence(form: VerbForm, now: datetime) -> TransferSlip:
    slip = report(**form.about(now), **form.given("result", "remedy", "prevention"))
    _attach_evidence(form, slip, now)
    return slip


SLIP_VERBS = [
    Verb(
        name="sign_in",
        label=_("Sign in"),
        form=SignInForm,
        run=_sign_in_with_scans,
        done=_("Signed in."),
        is_next_step=True,
        shortcut="Alt+S",
    ),
    Verb(
        name="contact",
        label=_("Contacted the resident"),
        form=ContactForm,
        run=lambda form, now: contact(**form.about(now), **form.given("means", "contacted_at", "summary")),
        done=_("The contact is written down."),
        hint=_("Soon after taking over, the handler speaks with the resident."),
        is_next_step=True,
    ),
    Verb(
        name="investigate",
        label=_("Begin the investigation"),
        form=InvestigateForm,
        run=lambda form, now: investigate(**form.about(now), **form.given("plan")),
        done=_("The investigation has begun."),
        is_next_step=True,
    ),
    Verb(
        name="approve",
        label=_("Approve the result"),
        form=ApproveForm,
        run=lambda form, now: approve(**form.about(now)),
        done=_("Approved. The result is back at the desk."),
        is_next_step=True,
    ),
    Verb(
        name="report",
        label=_("Report the result"),
        form=ReportForm,
        run=_report_with_evidence,
        done=_("Reported. The desk tells the resident."),
        is_next_step=True,
        shortcut="Alt+R",
    ),
    Verb(
        name="submit",
        label=_("Submit the result for approval"),
        form=ReportForm,
        run=_report_with_evidence,
        done=_("Submitted to the department head."),
        is_next_step=True,
        shortcut="Alt+R",
    ),
    Verb(
        name="note",
        label=_("Note or evidence"),
        form=NoteForm,
        run=_note_with_evidence,
        done=_("The note is kept."),
    ),
    Verb(
        name="reject",
        label=_("Give back to the handler"),
        form=RejectForm,
        run=lambda form, now: reject(**form.about(now), **form.given("reason")),
        done=_("Given back to the handler."),
    ),
    Verb(
        name="return_unsigned",
        label=_("Return the slip"),
        form=ReturnForm,
        run=lambda form, now: return_unsigned(**form.about(now), **form.given("reason")),
        done=_("Returned. The desk has been told."),
        hint=_("Only what is not your department's own; after the second return the director decides."),
    ),
]
