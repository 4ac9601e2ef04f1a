from __future__ import annotations

from collections.abc import Callable

import pytest

from foundation.ledger.actions import hall_chain, open_chain
from foundation.ledger.models import Chain, Entry
from foundation.organization.models import Hall, Role, Staff
from foundation.refusals import NotAllowed, Refused
from foundation.residents.actions import reveal
from foundation.residents.models import Resident
from tests.residents.conftest import NOW, person


@pytest.fixture
def case_chain(hall: Hall) -> Chain:
    return open_chain(hall=hall, now=NOW)


def reveals() -> list[Entry]:
    return list(Entry.objects.filter(kind="resident.revealed"))


@pytest.mark.parametrize(
    ("field", "plain"),
    [
        ("phone", "13812346021"),
        ("id_number", "11010519491231002X"),
        ("address", "桂花苑 Building 3 Unit 2 501 室甲 从后门进"),
        ("email", "xiulan@example.org"),
    ],
)
def test_the_desk_sees_the_plain_value_and_leaves_its_reason(
    wang_xiulan: Resident, receptionist_lin: Staff, field: str, plain: str
):
    shown = reveal(resident=wang_xiulan, field=field, reason=" 回电 ", actor=receptionist_lin, now=NOW)
    assert shown == plain
    (entry,) = reveals()
    assert entry.chain == hall_chain(wang_xiulan.hall)
    assert (entry.actor, entry.happened_at) == (receptionist_lin, NOW)
    assert entry.data == {"resident": wang_xiulan.pk, "field": field}
    assert [(text.name, text.content) for text in entry.texts.all()] == [("reason", "回电")]


def test_each_time_leaves_an_entry(wang_xiulan: Resident, director_zhao: Staff):
    for _time in range(3):
        reveal(resident=wang_xiulan, field="phone", reason="回电", actor=director_zhao, now=NOW)
    assert len(reveals()) == 3


def test_handler_wang_sees_it_through_a_case_whose_chain_keeps_the_trace(
    wang_xiulan: Resident, handler_wang: Staff, case_chain: Chain
):
    shown = reveal(
        resident=wang_xiulan, field="phone", reason="约上门时间", actor=handler_wang, now=NOW, chain=case_chain
    )
    assert shown == "13812346021"
    assert [entry.chain for entry in reveals()] == [case_chain]


def test_handler_wang_sees_nothing_without_a_case(wang_xiulan: Resident, handler_wang: Staff, hall: Hall):
    for chain in (None, hall_chain(hall)):
        with pytest.raises(NotAllowed):
            reveal(resident=wang_xiulan, field="phone", reason="好奇", actor=handler_wang, now=NOW, chain=chain)
    assert reveals() == []


@pytest.mark.parametrize("reason", ["", "   ", "\n\t", "\u200b"])
def test_without_a_reason_nothing_is_revealed(wang_xiulan: Resident, receptionist_lin: Staff, reason: str):
    with pytest.raises(Refused) as refusal:
        reveal(resident=wang_xiulan, field="phone", reason=reason, actor=receptionist_lin, now=NOW)
    assert refusal.value.field == "reason"
    assert reveals() == []


@pytest.mark.parametrize("role", [Role.MONITOR, Role.ADMINISTRATOR, Role.SUPERVISOR])
def test_monitor_administrator_and_supervisor_see_nothing_even_through_a_case(
    wang_xiulan: Resident, case_chain: Chain, role: Role
):
    sun = person("sun", role, wang_xiulan.hall)
    for chain in (None, case_chain):
        with pytest.raises(NotAllowed):
            reveal(resident=wang_xiulan, field="phone", reason="检查", actor=sun, now=NOW, chain=chain)
    assert reveals() == []


def test_the_next_hall_sees_nothing_even_through_its_own_case(
    wang_xiulan: Resident, receptionist_from_next_door: Staff, other_hall: Hall
):
    for chain in (None, open_chain(hall=other_hall, now=NOW)):
        with pytest.raises(NotAllowed):
            reveal(
                resident=wang_xiulan,
                field="phone",
                reason="回电",
                actor=receptionist_from_next_door,
                now=NOW,
                chain=chain,
            )


def test_a_reveal_is_not_logged_in_the_chain_of_another_hall(
    wang_xiulan: Resident, receptionist_lin: Staff, other_hall: Hall
):
    with pytest.raises(NotAllowed):
        reveal(
            resident=wang_xiulan,
            field="phone",
            reason="回电",
            actor=receptionist_lin,
            now=NOW,
            chain=open_chain(hall=other_hall, now=NOW),
        )


def test_somebody_without_an_account_or_who_left_sees_nothing(wang_xiulan: Resident, receptionist_lin: Staff):
    receptionist_lin.is_active = False
    for actor in (None, receptionist_lin):
        with pytest.raises(NotAllowed):
            reveal(resident=wang_xiulan, field="phone", reason="回电", actor=actor, now=NOW)


def test_where_nothing_is_recorded_nothing_is_logged(register: Callable[..., Resident], receptionist_lin: Staff):
    with pytest.raises(Refused, match="Nothing is recorded"):
        reveal(resident=register("李明"), field="phone", reason="回电", actor=receptionist_lin, now=NOW)
    assert reveals() == []
