"""The days a page of figures is about; they stand in its address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from cases.days import Span
from foundation.organization.models import Hall

LONGEST = 366
USUAL = "this_month"


def _this_week(today: date) -> tuple[date, date]:
    return today - timedelta(days=today.weekday()), today


def _this_month(today: date) -> tuple[date, date]:
    return today.replace(day=1), today


def _last_month(today: date) -> tuple[date, date]:
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


def _this_quarter(today: date) -> tuple[date, date]:
    return today.replace(month=today.month - (today.month - 1) % 3, day=1), today


def _this_year(today: date) -> tuple[date, date]:
    return today.replace(month=1, day=1), today


NAMED = {
    "this_week": (_("this week"), _this_week),
    "this_month": (_("this month"), _this_month),
    "last_month": (_("last month"), _last_month),
    "this_quarter": (_("this quarter"), _this_quarter),
    "this_year": (_("this year"), _this_year),
}


class DaysForm(forms.Form):
    """From one day to another, both included."""

    begins = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    ends = forms.DateField(label=_("to"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        begins, ends = cleaned.get("begins"), cleaned.get("ends")
        for name, day in (("begins", begins), ("ends", ends)):
            if day is not None and not 2000 <= day.year <= 2100:
                self.add_error(name, _("Choose a day of this century."))
        if begins and ends and begins > ends:
            self.add_error("ends", _("The last day lies before the first."))
        elif begins and ends and (ends - begins).days >= LONGEST:
            self.add_error("ends", _("Choose a year at most."))
        return cleaned


@dataclass(frozen=True)
class Choice:
    label: str | Promise
    url: str
    is_chosen: bool


@dataclass(frozen=True)
class Period:
    span: Span
    choices: list[Choice]
    form: DaysForm
    label: str | Promise
    query: str
    """What the address of another page says, so that it is about the same days."""

    @property
    def is_wrong(self) -> bool:
        return self.form.is_bound and not self.form.is_valid()


def period_of(asked: QueryDict, hall: Hall, now: datetime) -> Period:
    """This month unless the address says otherwise. Days typed wrongly show this month and what is wrong with them."""
    today, zone = now.astimezone(hall.zone).date(), hall.zone
    named = asked.get("period", "")
    if "begins" in asked or "ends" in asked:
        form = DaysForm(asked)
        if form.is_valid():
            span = Span(form.cleaned_data["begins"], form.cleaned_data["ends"], zone)
            query = {"begins": span.first.isoformat(), "ends": span.last.isoformat()}
            return Period(span, _choices(""), form, str(span), urlencode(query))
        return Period(_span(USUAL, today, zone), _choices(USUAL), form, NAMED[USUAL][0], "")
    chosen = named if named in NAMED else USUAL
    span = _span(chosen, today, zone)
    form = DaysForm(initial={"begins": span.first, "ends": span.last})
    return Period(span, _choices(chosen), form, NAMED[chosen][0], urlencode({"period": chosen}))


def _span(name: str, today: date, zone: ZoneInfo) -> Span:
    first, last = NAMED[name][1](today)
    return Span(first, last, zone)


def _choices(chosen: str) -> list[Choice]:
    return [Choice(label, f"?period={name}", name == chosen) for name, (label, _days) in NAMED.items()]
