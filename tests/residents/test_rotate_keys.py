from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from foundation.ledger.models import Entry
from foundation.organization.models import Hall, Staff
from foundation.residents.actions import update_resident
from foundation.residents.crypto import key_id_of
from foundation.residents.lookup import find_residents
from foundation.residents.models import Resident
from foundation.residents.rotation import rotate_keys
from tests.residents.conftest import NOW, stored

NEW = bytes(range(32))


def rotated() -> str:
    out = StringIO()
    call_command("rotate_personal_data_keys", stdout=out)
    return out.getvalue()


def test_everything_is_read_with_the_new_key_alone_after_rotating(
    wang_xiulan: Resident, hall: Hall, receptionist_lin: Staff
):
    with override_settings(PERSONAL_DATA_KEYS={"new": NEW} | settings.PERSONAL_DATA_KEYS):
        assert "'new': 1" in rotated()
    with override_settings(PERSONAL_DATA_KEYS={"new": NEW}):
        resident = Resident.objects.get(pk=wang_xiulan.pk)
        assert key_id_of(stored(resident.phone_sealed)) == "new"
        assert (resident.masked_phone, resident.masked_id_number) == ("138****6021", "1101************2X")
        assert find_residents(hall=hall, query="6021", staff=receptionist_lin, now=NOW) == [wang_xiulan]


def test_a_new_index_key_finds_everybody_again_after_rotating(
    wang_xiulan: Resident, hall: Hall, receptionist_lin: Staff
):
    with override_settings(PERSONAL_DATA_INDEX_KEY=NEW):
        queries = ("13812346021", "6021", "11010519491231002X")
        for query in queries:
            assert find_residents(hall=hall, query=query, staff=receptionist_lin, now=NOW) == []
        rotated()
        for query in queries:
            assert find_residents(hall=hall, query=query, staff=receptionist_lin, now=NOW) == [wang_xiulan]


def test_several_batches_reach_everybody_once(register: Callable[..., Resident], other_hall: Hall):
    residents = [register(f"居民{number}", phone=f"1380000100{number}") for number in range(7)]
    residents.append(register("李明", phone="13900001111", hall=other_hall))
    register("赵强")
    with override_settings(PERSONAL_DATA_KEYS={"new": NEW} | settings.PERSONAL_DATA_KEYS):
        assert rotate_keys(actor=None, now=NOW, batch=3).moved == 8
        assert {key_id_of(stored(row.phone_sealed)) for row in Resident.objects.exclude(phone_sealed=None)} == {"new"}


def test_a_second_run_changes_nothing(wang_xiulan: Resident):
    with override_settings(PERSONAL_DATA_KEYS={"new": NEW} | settings.PERSONAL_DATA_KEYS):
        rotated()
        sealed, entries = stored(Resident.objects.get().phone_sealed), Entry.objects.count()
        assert "'new': 0" in rotated()
        assert (stored(Resident.objects.get().phone_sealed), Entry.objects.count()) == (sealed, entries)


def test_the_command_says_which_old_key_the_ledger_still_needs(wang_xiulan: Resident, receptionist_lin: Staff):
    update_resident(resident_id=wang_xiulan.pk, actor=receptionist_lin, now=NOW, phone="13700001111", name="王秀蓝")
    old = next(iter(settings.PERSONAL_DATA_KEYS))
    assert "still needed" not in rotated()
    with override_settings(PERSONAL_DATA_KEYS={"new": NEW} | settings.PERSONAL_DATA_KEYS):
        assert f"Key '{old}' is still needed to read 2 earlier numbers" in rotated()


def test_a_value_no_key_opens_is_named_and_the_rest_goes_on(register: Callable[..., Resident]):
    damaged, sound = register("王秀兰", phone="13812346021"), register("李明", phone="13700001111")
    Resident.objects.filter(pk=damaged.pk).update(phone_sealed=sound.phone_sealed)
    with override_settings(PERSONAL_DATA_KEYS={"new": NEW} | settings.PERSONAL_DATA_KEYS):
        with pytest.raises(CommandError, match=rf"\b{damaged.pk}$"):
            rotated()
        assert key_id_of(stored(Resident.objects.get(pk=sound.pk).phone_sealed)) == "new"
        assert key_id_of(stored(Resident.objects.get(pk=damaged.pk).phone_sealed)) != "new"
