"""Where matters like this one were filed before: a suggestion for the desk, with the counts that speak for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import log

from django.db.models.expressions import RawSQL

from cases.models import Case
from cases.search import pairs, query_of
from foundation.organization.models import Hall, Staff

RECENT = 2000
"""How many of the hall's latest cases are looked at, open or closed: the cost does not grow with the years."""
NEARLY_AS_ALIKE = 0.5
"""What counts as similar: at least this share of the weight that the most similar case has."""


@dataclass(frozen=True)
class Suggestion:
    category_id: int
    label: str
    filed_here: int
    similar: int


def usual_category(*, hall: Hall, text: str, staff: Staff) -> Suggestion | None:
    """The category that most of the similar recent cases have; None where there are none, or they do not agree."""
    terms = pairs(text)[:60]
    if len(terms) < 2:
        return None
    recent = Case.objects.filter(hall=hall).order_by("-registered_at", "-id").values("pk")[:RECENT]
    rows = (
        Case.objects.visible_to(staff)
        .filter(pk__in=recent, category__is_active=True)
        .extra(where=["cases_case.search @@ %s::tsquery"], params=[query_of(terms, operator="|")])
        .annotate(terms=RawSQL("tsvector_to_array(cases_case.search)", []))
        .values_list("category_id", "category__parent__name", "category__name", "terms")
    )
    wanted = set(terms)
    held = [(tuple(category), wanted.intersection(found)) for *category, found in rows]
    spread = Counter(term for _category, shared in held for term in shared)
    # A pair that everybody writes says nothing about the matter; one that few write says much.
    weights = [
        (sum(log(1 + len(held) / spread[term]) for term in shared), category)
        for category, shared in held
        if len(shared) >= 2
    ]
    if not weights:
        return None
    least = max(weight for weight, _category in weights) * NEARLY_AS_ALIKE
    alike = Counter(category for weight, category in weights if weight >= least)
    (category_id, theme, name), filed_here = alike.most_common(1)[0]
    if filed_here * 2 <= alike.total():
        return None
    return Suggestion(category_id, f"{theme} · {name}" if theme else name, filed_here, alike.total())
