"""The follow-up: three questions, and what is known before they are asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from followups.actions.evaluate import record_evaluation
from followups.actions.late import keep_closed, reopen_archived
from followups.actions.second_look import look_again
from followups.actions.send_link import send_link
from followups.models import EvaluationChannel, Satisfaction, SecondLook, Solved
from web.desk.verbs.form import Verb, VerbForm, long_text

ASKED_BY = [
    choice for choice in EvaluationChannel.choices if choice[0] in (EvaluationChannel.PHONE, EvaluationChannel.VISIT)
]


def _is_yes(answer: Any) -> bool:
    return str(answer) == "yes"


class FollowUpForm(VerbForm):
    channel = forms.ChoiceField(
        label=_("How you asked"), choices=ASKED_BY, widget=forms.RadioSelect, initial=EvaluationChannel.PHONE
    )
    contacted = forms.TypedChoiceField(
        label=_("1. Did somebody get in touch with you about it?"),
        choices=[("yes", _("yes")), ("no", _("no"))],
        coerce=_is_yes,
        widget=forms.RadioSelect,
    )
    solved = forms.ChoiceField(label=_("2. Is it solved?"), choices=Solved.choices, widget=forms.RadioSelect)
    satisfaction = forms.ChoiceField(
        label=_("3. Are you satisfied with how it was handled?"),
        choices=Satisfaction.choices,
        widget=forms.RadioSelect,
    )
    reasons = long_text(
        _("Why not"),
        rows=3,
        required=False,
        help_text=_(
            "Needed where it is not solved or the resident is not satisfied, in their words: the department gets "
            "them in writing."
        ),
    )
    remark = long_text(_("Remark"), rows=2, required=False)


FOLLOW_UP = Verb(
    name="attempt_follow_up",
    label=_("Follow up"),
    form=FollowUpForm,
    run=lambda form, now: record_evaluation(
        **form.about(now),
        **{
            name: form.cleaned_data[name]
            for name in ("channel", "contacted", "solved", "satisfaction", "reasons", "remark", "submission_key")
        },
    ),
    done=_("The follow-up is written down."),
    is_next_step=True,
)


class ReopenForm(VerbForm):
    reason = long_text(
        _("Why it is handled again"),
        rows=3,
        help_text=_("Stands on the rectification notice, below what the resident said."),
    )


class KeepClosedForm(VerbForm):
    word = long_text(_("Why it stays closed"), rows=3)


class SecondLookForm(VerbForm):
    outcome = forms.ChoiceField(
        label=_("What the resident says now"), choices=SecondLook.Outcome.choices, widget=forms.RadioSelect
    )
    differs = long_text(
        _("What differs"),
        rows=3,
        required=False,
        help_text=_("In the resident's words. The director reads it and may have the matter handled again."),
    )
    remark = long_text(_("Remark"), rows=2, required=False)


SECOND_LOOK = Verb(
    name="look_again",
    label=_("Second look"),
    form=SecondLookForm,
    run=lambda form, now: look_again(**form.about(now), **form.given("outcome", "differs", "remark", "submission_key")),
    done=_("The second look is written down."),
    is_aside=True,
)
AFTERWARDS = [
    Verb(
        name="reopen_archived",
        label=_("Reopen"),
        form=ReopenForm,
        run=lambda form, now: reopen_archived(**form.about(now), **form.given("reason")),
        done=_("A new round begins. The departments have their rectification notice."),
        hint=_("Within thirty days of the archive: a new round with a promise of its own, and another handler."),
        is_next_step=True,
    ),
    Verb(
        name="keep_closed",
        label=_("Leave it closed"),
        form=KeepClosedForm,
        run=lambda form, now: keep_closed(**form.about(now), **form.given("word")),
        done=_("It stays archived, and the record says why."),
    ),
    Verb(
        name="send_link",
        label=_("Send the link"),
        form=VerbForm,
        run=lambda form, now: send_link(**form.about(now)),
        done=_("The link to the three questions is on its way."),
        hint=_("By e-mail or text message, once a round. What the resident answers there counts like a follow-up."),
        is_aside=True,
    ),
    SECOND_LOOK,
]
