"""Names: one way to write them, their pinyin initials, and how they look where only the surname may be shown."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TypedDict

from django.utils.translation import gettext
from pypinyin import Style, lazy_pinyin

MIDDLE_DOT = "\u00b7"
# What keyboards offer for the dot between the parts of a Uyghur, Kazakh or transcribed name.
_DOTS = re.compile(r"\s*[\u00b7\u2022\u2027\u22c5\u30fb\uff65\u2219]\s*")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_PIECES = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|[^\W\d_]+")


class Readings(TypedDict):
    surnames: dict[str, str]
    compound: dict[str, str]
    given: dict[str, str]


@cache
def readings() -> Readings:
    """Initials that names have and the dictionary does not know: of surnames with a reading of their own, of surnames
    of two characters, of characters that in given names are read otherwise than elsewhere.

    Where a name is read in two ways, the more frequent one stands here.
    """
    loaded: Readings = json.loads(Path(__file__).with_name("readings.json").read_text(encoding="utf-8"))
    return loaded


def normalize_text(text: str) -> str:
    """One line of free text: single spaces, nothing invisible (a NUL could not even be stored)."""
    text = "".join(" " if char.isspace() else char for char in text if char.isspace() or char.isprintable())
    return re.sub(r" +", " ", text).strip()


def normalize_lines(text: str) -> str:
    """Several lines of free text without what nobody sees: it hides words, or turns round what stands beside them."""
    lines = "".join(char for char in text if char in "\n\t" or char.isspace() or char.isprintable()).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip()


def normalize_name(text: str) -> str:
    """As every free text, with one kind of middle dot and full-width letters made narrow."""
    return _DOTS.sub(MIDDLE_DOT, normalize_text(unicodedata.normalize("NFKC", text)))


def initials_of(name: str) -> str:
    """Lower-case first letters: of each Chinese character by its reading (a surname by its own), of each other word."""
    letters = []
    for number, match in enumerate(_PIECES.finditer(name)):
        piece = match[0]
        if not _HAN.match(piece):
            letters.append(unicodedata.normalize("NFKD", piece)[0])
            continue
        if number == 0 and MIDDLE_DOT not in name:
            surname, first = _surname(piece)
            letters.append(first)
            piece = piece[len(surname) :]
        letters += [readings()["given"].get(character) or _first_letters(character) for character in piece]
    return "".join(letters).lower()


def mask_name(name: str, *, sex: str) -> str:
    """The surname with Ms or Mr where the sex is known, else with asterisks that do not tell how long the name is."""
    if not _HAN.match(name) or MIDDLE_DOT in name:
        return f"{name[:1]}**"
    surname, _first = _surname(name)
    if sex == "female":
        return gettext("Ms %(surname)s") % {"surname": surname}
    if sex == "male":
        return gettext("Mr %(surname)s") % {"surname": surname}
    return f"{surname}**"


def _surname(name: str) -> tuple[str, str]:
    """The surname a Chinese name begins with, and its initials."""
    two = name[:2]
    # A name of two characters has one for the surname, even if both together could be one.
    if len(name) > 2 and two in readings()["compound"]:
        return two, readings()["compound"][two]
    one = name[:1]
    return one, readings()["surnames"].get(one) or _first_letters(one)


def _first_letters(characters: str) -> str:
    # Without a reading (rare characters) nothing can be typed for it: it is left out.
    return "".join(letter[:1] for letter in lazy_pinyin(characters, style=Style.FIRST_LETTER, errors="ignore"))
