"""Words as somebody typed them: which pairs the index is asked for, and what is then held against the text itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, Value

from cases.models import Answer, CaseVisit, TransferSlip
from cases.search import WORD, hall_term, month_term, pairs, query_of
from cases.vocabulary import OPEN_STATES

RECENT = timedelta(days=90)
"""What was registered since then is looked through with the open cases; what is older on request."""
MOST_WORDS = 8


@dataclass(frozen=True)
class Wording:
    """Every word must stand in the title or in one of the texts, exactly as it was typed."""

    words: tuple[str, ...]
    terms: tuple[str, ...]
    """Pairs the index must hold."""
    beginnings: tuple[str, ...]
    """Latin words and numbers, of which the index must hold one that begins so."""
    inexact: tuple[str, ...]
    """Words for which holding the pairs is not yet standing there."""
    too_short: bool
    """Whether only single characters were typed: they stand in nearly every text, and the index has none of them."""

    @classmethod
    def of(cls, text: str) -> Wording:
        words = tuple(dict.fromkeys(text.split()))[:MOST_WORDS]
        terms: dict[str, None] = {}
        beginnings: dict[str, None] = {}
        inexact = []
        for word in words:
            pieces = WORD.findall(_plain(word))
            neighbours = [pair for piece in pieces if not piece.isascii() for pair in pairs(piece) if len(pair) == 2]
            if neighbours:
                # Numbers beside characters may be cut anywhere; the pairs alone lead to them.
                terms |= dict.fromkeys(neighbours)
            else:
                beginnings |= dict.fromkeys(piece for piece in pieces if piece.isascii() and len(piece) > 1)
            is_exact = neighbours == [_plain(word)] or (
                not neighbours and pieces == [_plain(word)] and len(pieces[0]) > 1
            )
            if not is_exact:
                inexact.append(word)
        return cls(words, tuple(terms), tuple(beginnings), tuple(inexact), bool(words) and not terms and not beginnings)

    def __bool__(self) -> bool:
        return bool(self.terms or self.beginnings)

    def condition(self, *, hall_id: int, now: datetime, older: bool) -> Q:
        """Cases of the hall that say it: open ones and those of the last months, or all."""
        found = self.indexed(hall_id=hall_id, now=now, older=older)
        for word in self.inexact:
            found &= _standing(word)
        return found

    def indexed(self, *, hall_id: int, now: datetime, older: bool) -> Q:
        """Those that hold the pairs, by the index; each arm by one of its own."""
        in_hall = f"{self.query} & {query_of([hall_term(hall_id)])}"
        if older:
            return holding(in_hall)
        since = now - RECENT
        months = query_of(_months(hall_id, since, now), operator="|")
        return Q(holding(in_hall), state__in=OPEN_STATES) | Q(
            holding(f"{self.query} & ({months})"), registered_at__gte=since
        )

    @property
    def query(self) -> str:
        """As a tsquery."""
        whole = [query_of([term]) for term in self.terms]
        return " & ".join(whole + [f"{query_of([beginning])}:*" for beginning in self.beginnings])

    def stands_in(self, texts: Iterable[str]) -> bool:
        """The same as the condition, of texts at hand."""
        plain = [_plain(text) for text in texts]
        return all(any(_plain(word) in text for text in plain) for word in self.inexact)


def _plain(text: str) -> str:
    """One spelling for full and half width, capitals and small letters."""
    return unicodedata.normalize("NFKC", text).lower()


def _months(hall_id: int, since: datetime, now: datetime) -> list[str]:
    since, now = since.astimezone(UTC), now.astimezone(UTC)
    count = (now.year - since.year) * 12 + now.month - since.month + 1
    places = (since.year * 12 + since.month - 1 + number for number in range(count))
    return [month_term(hall_id, place // 12, place % 12 + 1) for place in places]


def holding(query: str) -> Q:
    tsquery = Func(Value(query), template="%(expressions)s::tsquery")
    return Q(Func(F("search"), tsquery, template="(%(expressions)s)", arg_joiner=" @@ ", output_field=BooleanField()))


def _standing(word: str) -> Q:
    """Somewhere in the texts, as it was typed or in plain letters."""
    found = Q()
    for spelled in {word, unicodedata.normalize("NFKC", word)}:
        told = CaseVisit.objects.filter(case=OuterRef("pk"), visit__matter__icontains=spelled)
        answered = Answer.objects.filter(case=OuterRef("pk"), text__icontains=spelled)
        reported = TransferSlip.objects.filter(
            Q(result__icontains=spelled) | Q(remedy__icontains=spelled) | Q(prevention__icontains=spelled),
            case=OuterRef("pk"),
        )
        found |= Q(title__icontains=spelled) | Q(Exists(told)) | Q(Exists(answered)) | Q(Exists(reported))
    return found
