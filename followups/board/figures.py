"""What a hall did in a month, in a few sentences for everybody. Groups under five are told together or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.days import Span, ended_in_time, ended_late, still_overdue
from cases.models import Case, CaseDeadline
from followups.models import HAPPY, Conclusion, Evaluation
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Category, Hall

SMALL = 5
"""Neighbours could tell whose matter it is where there are fewer."""
SHOWN = 5


def last_month(hall: Hall, now: datetime) -> Span:
    last = now.astimezone(hall.zone).date().replace(day=1) - timedelta(days=1)
    return Span(last.replace(day=1), last, hall.zone)


def figures_of(hall: Hall, month: Span, now: datetime) -> tuple[str, str]:
    """Title and text, in the language of the house: it is read on paper as well."""
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Figures of %(month)s") % {"month": date_format(month.first, "YEAR_MONTH_FORMAT")}
        return title, "\n".join(_sentences(hall, month, now))


def _sentences(hall: Hall, month: Span, now: datetime) -> list[str]:
    by_category = _by_category(hall, month)
    received = sum(by_category.values())
    if received < SMALL:
        return [_("Fewer than five matters were received in this month; nothing more is told of so few.")]
    sentences = [_("Received: %(count)d matters.") % {"count": received}]
    in_time, ended = _promises(hall, month, now)
    if ended >= SMALL:
        sentences.append(
            _("Answered in time: %(percent)d %% of those that were due.") % {"percent": _percent(in_time, ended)}
        )
    happy, asked = _answers(hall, month)
    if asked >= SMALL:
        sentences.append(
            _("Asked afterwards, %(percent)d %% of %(count)d residents were satisfied or basically satisfied.")
            % {"percent": _percent(happy, asked), "count": asked}
        )
    shown, rest = told(by_category)
    if shown:
        parts = [_("%(category)s %(count)d") % {"category": name, "count": count} for name, count in shown]
        if rest:
            parts.append(_("everything else %(count)d") % {"count": rest})
        sentences.append(_("What they were about: %(list)s.") % {"list": _(", ").join(parts)})
    return sentences


def told(counts: Mapping[str, int]) -> tuple[list[tuple[str, int]], int]:
    """The five largest groups that are not small, and the rest, which is not small either: nobody can subtract one."""
    ordered = sorted(((name, count) for name, count in counts.items() if count), key=lambda one: (-one[1], one[0]))
    shown = [one for one in ordered if one[1] >= SMALL][:SHOWN]
    rest = sum(count for _name, count in ordered) - sum(count for _name, count in shown)
    while shown and 0 < rest < SMALL:
        rest += shown.pop()[1]
    return shown, rest


def _percent(part: int, base: int) -> int:
    """Never rounded up: a hundred says that it was all of them."""
    return 100 * part // base


def _by_category(hall: Hall, month: Span) -> dict[str, int]:
    cases = Case.objects.filter(month.holds("registered_at"), hall=hall).order_by().values("category")
    counted = {row["category"]: row["count"] for row in cases.annotate(count=Count("pk"))}
    names = Category.objects.filter(pk__in=counted).values_list("pk", "name")
    by_name: dict[str, int] = {}
    for pk, name in names:
        by_name[name] = by_name.get(name, 0) + counted[pk]
    return by_name


def _promises(hall: Hall, month: Span, now: datetime) -> tuple[int, int]:
    """Promises kept in time, and all that ended in these days or are overdue still."""
    clocks = CaseDeadline.objects.filter(hall=hall, kind=ClockKind.PROMISE)
    met, missed = ended_in_time(month), ended_late(month) | still_overdue(month, now)
    counted = clocks.filter(met | missed).aggregate(met=Count("pk", filter=met), all=Count("pk"))
    return counted["met"], counted["all"]


def _answers(hall: Hall, month: Span) -> tuple[int, int]:
    """How many were content, and how many were asked; a conclusion by the director counts as an answer that is not."""
    given = Evaluation.objects.filter(month.holds("at"), case__hall=hall)
    counted = given.aggregate(happy=Count("pk", filter=Q(satisfaction__in=HAPPY)), all=Count("pk"))
    concluded = Conclusion.objects.filter(month.holds("concluded_at"), case__hall=hall).count()
    return counted["happy"], counted["all"] + concluded
