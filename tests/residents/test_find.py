from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from foundation.organization.models import Hall, Role, Staff
from foundation.refusals import NotAllowed, Refused
from foundation.residents.lookup import find_residents, find_same
from foundation.residents.models import LookupLog, Resident
from tests.residents.conftest import NOW, person

Find = Callable[..., list[str]]


@pytest.fixture
def find(hall: Hall, receptionist_lin: Staff) -> Find:
    def names(query: str, **changed: object) -> list[str]:
        given = {"hall": hall, "staff": receptionist_lin, "now": NOW} | changed
        return [resident.name for resident in find_residents(query=query, **given)]  # type: ignore[arg-type]

    return names


@pytest.fixture
def li_ming(register: Callable[..., Resident]) -> Resident:
    return register("李明", phone="0571-88886021-801")


@pytest.mark.parametrize(
    "query",
    ["王", "王秀", "王秀兰", "秀兰", "兰", " 王秀兰 ", "wxl", "WX", "w", "ｗｘｌ", "13812346021", "138 1234 6021",
     "+8613812346021", "１３８１２３４６０２１", "11010519491231002X", "11010519491231002x"],
)  # fmt: skip
def test_a_returning_resident_is_found_by_each_way(find: Find, wang_xiulan: Resident, li_ming: Resident, query: str):
    assert find(query) == ["王秀兰"]


def test_four_digits_find_everybody_whose_number_ends_so(find: Find, wang_xiulan: Resident, li_ming: Resident):
    assert set(find("6021")) == {"王秀兰", "李明"}
    assert set(find("６０２１")) == {"王秀兰", "李明"}


def test_a_switchboard_is_found_without_the_extension(find: Find, li_ming: Resident):
    assert find("0571-88886021") == ["李明"]
    assert find("0571-88886021-802") == ["李明"]


@pytest.mark.parametrize("query", ["7777", "13812346022", "张", "xyz", "34052419800101001X"])
def test_who_is_not_here_is_not_found_and_the_question_is_logged(find: Find, wang_xiulan: Resident, query: str):
    assert find(query) == []
    assert LookupLog.objects.get().found == 0


@pytest.mark.parametrize("query", ["", "  ", "1", "138", "13812", "1381234602", "%", "_", "'", "\x00", "%王"])
def test_what_asks_nothing_yet_finds_nobody(find: Find, wang_xiulan: Resident, query: str):
    assert find(query) == []


def test_a_half_typed_number_does_not_count_against_the_limit(find: Find, wang_xiulan: Resident):
    for length in range(1, 11):
        find("13812346021"[:length])
    assert [log.kind for log in LookupLog.objects.all()] == ["phone_tail"]


def test_an_exact_name_comes_first(find: Find, register: Callable[..., Resident]):
    register("王兰", now=NOW - timedelta(days=9))
    register("王兰英")
    register("小王兰")
    assert find("王兰") == ["王兰", "王兰英", "小王兰"]


def test_a_name_in_letters_is_found_by_its_beginnings_and_by_itself(find: Find, register: Callable[..., Resident]):
    register("John Smith")
    assert find("js") == find("smith") == find("John Smith") == ["John Smith"]


def test_no_more_than_asked_for_are_given(find: Find, register: Callable[..., Resident]):
    for number in range(10):
        register(f"王{number}")
    assert len(find("王")) == 8
    assert len(find("王", limit=3)) == 3


@pytest.mark.parametrize("query", ["王秀兰", "wxl", "13812346021", "6021", "11010519491231002X"])
def test_the_next_hall_finds_nothing_of_ours(
    find: Find, wang_xiulan: Resident, receptionist_from_next_door: Staff, other_hall: Hall, query: str
):
    assert find(query, hall=other_hall, staff=receptionist_from_next_door) == []


def test_nobody_looks_into_a_hall_whose_desk_they_do_not_serve(
    find: Find, wang_xiulan: Resident, receptionist_from_next_door: Staff, handler_wang: Staff, hall: Hall
):
    others = [person("sun", Role.MONITOR, hall), person("qian", Role.ADMINISTRATOR, hall)]
    others += [person("zhou", Role.SUPERVISOR, None), handler_wang, receptionist_from_next_door]
    for staff in others:
        with pytest.raises(NotAllowed):
            find("王秀兰", staff=staff)
        assert wang_xiulan not in Resident.objects.visible_to(staff).filter(hall=hall)
    assert not LookupLog.objects.exists()


def test_the_director_looks_up_as_well(find: Find, wang_xiulan: Resident, director_zhao: Staff):
    assert find("6021", staff=director_zhao) == ["王秀兰"]
    assert list(Resident.objects.visible_to(director_zhao)) == [wang_xiulan]


def test_a_look_up_is_logged_without_what_was_typed(
    find: Find, wang_xiulan: Resident, receptionist_lin: Staff, hall: Hall
):
    find("13812346021")
    log = LookupLog.objects.get()
    assert (log.staff, log.hall, log.kind, log.found, log.at) == (receptionist_lin, hall, "phone", 1, NOW)
    assert {field.name for field in LookupLog._meta.get_fields()} == {"id", "hall", "staff", "kind", "found", "at"}


def test_the_sixty_first_look_up_in_a_minute_is_refused(find: Find, wang_xiulan: Resident, director_zhao: Staff):
    for second in range(60):
        find("王", now=NOW + timedelta(milliseconds=second))
    with pytest.raises(Refused, match="Wait a little"):
        find("王", now=NOW + timedelta(seconds=59))
    assert find("王", now=NOW + timedelta(seconds=59), staff=director_zhao) == ["王秀兰"]
    assert find("王", now=NOW + timedelta(seconds=61)) == ["王秀兰"]


def test_six_hundred_look_ups_in_an_hour_are_enough(
    find: Find, wang_xiulan: Resident, receptionist_lin: Staff, hall: Hall
):
    LookupLog.objects.bulk_create(
        LookupLog(hall=hall, staff=receptionist_lin, kind="name", found=1, at=NOW + timedelta(seconds=5 * number))
        for number in range(600)
    )
    with pytest.raises(Refused, match="Wait a little"):
        find("王", now=NOW + timedelta(minutes=59))
    assert find("王", now=NOW + timedelta(hours=2)) == ["王秀兰"]


def test_the_number_of_queries_does_not_grow_with_the_answer(
    find: Find, register: Callable[..., Resident], django_assert_max_num_queries: Callable[..., object], hall: Hall
):
    for number in range(10):
        register(f"王{number}")
    person_queries_first = find("王")
    assert person_queries_first
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        find("王")


def test_the_same_person_registered_before_is_suggested_likeliest_first(
    register: Callable[..., Resident], hall: Hall, other_hall: Hall
):
    namesake = register("王秀兰", phone="13700001111", now=NOW - timedelta(days=9))
    household = register("李明", phone="13812346021")
    herself = register("王秀兰", phone="13812346021")
    by_card = register("王秀蓝", id_number="11010519491231002X")
    register("王秀兰", phone="13812346021", hall=other_hall)
    register("赵强", phone="13900002222")
    assert find_same(hall=hall, name="王秀兰", phone="138 1234 6021") == [herself, household, namesake]
    assert find_same(hall=hall, name="王秀兰", phone="", id_number="11010519491231002X") == [by_card, herself, namesake]
    assert find_same(hall=hall, name="", phone="not a number") == []
