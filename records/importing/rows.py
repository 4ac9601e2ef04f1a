"""One row of an old register, understood: everything that can be said about it without writing anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from cases.suggestion import usual_category
from foundation.organization.models import Category, Department, Hall, Staff
from foundation.refusals import Refused
from foundation.residents.fields import normalize_id_number, normalize_phone
from foundation.residents.names import normalize_name, normalize_text
from records.importing.mapping import is_nobody, meaning, plain, words
from records.importing.reading import LONGEST_CELL, Line

MOMENT = re.compile(
    r"(?P<year>\d{4})[-/.]?(?P<month>\d{1,2})[-/.]?(?P<day>\d{1,2})"
    r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{1,2})?:?(?:(?P<second>\d{1,2})(?:\.\d+)?)?)?"
)
EARLIEST = datetime(1950, 1, 1, tzinfo=UTC)
LONGEST_NUMBER = 60
LONGEST_NAME = 60
LONGEST_ADDRESS = 200


@dataclass(frozen=True, kw_only=True)
class Row:
    line: int
    key: str
    outside_number: str
    received_at: datetime
    name: str
    phone: str
    sex: str
    id_number: str
    address: str
    channel: str
    nature: str
    category: Category
    title: str
    matter: str
    owner: Staff | None
    department: Department | None
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """What holds for rows that do not say."""

    nature: str
    channel: str
    category: Category | None
    suggests: bool


@dataclass
class Reader:
    """Understands the rows of one file for one hall. now: what lies later has not happened."""

    hall: Hall
    actor: Staff
    mapping: Mapping[str, int]
    defaults: Defaults
    now: datetime
    _categories: dict[str, Category] = field(default_factory=dict, init=False, repr=False)
    _departments: dict[str, Department] = field(default_factory=dict, init=False, repr=False)
    _people: dict[str, set[Staff]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        known = Category.objects.filter(hall=self.hall, is_active=True).select_related("parent")
        # Items last: where a theme has the name of its item, the item is meant.
        for category in sorted(known, key=lambda one: one.parent_id is not None):
            self._categories[plain(category.name)] = category
            if category.parent is not None:
                for mark in (" · ", "-", "/", ">", " "):
                    self._categories[plain(f"{category.parent.name}{mark}{category.name}")] = category
        for department in Department.objects.filter(hall=self.hall, is_active=True):
            self._departments[plain(department.name)] = department
        here = Q(memberships__hall=self.hall) | Q(memberships__department__hall=self.hall)
        for person in Staff.objects.filter(here).distinct():
            for name in (person.username, person.name):
                self._people.setdefault(plain(name), set()).add(person)

    def order(self, line: Line) -> tuple[datetime, int]:
        """By time, so that numbers follow their years; what has none comes first and is refused."""
        return self._moment_or_none(self._cell(line, "received_at")) or EARLIEST, line.number

    def read(self, line: Line) -> Row:
        """Raises Refused with the field's name for whatever must be mended first."""
        for name in self.mapping:
            if len(self._cell(line, name)) > LONGEST_CELL:
                raise Refused(_("The cell is too long; was a quotation mark forgotten?"), field=name)
        received_at = self._received_at(line)
        matter = self._matter(line)
        answer, answered_at = self._answer(line, received_at)
        key, _time = self.known_by(line)
        name = "" if is_nobody(self._cell(line, "name")) else normalize_name(self._short(line, "name", LONGEST_NAME))
        return Row(
            line=line.number,
            key=key,
            outside_number=self._number(line),
            received_at=received_at,
            name=name,
            # Nobody's numbers would have no row to stand on.
            phone=self._phone(line) if name else "",
            sex=self._code(line, "sex", ""),
            id_number=self._id_number(line) if name else "",
            address=normalize_text(self._short(line, "address", LONGEST_ADDRESS)),
            channel=self._code(line, "channel", self.defaults.channel),
            nature=self._code(line, "nature", self.defaults.nature),
            category=self._category(line, matter),
            title=normalize_text(self._cell(line, "title"))[:80],
            matter=matter,
            owner=self._owner(line),
            department=self._department(line),
            answer=answer,
            answered_at=answered_at,
        )

    def known_by(self, line: Line) -> tuple[str, datetime]:
        """By what the row is known again, and its time. Raises Refused where it does not say that much."""
        received_at, matter, number = self._received_at(line), self._matter(line), self._number(line)
        return f"n:{number}" if number else f"d:{_digest(received_at, matter)}", received_at

    def _matter(self, line: Line) -> str:
        matter = self._cell(line, "matter") or self._cell(line, "title")
        if not matter:
            raise Refused(_("Nothing is said about the matter."), field="matter")
        return matter

    def _number(self, line: Line) -> str:
        return self._short(line, "outside_number", LONGEST_NUMBER)

    def _cell(self, line: Line, name: str) -> str:
        column = self.mapping.get(name)
        return line.cells[column] if column is not None and column < len(line.cells) else ""

    def _short(self, line: Line, name: str, longest: int) -> str:
        text = normalize_text(self._cell(line, name))
        if len(text) > longest:
            raise Refused(_("At most %(longest)d characters fit here.") % {"longest": longest}, field=name)
        return text

    def _received_at(self, line: Line) -> datetime:
        text = self._cell(line, "received_at")
        if not text:
            raise Refused(_("It is not said when the matter was received."), field="received_at")
        return self._moment(text, "received_at")

    def _answer(self, line: Line, received_at: datetime) -> tuple[str, datetime | None]:
        answer, text = self._cell(line, "answer"), self._cell(line, "answered_at")
        if not answer and not text:
            return "", None
        if not answer:
            raise Refused(_("There is a time of the answer, but no answer."), field="answer")
        if not text:
            raise Refused(_("There is an answer, but it is not said when it was given."), field="answered_at")
        answered_at = self._moment(text, "answered_at")
        if answered_at < received_at:
            raise Refused(_("The answer is older than the matter."), field="answered_at")
        return answer, answered_at

    def _moment(self, text: str, name: str) -> datetime:
        moment = self._moment_or_none(text)
        if moment is None:
            raise Refused(_("This is no date; write it like 2024-05-06 14:30."), field=name)
        if moment > self.now:
            raise Refused(_("This time lies in the future."), field=name)
        return moment

    def _moment_or_none(self, text: str) -> datetime | None:
        """Without an hour: the beginning of the day."""
        for mark, meant in words()["date_marks"].items():
            text = text.replace(mark, meant)
        found = MOMENT.fullmatch(text.strip().rstrip(":"))
        if found is None:
            return None
        parts = {name: int(value) for name, value in found.groupdict(default="0").items()}
        try:
            moment = datetime(**parts, tzinfo=self.hall.zone)
        except ValueError:
            return None
        return moment if moment >= EARLIEST else None

    def _phone(self, line: Line) -> str:
        text = self._cell(line, "phone")
        try:
            return normalize_phone(text) if text else ""
        except ValidationError as error:
            raise Refused(error.messages[0], field="phone") from error

    def _id_number(self, line: Line) -> str:
        text = self._cell(line, "id_number")
        try:
            return normalize_id_number(text, today=self.now.astimezone(self.hall.zone).date()) if text else ""
        except ValidationError as error:
            raise Refused(error.messages[0], field="id_number") from error

    def _code(self, line: Line, name: str, otherwise: str) -> str:
        text = self._cell(line, name)
        if not text:
            return otherwise
        code = meaning(name, text)
        if code is None:
            raise Refused(
                _("This word is not known here. Use one of ours, or leave the cell empty."),
                field=name,
            )
        return code

    def _category(self, line: Line, matter: str) -> Category:
        named = self._categories.get(plain(self._cell(line, "category")))
        if named is not None and named.parent_id is not None:
            return named
        if self.defaults.suggests:
            suggestion = usual_category(hall=self.hall, text=matter, staff=self.actor)
            known = {category.pk: category for category in self._categories.values()}
            if suggestion is not None and suggestion.category_id in known:
                return known[suggestion.category_id]
        if named is not None:
            return named
        if self.defaults.category is not None:
            return self.defaults.category
        raise Refused(
            _("The hall has no such category. Use one of ours, or choose a category for such rows."), field="category"
        )

    def _owner(self, line: Line) -> Staff | None:
        text = self._cell(line, "owner")
        if not text:
            return None
        people = self._people.get(plain(text), set())
        if len(people) != 1:
            refusal = _("Two people here have this name; write the user name.")
            raise Refused(refusal if people else _("Nobody here has this name."), field="owner")
        return next(iter(people))

    def _department(self, line: Line) -> Department | None:
        text = self._cell(line, "department")
        if not text:
            return None
        department = self._departments.get(plain(text))
        if department is None:
            raise Refused(_("The hall has no such department."), field="department")
        return department


def _digest(received_at: datetime, matter: str) -> str:
    """By what a row without a number is known again; cannot be read back."""
    said = f"{received_at.astimezone(UTC).isoformat()}\n{matter}"
    return salted_hmac("records.import", said, algorithm="sha256").hexdigest()
