"""One hall with its people, and a second hall next door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation

from foundation.organization.models import Department, Hall, Membership, Role, Staff
from foundation.residents.actions import register_resident
from foundation.residents.models import Resident

NOW = datetime(2026, 3, 4, 2, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def hall(db: None) -> Hall:
    return Hall.objects.create(code="GHP", name="桂花坪社区居民接待厅")


@pytest.fixture
def other_hall(db: None) -> Hall:
    return Hall.objects.create(code="YLC", name="玉兰村社区居民接待厅")


def person(username: str, role: Role, hall: Hall | None, department: Department | None = None) -> Staff:
    staff = Staff.objects.create_user(username, name=username)
    Membership.objects.create(staff=staff, role=role, hall=hall, department=department)
    return staff


@pytest.fixture
def receptionist_lin(hall: Hall) -> Staff:
    return person("lin", Role.RECEPTIONIST, hall)


@pytest.fixture
def director_zhao(hall: Hall) -> Staff:
    return person("zhao", Role.DIRECTOR, hall)


@pytest.fixture
def handler_wang(hall: Hall) -> Staff:
    return person("wang", Role.HANDLER, hall, Department.objects.create(hall=hall, name="物业管理科"))


@pytest.fixture
def receptionist_from_next_door(other_hall: Hall) -> Staff:
    return person("he", Role.RECEPTIONIST, other_hall)


@pytest.fixture
def register(hall: Hall, receptionist_lin: Staff) -> Callable[..., Resident]:
    def registered(name: str = "王秀兰", **fields: Any) -> Resident:
        given: dict[str, Any] = {"hall": hall, "actor": None, "now": NOW, "name": name} | fields
        return register_resident(**given)

    return registered


@pytest.fixture
def wang_xiulan(register: Callable[..., Resident]) -> Resident:
    return register(
        "王秀兰",
        sex="female",
        employer="桂花纺织厂",
        phone="13812346021",
        id_number="11010519491231002X",
        estate="桂花苑",
        building="3",
        unit="2",
        room="501 室甲",
        grid="第七网格",
        address_note="从后门进",
        email="xiulan@example.org",
    )


def stored(column: bytes | memoryview | None) -> bytes:
    """What stands in a binary column that must not be empty."""
    assert column is not None
    return bytes(column)
