"""The hall's own time limits in a resident's words. No figure stands anywhere else: a changed rule changes the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.vocabulary import Nature
from foundation.deadlines.calendar import Unit
from foundation.deadlines.models import ClockKind, Term
from foundation.deadlines.terms import find_term
from foundation.organization.models import Hall


@dataclass(frozen=True)
class Promise:
    """Kinds of matter that have the same limit."""

    what: str
    limit: str


class Limits:
    """All rules of a hall, read once."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.terms: Sequence[Term] = list(Term.objects.filter(hall=hall).select_related("category"))

    def of(self, kind: ClockKind, **which: Any) -> str:
        """The limit in words; empty where the hall has no rule for it. which: as find_term takes it."""
        try:
            return in_words(find_term(self.hall, kind=kind, among=self.terms, **which))
        except LookupError:
            return ""

    def said(self, sentence: str, kind: ClockKind, **which: Any) -> list[str]:
        """The sentence with its %(limit)s; none where the hall has no rule for it."""
        limit = self.of(kind, **which)
        return [sentence % {"limit": limit}] if limit else []

    def promises(self) -> list[Promise]:
        """When residents are answered, by kind of matter; kinds with the same limit stand together."""
        kinds: dict[str, list[str]] = {}
        for nature in Nature:
            if limit := self.of(ClockKind.PROMISE, nature=nature):
                kinds.setdefault(limit, []).append(str(nature.label))
        return [Promise(_(", ").join(what), limit) for limit, what in kinds.items()]

    def of_categories(self, kind: ClockKind) -> list[Promise]:
        """What the hall has settled for single categories; those with the same limit stand together."""
        named: dict[str, list[str]] = {}
        for term in self.terms:
            if term.kind == kind and term.category and not term.urgency:
                named.setdefault(in_words(term), []).append(term.category.name)
        return [Promise(_(", ").join(what), limit) for limit, what in named.items()]


def in_words(term: Term) -> str:
    values = {"count": term.length}
    unit = Unit(term.unit)
    if unit == Unit.MINUTES:
        words = ngettext("%(count)s minute", "%(count)s minutes", term.length)
    elif unit == Unit.WORKING_HOURS:
        words = ngettext("%(count)s hour of opening time", "%(count)s hours of opening time", term.length)
    elif unit == Unit.HOURS:
        words = ngettext("%(count)s hour", "%(count)s hours", term.length)
    elif unit == Unit.DAYS:
        words = ngettext("%(count)s day", "%(count)s days", term.length)
    else:
        words = ngettext("%(count)s working day", "%(count)s working days", term.length)
    return words % values
