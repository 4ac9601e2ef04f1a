"""What was typed into the search field, as a condition on cases: a number, words of the matter, or a resident."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, Value
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.conditions import identity_known
from cases.models import CaseVisit
from cases.search import pairs, query_of
from cases.vocabulary import OPEN_STATES
from foundation.organization.models import Hall, Staff
from foundation.refusals import Refused
from foundation.residents.lookup import find_residents
from foundation.residents.rights import serves_desk

LONGEST = 60
YEARS = 10
"""How far back a number is completed when only its last digits were typed."""
MOST_RESIDENTS = 20
NUMBER = re.compile(r"([A-Z][A-Z0-9]{1,7}-\d{4}-\d{6})(?:-\w+)?")


@dataclass
class Search:
    condition: Q
    notes: list[str | Promise] = field(default_factory=list)


def search_for(typed: str, *, hall: Hall, staff: Staff, now: datetime) -> Search:
    """Names and phones find something only for those who may look residents up; each such look-up is logged."""
    text = unicodedata.normalize("NFKC", typed).strip()[:LONGEST]
    if number := NUMBER.fullmatch(text.upper()):
        # A slip's or a notice's number leads to its case.
        return Search(Q(number=number[1]))
    search = Search(_words(text), [_("Words are looked for in open cases; a number or a name finds closed ones too.")])
    if re.fullmatch(r"\d{1,6}", text):
        this_year = now.astimezone(hall.zone).year
        search.condition |= Q(
            number__in=[f"{hall.code}-{year}-{int(text):06d}" for year in range(this_year - YEARS + 1, this_year + 1)]
        )
    if serves_desk(staff, hall.pk):
        try:
            residents = find_residents(hall=hall, query=text, staff=staff, now=now, limit=MOST_RESIDENTS)
        except Refused as refusal:
            search.notes.append(str(refusal))
        else:
            search.condition |= Q(resident__in=[one.pk for one in residents]) & identity_known(staff)
    return search


def _words(text: str) -> Q:
    """Open cases in which every word stands as it was typed; the index of pairs finds the candidates."""
    terms = pairs(text)
    if not terms:
        return Q(pk__in=[])
    tsquery = Func(Value(query_of(terms)), template="%(expressions)s::tsquery")
    held = Func(F("search"), tsquery, template="(%(expressions)s)", arg_joiner=" @@ ", output_field=BooleanField())
    condition = Q(held, state__in=OPEN_STATES)
    for word in text.split():
        told = CaseVisit.objects.filter(case=OuterRef("pk"), visit__matter__icontains=word)
        condition &= Q(title__icontains=word) | Q(Exists(told))
    return condition
