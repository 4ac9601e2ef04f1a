"""Which colleagues a complaint names: by their full name, in the complainant's own words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from foundation.organization.models import Staff
from foundation.residents.names import normalize_text

SHORTEST = 2
"""A single character is a surname at most, or part of another word."""
CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
LETTER = r"[0-9a-z\u00c0-\u024f]"
"""What makes a word in letters longer; a Chinese character beside it does not."""


def named_in(text: str, people: Iterable[Staff]) -> list[Staff]:
    """Those of the people whose full name stands in the text, in the order of their ids; namesakes all of them.

    The longer of two names that overlap is meant. Names in letters count as whole words only; written Chinese has no
    gaps between words, so there a name counts wherever it stands.
    """
    left = _plain(text)
    by_name: dict[str, list[Staff]] = {}
    for person in people:
        name = _plain(person.name)
        if len(name) >= SHORTEST:
            by_name.setdefault(name, []).append(person)
    found: list[Staff] = []
    for name in sorted(by_name, key=len, reverse=True):
        left, times = _pattern(name).subn("\n", left)
        if times:
            found += by_name[name]
    return sorted(found, key=lambda person: person.pk)


def _plain(text: str) -> str:
    return normalize_text(unicodedata.normalize("NFKC", text).casefold())


def _pattern(name: str) -> re.Pattern[str]:
    if CHINESE.search(name):
        # A gap typed inside a name, or the dot of a longer one, is no difference.
        return re.compile(r"[\s\u00b7\u30fb]*".join(map(re.escape, re.sub(r"[\s\u00b7\u30fb]", "", name))))
    return re.compile(rf"(?<!{LETTER}){re.escape(name)}(?!{LETTER})")
