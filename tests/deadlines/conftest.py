"""The north hall of receptionist Lin, handler Wang and administrator He; the south hall next door; the street's Xu."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.utils import translation

from foundation.organization.models import Category, Department, Hall, Membership, OpeningHours, Role, Staff
from tests.deadlines.week import WEEK, at


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def now() -> datetime:
    return at("2026-03-02 10:00")


def make_hall(code: str, name: str) -> Hall:
    hall = Hall.objects.create(code=code, name=name)
    OpeningHours.objects.bulk_create(
        OpeningHours(hall=hall, weekday=weekday, opens=opens, closes=closes)
        for weekday, hours in WEEK.items()
        for opens, closes in hours
    )
    return hall


def person(username: str, role: Role, hall: Hall | None, department: Department | None = None) -> Staff:
    staff = Staff.objects.create_user(username, name=username.title())
    Membership.objects.create(staff=staff, role=role, hall=hall, department=department)
    return staff


@pytest.fixture
def north(db: None) -> Hall:
    return make_hall("NTH", "北苑社区居民接待厅")


@pytest.fixture
def south(db: None) -> Hall:
    return make_hall("STH", "南里社区居民接待厅")


@pytest.fixture
def he(north: Hall) -> Staff:
    return person("he", Role.ADMINISTRATOR, north)


@pytest.fixture
def xu(db: None) -> Staff:
    return person("xu", Role.ADMINISTRATOR, None)


@pytest.fixture
def lin(north: Hall) -> Staff:
    return person("lin", Role.RECEPTIONIST, north)


@pytest.fixture
def chen(north: Hall) -> Staff:
    return person("chen", Role.DIRECTOR, north)


@pytest.fixture
def housing(north: Hall) -> Category:
    return Category.objects.create(hall=north, name="房屋")


@pytest.fixture
def leaks(north: Hall, housing: Category) -> Category:
    return Category.objects.create(hall=north, parent=housing, name="渗漏")
