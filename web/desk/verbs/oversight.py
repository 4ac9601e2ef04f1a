"""Verbs that see that a matter goes on: nudge, press, and the answer to a supervision notice."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.nudge import nudge
from cases.actions.press import answer_press_case, answer_press_slip, press_case, press_slip
from cases.models import TransferSlip
from cases.supervision import open_notice
from foundation import dates
from web.desk.verbs.form import MomentField, Verb, VerbForm, long_text


class WantedForm(VerbForm):
    wanted = long_text(gettext_lazy("What is wanted"))
    due_at = MomentField(label=gettext_lazy("By when"))


class SlipsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return " · ".join(part for part in (obj.department.name, obj.handler.name if obj.handler else "") if part)


class NudgeForm(WantedForm):
    field_order = ("slips", "wanted", "due_at")
    slips = SlipsField(
        label=gettext_lazy("Whom"), queryset=TransferSlip.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def prepare(self) -> None:
        working = self.case.slips.open().select_related("department", "handler").order_by("kind", "pk")
        self.fields["slips"].queryset = working  # type: ignore[attr-defined]
        if len(working) == 1:
            self.initial.setdefault("slips", [working[0].pk])


class AnswerPressForm(VerbForm):
    answer = long_text(gettext_lazy("Answer"))

    def prepare(self) -> None:
        slip = self.subject if isinstance(self.subject, TransferSlip) else None
        notice = open_notice(self.case, slip)
        if notice is not None:
            self.fields["answer"].help_text = _("%(notice)s, wanted by %(due_at)s: %(wanted)s") % {
                "notice": notice.number,
                "due_at": dates.moment(notice.due_at),
                "wanted": notice.wanted,
            }


ISSUED = gettext_lazy("The supervision notice is issued and numbered.")
MUST_BE_ANSWERED = gettext_lazy("A supervision notice has a number and a clock, and must be answered.")
ANSWERED = gettext_lazy("Answered. Who issued the notice has been told.")

CASE_VERBS = [
    Verb(
        name="answer_press",
        label=gettext_lazy("Answer the supervision notice"),
        form=AnswerPressForm,
        run=lambda form, now: answer_press_case(**form.about(now), **form.given("answer")),
        done=ANSWERED,
    ),
    Verb(
        name="nudge",
        label=gettext_lazy("Nudge"),
        form=NudgeForm,
        run=lambda form, now: nudge(**form.about(now), **form.given("slips", "wanted", "due_at")),
        done=gettext_lazy("The department has been reminded."),
        hint=gettext_lazy("A reminder to who works on it; no clock runs for it."),
        is_aside=True,
    ),
    Verb(
        name="press",
        label=gettext_lazy("Press the desk"),
        form=WantedForm,
        run=lambda form, now: press_case(**form.about(now), **form.given("wanted", "due_at", "submission_key")),
        done=ISSUED,
        hint=MUST_BE_ANSWERED,
        is_aside=True,
    ),
]
SLIP_VERBS = [
    Verb(
        name="answer_press",
        label=gettext_lazy("Answer the supervision notice"),
        form=AnswerPressForm,
        run=lambda form, now: answer_press_slip(**form.about(now), **form.given("answer")),
        done=ANSWERED,
    ),
    Verb(
        name="press",
        label=gettext_lazy("Press the department"),
        form=WantedForm,
        run=lambda form, now: press_slip(**form.about(now), **form.given("wanted", "due_at", "submission_key")),
        done=ISSUED,
        hint=MUST_BE_ANSWERED,
    ),
]
