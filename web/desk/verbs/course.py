"""Verbs that end a matter in another way, join it to another, or say who stands for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.hand_over import hand_over, owner_candidates
from cases.actions.merge import MAIN_STATES, merge, unmerge
from cases.actions.name_contact import contact_candidates, name_contact
from cases.actions.withdraw import (
    WAYS_OF_SAYING,
    Wish,
    ask_withdrawal,
    grant_withdrawal,
    refuse_withdrawal,
    withdraw,
)
from cases.models import Case
from cases.search import similar_open_cases
from cases.vocabulary import AnswerMeans, SignatureKind
from followups.actions.conclude import LONGEST_BODY, conclude
from foundation import dates
from foundation.ledger.models import Text
from foundation.organization.models import Staff
from web.desk.verbs import oversight
from web.desk.verbs.form import MomentField, SignedForm, Verb, VerbForm, long_text

SAID = [choice for choice in AnswerMeans.choices if choice[0] in WAYS_OF_SAYING]
SIMILAR = 6


class WishForm(SignedForm):
    """What the resident said; about staff, the supervisor who checks it writes down how."""

    field_order = ("wish", "means", "said_at", "signature_kind", "signature", "unsigned_reason", "checked")
    wish = long_text(gettext_lazy("The resident's wish, in their words"))
    means = forms.ChoiceField(label=gettext_lazy("How the resident said it"), choices=SAID, widget=forms.RadioSelect)
    said_at = MomentField(label=gettext_lazy("When"))

    def prepare(self) -> None:
        self.initial.setdefault("said_at", self.now)
        self.initial.setdefault("means", AnswerMeans.DESK)

    def given_wish(self) -> Wish:
        return Wish(
            text=self.cleaned_data["wish"],
            means=self.cleaned_data["means"],
            said_at=self.cleaned_data["said_at"],
            signature=self.given_signature(),
        )


class WithdrawForm(WishForm):
    checked = long_text(gettext_lazy("How you made sure that the wish is free"))

    def prepare(self) -> None:
        if not self.case.is_about_staff:
            del self.fields["checked"]
            super().prepare()
            self._prepare_answer_to_wish()
            return
        for name in ("wish", "means", "said_at", "signature_kind", "signature", "unsigned_reason"):
            del self.fields[name]
        self.fields["checked"].help_text = _as_written_down(self.case)

    def _prepare_answer_to_wish(self) -> None:
        """Asked for on the tracking page: the resident is called, and says once more what they wrote there."""
        if self.case.withdrawal_asked_at is None:
            return
        self.fields["wish"].help_text = _("Speak with the resident first: whoever finds a receipt could have asked.")
        self.initial.update(
            wish=waiting_wish(self.case),
            means=AnswerMeans.PHONE,
            signature_kind=SignatureKind.NONE,
            unsigned_reason=_("asked for on the tracking page"),
        )


class RefuseWithdrawalForm(VerbForm):
    checked = long_text(gettext_lazy("What you found out, and why the matter goes on"))

    def prepare(self) -> None:
        self.fields["checked"].help_text = _as_written_down(self.case)


class MergeForm(VerbForm):
    main = forms.ChoiceField(
        label=gettext_lazy("Cases that say nearly the same"), required=False, widget=forms.RadioSelect
    )
    number = forms.CharField(
        label=gettext_lazy("Another case, by its number"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("It is shown first; press once more to merge into it."),
    )

    def prepare(self) -> None:
        matters = self.case.case_visits.values_list("visit__matter", flat=True)
        text = "\n".join([self.case.title, *matters])
        alike = similar_open_cases(hall=self.case.hall, text=text, staff=self.staff, limit=SIMILAR + 1)
        self.offered = {similar.case.number: similar.case for similar in alike if self._may_be_main(similar.case)}
        chosen = self._find(self.data.get("main", ""))
        if chosen is not None:
            self.offered.setdefault(chosen.number, chosen)
        self._offer()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        number = data.get("number", "").strip()
        if number:
            found = self._find(number)
            if found is None:
                self.add_error("number", _("This hall has no such case."))
            elif found.number != data.get("main"):
                self._show_first(found)
        elif not data.get("main") and "main" not in self.errors:
            self.add_error("main" if self.offered else "number", _("Choose the case that this one goes on with."))
        return data

    @cached_property
    def main_id(self) -> int:
        return int(self.offered[self.cleaned_data["main"]].pk)

    def _show_first(self, found: Case) -> None:
        """A number is easily mistyped: what it stands for is read before anything is done."""
        self.offered = {found.number: found, **self.offered}
        self._offer()
        given: Any = self.data
        self.data = {**given.dict(), "main": found.number, "number": ""}
        self.add_error("main", _("Is this the case you mean? Then press once more."))

    def _offer(self) -> None:
        field: Any = self.fields["main"]
        field.choices = [(number, _in_one_line(case)) for number, case in self.offered.items()]
        if not self.offered:
            field.widget = forms.HiddenInput()

    def _find(self, number: str) -> Case | None:
        if not number.strip():
            return None
        return Case.objects.visible_to(self.staff).filter(hall=self.case.hall_id, number=number.strip().upper()).first()

    def _may_be_main(self, other: Case) -> bool:
        return other.pk != self.case.pk and other.state in MAIN_STATES and not other.is_hidden


class UnmergeForm(VerbForm):
    reason = long_text(gettext_lazy("Why it is a matter of its own"))


class ConcludeForm(VerbForm):
    letter = long_text(
        gettext_lazy("Letter to the resident"),
        rows=10,
        help_text=gettext_lazy("What was asked, what both rounds found and did, and why no more can be done."),
    )
    review_body = forms.CharField(
        label=gettext_lazy("Where the resident can ask for a review"), max_length=LONGEST_BODY
    )


class HandOverForm(VerbForm):
    owner = forms.ModelChoiceField(
        label=gettext_lazy("New first-contact owner"), queryset=Staff.objects.none(), empty_label="–"
    )
    reason = long_text(gettext_lazy("Why the case changes hands"), rows=2)

    def prepare(self) -> None:
        self.fields["owner"].queryset = owner_candidates(self.case)  # type: ignore[attr-defined]


class NameContactForm(VerbForm):
    contact = forms.ModelChoiceField(
        label=gettext_lazy("Who may know who the resident is"), queryset=Staff.objects.none(), empty_label="–"
    )

    def prepare(self) -> None:
        self.fields["contact"].queryset = contact_candidates(self.case)  # type: ignore[attr-defined]


def _in_one_line(case: Case) -> str:
    return f"{case.number} · {case.title} · {dates.day(case.registered_at)}"


def waiting_wish(case: Case) -> str:
    """In whose words the matter was last asked to be withdrawn; empty once it is erased."""
    wishes = Text.objects.filter(entry__chain=case.chain_id, entry__kind="case.withdrawal_asked", name="wish")
    return wishes.order_by("-entry__seq").values_list("content", flat=True).first() or ""


def _as_written_down(case: Case) -> str:
    """The wish that waits for its check."""
    wish = waiting_wish(case)
    return _("As written down: %(wish)s") % {"wish": wish} if wish else ""


def _withdraw(form: Any, now: datetime) -> Case:
    if "checked" in form.fields:
        return grant_withdrawal(**form.about(now), **form.given("checked"))
    return withdraw(**form.about(now), wish=form.given_wish())


CASE_VERBS = [
    Verb(
        name="withdraw",
        label=gettext_lazy("Withdraw the matter"),
        form=WithdrawForm,
        run=_withdraw,
        done=gettext_lazy("Withdrawn. The departments that worked on it have been told."),
        hint=gettext_lazy("Only when the resident themselves wants it, and until they have been informed."),
        signs=True,
        is_aside=True,
    ),
    Verb(
        name="ask_withdrawal",
        label=gettext_lazy("The resident wants to withdraw"),
        form=WishForm,
        run=lambda form, now: ask_withdrawal(**form.about(now), wish=form.given_wish()),
        done=gettext_lazy("The wish is written down; the supervisor checks that it is free."),
        hint=gettext_lazy("This matter is about staff: it goes on until the supervisor has checked the wish."),
        signs=True,
        is_aside=True,
    ),
    Verb(
        name="refuse_withdrawal",
        label=gettext_lazy("Do not withdraw"),
        form=RefuseWithdrawalForm,
        run=lambda form, now: refuse_withdrawal(**form.about(now), **form.given("checked")),
        done=gettext_lazy("The matter goes on. The desk has been told."),
    ),
    Verb(
        name="merge",
        label=gettext_lazy("Merge into another case"),
        form=MergeForm,
        run=lambda form, now: merge(**form.about(now), main_id=form.main_id),
        done=gettext_lazy("Merged. The resident keeps their own promise, answer and follow-up."),
        hint=gettext_lazy(
            "Where somebody else has brought the same matter: only that case is worked on, and its result answers both."
        ),
        is_aside=True,
    ),
    Verb(
        name="unmerge",
        label=gettext_lazy("Unmerge"),
        form=UnmergeForm,
        run=lambda form, now: unmerge(**form.about(now), **form.given("reason")),
        done=gettext_lazy("It is a matter of its own again. The desk has been told."),
    ),
    Verb(
        name="conclude",
        label=gettext_lazy("Conclude with a letter"),
        form=ConcludeForm,
        run=lambda form, now: conclude(**form.about(now), **form.given("letter", "review_body")),
        done=gettext_lazy("Concluded and archived. The letter goes to the resident."),
        hint=gettext_lazy(
            "After two rounds at the earliest. It counts as not satisfied, and the resident can ask for a review."
        ),
        is_aside=True,
    ),
    Verb(
        name="hand_over",
        label=gettext_lazy("Hand over to another owner"),
        form=HandOverForm,
        run=lambda form, now: hand_over(**form.about(now), **form.given("owner", "reason")),
        done=gettext_lazy("Handed over. Both have been told."),
        hint=gettext_lazy("Whoever was met first sees a matter through; no transfer changes that, only you do."),
        is_aside=True,
    ),
    Verb(
        name="name_contact",
        label=gettext_lazy("Name the contact"),
        form=NameContactForm,
        run=lambda form, now: name_contact(**form.about(now), **form.given("contact")),
        done=gettext_lazy("The contact is named."),
        hint=gettext_lazy(
            "Who hides their identity is known to the director, the investigator and one contact. A new one takes the "
            "place of the old."
        ),
        is_aside=True,
    ),
    *oversight.CASE_VERBS,
]
SLIP_VERBS = oversight.SLIP_VERBS
