"""Fixtures every test may use."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations

from tests.builders import Town, make_town

MINUTES_LONG = (
    "test_barred.py",
    "test_rights.py",
    "test_demonstration.py",
    "test_launch.py",
    "test_lifecycle_machine.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that several processes end at the same time; the browser's tests are next."""
    items.sort(key=lambda item: (item.path.name not in MINUTES_LONG, item.path.parent.name != "browser"))


def pytest_configure() -> None:
    settings.PASSWORD_HASHERS = ["tests.passwords.QuickHasher"]


@pytest.fixture(scope="session", autouse=True)
def _append_only_tables_are_emptied_after_tests() -> Iterator[None]:
    """A transactional test ends with TRUNCATE, which the ledger's triggers refuse, as they should everywhere else."""
    execute_sql_flush = DatabaseOperations.execute_sql_flush

    def flush_without_triggers(self: DatabaseOperations, sql_list: list[str]) -> None:
        # Local to the transaction around the flush: the next test has its triggers again.
        execute_sql_flush(self, ["SET LOCAL session_replication_role = replica", *sql_list])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush_without_triggers)
        yield


@pytest.fixture
def town(db: None) -> Town:
    """Two furnished halls and everybody in them; see tests/builders.py."""
    return make_town()
