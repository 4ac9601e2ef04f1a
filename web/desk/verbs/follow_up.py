"""The follow-up: three questions, and what is known before they are asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from followups.actions.evaluate import record_evaluation
from followups.models import EvaluationChannel, Satisfaction, Solved
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
