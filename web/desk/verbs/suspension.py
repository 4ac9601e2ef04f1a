"""Verbs that move a limit: pause, shelve, resume, extend, and telling the resident of the new date."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.extend import ask_extension, grant_extension, refuse_extension
from cases.actions.pause import ask_pause, grant_pause, refuse_pause, resume
from cases.actions.tell_delay import tell_delay
from cases.actions.tell_limit import tell_limit
from cases.models import Extension, Pause, TransferSlip
from cases.vocabulary import AnswerMeans, ExtensionState, PauseReason, PauseState
from foundation import dates
from web.desk.verbs.form import MomentField, Verb, VerbForm, long_text

PAUSED, SHELVED = "paused", "shelved"
MEANS = [choice for choice in AnswerMeans.choices if choice[0] != AnswerMeans.TRACKING_PAGE]


class AskPauseForm(VerbForm):
    reason = forms.ChoiceField(
        label=gettext_lazy("What you are waiting for"), choices=PauseReason.choices, widget=forms.RadioSelect
    )
    text = long_text(
        gettext_lazy("For what exactly, and until when"), help_text=gettext_lazy("Whoever decides reads this.")
    )
    how_long = forms.ChoiceField(
        label=gettext_lazy("How long"),
        choices=[
            (PAUSED, gettext_lazy("pause: ten working days at most, all pauses of this round together")),
            (SHELVED, gettext_lazy("shelve: longer; the director decides, and looks at it every month")),
        ],
        widget=forms.RadioSelect,
        initial=PAUSED,
    )


class AskExtensionForm(VerbForm):
    working_days = forms.IntegerField(
        label=gettext_lazy("Working days more"),
        min_value=1,
        help_text=gettext_lazy("At most as many as the handling was given at first; a case is extended once."),
    )
    reason = long_text(gettext_lazy("Why it takes longer"))


class AskedForm(VerbForm):
    """A decision: what was asked for is shown above the words of who decides."""

    def prepare(self) -> None:
        field = self.fields["decision"]
        asked = self.asked()
        if asked is not None:
            words = _("%(name)s asked on %(moment)s: %(what)s. %(words)s") % {
                "name": asked.asked_by.name,
                "moment": dates.moment(asked.asked_at),
                "what": self.what(asked),
                "words": asked.text if isinstance(asked, Pause) else asked.reason,
            }
            field.help_text = words

    def asked(self) -> Pause | Extension | None:
        slip = self.subject if isinstance(self.subject, TransferSlip) else None
        pauses = Pause.objects.filter(case=self.case, slip=slip, state=PauseState.ASKED)
        return pauses.select_related("asked_by").first()

    def what(self, asked: Any) -> str:
        how = _("shelve it") if asked.is_shelved else _("pause it")
        return f"{how}, {asked.get_reason_display()}"


class AskedExtensionForm(AskedForm):
    def asked(self) -> Pause | Extension | None:
        return self.case.extensions.filter(state=ExtensionState.ASKED).select_related("asked_by").first()

    def what(self, asked: Any) -> str:
        return _("%(days)d working days more") % {"days": asked.working_days}


class GrantPauseForm(AskedForm):
    decision = long_text(gettext_lazy("Remark"), rows=2, required=False)


class RefusePauseForm(AskedForm):
    decision = long_text(gettext_lazy("Why the time limit runs on"), rows=2)


class GrantExtensionForm(AskedExtensionForm):
    decision = long_text(gettext_lazy("Remark"), rows=2, required=False)


class RefuseExtensionForm(AskedExtensionForm):
    decision = long_text(gettext_lazy("Why the limit stays"), rows=2)


class ResumeForm(VerbForm):
    pass


class TellLimitForm(VerbForm):
    means = forms.ChoiceField(label=gettext_lazy("How the resident was told"), choices=MEANS, widget=forms.RadioSelect)
    told_at = MomentField(label=gettext_lazy("When"))
    told_to = forms.CharField(
        label=gettext_lazy("To whom"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Only if it was not the resident."),
    )

    def prepare(self) -> None:
        field = self.fields["means"]
        if self.case.is_anonymous:
            page = AnswerMeans.TRACKING_PAGE
            field.choices = [(page.value, page.label)]  # type: ignore[attr-defined]
            self.initial.setdefault("means", page)
        else:
            self.initial.setdefault("means", AnswerMeans.PHONE)
        self.initial.setdefault("told_at", self.now)
        if self.case.pauses.filter(state=PauseState.RUNNING, is_shelved=True).exists():
            field.help_text = _("The matter is shelved: say why, and that the director looks at it every month.")
        elif self.case.promise_due_at is not None:
            field.help_text = _("The resident will be answered by %(moment)s.") % {
                "moment": date_format(localtime(self.case.promise_due_at), "DATETIME_FORMAT")
            }


class TellDelayForm(VerbForm):
    means = forms.ChoiceField(
        label=gettext_lazy("How the resident was told"),
        choices=MEANS,
        widget=forms.RadioSelect,
        initial=AnswerMeans.PHONE.value,
    )
    told_at = MomentField(label=gettext_lazy("When"))
    told_to = forms.CharField(
        label=gettext_lazy("To whom"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Only if it was not the resident."),
    )

    def prepare(self) -> None:
        self.initial.setdefault("told_at", self.now)
        if self.case.delay_due_at is not None:
            self.fields["means"].help_text = _("The resident expects to hear from us by %(moment)s.") % {
                "moment": date_format(localtime(self.case.delay_due_at), "DATETIME_FORMAT")
            }


def _about_subject(form: VerbForm, now: datetime) -> dict[str, Any]:
    """Pauses are of a slip or of a case: their actions take the row itself."""
    about = form.about(now)
    return {"subject": form.subject, **{name: about[name] for name in ("transition_no", "actor", "now")}}


def _ask(form: VerbForm, now: datetime) -> object:
    return ask_pause(
        **_about_subject(form, now),
        **form.given("reason", "text", "submission_key"),
        is_shelved=form.cleaned_data["how_long"] == SHELVED,
    )


def _tell_limit(form: VerbForm, now: datetime) -> object:
    return tell_limit(
        **form.about(now),
        **form.given("means", "told_at", "told_to"),
    )


def _tell_delay(form: VerbForm, now: datetime) -> object:
    return tell_delay(
        **form.about(now),
        **form.given("means", "told_at", "told_to"),
    )


PAUSE_VERBS = [
    Verb(
        name="grant_pause",
        label=gettext_lazy("Grant the pause"),
        form=GrantPauseForm,
        run=lambda form, now: grant_pause(**_about_subject(form, now), **form.given("decision")),
        done=gettext_lazy("Granted: the clocks stand still."),
        is_next_step=True,
    ),
    Verb(
        name="refuse_pause",
        label=gettext_lazy("Refuse the pause"),
        form=RefusePauseForm,
        run=lambda form, now: refuse_pause(**_about_subject(form, now), **form.given("decision")),
        done=gettext_lazy("Refused: the clocks run on."),
    ),
    Verb(
        name="resume",
        label=gettext_lazy("Resume"),
        form=ResumeForm,
        run=lambda form, now: resume(**_about_subject(form, now)),
        done=gettext_lazy("The clocks run again."),
        hint=gettext_lazy("What was waited for has come: the clocks run on, later by the time they stood still."),
        is_next_step=True,
    ),
    Verb(
        name="ask_pause",
        label=gettext_lazy("Ask for a pause"),
        form=AskPauseForm,
        run=_ask,
        done=gettext_lazy("Asked. Until it is decided the clocks run on."),
        hint=gettext_lazy("Only before anything is overdue. Whoever decides is told at once."),
        is_aside=True,
    ),
]
CASE_VERBS: list[Verb] = [
    Verb(
        name="tell_limit",
        label=gettext_lazy("Told the resident the new date"),
        form=TellLimitForm,
        run=_tell_limit,
        done=gettext_lazy("It is written down that the resident knows."),
        hint=gettext_lazy("The promised date has moved, or the matter is shelved; the receipt can be printed anew."),
        is_next_step=True,
    ),
    Verb(
        name="tell_delay",
        label=gettext_lazy("Told the resident that it may take longer"),
        form=TellDelayForm,
        run=_tell_delay,
        done=gettext_lazy("It is written down that the resident knows."),
        hint=gettext_lazy(
            "No message reaches the resident, and a limit is near: say that we are still working on it, and by when "
            "they hear from us. The limit itself stays."
        ),
        is_next_step=True,
    ),
    *PAUSE_VERBS,
]
SLIP_VERBS: list[Verb] = [
    *PAUSE_VERBS,
    Verb(
        name="grant_extension",
        label=gettext_lazy("Grant the extension"),
        form=GrantExtensionForm,
        run=lambda form, now: grant_extension(**form.about(now), **form.given("decision")),
        done=gettext_lazy("Granted. The desk tells the resident the new date."),
        hint=gettext_lazy("Handling and promise move together; a date set from above stays where it is."),
        is_next_step=True,
    ),
    Verb(
        name="refuse_extension",
        label=gettext_lazy("Refuse the extension"),
        form=RefuseExtensionForm,
        run=lambda form, now: refuse_extension(**form.about(now), **form.given("decision")),
        done=gettext_lazy("Refused: the limit stays."),
    ),
    Verb(
        name="ask_extension",
        label=gettext_lazy("Ask for an extension"),
        form=AskExtensionForm,
        run=lambda form, now: ask_extension(
            **form.about(now), **form.given("working_days", "reason", "submission_key")
        ),
        done=gettext_lazy("Asked. Until it is decided the old limit holds."),
        hint=gettext_lazy("Once a case; the director decides before the limit has passed."),
        is_aside=True,
    ),
]
