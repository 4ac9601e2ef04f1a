"""The index of Chinese words: pairs of neighbouring characters, as a tsvector without positions.

No PostgreSQL extension cuts Chinese into words everywhere offices run, so every two neighbouring characters are a
term. Beside them stand the hall and the month of registration: what is looked for in one hall, or in the last months,
is cut down within the index. What was typed becomes a question in cases.wording.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import accumulate

from django.db import connection
from django.db.models.expressions import RawSQL

from cases.models import Answer, Case, CaseVisit, TransferSlip
from cases.vocabulary import OPEN_STATES, PartRole
from foundation.organization.models import Hall, Staff

WORD = re.compile(r"[0-9a-z]+|[\u3400-\u9fff\U00020000-\U0003ffff]+")
CANDIDATES = 200
"""How many open cases are weighed: those that share most pairs, of these the newest."""
SAMPLE = 300
"""How many of the hall's latest cases tell which pairs are rare and which everybody writes."""
FETCHED = 0.1
"""The share of them, and so of all open cases, that is fetched to be weighed."""


def pairs(text: str) -> list[str]:
    """Distinct pairs of neighbouring Chinese characters, and Latin words or numbers whole, in order of appearance."""
    found: dict[str, None] = {}
    for word in WORD.findall(text.lower()):
        if word.isascii() or len(word) == 1:
            found[word] = None
        else:
            found |= dict.fromkeys(word[place : place + 2] for place in range(len(word) - 1))
    return list(found)


def hall_term(hall_id: int) -> str:
    """Begins with a character that is never part of a word."""
    return f"@{hall_id}"


def month_term(hall_id: int, year: int, month: int) -> str:
    return f"@{hall_id}/{year}-{month:02d}"


def index_case(case: Case) -> None:
    """Write the search terms of a case, after whatever was written to it: title, what was said at every visit, what
    was answered, what the departments reported. Never personal data.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case SET search = array_to_tsvector(%s::text[]) WHERE id = %s",
            [_terms(case, texts_of(case)), case.pk],
        )


def vector_of(case: Case, texts: Sequence[str]) -> RawSQL:
    """The same of a case about to be made, of which all is known that was ever said."""
    return RawSQL("array_to_tsvector(%s::text[])", [_terms(case, texts)])


def _terms(case: Case, texts: Sequence[str]) -> list[str]:
    registered_at = case.registered_at.astimezone(UTC)
    terms = [
        hall_term(case.hall_id),
        month_term(case.hall_id, registered_at.year, registered_at.month),
        *pairs("\n".join((case.title, *texts))),
    ]
    return list(dict.fromkeys(terms))


def texts_of(case: Case) -> list[str]:
    """What words are looked for in, besides the title."""
    matters = CaseVisit.objects.filter(case=case).values_list("visit__matter").order_by()
    answers = Answer.objects.filter(case=case).values_list("text").order_by()
    slips = TransferSlip.objects.filter(case=case).order_by()
    results = (slips.values_list(field) for field in ("result", "remedy", "prevention"))
    return [text for (text,) in matters.union(answers, *results, all=True) if text]


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
    query = query_of(_telling(terms, hall, staff), operator="|")
    likest = (
        Case.objects.visible_to(staff)
        .filter(hall=hall, state__in=OPEN_STATES)
        .extra(where=["cases_case.search @@ %s::tsquery"], params=[query])
        .order_by(RawSQL("ts_rank(cases_case.search, %s::tsquery)", [query]).desc(), "-registered_at", "-pk")
    )
    # First the few, then what is shown of them: sorting thousands of whole rows would cost more than finding them.
    candidates = (
        Case.objects.filter(pk__in=list(likest.values_list("pk", flat=True)[:CANDIDATES]))
        .annotate(terms=RawSQL("tsvector_to_array(cases_case.search)", []))
        .select_related("resident", "category__parent", "responsible_department")
        .defer("search")
        .order_by("-registered_at", "-pk")
    )
    wanted = set(terms)
    held = [(case, wanted.intersection(case.terms)) for case in candidates]  # type: ignore[attr-defined]
    spread = Counter(term for _case, shared in held for term in shared)
    results = []
    for case, shared in held:
        weight = sum(1 / spread[term] for term in shared) + len(shared) / len(wanted)
        if len(shared) >= min(2, len(wanted)):
            results.append(Similar(case, [term for term in terms if term in shared], weight))
    results.sort(key=lambda similar: -similar.weight)
    return results[:limit]


def _telling(terms: list[str], hall: Hall, staff: Staff) -> list[str]:
    """The rarest of the terms, so many that they fetch no more than a share of all open cases.

    What somebody is barred from has no weight either: an order changed by it would tell of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT term, count(*)
            FROM (
                SELECT search FROM cases_case
                WHERE hall_id = %s AND NOT EXISTS (
                    SELECT FROM cases_part
                    WHERE case_id = cases_case.id AND staff_id = %s AND role = %s AND ended_at IS NULL
                )
                ORDER BY registered_at DESC, id DESC LIMIT %s
            ) AS latest, unnest(tsvector_to_array(latest.search)) AS term
            WHERE term = ANY(%s) GROUP BY term
            """,
            [hall.pk, staff.pk, PartRole.BARRED, SAMPLE, terms],
        )
        held_by: dict[str, int] = dict(cursor.fetchall())
    rarest = sorted(terms, key=lambda term: held_by.get(term, 0))
    fetched = accumulate(held_by.get(term, 0) for term in rarest)
    return [term for term, cases in zip(rarest, fetched, strict=True) if cases <= SAMPLE * FETCHED] or rarest[:1]
