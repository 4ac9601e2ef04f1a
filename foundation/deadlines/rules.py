"""All that times are counted by in a hall, read together: its calendar, its terms and its ladder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from foundation.deadlines.calendar import WorkCalendar
from foundation.deadlines.ladder import Step
from foundation.deadlines.models import LadderStep, Term
from foundation.deadlines.terms import CALENDAR_OF, DIGEST, calendar_of
from foundation.organization.models import Hall


@dataclass(frozen=True)
class Rules:
    calendar: WorkCalendar
    terms: Sequence[Term]
    ladder: tuple[Step, ...]


# The terms and the ladder of a hall as one text, beside the text its calendar is built from.
RULES_SQL: Final = f"""
    WITH own AS ({CALENDAR_OF}), further AS (
        SELECT json_build_object(
            'terms', (SELECT json_agg(term ORDER BY id) FROM {Term._meta.db_table} AS term WHERE hall_id = %s),
            'ladder', (SELECT json_agg(step ORDER BY position)
                       FROM {LadderStep._meta.db_table} AS step WHERE hall_id = %s)
        )::text AS settings
    )
"""  # noqa: S608 - fixed texts
DIGESTS: Final = f"{DIGEST.format('own.settings')}, {DIGEST.format('further.settings')}"
VERSION_SQL: Final = f"{RULES_SQL} SELECT {DIGESTS} FROM own, further"  # noqa: S608 - fixed texts
LOAD_SQL: Final = f"{RULES_SQL} SELECT {DIGESTS}, own.settings, further.settings FROM own, further"  # noqa: S608

_rules: dict[int, tuple[tuple[str, str], Rules]] = {}


def rules_for(hall: Hall) -> Rules:
    """One query asks whether the hall's rows are still those this process has read its rules from.

    As with the calendar alone, the versions are digests of the rows themselves.
    """
    with connection.cursor() as cursor:
        cursor.execute(VERSION_SQL, [hall.pk] * 3)
        found = cursor.fetchone()
        known = _rules.get(hall.pk)
        if found and known and known[0] == found:
            return known[1]
        cursor.execute(LOAD_SQL, [hall.pk] * 3)
        calendar_digest, digest, settings, further = cursor.fetchone()
    rules = _built(calendar_of(hall.pk, calendar_digest, settings), json.loads(further))
    _rules[hall.pk] = ((calendar_digest, digest), rules)
    return rules


def _built(calendar: WorkCalendar, further: dict[str, Any]) -> Rules:
    columns = [field.attname for field in Term._meta.concrete_fields]
    terms = [
        Term.from_db(connection.alias, columns, [row[column] for column in columns]) for row in further["terms"] or []
    ]
    steps = [
        Step(*(row[name] for name in ("position", "anchor", "offset_length", "offset_unit", "audience", "card")))
        for row in further["ladder"] or []
    ]
    return Rules(calendar, tuple(terms), tuple(steps))
