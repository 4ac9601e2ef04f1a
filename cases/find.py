"""What was typed into the search field, read in every way it can be meant: a number, somebody's name or phone, words.

The conditions are for cases the reader may see, of one hall; whoever is barred finds nothing by any of them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Reverse, Upper
from django.db.models.lookups import Exact, StartsWith
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.actions.look_up_status import spelled
from cases.conditions import identity_known
from cases.models import Case
from cases.wording import Wording
from foundation.organization.models import Hall, Staff
from foundation.refusals import Refused
from foundation.residents.lookup import find_residents
from foundation.residents.rights import serves_desk

LONGEST = 60
MOST_RESIDENTS = 20
WHOLE_NUMBER = re.compile(r"([A-Z][A-Z0-9]{1,7}-\d{4}-\d{6})(-\w+)?")
WITHOUT_HALL = re.compile(r"(?:[A-Z][A-Z0-9]{1,7}-)?(\d{4})-(\d{1,6})")
DIGITS = re.compile(r"\d{1,6}")
SHORTEST_END = 3
"""As many digits are taken for the end of a number; fewer would end thousands, and are taken for the number itself."""
TRACKING_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{13}")
Words = str | Promise


@dataclass
class Search:
    """One search, as the condition it makes and the reasons it can give."""

    hall: Hall
    staff: Staff
    now: datetime
    text: str
    older: bool = False
    wording: Wording = field(default_factory=lambda: Wording.of(""))
    number: str = ""
    """A case's number, whole."""
    end: str = ""
    """The last digits of one."""
    outside_number: str = ""
    tracking_code: str = ""
    residents: frozenset[int] = frozenset()
    notes: list[Words] = field(default_factory=list)

    @property
    def condition(self) -> Q:
        """Whatever is meant by it."""
        return self.direct | self.said if self.wording else self.direct

    @property
    def said(self) -> Q:
        return self.wording.condition(hall_id=self.hall.pk, now=self.now, older=self.older)

    @property
    def direct(self) -> Q:
        """By number or person: open or closed, however long ago."""
        ways = Q(pk__in=[])
        if self.number:
            ways |= Q(number=self.number)
        if self.end:
            ways |= Q(StartsWith(Reverse("number"), self.end[::-1]), hall=self.hall)
        if self.outside_number:
            # Named as not empty, as the index that knows only such rows is.
            ways |= ~Q(outside_number="") & Q(Exact(Upper("outside_number"), self.outside_number), hall=self.hall)
        if self.tracking_code:
            ways |= Q(tracking_code=self.tracking_code)
        if self.residents:
            ways |= Q(resident__in=self.residents) & identity_known(self.staff)
        return ways

    @property
    def has_direct(self) -> bool:
        return bool(self.number or self.end or self.outside_number or self.tracking_code or self.residents)

    def why(self, case: Case) -> list[Words]:
        """By what a case was found directly. Nothing for one whose text says it."""
        reasons: list[Words] = []
        if self.number and case.number == self.number:
            slip = WHOLE_NUMBER.fullmatch(self.text.upper())
            reasons.append(_("number of one of its papers") if slip and slip[2] else _("case number"))
        elif self.end and case.number.endswith(self.end):
            reasons.append(_("its number ends in %(digits)s") % {"digits": self.end})
        if self.outside_number and case.outside_number.upper() == self.outside_number:
            reasons.append(_("outside number"))
        if self.tracking_code and case.tracking_code == self.tracking_code:
            reasons.append(_("tracking code"))
        if case.resident_id in self.residents:
            reasons.append(_("name or phone of the resident"))
        return reasons


def search_for(typed: str, *, hall: Hall, staff: Staff, now: datetime, older: bool = False) -> Search:
    """Names and phones find something only for those who may look residents up; each such look-up is logged.

    older: words are looked for in everything, not only in what is open or recent.
    """
    raw = typed.strip()[:LONGEST]
    text = unicodedata.normalize("NFKC", raw).strip()
    search = Search(hall, staff, now, text, older)
    capitals = text.upper()
    if whole := WHOLE_NUMBER.fullmatch(capitals):
        # A slip's or a notice's number leads to its case.
        search.number = whole[1]
        return search
    if short := WITHOUT_HALL.fullmatch(capitals):
        search.number = f"{hall.code}-{short[1]}-{int(short[2]):06d}"
    elif DIGITS.fullmatch(text):
        search.end = text if len(text) >= SHORTEST_END else text.zfill(6)
    if any(character.isdigit() for character in text):
        search.outside_number = capitals
    desk = serves_desk(staff, hall.pk)
    if desk and TRACKING_CODE.fullmatch(code := spelled(text)):
        search.tracking_code = code
    search.wording = Wording.of(raw)
    if search.wording.too_short and not search.has_direct:
        search.notes.append(_("Type at least two characters: a single one stands in nearly every text."))
    elif desk:
        _look_up(search)
    return search


def _look_up(search: Search) -> None:
    try:
        residents = find_residents(
            hall=search.hall, query=search.text, staff=search.staff, now=search.now, limit=MOST_RESIDENTS
        )
    except Refused as refusal:
        search.notes.append(str(refusal))
    else:
        search.residents = frozenset(one.pk for one in residents)
