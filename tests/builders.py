"""Two furnished halls and the people in them, for the tests of every room.

    north = make_hall("NTH", "北苑社区")      a hall with hours, departments, categories, terms and ladder
    lin = person("lin", Role.RECEPTIONIST, hall=north)
    town = make_town()                        everything below at once; town.lin, town.wang, town.north, …

People of a town: in the north hall receptionists Lin and Mei, handlers Wang and Qian and head Zhao of the works
department, handler Sun and head Zhou of the property department, director Chen, supervisor Feng, monitor Gu and
administrator He; in the south hall receptionist Lu, handler Jiang, head Shen and director Han; in the street office
over both supervisor Tang and administrator Xu. Everybody's password is `PASSWORD`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.contrib.auth.hashers import make_password

from foundation.organization.models import Category, Department, DutyShift, Hall, Membership, Role, Staff
from records.standard import furnish_hall

PASSWORD = "lotus-pond-47"

# Names out of records/data/, so that a test can say which department it means.
WORKS = "房屋建设办公室"
PROPERTY = "物业管理办公室"
HALL_ITSELF = "接待大厅"
WATERWORKS = "自来水公司"


@cache
def _hashed_password() -> str:
    """Hashed once: even a cheap hash costs more than the rows."""
    return make_password(PASSWORD)


def make_hall(code: str = "NTH", name: str = "北苑社区居民接待厅") -> Hall:
    hall = Hall.objects.create(code=code, name=name, phone="010-12345678", on_call_phone="13900000000")
    furnish_hall(hall)
    return hall


def department(hall: Hall, name: str = WORKS) -> Department:
    return Department.objects.get(hall=hall, name=name)


def category(hall: Hall, name: str = "室内上下水渗漏") -> Category:
    return Category.objects.get(hall=hall, name=name)


def person(
    username: str, *roles: Role, hall: Hall | None = None, department: Department | None = None, name: str = ""
) -> Staff:
    """Somebody with the roles in the department, in the hall, or with neither: in the street office."""
    staff = Staff.objects.create(username=username, name=name or username.title(), password=_hashed_password())
    place = department.hall if department else hall
    Membership.objects.bulk_create(
        Membership(staff=staff, role=role, hall=place, department=department) for role in roles
    )
    return staff


def on_shift(staff: Staff, hall: Hall, starts_at: datetime, hours: int = 8, *, on_call: bool = False) -> DutyShift:
    return DutyShift.objects.create(
        hall=hall,
        staff=staff,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=hours),
        is_on_call=on_call,
    )


@dataclass(frozen=True, kw_only=True)
class Town:
    """Two halls under one street office, with somebody in every role."""

    north: Hall
    south: Hall
    works: Department
    property: Department
    hall_itself: Department
    waterworks: Department
    south_works: Department

    lin: Staff
    mei: Staff
    wang: Staff
    qian: Staff
    zhao: Staff
    sun: Staff
    zhou: Staff
    chen: Staff
    feng: Staff
    gu: Staff
    he: Staff

    lu: Staff
    jiang: Staff
    shen: Staff
    han: Staff

    tang: Staff
    xu: Staff


def make_town() -> Town:
    north, south = make_hall(), make_hall("STH", "南里社区居民接待厅")
    departments = {name: department(north, name) for name in (WORKS, PROPERTY, HALL_ITSELF, WATERWORKS)}
    works, property_, south_works = departments[WORKS], departments[PROPERTY], department(south)
    roles: dict[str, tuple[Role, Hall | Department | None]] = {
        "lin": (Role.RECEPTIONIST, north),
        "mei": (Role.RECEPTIONIST, north),
        "wang": (Role.HANDLER, works),
        "qian": (Role.HANDLER, works),
        "zhao": (Role.HEAD, works),
        "sun": (Role.HANDLER, property_),
        "zhou": (Role.HEAD, property_),
        "chen": (Role.DIRECTOR, north),
        "feng": (Role.SUPERVISOR, north),
        "gu": (Role.MONITOR, north),
        "he": (Role.ADMINISTRATOR, north),
        "lu": (Role.RECEPTIONIST, south),
        "jiang": (Role.HANDLER, south_works),
        "shen": (Role.HEAD, south_works),
        "han": (Role.DIRECTOR, south),
        "tang": (Role.SUPERVISOR, None),
        "xu": (Role.ADMINISTRATOR, None),
    }
    # All at once: nearly every test begins with a town.
    people = Staff.objects.bulk_create(
        Staff(username=name, name=name.title(), password=_hashed_password()) for name in roles
    )
    Membership.objects.bulk_create(
        _membership(staff, role, place) for staff, (role, place) in zip(people, roles.values(), strict=True)
    )
    return Town(
        north=north,
        south=south,
        works=works,
        property=property_,
        hall_itself=departments[HALL_ITSELF],
        waterworks=departments[WATERWORKS],
        south_works=south_works,
        **{staff.username: staff for staff in people},
    )


def _membership(staff: Staff, role: Role, place: Hall | Department | None) -> Membership:
    if isinstance(place, Department):
        return Membership(staff=staff, role=role, hall=place.hall, department=place)
    return Membership(staff=staff, role=role, hall=place)
