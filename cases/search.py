"""Finding cases by Chinese words: pairs of neighbouring characters, as a tsvector without positions.

No PostgreSQL extension cuts Chinese into words everywhere offices run, so every two neighbouring characters are a
term; a hit on all pairs is rechecked by the caller with LIKE where the exact phrase matters.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from django.db import connection
from django.db.models.expressions import RawSQL

from cases.models import Case
from cases.vocabulary import OPEN_STATES
from foundation.organization.models import Hall, Staff

WORD = re.compile(r"[0-9a-z]+|[\u3400-\u9fff\U00020000-\U0003ffff]+")
CANDIDATES = 200
"""How many open cases that share a pair are weighed; the newest come first."""


def pairs(text: str) -> list[str]:
    """Distinct pairs of neighbouring Chinese characters, and Latin words or numbers whole, in order of appearance."""
    found: dict[str, None] = {}
    for word in WORD.findall(text.lower()):
        if word.isascii() or len(word) == 1:
            found[word] = None
        else:
            found |= dict.fromkeys(word[place : place + 2] for place in range(len(word) - 1))
    return list(found)


def index_case(case: Case, matter: str) -> None:
    """Write the search terms of a case; title and matter only, never personal data."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case SET search = array_to_tsvector(%s::text[]) WHERE id = %s",
            [pairs(f"{case.title}\n{matter}"), case.pk],
        )


def query_of(terms: list[str], *, operator: str = "&") -> str:
    """A tsquery literal; quotes doubled so that no character of a term is read as an operator."""
    return f" {operator} ".join("'" + term.replace("\\", "\\\\").replace("'", "''") + "'" for term in terms)


@dataclass(frozen=True)
class Similar:
    case: Case
    shared: list[str]
    weight: float


def similar_open_cases(*, hall: Hall, text: str, staff: Staff, limit: int = 5) -> list[Similar]:
    """Open cases of the hall that say nearly the same, best first; shared: the pairs to mark on screen.

    A pair that many of the candidates contain weighs little, one that few contain weighs much.
    """
    terms = pairs(text)[:60]
    if not terms:
        return []
    candidates = (
        Case.objects.visible_to(staff)
        .filter(hall=hall, state__in=OPEN_STATES)
        .extra(where=["cases_case.search @@ %s::tsquery"], params=[query_of(terms, operator="|")])
        .annotate(terms=RawSQL("tsvector_to_array(cases_case.search)", []))
        .select_related("resident", "category__parent", "responsible_department")
        .defer("search")
        .order_by("-registered_at")[:CANDIDATES]
    )
    wanted = set(terms)
    held = [(case, wanted.intersection(case.terms)) for case in candidates]
    spread = Counter(term for _case, shared in held for term in shared)
    results = []
    for case, shared in held:
        weight = sum(1 / spread[term] for term in shared) + len(shared) / len(wanted)
        if len(shared) >= min(2, len(wanted)):
            results.append(Similar(case, [term for term in terms if term in shared], weight))
    results.sort(key=lambda similar: -similar.weight)
    return results[:limit]
