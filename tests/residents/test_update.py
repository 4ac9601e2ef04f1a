from __future__ import annotations

from datetime import date, timedelta

import pytest

from foundation.ledger.models import Entry
from foundation.organization.models import Role, Staff
from foundation.refusals import NotAllowed, Refused
from foundation.residents.actions import update_resident
from foundation.residents.history import entries_of, masked_texts
from foundation.residents.models import Resident
from tests.residents.conftest import NOW, person

LATER = NOW + timedelta(days=1)


def texts(entry: Entry) -> dict[str, str | None]:
    return {text.name: text.content for text in entry.texts.all()}


def test_only_the_given_fields_change(wang_xiulan: Resident, receptionist_lin: Staff):
    update_resident(resident_id=wang_xiulan.pk, actor=receptionist_lin, now=LATER, room="502")
    stored = Resident.objects.get(pk=wang_xiulan.pk)
    assert stored.room == "502"
    assert (stored.name, stored.unit, stored.masked_phone) == ("王秀兰", "2", "138****6021")
    assert (stored.registered_at, stored.updated_at) == (NOW, LATER)


def test_old_and_new_value_stay_in_the_ledger(wang_xiulan: Resident, receptionist_lin: Staff):
    update_resident(
        resident_id=wang_xiulan.pk,
        actor=receptionist_lin,
        now=LATER,
        name="王秀蓝",
        birth_date=date(1950, 1, 2),
        unit="2",
    )
    entry = Entry.objects.get(kind="resident.updated")
    assert entry.actor == receptionist_lin
    assert entry.data == {"resident": wang_xiulan.pk, "fields": ["birth_date", "name"]}
    assert texts(entry) == {
        "name.before": "王秀兰",
        "name.after": "王秀蓝",
        "birth_date.before": "1949-12-31",
        "birth_date.after": "1950-01-02",
    }


def test_an_old_phone_is_not_lost_and_shown_masked(wang_xiulan: Resident, receptionist_lin: Staff):
    update_resident(resident_id=wang_xiulan.pk, actor=receptionist_lin, now=LATER, phone="0571-88886666", id_number="")
    entry = Entry.objects.get(kind="resident.updated")
    assert masked_texts(wang_xiulan.pk, texts(entry)) == {
        "phone.before": "138****6021",
        "phone.after": "0571-****6666",
        "id_number.before": "1101************2X",
        "id_number.after": "",
    }
    stored = Resident.objects.get(pk=wang_xiulan.pk)
    assert (stored.masked_phone, stored.has_id_number) == ("0571-****6666", False)


def test_a_change_of_name_changes_the_initials(wang_xiulan: Resident, receptionist_lin: Staff):
    changed = update_resident(resident_id=wang_xiulan.pk, actor=receptionist_lin, now=LATER, name="单秀兰")
    assert changed.initials == "sxl"


def test_the_same_values_again_write_nothing(wang_xiulan: Resident, receptionist_lin: Staff):
    before = Entry.objects.count()
    again = update_resident(
        resident_id=wang_xiulan.pk, actor=receptionist_lin, now=LATER, name="王秀兰", phone="+86 138-1234-6021"
    )
    assert Entry.objects.count() == before
    assert again.updated_at == NOW


def test_an_extension_added_to_a_number_is_a_change(register, receptionist_lin: Staff):
    resident = register("李明", phone="0571-88886666")
    update_resident(resident_id=resident.pk, actor=receptionist_lin, now=LATER, phone="0571-88886666-801")
    assert Resident.objects.get(pk=resident.pk).unseal("phone") == "0571-88886666-801"


def test_handler_wang_writes_down_the_new_number_he_was_told(wang_xiulan: Resident, handler_wang: Staff):
    update_resident(resident_id=wang_xiulan.pk, actor=handler_wang, now=LATER, phone="13700001111")
    assert Resident.objects.get(pk=wang_xiulan.pk).masked_phone == "137****1111"


@pytest.mark.parametrize("role", [Role.MONITOR, Role.ADMINISTRATOR])
def test_monitor_and_administrator_change_nothing(wang_xiulan: Resident, role: Role):
    with pytest.raises(NotAllowed):
        update_resident(resident_id=wang_xiulan.pk, actor=person("sun", role, wang_xiulan.hall), now=LATER, room="502")
    assert Resident.objects.get(pk=wang_xiulan.pk).room == "501 室甲"


def test_a_wrong_value_changes_nothing_at_all(wang_xiulan: Resident, receptionist_lin: Staff):
    with pytest.raises(Refused) as refusal:
        update_resident(
            resident_id=wang_xiulan.pk, actor=receptionist_lin, now=LATER, room="502", birth_date=date(2030, 1, 1)
        )
    assert refusal.value.field == "birth_date"
    assert Resident.objects.get(pk=wang_xiulan.pk).room == "501 室甲"
    assert entries_of(wang_xiulan).count() == 1


@pytest.mark.parametrize("field", ["hall_id", "phone_sealed", "erased_at", "initials", "id"])
def test_what_is_not_a_fact_about_the_person_cannot_be_given(
    wang_xiulan: Resident, receptionist_lin: Staff, field: str
):
    with pytest.raises(TypeError, match=field):
        update_resident(resident_id=wang_xiulan.pk, actor=receptionist_lin, now=LATER, **{field: 1})
