"""Which column is which of our fields: guessed from the headings offices use, chosen by a person in the end."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypedDict

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.refusals import Refused

FIELDS = {
    "outside_number": gettext_lazy("Their number"),
    "received_at": gettext_lazy("Received"),
    "name": gettext_lazy("Name"),
    "phone": gettext_lazy("Phone"),
    "sex": gettext_lazy("Sex"),
    "id_number": gettext_lazy("ID number"),
    "address": gettext_lazy("Address"),
    "channel": gettext_lazy("By which door"),
    "nature": gettext_lazy("Kind of matter"),
    "category": gettext_lazy("Category"),
    "title": gettext_lazy("Title"),
    "matter": gettext_lazy("The matter"),
    "owner": gettext_lazy("Met first"),
    "department": gettext_lazy("Department"),
    "answer": gettext_lazy("Answer"),
    "answered_at": gettext_lazy("Answered on"),
}
NEEDED = ("received_at", "matter")


class Words(TypedDict):
    headings: dict[str, list[str]]
    nobody: list[str]
    sex: dict[str, list[str]]
    channel: dict[str, list[str]]
    nature: dict[str, list[str]]
    date_marks: dict[str, str]


@cache
def words() -> Words:
    """What old registers write, in whichever language; data, not code."""
    path = Path(__file__).resolve().parent.parent / "data" / "import_words.json"
    loaded: Words = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def plain(text: str) -> str:
    """For comparing what people typed: one width, one case, no spaces or brackets' contents."""
    narrow = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\s+", " ", re.sub(r"\(.*?\)", "", narrow)).strip(" :*#_")


def guess(headings: Sequence[str]) -> dict[str, int]:
    """{field: column}, each column once. A heading that is the very word goes before one that only contains it."""
    said = [plain(heading) for heading in headings]
    found: dict[str, int] = {}
    for matches in (_is_word, _holds_word):
        for field, known in words()["headings"].items():
            for word in known if field not in found else ():
                taken = set(found.values())
                place = next((p for p, one in enumerate(said) if p not in taken and matches(one, plain(word))), None)
                if place is not None:
                    found[field] = place
                    break
    return {field: found[field] for field in FIELDS if field in found}


def _is_word(heading: str, word: str) -> bool:
    return heading == word


def _holds_word(heading: str, word: str) -> bool:
    # Short words stand in too many headings to say anything.
    return len(word) >= 4 and not word.isascii() and word in heading


def checked(mapping: Mapping[str, int], headings: Sequence[str]) -> dict[str, int]:
    """Raises Refused where a field is missing without which no row can come in, or a column is named twice."""
    for field in NEEDED:
        if field not in mapping:
            raise Refused(
                _("Say which column is “%(field)s”: no row can come in without it.") % {"field": FIELDS[field]},
                field=field,
            )
    for field, column in mapping.items():
        if not 0 <= column < len(headings):
            raise Refused(_("The file has no such column."), field=field)
        if any(other != field and mapping[other] == column for other in mapping):
            raise Refused(
                _("The column “%(column)s” is chosen twice.") % {"column": headings[column]},
                field=field,
            )
    if "answered_at" in mapping and "answer" not in mapping:
        raise Refused(_("Say which column is the answer, or leave its time away too."), field="answer")
    return dict(mapping)


def meaning(kind: str, text: str) -> str | None:
    """The code of a word for sex, channel or nature; None when the word is not known."""
    lists: dict[str, dict[str, list[str]]] = {
        "sex": words()["sex"],
        "channel": words()["channel"],
        "nature": words()["nature"],
    }
    said = plain(text)
    for code, known in lists[kind].items():
        if said in (plain(word) for word in known):
            return code
    return None


def is_nobody(name: str) -> bool:
    return plain(name) in {plain(word) for word in words()["nobody"]} or not plain(name)
