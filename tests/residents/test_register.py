from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from foundation.ledger.models import Entry
from foundation.organization.models import Hall, Role, Staff
from foundation.refusals import NotAllowed, Refused
from foundation.residents.actions import register_resident
from foundation.residents.models import Resident
from tests.residents.conftest import NOW, person


def test_receptionist_lin_registers_a_resident(hall: Hall, receptionist_lin: Staff):
    resident = register_resident(
        hall=hall,
        actor=receptionist_lin,
        now=NOW,
        name=" 王秀兰 ",
        sex="female",
        birth_date=date(1958, 10, 1),
        phone="138 1234 6021",
        id_number="11010519491231002x",
        estate="桂花苑",
        building="3",
        unit="2",
        room="501",
    )
    stored = Resident.objects.get(pk=resident.pk)
    assert stored.name == "王秀兰"
    assert stored.initials == "wxl"
    assert stored.masked_phone == "138****6021"
    assert stored.masked_id_number == "1101************2X"
    assert stored.masked_address == "桂花苑 Building 3 ****"
    assert stored.address == "桂花苑 Building 3 Unit 2 Room 501"
    assert stored.birth_date == date(1958, 10, 1)
    assert str(stored) == "王秀兰"


def test_registering_leaves_an_entry_on_the_halls_chain_without_the_values(hall: Hall, receptionist_lin: Staff):
    resident = register_resident(hall=hall, actor=receptionist_lin, now=NOW, name="王秀兰", phone="13812346021")
    entry = Entry.objects.get(chain__hall=hall)
    assert (entry.kind, entry.actor, entry.happened_at) == ("resident.registered", receptionist_lin, NOW)
    assert entry.data == {"resident": resident.pk, "fields": ["name", "phone"]}


def test_the_program_itself_registers_who_writes_from_the_public_page(hall: Hall):
    assert register_resident(hall=hall, actor=None, now=NOW, name="王秀兰").pk


@pytest.mark.parametrize("role", [Role.MONITOR, Role.ADMINISTRATOR, Role.SUPERVISOR])
def test_who_has_no_part_in_the_work_registers_nobody(hall: Hall, role: Role):
    with pytest.raises(NotAllowed):
        register_resident(hall=hall, actor=person("sun", role, hall), now=NOW, name="王秀兰")
    assert not Resident.objects.exists()
    assert not Entry.objects.exists()


def test_a_receptionist_of_another_hall_registers_nobody_here(hall: Hall, receptionist_from_next_door: Staff):
    with pytest.raises(NotAllowed):
        register_resident(hall=hall, actor=receptionist_from_next_door, now=NOW, name="王秀兰")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "\u200b"),
        ("name", "王" * 81),
        ("sex", "unknown"),
        ("birth_date", date(2026, 3, 5)),
        ("birth_date", date(1899, 12, 31)),
        ("phone", "1381234602a"),
        ("id_number", "110105194912310021"),
        ("email", "xiulan@"),
        ("employer", "厂" * 121),
        ("room", "5" * 41),
    ],
)
def test_a_wrong_value_is_refused_and_names_its_field(hall: Hall, receptionist_lin: Staff, field: str, value: Any):
    given = {"name": "王秀兰", field: value}
    with pytest.raises(Refused) as refusal:
        register_resident(hall=hall, actor=receptionist_lin, now=NOW, **given)
    assert refusal.value.field == field
    assert str(refusal.value)
    assert not Resident.objects.exists()


def test_today_is_the_day_in_the_hall_not_in_greenwich(hall: Hall):
    just_after_midnight = datetime(2026, 3, 3, 16, 30, tzinfo=UTC)
    born_today = register_resident(
        hall=hall, actor=None, now=just_after_midnight, name="王小宝", birth_date=date(2026, 3, 4)
    )
    assert born_today.age(date(2026, 3, 4)) == 0


def test_birth_date_and_sex_are_taken_from_the_id_number_where_left_empty(register: Callable[..., Resident]):
    resident = register("王秀兰", id_number="11010519491231002X")
    assert (resident.birth_date, resident.sex) == (date(1949, 12, 31), "female")
    assert register("王建国", id_number="34052419800101001X").sex == "male"
    told_otherwise = register("李明", id_number="34052419800101001X", birth_date=date(1980, 2, 16), sex="female")
    assert (told_otherwise.birth_date, told_otherwise.sex) == (date(1980, 2, 16), "female")


def test_a_year_is_complete_on_the_birthday(register: Callable[..., Resident]):
    resident = register("王秀兰", birth_date=date(1960, 2, 29))
    assert resident.age(date(2026, 2, 28)) == 65
    assert resident.age(date(2026, 3, 1)) == 66
    assert register("李明").age(date(2026, 3, 1)) is None


@pytest.mark.parametrize(
    ("parts", "full", "masked"),
    [
        ({"estate": "桂花苑", "building": "3 栋", "room": "501 室"}, "桂花苑 3 栋 501 室", "桂花苑 3 栋 ****"),
        ({"estate": "桂花苑", "building": "A-1"}, "桂花苑 Building A-1", "桂花苑 Building A-1"),
        ({"address_note": "河边小屋"}, "河边小屋", "****"),
        ({}, "", ""),
    ],
)
def test_a_masked_address_shows_estate_and_building(
    register: Callable[..., Resident], parts: dict[str, str], full: str, masked: str
):
    resident = register("王秀兰", **parts)
    assert (resident.address, resident.masked_address) == (full, masked)


def test_an_email_address_is_masked_up_to_its_domain(register: Callable[..., Resident]):
    assert register("王秀兰", email="xiulan@example.org").masked_email == "x****@example.org"
    assert register("李明").masked_email == ""
