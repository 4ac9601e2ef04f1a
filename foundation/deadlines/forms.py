"""Forms of the administration. What is wrong is said at the field it is about, before any action is called."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from foundation.deadlines.actions import DAY_FIELDS, HOURS_FIELDS, STEP_FIELDS, TERM_FIELDS, refuse_overlap
from foundation.deadlines.calendar import LENGTH_MESSAGE, DayKind
from foundation.deadlines.models import AnnouncedYear, CalendarDay, LadderStep, Term
from foundation.organization.models import OpeningHours


class HallRowForm(forms.ModelForm[Any]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "hall" in self.fields:
            # A row never moves to another hall; disabled, the hall still takes part in "only once in a hall".
            self.fields["hall"].disabled = True


class TermForm(HallRowForm):
    class Meta:
        model = Term
        fields = ["hall", *TERM_FIELDS]
        error_messages = {"length": {"min_value": LENGTH_MESSAGE, "required": LENGTH_MESSAGE}}


class CalendarDayForm(HallRowForm):
    class Meta:
        model = CalendarDay
        fields = ["hall", *DAY_FIELDS]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        kind, opens, closes = cleaned.get("kind"), cleaned.get("opens"), cleaned.get("closes")
        _close_after_opening(self, opens, closes)
        if kind == DayKind.CLOSURE and (opens or closes):
            self.add_error("kind", _("A closed day has no opening hours: empty the times, or choose changed hours."))
        if kind == DayKind.CHANGED_HOURS and not (opens and closes):
            self.add_error("opens" if not opens else "closes", _("Changed hours need both times."))
        if kind == DayKind.EXTRA_DAY and bool(opens) != bool(closes):
            self.add_error("opens" if not opens else "closes", _("Give both times, or none for the usual hours."))
        return cleaned


class AnnouncedYearForm(HallRowForm):
    class Meta:
        model = AnnouncedYear
        fields = ["hall", "year"]


class LadderStepForm(HallRowForm):
    class Meta:
        model = LadderStep
        fields = ["hall", *STEP_FIELDS]


class OpeningHoursForm(HallRowForm):
    class Meta:
        model = OpeningHours
        fields = ["hall", *HOURS_FIELDS]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        _close_after_opening(self, cleaned.get("opens"), cleaned.get("closes"))
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                refuse_overlap(self.instance)
            except ValidationError as error:
                self.add_error(None, error)


def _close_after_opening(form: forms.BaseForm, opens: Any, closes: Any) -> None:
    if opens and closes and closes <= opens:
        form.add_error("closes", _("The hall must close after it opens."))
