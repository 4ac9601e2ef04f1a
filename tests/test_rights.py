"""Checks the table of tests/rights.py against the running program, and that it leaves no URL out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from foundation.organization.models import Staff
from tests.builders import Town, make_town
from tests.rights import ARGUMENTS, PEOPLE, POSTED, TABLE, Asked

# The mark also makes pytest-django set up a test database for this file alone.
pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "patch", "delete")
LEFT_OUT = ("admin:",)  # Django's own: tests/organization/test_administer.py


@dataclass(frozen=True)
class Row:
    name: str
    variant: str
    method: str
    place: str
    expected: dict[str, int]

    def __str__(self) -> str:
        return f"{self.name}[{self.variant}] {self.method} {self.place}"


def read_table() -> list[Row]:
    header, *lines = [line.split() for line in TABLE.splitlines() if line.strip() and not line.startswith("#")]
    people = header[3:]
    assert people == list(PEOPLE)
    rows = []
    for url, method, place, *statuses in lines:
        name, _, variant = url.partition("[")
        expected = dict(zip(people, map(int, statuses), strict=True))
        rows.append(Row(name, variant.removesuffix("]"), method, place, expected))
    return rows


ROWS = read_table()


def all_urls(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from all_urls(pattern.url_patterns, inner)
        else:
            yield f"{namespace}{pattern.name}", pattern


URLS = {name: pattern for name, pattern in all_urls(get_resolver().url_patterns) if not name.startswith(LEFT_OUT)}


def test_every_url_is_in_the_table() -> None:
    assert sorted(URLS.keys() - {row.name for row in ROWS}) == []


def test_the_table_names_no_url_that_is_gone() -> None:
    assert sorted({row.name for row in ROWS} - URLS.keys()) == []


def test_every_url_has_a_name_of_its_own() -> None:
    names = [name for name, _ in all_urls(get_resolver().url_patterns) if not name.startswith(LEFT_OUT)]
    assert [name for name in names if name.endswith("None")] == []
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_what_names_an_object_is_asked_for_in_the_other_hall_too() -> None:
    with_object = {name for name, pattern in URLS.items() if pattern.pattern.converters}
    asked = {row.name for row in ROWS if row.place == "hall"}
    assert sorted(with_object - asked) == []


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    """One town for the whole table: every question is undone by itself."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_town()
        transaction.set_rollback(True)


def _undone() -> transaction.Atomic:
    """Stands for no transaction at all, as those of Django's own test cases do: limits are counted in their own."""
    question = transaction.atomic()
    question._from_testcase = True  # type: ignore[attr-defined]
    return question


def arguments_of(row: Row, town: Town, asker: Staff | None) -> list[object]:
    """What the address names, prepared as the row says."""
    return ARGUMENTS[row.name](Asked(town, row.place, row.variant, asker)) if row.name in ARGUMENTS else []


def ask(row: Row, town: Town, person: str, method: str, arguments: list[object] | None = None) -> int:
    """The answer to one person, undone afterwards. arguments: of the address, where they are prepared already."""
    username = PEOPLE[person]
    asker = getattr(town, username) if username else None
    client = Client()
    with _undone():
        if arguments is None:
            arguments = arguments_of(row, town, asker)
        asked = Asked(town, row.place, row.variant, asker)
        data = POSTED[row.name](asked) if row.name in POSTED and method == "post" else {}
        if asker is not None:
            client.force_login(asker)
        status = getattr(client, method)(reverse(row.name, args=arguments), data).status_code
        transaction.set_rollback(True)
    # What it has read of its own roles belongs to the question just undone.
    if asker is not None:
        asker.__dict__.pop("active_memberships", None)
    return int(status)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_everybody_gets_the_answer_the_table_promises(row: Row, town: Town) -> None:
    with _undone():
        # Prepared once for all of them, unless it belongs to the one who asks.
        arguments = None if row.variant == "mine" else arguments_of(row, town, None)
        assert {person: ask(row, town, person, row.method, arguments) for person in PEOPLE} == row.expected
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", sorted({row.name for row in ROWS}))
def test_methods_without_a_row_are_not_answered(name: str, town: Town) -> None:
    rows = [row for row in ROWS if row.name == name]
    answered = {row.method for row in rows}
    # Whoever gets furthest: somebody whom a row lets in.
    row, person = min(
        ((row, person) for row in rows for person, status in row.expected.items() if person != "anon"),
        key=lambda cell: cell[0].expected[cell[1]],
    )
    for method in METHODS:
        if method not in answered:
            assert ask(row, town, person, method) == 405, method
