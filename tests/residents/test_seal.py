"""What the database holds, and what becomes of it when somebody moves or changes it there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection
from django.test import override_settings

from foundation.organization.models import Hall, Staff
from foundation.refusals import Refused
from foundation.residents.actions import reveal, update_resident
from foundation.residents.models import Resident
from tests.residents.conftest import NOW, stored


def everything_stored() -> str:
    """Every row of every table of ours as text, binary columns in hexadecimal."""
    stored = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            stored += [row[0] for row in cursor.fetchall()]
    return "\n".join(stored)


def test_no_table_holds_a_phone_or_an_id_number_in_the_clear(
    wang_xiulan: Resident, receptionist_lin: Staff, director_zhao: Staff
):
    update_resident(
        resident_id=wang_xiulan.pk,
        actor=receptionist_lin,
        now=NOW,
        phone="139 5678 4321",
        id_number="34052419800101001X",
    )
    reveal(resident=wang_xiulan, field="phone", reason="call back", actor=director_zhao, now=NOW)
    stored = everything_stored()
    assert "桂花纺织厂" in stored
    for number in ("13812346021", "13956784321", "11010519491231002X", "34052419800101001X"):
        assert number not in stored
        assert number.encode().hex() not in stored


def test_the_same_number_is_sealed_differently_each_time(register: Callable[..., Resident]):
    first, second = (register(name, phone="13812346021") for name in ("王秀兰", "李明"))
    assert stored(first.phone_sealed) != stored(second.phone_sealed)


def test_a_number_moved_to_another_resident_does_not_open(
    register: Callable[..., Resident], wang_xiulan: Resident, receptionist_lin: Staff
):
    li_ming = register("李明", phone="13700001111")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE residents_resident SET phone_sealed = (SELECT phone_sealed FROM residents_resident WHERE id = %s)"
            " WHERE id = %s",
            [wang_xiulan.pk, li_ming.pk],
        )
    moved = Resident.objects.get(pk=li_ming.pk)
    assert moved.masked_phone == "unreadable"
    with pytest.raises(Refused, match="cannot be read"):
        reveal(resident=moved, field="phone", reason="call back", actor=receptionist_lin, now=NOW)


def test_a_number_moved_to_another_column_does_not_open(wang_xiulan: Resident):
    Resident.objects.filter(pk=wang_xiulan.pk).update(id_number_sealed=wang_xiulan.phone_sealed)
    assert Resident.objects.get(pk=wang_xiulan.pk).masked_id_number == "unreadable"


@pytest.mark.parametrize("position", [0, 1, 3, 12, 20, -1])
def test_a_changed_byte_is_noticed(wang_xiulan: Resident, position: int):
    altered = bytearray(stored(wang_xiulan.phone_sealed))
    altered[position] ^= 1
    Resident.objects.filter(pk=wang_xiulan.pk).update(phone_sealed=bytes(altered))
    assert Resident.objects.get(pk=wang_xiulan.pk).masked_phone == "unreadable"


def test_without_its_key_a_number_is_unreadable_and_can_be_entered_anew(wang_xiulan: Resident, receptionist_lin: Staff):
    with override_settings(PERSONAL_DATA_KEYS={"other": bytes(range(32))}):
        assert Resident.objects.get(pk=wang_xiulan.pk).masked_phone == "unreadable"
        update_resident(resident_id=wang_xiulan.pk, actor=receptionist_lin, now=NOW, phone="13700001111")
        assert Resident.objects.get(pk=wang_xiulan.pk).masked_phone == "137****1111"


def test_the_same_last_four_digits_leave_different_traces_in_two_halls(
    register: Callable[..., Resident], hall: Hall, other_hall: Hall
):
    here = register("王秀兰", phone="13812346021")
    there = register("李明", phone="13900006021", hall=other_hall)
    also_here = register("赵强", phone="0571-88886021")
    assert stored(here.phone_tail_token) == stored(also_here.phone_tail_token)
    assert stored(here.phone_tail_token) != stored(there.phone_tail_token)


def test_the_last_four_digits_can_be_checked_without_revealing_the_number(
    register: Callable[..., Resident], wang_xiulan: Resident
):
    assert wang_xiulan.phone_ends_with("6021")
    assert not wang_xiulan.phone_ends_with("6022")
    assert not wang_xiulan.phone_ends_with("")
    assert not register("李明").phone_ends_with("6021")


def test_the_database_refuses_a_number_without_its_token(wang_xiulan: Resident):
    with pytest.raises(IntegrityError, match="resident_phone_with_tokens"):
        Resident.objects.filter(pk=wang_xiulan.pk).update(phone_token=None)
