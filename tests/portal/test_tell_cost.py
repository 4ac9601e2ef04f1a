"""What a public complaint costs the database: counted, so that it does not creep up."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Case
from tests.builders import Town, on_shift
from tests.portal.telling import Resident, receipt_of

pytestmark = pytest.mark.django_db(transaction=True)
AROUND = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")


def sent(town: Town, **who: str) -> list[str]:
    """The statements of the last press, after one by somebody else: what a process reads once, it has read."""
    on_shift(town.lin, town.north, timezone.now() - timedelta(hours=1))
    receipt_of(Resident(Client(), town.north, "10.9.9.9").to_check(who={"phone": "13900139000"}).send())
    resident = Resident(Client(), town.north).to_check(who=who)
    with CaptureQueriesContext(connection) as captured:
        receipt_of(resident.send())
    return [query["sql"] for query in captured]


def test_a_complaint_by_a_new_resident_takes_thirty_seven_statements(town: Town) -> None:
    statements = sent(town)
    assert len(statements) <= 37, "\n".join(statements)
    assert Case.objects.count() == 2


def test_an_anonymous_complaint_takes_thirty_one(town: Town) -> None:
    statements = sent(town, identity="anonymous")
    assert len(statements) <= 31, "\n".join(statements)


def test_nothing_is_asked_twice_and_the_case_is_written_once(town: Town) -> None:
    statements = sent(town)
    asked = Counter(sql for sql in statements if not sql.startswith(AROUND))
    assert [sql for sql, times in asked.items() if times > 1] == []
    assert len([sql for sql in statements if 'INTO "cases_case"' in sql]) == 1
    assert not any(sql.startswith("UPDATE") for sql in statements)
