"""A row of a list of cases, and what was found in it: marked in the title and where it stands in the texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.find import Search
from cases.models import Answer, Case, CaseVisit, TransferSlip
from foundation.deadlines.models import ClockKind
from web.case_filters import shown_name

BEFORE, AFTER = 20, 60
"""How many characters of a text stand before and after what was found in it."""
Words = str | Promise
Pieces = list[tuple[str, bool]]
"""A text in pieces, each with whether it was looked for."""
SAID: tuple[tuple[str, Words], ...] = (
    ("in_matters", _("said")),
    ("in_answers", _("answered")),
    ("in_results", _("result")),
    ("in_remedies", _("Remedy")),
    ("in_preventions", _("from now on")),
)


@dataclass(frozen=True)
class Row:
    case: Case
    title: Pieces
    who: Words
    holder: str
    kind: Words
    """Of the nearest time limit."""
    why: Sequence[Words] = ()
    """Which number or person led here."""
    where: Words = ""
    snippet: Pieces | None = None


def row_of(case: Case, search: Search | None = None) -> Row:
    """case: from web.case_filters.for_rows, and from with_texts where something was looked for."""
    is_known: bool = case.is_name_known  # type: ignore[attr-defined]  # annotated by for_rows
    kind: str = case.clock_kind  # type: ignore[attr-defined]
    holders = [one.name for one in (case.responsible_department, case.responsible_staff) if one is not None]
    words = search.wording.words if search is not None else ()
    where, snippet = _found_in_texts(case, words)
    return Row(
        case,
        marked(case.title, words),
        shown_name(case, is_known=is_known),
        " ".join(holders),
        ClockKind(kind).label if kind else "",
        search.why(case) if search is not None else (),
        where,
        snippet,
    )


def with_texts(cases: QuerySet[Case]) -> QuerySet[Case]:
    """With everything words are looked for in."""
    matters = CaseVisit.objects.filter(case=OuterRef("pk")).order_by("ordinal").values("visit__matter")
    answers = Answer.objects.filter(case=OuterRef("pk")).values("text")
    slips = TransferSlip.objects.filter(case=OuterRef("pk")).order_by("pk")
    return cases.annotate(
        in_matters=ArraySubquery(matters),
        in_answers=ArraySubquery(answers),
        in_results=ArraySubquery(slips.values("result")),
        in_remedies=ArraySubquery(slips.values("remedy")),
        in_preventions=ArraySubquery(slips.values("prevention")),
    )


def texts_of(case: Case) -> list[str]:
    return [case.title, *(text for name, _label in SAID for text in getattr(case, name))]


def _found_in_texts(case: Case, words: Sequence[str]) -> tuple[Words, Pieces | None]:
    pattern = _pattern(words)
    if pattern is not None:
        for name, label in SAID:
            for text in getattr(case, name, ()):
                if hit := pattern.search(text):
                    return label, marked(_cut(text, hit.start(), hit.end()), words)
    return "", None


def _cut(text: str, start: int, end: int) -> str:
    first, last = max(start - BEFORE, 0), min(end + AFTER, len(text))
    cut = " ".join(text[first:last].split())
    return f"{'…' if first else ''}{cut}{'…' if last < len(text) else ''}"


def marked(text: str, words: Sequence[str]) -> Pieces:
    pattern = _pattern(words)
    if pattern is None:
        return [(text, False)]
    pieces = pattern.split(text)
    # Split by a pattern of one group: what was looked for stands at every second place.
    return [(piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece]


def _pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    spelled = {spelling for word in words for spelling in (word, unicodedata.normalize("NFKC", word)) if spelling}
    # The longest first, or a word would be marked only as far as a shorter one goes.
    choices = "|".join(re.escape(word) for word in sorted(spelled, key=len, reverse=True))
    return re.compile(f"({choices})", re.IGNORECASE) if choices else None
