from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from foundation.ledger.actions import open_chain
from foundation.ledger.models import Chain
from foundation.organization.models import Department, Hall, Role, Staff
from tests.builders import person
from tests.notifications.receivers import MailServer, MessageService, serving

# A Monday, ten in the morning in Shanghai: inside everybody's sending hours.
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def north(db: None) -> Hall:
    return Hall.objects.create(code="NTH", name="北苑社区")


@pytest.fixture
def south(db: None) -> Hall:
    return Hall.objects.create(code="STH", name="南里社区")


@pytest.fixture
def works(north: Hall) -> Department:
    return Department.objects.create(hall=north, name="房屋建设办公室")


@pytest.fixture
def wang(works: Department) -> Staff:
    """Handler Wang, in the inbox only until a test gives an address."""
    return person("wang", Role.HANDLER, department=works)


@pytest.fixture
def lin(north: Hall) -> Staff:
    return person("lin", Role.RECEPTIONIST, hall=north)


@pytest.fixture
def chen(north: Hall) -> Staff:
    return person("chen", Role.DIRECTOR, hall=north)


@pytest.fixture
def chain(north: Hall) -> Chain:
    return open_chain(hall=north, now=NOW)


@pytest.fixture
def message_service() -> Iterator[MessageService]:
    with serving(MessageService()) as server:
        yield server


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with serving(MailServer()) as server:
        yield server
