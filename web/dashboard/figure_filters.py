"""What stands behind a figure of the dashboard: one condition each, and the list of cases is narrowed by the same one.

`?figure=satisfied&days=2026-03-01..2026-03-31` with, where the figure has them, `kind` (of clock), `unit` (department),
`topic` (category) and `person` (first-contact owner).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.days import Span, ended_in_time, ended_late, still_overdue
from cases.filters import FURTHER, Asked, Choices, Narrowed, Words
from cases.models import CaseDeadline, TransferSlip
from cases.vocabulary import OPEN_SLIP_STATES, CaseState, SlipState
from followups.models import (
    HAPPY,
    Conclusion,
    Evaluation,
    NotEvaluatedBecause,
    Satisfaction,
    Solved,
    UnevaluatedRound,
)
from foundation.deadlines.models import ClockKind
from foundation.organization.models import Hall, Staff

PARAMETERS = ("figure", "days", "kind", "unit", "topic", "person")
ENDED = (CaseState.ARCHIVED, CaseState.DECLINED, CaseState.WITHDRAWN)


@dataclass(frozen=True)
class Behind:
    """What a figure is asked for: its days, and which part of the hall."""

    hall: Hall
    span: Span
    now: datetime
    kind: str = ""
    unit: int | None = None


# Clocks


def _with_clock(condition: Callable[[Behind], Q]) -> Callable[[Behind], Q]:
    def of_cases(behind: Behind) -> Q:
        clocks = CaseDeadline.objects.filter(condition(behind), hall=behind.hall)
        if behind.kind:
            clocks = clocks.filter(kind=behind.kind)
        if behind.unit is not None:
            clocks = clocks.filter(slip__department=behind.unit)
        return Q(pk__in=clocks.values("case"))

    return of_cases


# Slips


def open_slips(now: datetime) -> Q:
    return Q(state__in=OPEN_SLIP_STATES)


def overdue_slips(now: datetime) -> Q:
    return Q(state__in=OPEN_SLIP_STATES, next_due_at__lte=now)


def returned_slips(span: Span) -> Q:
    """Of the slips issued in these days, those that came back; a recalled one was the desk's own doing."""
    return Q(state=SlipState.RETURNED) & span.holds("issued_at")


def _with_slip(condition: Callable[[Behind], Q]) -> Callable[[Behind], Q]:
    def of_cases(behind: Behind) -> Q:
        slips = TransferSlip.objects.filter(condition(behind), hall=behind.hall)
        if behind.unit is not None:
            slips = slips.filter(department=behind.unit)
        return Q(pk__in=slips.values("case"))

    return of_cases


# What residents said


def answers(**said: Any) -> Callable[[Behind], Q]:
    def of_cases(behind: Behind) -> Q:
        given = Evaluation.objects.filter(behind.span.holds("at"), **said)
        return Q(pk__in=given.values("case"))

    return of_cases


def _concluded(behind: Behind) -> Q:
    return Q(pk__in=Conclusion.objects.filter(behind.span.holds("concluded_at")).values("case"))


def _not_asked(because: NotEvaluatedBecause) -> Callable[[Behind], Q]:
    def of_cases(behind: Behind) -> Q:
        rounds = UnevaluatedRound.objects.filter(behind.span.holds("at"), because=because)
        return Q(pk__in=rounds.values("case"))

    return of_cases


# Cases


def archived(span: Span) -> Q:
    return Q(state=CaseState.ARCHIVED) & span.holds("closed_at")


def reopened(span: Span) -> Q:
    """Of what was archived in these days, what had needed more than one round."""
    return archived(span) & Q(round__gt=1)


FIGURES: dict[str, tuple[Words, Callable[[Behind], Q]]] = {
    "registered": (_("registered"), lambda behind: behind.span.holds("registered_at")),
    "archived": (_("archived"), lambda behind: archived(behind.span)),
    "reopened": (_("archived after more than one round"), lambda behind: reopened(behind.span)),
    "ended": (
        _("registered, and ended by now"),
        lambda behind: behind.span.holds("registered_at") & Q(state__in=ENDED),
    ),
    "answered": (_("with an answer to the three questions"), answers()),
    "contacted": (_("contacted"), answers(is_contacted=True)),
    "not_contacted": (_("not contacted"), answers(is_contacted=False)),
    "solved": (_("solved"), answers(solved=Solved.YES)),
    "partly_solved": (_("partly solved"), answers(solved=Solved.PARTLY)),
    "not_solved": (_("not solved"), answers(solved=Solved.NO)),
    "satisfied": (_("satisfied"), answers(satisfaction=Satisfaction.SATISFIED)),
    "basically": (_("basically satisfied"), answers(satisfaction=Satisfaction.BASICALLY)),
    "content": (_("satisfied or basically satisfied"), answers(satisfaction__in=HAPPY)),
    "dissatisfied": (_("not satisfied"), answers(satisfaction=Satisfaction.DISSATISFIED)),
    "concluded": (_("concluded by the director"), _concluded),
    "anonymous": (_("anonymous: nobody to ask"), _not_asked(NotEvaluatedBecause.ANONYMOUS)),
    "unreachable": (_("nobody reached"), _not_asked(NotEvaluatedBecause.UNREACHABLE)),
    "imported": (_("from an old register, which does not say"), _not_asked(NotEvaluatedBecause.IMPORTED)),
    "met": (_("in time"), _with_clock(lambda behind: ended_in_time(behind.span))),
    "late": (_("late"), _with_clock(lambda behind: ended_late(behind.span))),
    "overdue": (_("still overdue"), _with_clock(lambda behind: still_overdue(behind.span, behind.now))),
    "slips_open": (_("with an open slip"), _with_slip(lambda behind: open_slips(behind.now))),
    "slips_overdue": (_("with an overdue slip"), _with_slip(lambda behind: overdue_slips(behind.now))),
    "slips_issued": (_("transferred"), _with_slip(lambda behind: behind.span.holds("issued_at"))),
    "slips_returned": (_("transferred and returned"), _with_slip(lambda behind: returned_slips(behind.span))),
    "slips_reported": (_("result reported"), _with_slip(lambda behind: behind.span.holds("reported_at"))),
}
OF_NOW = ("slips_open", "slips_overdue")
"""What is counted now, whatever the days."""


def by_figure(found: Narrowed, asked: Asked, hall: Hall, staff: Staff, now: datetime, choices: Choices) -> None:
    """Narrow a list to the cases behind a figure."""
    given = {name: str(asked.get(name) or "") for name in PARAMETERS}
    name, today = given["figure"], now.astimezone(hall.zone).date()
    if not name:
        return
    if name not in FIGURES:
        return found.leave_out("figure", name)
    span = Span(today, today, hall.zone) if name in OF_NOW else Span.read(given["days"], hall.zone)
    if span is None:
        return found.leave_out("days", given["days"])
    label, condition = FIGURES[name]
    words: list[Words] = [label]
    kind = given["kind"] if given["kind"] in ClockKind.values else ""
    if kind:
        words.insert(0, ClockKind(kind).label)
    unit, topic, person = (_number(given[part]) for part in ("unit", "topic", "person"))
    behind = condition(Behind(hall, span, now, kind, unit))
    if unit is not None:
        words.append(choices.departments.get(unit, _("another department")))
    if topic is not None:
        # Exactly this one; a theme does not stand for what is below it.
        behind &= Q(category=topic)
        words.append(choices.categories.get(topic, _("another category")))
    if person is not None:
        behind &= Q(first_contact_owner=person)
        words.append(choices.owners.get(person, _("one first-contact owner")))
    if name not in OF_NOW:
        words.append(str(span))
    found.add(behind, " · ".join(str(word) for word in words), *PARAMETERS)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


FURTHER.append(by_figure)
