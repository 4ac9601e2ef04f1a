"""What in a text could tell who somebody is. Found by what is known of the case, and by how such things are written.

Rather one mark too many than one too few: whoever publishes decides about each.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))
SENTENCE_ENDS = "\n\u3002\uff01\uff1f\uff1b!?;"


class Reason(models.TextChoices):
    """In the order of their weight: where two marks meet, the first of these stays."""

    RESIDENT = "resident", _("the resident of this case")
    OWN_ADDRESS = "own_address", _("where this resident lives")
    STAFF = "staff", _("somebody who works here")
    CASE = "case", _("the number of the case")
    ID_NUMBER = "id_number", _("like an ID number")
    PHONE = "phone", _("like a phone number")
    EMAIL = "email", _("an e-mail address")
    PLATE = "plate", _("like a number plate")
    ACCOUNT = "account", _("an account")
    NUMBER = "number", _("a long number")
    ADDRESS = "address", _("a building, unit or room")
    NAME = "name", _("like a name")


@dataclass(frozen=True)
class Person:
    """A resident of the case, as far as a text could give them away."""

    name: str
    initials: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""
    others: tuple[str, ...] = ()
    """Employer, e-mail address, a free note to the address."""
    phone_tails: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Known:
    """What is known beforehand; read from the case by followups.board.review."""

    residents: tuple[Person, ...] = ()
    staff: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    """Number and tracking code of the case."""
    public: tuple[str, ...] = ()
    """The hall's own telephone and address, which may stand in any text."""


@dataclass(frozen=True)
class Hit:
    start: int
    end: int
    reason: Reason
    words: str
    sentence: str
    """What it stands in: words that may stay in one sentence need not in another."""

    def key(self, field: str) -> str:
        """By which it is confirmed; another as soon as anything in the sentence changes."""
        told = "\x1f".join((field, self.reason, self.words, self.sentence))
        return hashlib.sha256(told.encode()).hexdigest()[:24]


def find(text: str, known: Known) -> list[Hit]:
    """Each place, from the first to the last, none inside another."""
    # Full-width digits and letters are what they look like; nothing moves, since each stays one character.
    flat = "".join(_flat(character) for character in text)
    open_to_all = _public_places(flat, known)
    found = [
        (reason, start, end)
        for reason, start, end in _places(flat, known)
        if not any(start >= first and end <= last for first, last in open_to_all)
    ]
    order = {reason: weight for weight, reason in enumerate(Reason)}
    found.sort(key=lambda one: (order[one[0]], one[1] - one[2], one[1]))
    taken: list[tuple[Reason, int, int]] = []
    for reason, start, end in found:
        # What stands only partly under a weightier mark is still marked with its rest.
        for piece_start, piece_end in _outside(start, end, taken):
            if text[piece_start:piece_end].strip():
                taken.append((reason, piece_start, piece_end))
    taken.sort(key=lambda one: one[1])
    return [Hit(start, end, reason, text[start:end], _sentence(text, start, end)) for reason, start, end in taken]


def _flat(character: str) -> str:
    flat = unicodedata.normalize("NFKC", character)
    return flat if len(flat) == 1 else character


def _outside(start: int, end: int, taken: Collection[tuple[Reason, int, int]]) -> Iterator[tuple[int, int]]:
    """The parts of it that no mark covers yet."""
    for _reason, first, last in sorted(taken, key=lambda one: one[1]):
        if last <= start or first >= end:
            continue
        if first > start:
            yield start, first
        start = last
    if start < end:
        yield start, end


def _sentence(text: str, start: int, end: int) -> str:
    begins = max((text.rfind(mark, 0, start) for mark in SENTENCE_ENDS), default=-1) + 1
    ends = min((place for mark in SENTENCE_ENDS if (place := text.find(mark, end)) >= 0), default=len(text))
    return text[begins:ends].strip()


def _public_places(text: str, known: Known) -> list[tuple[int, int]]:
    return [place for words in known.public for place in _occurrences(text, words)]


def _occurrences(text: str, words: str) -> Iterator[tuple[int, int]]:
    """Every place of these words; Latin ones as whole words and in any case."""
    flat = unicodedata.normalize("NFKC", words).strip()
    if not flat:
        return
    edge = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
    pattern = f"{edge[0] if flat[0].isascii() else ''}{re.escape(flat)}{edge[1] if flat[-1].isascii() else ''}"
    for match in re.finditer(pattern, text, re.IGNORECASE):
        yield match.span()


def _places(text: str, known: Known) -> Iterator[tuple[Reason, int, int]]:
    for person in known.residents:
        yield from _of_resident(text, person)
    for name in known.staff:
        for words in _spellings(name):
            yield from ((Reason.STAFF, *place) for place in _occurrences(text, words))
        # With a title or familiarly: whoever knows the hall knows who is meant.
        yield from ((Reason.STAFF, *place) for place in _by_surname(text, name))
    for number in known.numbers:
        yield from ((Reason.CASE, *place) for place in _occurrences(text, number))
    for reason, pattern in PATTERNS:
        for match in pattern.finditer(text):
            if reason is not Reason.PHONE or not _is_day(match.group()):
                yield reason, *match.span()


def _of_resident(text: str, person: Person) -> Iterator[tuple[Reason, int, int]]:
    for words in (*_spellings(person.name), *person.others):
        yield from ((Reason.RESIDENT, *place) for place in _occurrences(text, words))
    yield from ((Reason.RESIDENT, *place) for place in _by_surname(text, person.name))
    if len(person.initials) > 1:
        yield from ((Reason.RESIDENT, *place) for place in _occurrences(text, person.initials))
    for match in FOUR_DIGITS.finditer(text):
        if match.group() in person.phone_tails:
            yield Reason.RESIDENT, *match.span()
    parts = {"building": person.building, "unit": person.unit, "room": person.room}
    for part, pattern in ADDRESS_PARTS.items():
        own = _number(parts[part])
        if own:
            for match in pattern.finditer(text):
                if _number(next(part for part in match.groups() if part)) == own:
                    yield Reason.OWN_ADDRESS, *match.span()
    chain = [number for number in map(_number, (person.building, person.unit, person.room)) if number]
    for match in CHAINED.finditer(text):
        if chain and [_number(part) for part in re.split("[-/]", match.group())][-len(chain) :] == chain:
            yield Reason.OWN_ADDRESS, *match.span()
    if person.room:
        # Also where only the number stands.
        for match in re.finditer(r"(?<![A-Za-z0-9.])\d{3,5}(?![A-Za-z0-9.%])", text):
            if match.group() == _number(person.room):
                yield Reason.OWN_ADDRESS, *match.span()


def _spellings(name: str) -> Iterator[str]:
    """The whole name, and the given name alone where it is more than one character."""
    name = unicodedata.normalize("NFKC", name).strip()
    if len(name) < 2:
        return
    yield name
    given = name[len(_surname(name)) :]
    if not name.isascii() and len(given) > 1 and "\u00b7" not in name:
        yield given
    for part in name.split("\u00b7"):
        if part != name and len(part) > 1:
            yield part


def _surname(name: str) -> str:
    double = next((one for one in WORDS["double_surnames"] if name.startswith(one)), "")
    return double or name[:1]


def _by_surname(text: str, name: str) -> Iterator[tuple[int, int]]:
    name = unicodedata.normalize("NFKC", name).strip()
    if len(name) < 2 or name.isascii():
        return
    surname = re.escape(_surname(name))
    for pattern in (rf"{surname}(?:{MASKS}|{HONORIFICS})", rf"[{FAMILIAR}]{surname}"):
        for match in re.finditer(pattern, text):
            yield match.span()


def _number(text: str) -> str:
    """12 of "12", "\uff11\uff12", "\u5341\u4e8c" or "012"; letters as capitals; empty where nothing is left."""
    flat = unicodedata.normalize("NFKC", text).strip().upper()
    match = re.match(f"(?P<number>{NUMBER})", flat)
    if match is None:
        return ""
    number = match["number"]
    if number[0] in CHINESE_DIGITS or number[0] == WORDS["ten"]:
        return str(_counted(number))
    return number.lstrip("0")


def _counted(word: str) -> int:
    numerals: dict[str, int] = WORDS["numerals"]
    if WORDS["ten"] not in word and WORDS["hundred"] not in word:
        return int("".join(str(numerals[digit]) for digit in word))
    total, digit = 0, 0
    for character in word:
        if character == WORDS["hundred"]:
            total, digit = total + (digit or 1) * 100, 0
        elif character == WORDS["ten"]:
            total, digit = total + (digit or 1) * 10, 0
        else:
            digit = numerals[character]
    return total + digit


def _is_day(digits: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", digits))


def _any(words: Collection[str]) -> str:
    """One of them, the longest first, as the text has them once it is flat."""
    flat = {unicodedata.normalize("NFKC", word) for word in words}
    return "|".join(re.escape(word) for word in sorted(flat, key=len, reverse=True))


MASKS, HONORIFICS = _any(WORDS["masks"]), _any(WORDS["honorifics"])
FAMILIAR = "\u5c0f\u8001\u963f"
SURNAMES = f"(?:{_any(WORDS['double_surnames'])}|[{WORDS['surnames']}])"
CHINESE_DIGITS = "".join(WORDS["numerals"])
_CHINESE_NUMBER = f"[{CHINESE_DIGITS}{WORDS['ten']}{WORDS['hundred']}]{{1,5}}"
LATIN_NUMBER = r"[A-Za-z]?\d{1,5}[A-Za-z]?|(?<![A-Za-z])[A-Za-z](?![A-Za-z])"
NUMBER = rf"{LATIN_NUMBER}|{_CHINESE_NUMBER}"
HAN = "\u4e00-\u9fff"
NOT_IN_A_NUMBER = r"(?<![\d*Xx.])", r"(?![\d*]|\.\d)"
FOUR_DIGITS = re.compile(r"(?<!\d)\d{4}(?!\d)")
CHAINED = re.compile(r"(?<![\d-])[A-Za-z]?\d{1,3}(?:[-/]\d{1,4}){1,3}(?![\d-])")
ADDRESS_PARTS = {
    # In Chinese numerals the word for a tower counts bridges and cities as well.
    "building": re.compile(
        rf"(?P<number>{NUMBER})\s*(?:{_any(WORDS['buildings'])})|(?P<tower>{LATIN_NUMBER})\s*(?:{_any(WORDS['towers'])})"
    ),
    "unit": re.compile(rf"(?P<number>{NUMBER})\s*(?:{_any(WORDS['units'])})"),
    "room": re.compile(rf"(?P<number>{NUMBER})\s*(?:{_any(WORDS['rooms'])})"),
}
_BEFORE, _AFTER = NOT_IN_A_NUMBER
PATTERNS: tuple[tuple[Reason, re.Pattern[str]], ...] = (
    (Reason.ID_NUMBER, re.compile(rf"{_BEFORE}\d{{6}}[\d*Xx]{{8,11}}[\dXx](?![\d*])")),
    (Reason.ID_NUMBER, re.compile(r"(?<![\d*])\d{1,6}[*Xx]{6,14}\d{0,4}[\dXx]?(?![\d*])")),
    (Reason.PHONE, re.compile(rf"{_BEFORE}(?:\+?86[- ]?)?1[3-9]\d[- ]?[\d*Xx]{{4}}[- ]?[\d*Xx]{{4}}{_AFTER}")),
    (Reason.PHONE, re.compile(rf"{_BEFORE}\(?0\d{{2,3}}\)?[- ]?[1-9][\d*]{{6,7}}(?:-\d{{1,6}})?{_AFTER}")),
    (Reason.PHONE, re.compile(rf"{_BEFORE}[2-9]\d{{6,7}}{_AFTER}")),
    (Reason.PHONE, re.compile(rf"{_BEFORE}[48]00[- ]?\d{{3,4}}[- ]?\d{{3,4}}{_AFTER}")),
    (Reason.EMAIL, re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")),
    (
        Reason.PLATE,
        re.compile(rf"[{WORDS['provinces']}][A-HJ-Z][\u00b7\u2022. -]?[A-HJ-NP-Z0-9*]{{5,6}}(?![A-Za-z0-9])"),
    ),
    (Reason.ACCOUNT, re.compile(rf"(?:{_any(WORDS['accounts'])})[\u53f7]?\s*[:\u662f]?\s*[A-Za-z0-9_-]{{5,}}", re.I)),
    (Reason.NUMBER, re.compile(rf"{_BEFORE}\d{{9,}}{_AFTER}")),
    (Reason.CASE, re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9]{1,7}-20\d\d-\d{6}(?!\d)")),
    *((Reason.ADDRESS, pattern) for pattern in ADDRESS_PARTS.values()),
    # The number of a house in a street: a number that is followed by "hao" but is no day of a month.
    (Reason.ADDRESS, re.compile(rf"[\u8def\u8857\u5df7\u5f04\u9053]\s*(?:{NUMBER})\s*(?:{_any(WORDS['doors'])})")),
    (Reason.ADDRESS, re.compile(r"(?<![\d.-])[A-Za-z]?\d{1,3}-\d{1,4}-\d{2,4}(?![\d-])")),
    (Reason.NAME, re.compile(rf"(?<!\d){SURNAMES}(?:{MASKS}|{HONORIFICS})")),
    (Reason.NAME, re.compile(rf"[\u5c0f\u8001][{WORDS['familiar_surnames']}](?![{HAN}]*[\u533a\u8def\u6751])")),
    (Reason.NAME, re.compile(rf"(?:{_any(WORDS['name_labels'])})\s*[:\u662f]?\s*{SURNAMES}[{HAN}]{{1,2}}")),
    (Reason.NAME, re.compile(rf"(?:{_any(WORDS['offices'])})[{WORDS['familiar_surnames']}][{HAN}]{{1,2}}")),
    # A signature: a line of its own.
    (Reason.NAME, re.compile(rf"^[ ]*{SURNAMES}[{HAN}]{{1,2}}[ ]*$", re.MULTILINE)),
)
