from __future__ import annotations

from collections.abc import Callable

import pytest

from foundation.ledger.models import Entry, Text
from foundation.ledger.verify import verify
from foundation.organization.models import Hall, Staff
from foundation.refusals import NotAllowed, Refused, WrongState
from foundation.residents import retention
from foundation.residents.actions import erase_resident, reveal, update_resident
from foundation.residents.history import texts_of
from foundation.residents.lookup import find_residents
from foundation.residents.models import LookupLog, Resident
from tests.residents.conftest import NOW
from tests.residents.test_seal import everything_stored

PERSONAL = [
    "王秀兰", "王秀蓝", "wxl", "桂花纺织厂", "13812346021", "11010519491231002X", "桂花苑", "501 室甲", "第七网格",
    "从后门进", "xiulan@example.org", "1949-12-31", "约王秀兰上门", "sealed:",
]  # fmt: skip


@pytest.fixture
def erased(wang_xiulan: Resident, receptionist_lin: Staff, director_zhao: Staff) -> Resident:
    update_resident(
        resident_id=wang_xiulan.pk, actor=receptionist_lin, now=NOW, name="王秀蓝", phone="13700001111", room="601"
    )
    reveal(resident=wang_xiulan, field="address", reason="约王秀兰上门", actor=receptionist_lin, now=NOW)
    erase_resident(resident_id=wang_xiulan.pk, actor=director_zhao, reason="保存期已满", now=NOW)
    return Resident.objects.get(pk=wang_xiulan.pk)


def test_before_erasure_all_of_it_can_be_read(wang_xiulan: Resident, receptionist_lin: Staff):
    """Guards the test below: what it looks for is there as long as nobody erased it."""
    update_resident(resident_id=wang_xiulan.pk, actor=receptionist_lin, now=NOW, name="王秀蓝", phone="13700001111")
    reveal(resident=wang_xiulan, field="address", reason="约王秀兰上门", actor=receptionist_lin, now=NOW)
    stored = everything_stored()
    for value in set(PERSONAL) - {"13812346021", "11010519491231002X"}:
        assert value in stored, value


def test_nothing_personal_is_left_anywhere(erased: Resident):
    stored = everything_stored()
    for value in PERSONAL:
        assert value not in stored, value
    assert not any(bytes(column or b"") for column in (erased.phone_sealed, erased.phone_token, erased.id_number_token))


def test_the_ledger_still_verifies(erased: Resident):
    assert list(verify()) == []


def test_the_chain_keeps_who_erased_and_why(erased: Resident, director_zhao: Staff):
    entry = Entry.objects.get(kind="resident.erased")
    assert (entry.actor, entry.data) == (director_zhao, {"resident": erased.pk})
    assert [text.content for text in entry.texts.all()] == ["保存期已满"]
    assert Entry.objects.filter(kind__startswith="resident.").count() == 4


def test_an_erased_resident_is_said_to_be_erased(erased: Resident):
    assert str(erased) == "erased"
    for shown in ("masked_name", "masked_phone", "masked_id_number", "masked_email", "address", "masked_address"):
        assert getattr(erased, shown) == "erased"


def test_an_erased_resident_is_found_by_nothing(erased: Resident, receptionist_lin: Staff, hall: Hall):
    for query in ("王秀", "wx", "13700001111", "1111", "11010519491231002X", "***"):
        assert find_residents(hall=hall, query=query, staff=receptionist_lin, now=NOW) == []


def test_an_erased_resident_is_not_changed_revealed_or_erased_again(
    erased: Resident, receptionist_lin: Staff, director_zhao: Staff
):
    with pytest.raises(WrongState):
        update_resident(resident_id=erased.pk, actor=receptionist_lin, now=NOW, name="王秀兰")
    with pytest.raises(WrongState):
        reveal(resident=erased, field="phone", reason="回电", actor=receptionist_lin, now=NOW)
    with pytest.raises(WrongState):
        erase_resident(resident_id=erased.pk, actor=director_zhao, reason="保存期已满", now=NOW)


def test_the_others_keep_their_texts(register: Callable[..., Resident], receptionist_lin: Staff, director_zhao: Staff):
    # Ids that begin with each other's digits, so that a search for the number as text would take too many.
    residents = [register(f"居民{number}") for number in range(12)]
    for resident in residents:
        update_resident(resident_id=resident.pk, actor=receptionist_lin, now=NOW, employer=f"单位{resident.pk}")
    erase_resident(resident_id=residents[0].pk, actor=director_zhao, reason="保存期已满", now=NOW)
    assert texts_of(residents[0]).filter(name__startswith="employer", content__isnull=False).count() == 0
    for resident in residents[1:]:
        assert texts_of(resident).filter(content=f"单位{resident.pk}").count() == 1


def test_the_program_erases_when_the_time_of_keeping_is_over(wang_xiulan: Resident):
    erase_resident(resident_id=wang_xiulan.pk, actor=None, reason="保存期已满", now=NOW)
    assert Resident.objects.get(pk=wang_xiulan.pk).erased_at == NOW


def test_only_the_director_erases_and_says_why(wang_xiulan: Resident, receptionist_lin: Staff, director_zhao: Staff):
    with pytest.raises(NotAllowed):
        erase_resident(resident_id=wang_xiulan.pk, actor=receptionist_lin, reason="保存期已满", now=NOW)
    with pytest.raises(Refused):
        erase_resident(resident_id=wang_xiulan.pk, actor=director_zhao, reason=" ", now=NOW)
    assert Resident.objects.get(pk=wang_xiulan.pk).name == "王秀兰"
    assert not Text.objects.filter(content=None).exists()


def test_every_field_is_listed_as_erased_or_kept():
    for model, fates in ((Resident, retention.RESIDENT), (LookupLog, retention.LOOKUP_LOG)):
        columns = {field.name for field in model._meta.get_fields() if field.concrete}
        assert fates.keys() == columns, f"{model.__name__}: say in retention.py what becomes of each field."


def test_only_what_tells_nothing_about_the_person_is_kept():
    kept = {name for name, fate in retention.RESIDENT.items() if fate == "keep"}
    assert kept == {"id", "hall", "registered_at", "updated_at", "erased_at"}
