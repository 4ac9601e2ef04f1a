"""A posting with its marks, as whoever reviews it sees them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from cases.models import Case
from cases.powers import knows_identity
from followups.board.privacy import FOUR_DIGITS, Hit, Known, Person, find
from followups.posting import Posting
from foundation.organization.models import Hall, Staff
from foundation.residents.models import Resident

HIDDEN = "hidden"
"""Confirmed like a mark where the resident hides their identity."""


@dataclass(frozen=True)
class Mark:
    field: str
    hit: Hit

    @property
    def key(self) -> str:
        return self.hit.key(self.field)


@dataclass(frozen=True)
class Piece:
    """Of a text: plain, or marked."""

    words: str
    mark: Mark | None = None


def known_of(*, hall: Hall, case: Case | None, reader: Staff, texts: Iterable[str]) -> Known:
    """What is known of the people of the case and of the hall. Three queries at most.

    Whoever may not know the resident is not told by a mark either that a name in the text is theirs.
    """
    is_known = case is not None and knows_identity(case, reader)
    return Known(
        residents=tuple(_people(case, list(texts))) if case is not None and is_known else (),
        staff=tuple(_staff_names(hall)),
        numbers=(case.number, case.tracking_code) if case is not None else (),
        public=tuple(words for words in (hall.phone, hall.on_call_phone, hall.address, hall.name) if words),
    )


def _people(case: Case, texts: list[str]) -> Iterable[Person]:
    """Who raised it, who came about it as well, and whoever was merged with it."""
    of_case = Q(cases=case) | Q(visits__case_visit__case=case)
    merged = Q(cases__main_case=case)
    tails = {match.group() for text in texts for match in FOUR_DIGITS.finditer(text)}
    for resident in Resident.objects.filter(of_case | merged, erased_at=None).distinct():
        yield Person(
            name=resident.name,
            initials=resident.initials,
            building=resident.building,
            unit=resident.unit,
            room=resident.room,
            others=tuple(words for words in (resident.employer, resident.email, resident.address_note) if words),
            phone_tails=frozenset(tail for tail in tails if resident.phone_ends_with(tail)),
        )


def _staff_names(hall: Hall) -> Iterable[str]:
    """Everybody who works or worked for the hall, its departments or the street office."""
    here = Q(memberships__hall=hall) | Q(memberships__hall=None)
    return Staff.objects.filter(here, memberships__isnull=False).values_list("name", flat=True).distinct()


def marks_in(texts: dict[str, str], known: Known) -> list[Mark]:
    return [Mark(field, hit) for field, text in texts.items() for hit in find(text, known)]


def marks_of(posting: Posting, *, reader: Staff) -> list[Mark]:
    """One for each key: the same words in the same sentence are one decision."""
    texts = posting.texts
    known = known_of(hall=posting.hall, case=posting.case, reader=reader, texts=texts.values())
    return list({mark.key: mark for mark in reversed(marks_in(texts, known))}.values())[::-1]


def pieces(text: str, marks: Iterable[Mark]) -> list[Piece]:
    """The text in order, cut at its marks."""
    found: list[Piece] = []
    place = 0
    for mark in sorted(marks, key=lambda one: one.hit.start):
        if mark.hit.start > place:
            found.append(Piece(text[place : mark.hit.start]))
        found.append(Piece(mark.hit.words, mark))
        place = mark.hit.end
    if place < len(text):
        found.append(Piece(text[place:]))
    return found
