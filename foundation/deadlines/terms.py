"""Which term applies, and the schedule it gives in the hall's calendar."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection

from foundation.deadlines.calendar import DayKind, DayRule, Hours, Schedule, Unit, WorkCalendar, compute
from foundation.deadlines.models import Anchor, Audience, Card, ClockKind, LadderStep, Nature, Term, Urgency, Variant
from foundation.deadlines.statutory import LIBRARY_VERSION
from foundation.organization.models import Category, Hall

# kind, length, unit, and what it is for; sources in the design's table of clocks.
DEFAULT_TERMS: Final[Sequence[tuple[ClockKind, int, Unit, dict[str, str]]]] = [
    (ClockKind.DISPATCH, 24, Unit.HOURS, {}),
    (ClockKind.DISPATCH, 30, Unit.MINUTES, {"urgency": Urgency.URGENT}),
    (ClockKind.PROMISE, 7, Unit.WORKING_DAYS, {}),
    (ClockKind.PROMISE, 1, Unit.WORKING_DAYS, {"nature": Nature.CONSULTATION}),
    (ClockKind.PROMISE, 15, Unit.WORKING_DAYS, {"nature": Nature.COMPLAINT}),
    (ClockKind.PROMISE, 15, Unit.WORKING_DAYS, {"nature": Nature.REPORT}),
    (ClockKind.CONFIRM, 24, Unit.HOURS, {}),
    (ClockKind.SIGN_IN, 1, Unit.WORKING_DAYS, {}),
    (ClockKind.SIGN_IN, 30, Unit.MINUTES, {"urgency": Urgency.URGENT}),
    (ClockKind.CONTACT, 1, Unit.WORKING_DAYS, {}),
    (ClockKind.INVESTIGATE, 48, Unit.HOURS, {}),
    (ClockKind.INVESTIGATE, 2, Unit.HOURS, {"urgency": Urgency.URGENT}),
    # Suggestions and praise are handled like requests, reports of wrongdoing like complaints.
    (ClockKind.HANDLE, 5, Unit.WORKING_DAYS, {}),
    (ClockKind.HANDLE, 1, Unit.WORKING_DAYS, {"nature": Nature.CONSULTATION}),
    (ClockKind.HANDLE, 7, Unit.WORKING_DAYS, {"nature": Nature.COMPLAINT}),
    (ClockKind.HANDLE, 7, Unit.WORKING_DAYS, {"nature": Nature.REPORT}),
    (ClockKind.HANDLE, 24, Unit.HOURS, {"urgency": Urgency.URGENT}),
    (ClockKind.HANDLE, 10, Unit.WORKING_DAYS, {"variant": Variant.LEAD}),
    (ClockKind.HANDLE, 8, Unit.WORKING_DAYS, {"variant": Variant.ASSISTING}),
    (ClockKind.PLAN, 3, Unit.WORKING_DAYS, {}),
    (ClockKind.PLAN, 14, Unit.DAYS, {"variant": Variant.OUTSIDE}),
    (ClockKind.FEEDBACK, 2, Unit.WORKING_DAYS, {}),
    (ClockKind.FEEDBACK, 7, Unit.WORKING_DAYS, {"nature": Nature.COMPLAINT}),
    (ClockKind.FOLLOW_UP, 7, Unit.DAYS, {}),
    (ClockKind.OUTCOME, 7, Unit.DAYS, {}),
    (ClockKind.DECLINE_NOTICE, 15, Unit.DAYS, {}),
    # A supervision notice carries its own date: no default.
]

# Two steps share the due time: whoever is responsible is told, and their head.
DEFAULT_LADDER: Final[Sequence[tuple[Anchor, int, Unit, Audience, Card | str]]] = [
    (Anchor.WARNING, 0, Unit.MINUTES, Audience.RESPONSIBLE, Card.YELLOW),
    (Anchor.DUE, 0, Unit.MINUTES, Audience.RESPONSIBLE, Card.RED),
    (Anchor.DUE, 0, Unit.MINUTES, Audience.HEAD, Card.RED),
    (Anchor.DUE, 1, Unit.WORKING_DAYS, Audience.DIRECTOR, ""),
    (Anchor.DUE, 3, Unit.WORKING_DAYS, Audience.SUPERVISOR, ""),
]

# Everything a calendar is built from, as one text: read in one statement, it is of one moment.
CALENDAR_OF: Final = """
        SELECT json_build_object(
            'zone', hall.timezone,
            'hours', (SELECT json_agg(json_build_array(weekday, opens, closes) ORDER BY weekday, opens)
                      FROM organization_openinghours WHERE hall_id = hall.id),
            'days', (SELECT json_agg(json_build_array(date, kind, name, opens, closes) ORDER BY date)
                     FROM deadlines_calendarday WHERE hall_id = hall.id),
            'years', (SELECT json_agg(year ORDER BY year) FROM deadlines_announcedyear WHERE hall_id = hall.id)
        )::text AS settings
        FROM organization_hall AS hall WHERE hall.id = %s
"""
DIGEST: Final = "left(encode(sha256(convert_to({}, 'UTF8')), 'hex'), 16)"
VERSION_SQL: Final = f"SELECT {DIGEST.format('settings')} FROM ({CALENDAR_OF}) AS own"  # noqa: S608 - fixed texts
LOAD_SQL: Final = f"SELECT {DIGEST.format('settings')}, settings FROM ({CALENDAR_OF}) AS own"  # noqa: S608 - fixed texts

_calendars: dict[int, tuple[str, WorkCalendar]] = {}


def calendar_for(hall: Hall) -> WorkCalendar:
    """The hall's calendar. One small query asks whether its rows are still those this process has built it from.

    The version is a digest of the rows themselves, so that no way of changing them, in any process, can be missed.
    """
    with connection.cursor() as cursor:
        cursor.execute(VERSION_SQL, [hall.pk])
        found = cursor.fetchone()
        known = _calendars.get(hall.pk)
        if found and known and known[0] == found[0]:
            return known[1]
        cursor.execute(LOAD_SQL, [hall.pk])
        return calendar_of(hall.pk, *cursor.fetchone())


def calendar_of(hall_id: int, digest: str, settings: str) -> WorkCalendar:
    """Built once for each digest, whoever has read the rows."""
    known = _calendars.get(hall_id)
    if known is None or known[0] != digest:
        known = _calendars[hall_id] = (digest, _built(digest, json.loads(settings)))
    return known[1]


def _built(digest: str, settings: dict[str, Any]) -> WorkCalendar:
    weekly: dict[int, Hours] = {}
    for weekday, opens, closes in settings["hours"] or []:
        weekly[weekday] = (*weekly.get(weekday, ()), (time.fromisoformat(opens), time.fromisoformat(closes)))
    days = {
        date.fromisoformat(day): DayRule(
            kind=DayKind(kind),
            name=name,
            opens=time.fromisoformat(opens) if opens else None,
            closes=time.fromisoformat(closes) if closes else None,
        )
        for day, kind, name, opens, closes in settings["days"] or []
    }
    return WorkCalendar(
        zone=ZoneInfo(settings["zone"]),
        weekly=weekly,
        days=days,
        announced_years=frozenset(settings["years"] or []),
        version=f"{digest}/{LIBRARY_VERSION}",
    )


def find_term(
    hall: Hall,
    *,
    kind: ClockKind | str,
    nature: str = "",
    category: Category | None = None,
    urgency: str = Urgency.NORMAL,
    variant: str = "",
    among: Sequence[Term] | None = None,
) -> Term:
    """The rule for this matter: the most specific one. Raises LookupError when the hall has none.

    among: the hall's rules, where several questions are asked at once and they have been read already.

    A rule for the leg goes before one for the category, this before one for its theme, then nature, then urgency.
    For an urgent matter the best rule for urgent matters stands against the best of the others, and the shorter is
    taken: a rule for a category may shorten the time of an urgent matter, never lengthen it.
    schedule() decides between the two by the time they are really due.
    """
    candidates = _candidates(
        hall, kind=kind, nature=nature, category=category, urgency=urgency, variant=variant, among=among
    )
    return min(candidates, key=_nominal_minutes)


def schedule(
    hall: Hall,
    *,
    kind: ClockKind | str,
    start: datetime,
    nature: str = "",
    category: Category | None = None,
    urgency: str = Urgency.NORMAL,
    variant: str = "",
    on_call: bool = False,
    calendar: WorkCalendar | None = None,
    among: Sequence[Term] | None = None,
) -> Schedule:
    """When a clock of this kind that starts now is due, by the hall's rules; its term is in `.term`.

    among: the hall's rules, where they have been read already (rules.py).
    on_call: whether anybody is on call at the start; without, an urgent clock waits for the next opening.
    Raises LookupError without a rule, and what compute() raises.
    """
    calendar = calendar or calendar_for(hall)
    candidates = _candidates(
        hall, kind=kind, nature=nature, category=category, urgency=urgency, variant=variant, among=among
    )
    # An urgent matter is never due later than it would be if nobody had called it urgent: waiting for the next opening
    # can take longer than an ordinary term that has been running since.
    manners = (True, False) if urgency == Urgency.URGENT else (False,)
    schedules = [
        replace(
            compute(
                calendar,
                start=start,
                length=term.length,
                unit=term.unit,
                urgent=urgent,
                on_call=on_call,
                lead_minutes=term.warning_lead_minutes,
            ),
            term=term,
        )
        for term in candidates
        for urgent in manners
        if not (term.urgency == Urgency.URGENT and not urgent)
    ]
    return min(schedules, key=lambda found: found.due_at)


def _candidates(
    hall: Hall,
    *,
    kind: ClockKind | str,
    nature: str,
    category: Category | None,
    urgency: str,
    variant: str,
    among: Sequence[Term] | None = None,
) -> list[Term]:
    """The best rule; for an urgent matter the best of those for urgent ones (first) and the best of the others."""
    categories = [category.pk, category.parent_id] if category else []
    rows = [
        term
        for term in (Term.objects.filter(hall=hall, kind=kind) if among is None else among)
        if term.kind == kind
        and term.variant in ("", variant)
        and term.nature in ("", nature)
        and (term.category_id is None or term.category_id in categories)
    ]

    def rank(term: Term) -> tuple[bool, int, bool, bool]:
        place = 2 if category and term.category_id == category.pk else int(term.category_id is not None)
        return (term.variant != "", place, term.nature != "", term.urgency != "")

    urgent = [term for term in rows if term.urgency == Urgency.URGENT] if urgency == Urgency.URGENT else []
    ordinary = [term for term in rows if term.urgency != Urgency.URGENT]
    best = [max(group, key=rank) for group in (urgent, ordinary) if group]
    if not best:
        raise LookupError(
            f"{hall.code} has no time limit rule for {kind} (nature {nature or 'any'}, urgency {urgency})"
        )
    return best


def _nominal_minutes(term: Term) -> int:
    """For comparing rules without a calendar: roughly how long each lasts."""
    per_unit = {Unit.MINUTES: 1, Unit.WORKING_HOURS: 60, Unit.HOURS: 60, Unit.DAYS: 1440, Unit.WORKING_DAYS: 1440}
    return term.length * per_unit[Unit(term.unit)]


def seed_terms(hall: Hall, *, follow_up_days: Mapping[Category, int] | None = None) -> None:
    """The default rules, where the hall has none for the same thing yet; rows already there stay as they are.

    follow_up_days: themes or categories followed up sooner than the rest (safety 2, leaks 3).
    """
    rows = [Term(hall=hall, kind=kind, length=length, unit=unit, **what) for kind, length, unit, what in DEFAULT_TERMS]
    rows += [
        Term(hall=hall, kind=ClockKind.FOLLOW_UP, category=category, length=days, unit=Unit.DAYS)
        for category, days in (follow_up_days or {}).items()
    ]
    Term.objects.bulk_create(rows, ignore_conflicts=True)


def seed_ladder(hall: Hall) -> None:
    """The default alert ladder, for a hall that has no step at all: a removed step must not come back."""
    if LadderStep.objects.filter(hall=hall).exists():
        return
    LadderStep.objects.bulk_create(
        LadderStep(
            hall=hall,
            position=position,
            anchor=anchor,
            offset_length=length,
            offset_unit=unit,
            audience=audience,
            card=card,
        )
        for position, (anchor, length, unit, audience, card) in enumerate(DEFAULT_LADDER, 1)
    )
