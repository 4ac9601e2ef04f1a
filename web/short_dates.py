"""Dates of lists and pages in templates, without a load: `{{ one.at|short_moment }}`, `{{ one.at|short_day }}`."""

from __future__ import annotations

from datetime import date, datetime

from django import template

from foundation import dates

register = template.Library()


@register.filter
def short_day(of: date | None) -> str:
    return dates.day(of) if of else ""


@register.filter
def short_moment(of: datetime | None) -> str:
    return dates.moment(of) if of else ""
