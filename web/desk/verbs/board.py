"""A case whose outcome everybody may read: the draft of a posting, in the case's own words first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from followups.board.drafting import draft_posting
from followups.board.wording import from_case
from followups.posting import FROM_A_CASE, LONGEST_TEXT, LONGEST_TITLE, PostingKind
from web.desk.verbs.form import Verb, VerbForm


def title_field() -> forms.CharField:
    return forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)


def text_field(label: Any, *, rows: int = 6, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        help_text=help_text,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class DraftForm(VerbForm):
    kind = forms.ChoiceField(
        label=_("What it is going to be"),
        choices=[(kind.value, kind.label) for kind in FROM_A_CASE],
        widget=forms.RadioSelect,
    )
    title = title_field()
    raised = text_field(
        _("What was raised"), rows=4, required=False, help_text=_("What it was about, not who raised it.")
    )
    text = text_field(_("What was done"))

    def prepare(self) -> None:
        if self.is_bound:
            return
        words = from_case(self.subject)
        self.initial.update(kind=words.kind, title=words.title, raised=words.raised, text=words.text)
        decided = self.subject.apologies.last()
        if decided is not None and decided.is_public:
            # The director has chosen the words already, what was found and done stands behind them.
            self.initial.update(kind=PostingKind.CORRECTION, text=decided.text)

    def asked_for(self, kind: str) -> None:
        """The page that leads here may say what it is going to be: an apology that was decided, for example."""
        if kind in PostingKind.values and not self.is_bound:
            self.initial["kind"] = kind


DRAFT_POSTING = Verb(
    name="draft_posting",
    label=_("Draft for the board"),
    form=DraftForm,
    run=lambda form, now: draft_posting(
        **form.about(now), **form.given("kind", "title", "raised", "text", "submission_key")
    ),
    done=_("The draft is kept."),
    hint=_(
        "These are the case's own words. Take out who somebody is and where they live; what could still tell it is "
        "marked on the next page, and only the director publishes."
    ),
    is_aside=True,
)
CASE_VERBS = [DRAFT_POSTING]
