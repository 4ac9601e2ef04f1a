"""Verbs of coordination and of slips that go other ways: refer, coordinate, plan, return, recall, reassign, hand up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.actions.attach import attach
from cases.actions.coordinate import add_department, coordinate, hand_up
from cases.actions.plan import record_plan
from cases.actions.reassign import reassign
from cases.actions.recall import recall
from cases.actions.refer import refer
from cases.actions.return_slip import ask_return, refuse_return, return_signed
from cases.models import Case, TransferSlip
from cases.people import handler_candidates, open_lead_slip
from cases.vocabulary import HELD_SLIP_STATES, AttachmentKind, SlipKind
from foundation.organization.models import Department, DepartmentKind, Staff
from web.desk.verbs.form import FilesField, MomentField, Verb, VerbForm, long_text


class ReferForm(VerbForm):
    reason = long_text(_("Why it needs coordination"))


class CoordinateForm(VerbForm):
    lead = forms.ModelChoiceField(label=_("Lead department"), queryset=Department.objects.none(), empty_label="–")
    assisting = forms.ModelMultipleChoiceField(
        label=_("Assisting departments"),
        queryset=Department.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    instruction = long_text(_("What all of them are asked to do"))
    folded_label = _("A word to one department alone")

    def prepare(self) -> None:
        left = list(departments_left(self.case))
        for name in ("lead", "assisting"):
            self.fields[name].queryset = departments_left(self.case)  # type: ignore[attr-defined]
        if self.case.category.default_department_id in {department.pk for department in left}:
            self.initial.setdefault("lead", self.case.category.default_department_id)
        first = self.case.case_visits.select_related("visit").first()
        if first and not self.case.slips.exists():
            self.initial.setdefault("instruction", first.visit.matter)
        for department in left:
            self.fields[f"for_{department.pk}"] = forms.CharField(
                label=department.name,
                required=False,
                max_length=500,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )
        self.folded = tuple(f"for_{department.pk}" for department in left)

    def own_instructions(self) -> dict[int, str]:
        return {int(name.removeprefix("for_")): self.cleaned_data[name] for name in self.folded}

    def clean(self) -> dict[str, Any]:
        """A word to a department that gets no slip would be read by nobody."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = {one.pk for one in (data.get("lead"), *(data.get("assisting") or ())) if one is not None}
        for name in self.folded:
            if data.get(name) and int(name.removeprefix("for_")) not in chosen:
                self.add_error(name, _("This department was not chosen: neither as lead nor as assisting."))
        return data


class AddDepartmentForm(VerbForm):
    kind = forms.ChoiceField(label=_("As"), choices=SlipKind.choices, widget=forms.RadioSelect)
    department = forms.ModelChoiceField(label=_("Department"), queryset=Department.objects.none(), empty_label="–")
    instruction = long_text(_("What the department is asked to do"))

    def prepare(self) -> None:
        self.fields["department"].queryset = departments_left(self.case)  # type: ignore[attr-defined]
        if open_lead_slip(self.case) is not None:
            del self.fields["kind"]
        else:
            self.initial.setdefault("kind", SlipKind.LEAD)
            self.fields["kind"].help_text = _("The lead department is gone; the others work on. Name another lead.")


class HandUpForm(VerbForm):
    instruction = long_text(_("Why it is handed up, and what is asked"))


class AskReturnForm(VerbForm):
    reason = long_text(_("Why it is not yours, and whose it is"))


class ReturnSignedForm(VerbForm):
    pass


class RefuseReturnForm(VerbForm):
    reason = long_text(_("Why the department keeps it"))


class RecallForm(VerbForm):
    reason = long_text(_("Why the slip is taken back"))


class ReassignForm(VerbForm):
    handler = forms.ModelChoiceField(label=_("New handler"), queryset=Staff.objects.none(), empty_label="–")
    reason = long_text(_("Why another handler takes over"), rows=2)

    def prepare(self) -> None:
        candidates = handler_candidates(self.subject)
        named = [one.pk for one in candidates.staff if one.pk != self.subject.handler_id]
        self.fields["handler"].queryset = Staff.objects.filter(pk__in=named)  # type: ignore[attr-defined]
        if candidates.level:
            self.fields["handler"].help_text = _(
                "Nobody else of the department is left for this round; the next level steps in, and is marked so."
            )


class PlanForm(VerbForm):
    plan = long_text(_("Who does what, and by when"), rows=6)
    until = MomentField(
        label=_("Carried out by"),
        required=False,
        help_text=_("Not after the date promised to the resident; they can read it on their page."),
    )
    attachments = FilesField(label=_("Scans"))

    def prepare(self) -> None:
        if not self.case.is_complaint_or_report():
            del self.fields["until"]
        elif not self.subject.wants_plan:
            self.fields["until"].required = True


def departments_left(case: Case) -> Any:
    """Departments that can get a slip of this round: those that have one, or have reported, cannot."""
    held = case.slips.filter(round=case.round, state__in=HELD_SLIP_STATES).values("department")
    departments = Department.objects.filter(hall=case.hall_id, is_active=True)
    return departments.exclude(kind=DepartmentKind.STREET).exclude(pk__in=held)


@transaction.atomic
def _plan_with_scans(form: VerbForm, now: datetime) -> TransferSlip:
    slip = record_plan(**form.about(now), **form.given("plan"), until=form.cleaned_data.get("until"))
    if form.cleaned_data["attachments"]:
        attach(
            case_id=slip.case_id,
            slip=slip,
            files=form.cleaned_data["attachments"],
            kind=AttachmentKind.EVIDENCE,
            actor=form.staff,
            now=now,
        )
    return slip


CASE_VERBS = [
    Verb(
        name="coordinate",
        label=_("Coordinate"),
        form=CoordinateForm,
        run=lambda form, now: coordinate(
            **form.about(now),
            **form.given("lead", "assisting", "instruction"),
            own_instructions=form.own_instructions(),
        ),
        done=_("Coordinated. All departments have been told."),
        hint=_("One department leads and writes the combined result; the others assist. You tell the resident."),
        is_next_step=True,
    ),
    Verb(
        name="add_department",
        label=_("Add a department"),
        form=AddDepartmentForm,
        run=lambda form, now: add_department(
            **form.about(now),
            **form.given("department", "instruction"),
            kind=form.cleaned_data.get("kind", SlipKind.ASSISTING),
        ),
        done=_("The department has been told."),
    ),
    Verb(
        name="refer",
        label=_("Refer to the director"),
        form=ReferForm,
        run=lambda form, now: refer(**form.about(now), **form.given("reason")),
        done=_("Referred. The director decides who leads and who assists."),
        hint=_("For what one department cannot settle alone. The clock runs on; it is the director's from now on."),
    ),
    Verb(
        name="hand_up",
        label=_("Hand up to the street office"),
        form=HandUpForm,
        run=lambda form, now: hand_up(**form.about(now), **form.given("instruction")),
        done=_("Handed up. The street office has been told."),
        hint=_("For what is beyond the hall. The promise to the resident runs on, and the desk stays their contact."),
    ),
]
SLIP_VERBS = [
    Verb(
        name="return_signed",
        label=_("Consent to the return"),
        form=ReturnSignedForm,
        run=lambda form, now: return_signed(**form.about(now)),
        done=_("The slip is returned."),
        is_next_step=True,
    ),
    Verb(
        name="refuse_return",
        label=_("Refuse the return"),
        form=RefuseReturnForm,
        run=lambda form, now: refuse_return(**form.about(now), **form.given("reason")),
        done=_("Refused. The department keeps the slip."),
        hint=_("Binding: the department cannot ask again."),
    ),
    Verb(
        name="record_plan",
        label=_("Record the plan"),
        form=PlanForm,
        run=_plan_with_scans,
        done=_("The plan is recorded."),
        is_next_step=True,
    ),
    Verb(
        name="ask_return",
        label=_("Ask to return the slip"),
        form=AskReturnForm,
        run=lambda form, now: ask_return(**form.about(now), **form.given("reason")),
        done=_("The director has been asked. Until they decide the work goes on."),
        is_aside=True,
        hint=_("After signing in only the director lets a slip go back. Until they decide, the clocks run on."),
    ),
    Verb(
        name="reassign",
        label=_("Name another handler"),
        form=ReassignForm,
        run=lambda form, now: reassign(**form.about(now), **form.given("handler", "reason")),
        done=_("Both handlers have been told."),
        is_aside=True,
    ),
    Verb(
        name="recall",
        label=_("Recall the slip"),
        form=RecallForm,
        run=lambda form, now: recall(**form.about(now), **form.given("reason")),
        done=_("Recalled. The department has been told."),
        is_aside=True,
    ),
]
