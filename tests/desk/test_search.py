"""The search page and the suggestions: what is found by what is typed, by whom, and how it is shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from cases.actions.bar import bar
from cases.actions.register import join_visit
from cases.models import Case
from foundation.organization.models import Role, Staff
from foundation.residents.models import LookupLog
from reception.actions import register_visit
from tests.builders import Town, person
from tests.desk.matters import MONDAY, declined, informed, issued, registered, reported, resident

pytestmark = pytest.mark.usefixtures("monday")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def english(client: Client) -> None:
    client.cookies["django_language"] = "en"


def searched(client: Client, staff: Staff, typed: str, **more: object) -> Any:
    client.force_login(staff)
    response = client.get(f"/search/?{urlencode({'q': typed} | more)}")
    assert response.status_code == 200
    return response


def found(client: Client, staff: Staff, typed: str, **more: object) -> list[str]:
    context = searched(client, staff, typed, **more).context
    return [row.case.number for row in (*context["direct"], *context["said"])]


def reasons(client: Client, staff: Staff, typed: str) -> dict[str, list[str]]:
    context = searched(client, staff, typed).context
    return {row.case.number: [str(why) for why in row.why] for row in context["direct"]}


def numbered(case: Case, number: str) -> str:
    Case.objects.filter(pk=case.pk).update(number=number)
    return number


# Numbers


@pytest.mark.usefixtures("english")
def test_last_digits_find_every_number_that_ends_in_them_and_say_so(client: Client, town: Town) -> None:
    short = numbered(registered(town), "NTH-2026-000412")
    long = numbered(registered(town, now=MONDAY - HOUR), "NTH-2026-007412")
    numbered(registered(town), "NTH-2026-004120")
    why = ["its number ends in 412"]
    assert reasons(client, town.lin, "412") == {short: why, long: why}
    assert found(client, town.lin, "12") == []
    assert found(client, town.lin, "000412") == [short]


@pytest.mark.usefixtures("english")
def test_whole_numbers_lead_to_the_case_however_they_are_written(client: Client, town: Town) -> None:
    case = registered(town)
    year, digits = case.number.split("-")[1:]
    for typed in (case.number, case.number.lower(), f"{year}-{int(digits)}", f"  {case.number} "):
        assert reasons(client, town.lin, typed) == {case.number: ["case number"]}, typed
    assert reasons(client, town.lin, f"{case.number}-1") == {case.number: ["number of one of its papers"]}


@pytest.mark.usefixtures("english")
def test_the_number_another_office_gave_finds_the_case(client: Client, town: Town) -> None:
    case = registered(town)
    Case.objects.filter(pk=case.pk).update(outside_number="12345-2026-Ab7")
    assert reasons(client, town.lin, "12345-2026-aB7") == {case.number: ["outside number"]}
    assert reasons(client, town.lin, "12345-2026") == {}


@pytest.mark.usefixtures("english")
def test_the_tracking_code_finds_the_case_at_the_desk_only(client: Client, town: Town) -> None:
    case = issued(town).case
    typed = f"{case.tracking_code[:4]}-{case.tracking_code[4:]}".lower()
    assert reasons(client, town.lin, typed) == {case.number: ["tracking code"]}
    assert found(client, town.wang, case.tracking_code) == []
    assert found(client, town.feng, case.tracking_code) == []


# People


@pytest.mark.usefixtures("english")
def test_a_resident_is_found_by_name_initials_and_phone_also_where_the_case_is_long_closed(
    client: Client, town: Town
) -> None:
    chen = resident(town, name="陈国强", phone="13912347788")
    case = registered(town, who=chen)
    closed = declined(town, who=chen, now=MONDAY - 400 * DAY)
    registered(town)
    for typed in ("陈国强", "cgq", "7788", "13912347788"):
        why = ["name or phone of the resident"]
        assert reasons(client, town.lin, typed) == {case.number: why, closed.number: why}, typed
    assert LookupLog.objects.filter(staff=town.lin).count() == 4


def test_who_may_not_look_residents_up_finds_nobody_by_name_and_nothing_is_asked(client: Client, town: Town) -> None:
    issued(town)
    for staff in (town.wang, town.zhao, town.feng, town.tang):
        for typed in ("王秀兰", "wxl", "6021", "13805716021"):
            assert found(client, staff, typed) == [], typed
    assert not LookupLog.objects.exists()


def test_a_hidden_identity_is_found_by_name_only_by_the_director(client: Client, town: Town) -> None:
    hidden = registered(town, identity="hidden")
    assert found(client, town.lin, "王秀兰") == []
    assert found(client, town.chen, "王秀兰") == [hidden.number]


# Words


def test_words_are_found_in_every_visit_in_answers_and_in_results(client: Client, town: Town) -> None:
    case = informed(town)
    open_case = registered(town, matter="楼下烧烤摊油烟扰民。")
    visit = register_visit(
        hall=town.north,
        actor=town.lin,
        now=MONDAY,
        channel="phone",
        matter="再次反映，烧烤摊搬到了幼儿园门口。",
        resident=open_case.resident,
    )
    join_visit(case_id=open_case.pk, visit=visit, actor=town.lin, now=MONDAY)
    assert found(client, town.lin, "幼儿园") == [open_case.number]
    slip, answer = case.slips.all()[0], case.answers.all()[0]
    for text in (slip.result, slip.remedy, answer.text):
        assert case.number in found(client, town.lin, text[:4]), text


def test_scattered_pairs_are_not_a_word(client: Client, town: Town) -> None:
    registered(town, matter="房屋年久失修，屋顶漏水。")
    assert found(client, town.lin, "房漏") == []
    assert found(client, town.lin, "房屋顶漏") == []
    assert len(found(client, town.lin, "屋顶漏水")) == 1
    assert len(found(client, town.lin, "漏水 房屋")) == 1


def test_numbers_and_latin_letters_beside_characters_are_found_as_typed(client: Client, town: Town) -> None:
    case = registered(town, matter="住在13号楼，WiFi信号塔离窗户太近。")
    for typed in ("13号楼", "3号楼", "１３号楼", "wifi", "WiFi信号", "wi"):
        assert found(client, town.lin, typed) == [case.number], typed
    assert found(client, town.lin, "14号楼") == []


@pytest.mark.usefixtures("english")
def test_a_single_character_is_answered_in_words(client: Client, town: Town) -> None:
    registered(town, matter="屋顶漏水。")
    response = searched(client, town.lin, "漏")
    assert (response.context["direct"], response.context["said"]) == ([], [])
    assert "at least two characters" in response.content.decode()
    assert not LookupLog.objects.exists()


@pytest.mark.usefixtures("english")
def test_older_cases_are_found_on_request(client: Client, town: Town) -> None:
    old = declined(town, now=MONDAY - 91 * DAY, matter="楼顶漏水，无人管。")
    recent = declined(town, now=MONDAY - 89 * DAY, matter="楼顶漏水，没人修。")
    still_open = registered(town, now=MONDAY - 200 * DAY, matter="楼顶漏水，还在漏。")
    response = searched(client, town.lin, "楼顶漏水")
    assert [row.case.number for row in response.context["said"]] == [recent.number, still_open.number]
    assert "Search older cases" in response.content.decode()
    older = client.get(f"/search/{response.context['older_url']}").context
    assert [row.case.number for row in older["said"]] == [recent.number, old.number, still_open.number]


def test_a_word_that_many_say_and_one_that_few_say_are_found_the_same_way(
    client: Client, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As few as a small test can exceed: beyond them the index is asked.
    monkeypatch.setattr("web.desk.search.WALKED", 3)
    who = resident(town)
    rare = registered(town, who=who, now=MONDAY - 2 * DAY, matter="麒麟瑞兽雕像倒了。")
    often = [registered(town, who=who, now=MONDAY - n * HOUR, matter="路灯不亮，请修。").number for n in range(6)]
    assert found(client, town.lin, "麒麟瑞兽") == [rare.number]
    assert found(client, town.lin, "路灯不亮") == often


# What is shown


def test_what_was_found_is_marked_and_nothing_typed_by_residents_becomes_a_tag(client: Client, town: Town) -> None:
    registered(town, matter="<script>alert('漏水')</script>楼顶<b>漏水</b>，卧室发霉，家具全部泡坏，至今没有人来。")
    page = searched(client, town.lin, "漏水").content.decode()
    assert "<mark>漏水</mark>" in page
    assert "<script>alert" not in page
    assert "&lt;b&gt;<mark>漏水</mark>&lt;/b&gt;" in page
    assert "<mark><b></mark>" not in searched(client, town.lin, "<b> 漏水").content.decode()
    suggested = client.post("/search/suggestions/", {"q": "漏水"}).content.decode()
    assert "<mark>漏水</mark>" in suggested
    assert "<script>" not in suggested


def test_the_place_in_the_text_is_shown_with_what_stands_around_it(client: Client, town: Town) -> None:
    registered(town, matter="天气炎热。" * 30 + "电梯困人两小时。" + "请尽快处理。" * 30)
    [row] = searched(client, town.lin, "电梯困人").context["said"]
    snippet = row.snippet
    assert ("电梯困人", True) in snippet
    assert snippet[0][0].startswith("…")
    assert len("".join(piece for piece, _hit in snippet)) < 100


# Rights


def test_departments_find_their_own_cases_and_monitors_have_no_search(client: Client, town: Town) -> None:
    works = issued(town, matter="屋顶漏水，请维修。").case
    issued(town, town.property, matter="屋顶漏水，物业不管。")
    issued(town, town.south_works, hall=town.south, matter="屋顶漏水，南里来信。")
    assert found(client, town.wang, "屋顶漏水") == [works.number]
    assert found(client, town.wang, works.number) == [works.number]
    assert len(found(client, town.lin, "屋顶漏水")) == 2
    for staff in (town.gu, town.he):
        client.force_login(staff)
        assert client.get("/search/?q=屋顶漏水").status_code == 403
        assert 'role="search"' not in client.get("/alerts/").content.decode()


def test_whoever_a_complaint_is_about_finds_it_by_no_way_whatever_roles_they_hold(client: Client, town: Town) -> None:
    ma = person("ma", Role.RECEPTIONIST, Role.DIRECTOR, Role.SUPERVISOR, hall=town.north)
    case = issued(town, nature="complaint", matter="马某态度恶劣，跑了三趟。").case
    Case.objects.filter(pk=case.pk).update(outside_number="12345-9")
    ways = [
        case.number,
        case.number[-6:],
        f"{case.number}-1",
        case.tracking_code,
        "12345-9",
        "态度恶劣",
        "恶劣",
        "王秀兰",
        "wxl",
        "6021",
    ]
    for typed in ways:
        assert found(client, ma, typed) == [case.number], typed
    bar(case_id=case.pk, staff=ma, reason="投诉对象", actor=town.lin, now=MONDAY)
    for typed in ways:
        for older in ("", "1"):
            response = searched(client, ma, typed, older=older)
            assert found(client, ma, typed, older=older) == [], typed
            assert response.context["count"] == 0
        assert case.number + "/" not in client.post("/search/suggestions/", {"q": typed}).content.decode(), typed


# Pages


def test_pages_go_on_without_gap_or_repetition(client: Client, town: Town) -> None:
    who = resident(town)
    numbers = [
        registered(town, who=who, now=MONDAY - n * timedelta(minutes=1), matter="路灯不亮，请修。").number
        for n in range(30)
    ]
    first = searched(client, town.lin, "路灯不亮").context
    assert [row.case.number for row in first["said"]] == numbers[:25]
    second = client.get(f"/search/{first['page'].older_url}").context
    assert [row.case.number for row in second["said"]] == numbers[25:]
    back = client.get(f"/search/{second['page'].newer_url}").context
    assert [row.case.number for row in back["said"]] == numbers[:25]


@pytest.mark.usefixtures("english")
def test_more_than_can_be_shown_of_one_person_is_said_with_the_way_to_all(client: Client, town: Town) -> None:
    chen = resident(town, name="陈国强", phone="13912347788")
    for n in range(25):
        registered(town, who=chen, now=MONDAY - n * timedelta(minutes=1))
    assert "More than 25" not in searched(client, town.lin, "陈国强").content.decode()
    for n in (30, 31):
        registered(town, who=chen, now=MONDAY - n * timedelta(minutes=1))
    answer = searched(client, town.lin, "陈国强")
    page = answer.content.decode()
    assert len(answer.context["direct"]) == 25
    assert "more than 25 found" in page
    assert "More than 25 fit" in page
    url = answer.context["list_url"]
    assert f'<a href="{url}">Show all of them in the list' in page
    assert client.get(url).context["count"] == "27"


@pytest.mark.usefixtures("english")
def test_what_stands_by_person_never_stands_by_words_again_and_the_pages_still_go_on(
    client: Client, town: Town
) -> None:
    """All rows the first page of words would have begun with are of the person; the last of them is the oldest."""
    chen = resident(town, name="陈国强", phone="13912347788")
    minute = timedelta(minutes=1)
    matter = "陈国强家楼上漏水。"
    by_person = [registered(town, who=chen, matter=matter, now=MONDAY - n * minute).number for n in (*range(24), 90)]
    neighbour = resident(town, name="李桂芳", phone="13805716030")
    by_words = [registered(town, who=neighbour, matter=matter, now=MONDAY - n * minute).number for n in range(30, 57)]
    first = searched(client, town.lin, "陈国强")
    assert [row.case.number for row in first.context["direct"]] == by_person
    assert [row.case.number for row in first.context["said"]] == by_words[:25]
    older = first.context["page"].older_url
    assert older.replace("&", "&amp;") in first.content.decode()
    second = client.get(f"/search/{older}").context
    assert second["direct"] == []
    assert [row.case.number for row in second["said"]] == by_words[25:]
    back = client.get(f"/search/{second['page'].newer_url}").context
    assert [row.case.number for row in back["said"]] == by_words[:25]


def test_thirty_cases_cost_no_more_queries_than_three(queries: Any, town: Town) -> None:
    def cost() -> dict[tuple[Staff, str], int]:
        asked = [
            (staff, f"/search/?q={typed}") for staff in (town.feng, town.wang) for typed in ("漏水", "墙面大片", "412")
        ]
        return {(staff, url): queries(staff, url) for staff, url in asked}

    for _number in range(3):
        issued(town)
    few = cost()
    for _number in range(9):
        registered(town)
        issued(town, identity="hidden")
        reported(town)
    assert cost() == few
    assert max(few.values()) <= 8


def test_an_empty_search_asks_for_nothing_and_says_what_may_be_typed(client: Client, town: Town) -> None:
    response = searched(client, town.lin, "")
    assert (response.context["direct"], response.context["said"]) == ([], [])
    assert 'id="search-help"' in response.content.decode()


def test_suggestions_are_the_likeliest_few_with_a_way_to_all(client: Client, town: Town) -> None:
    who = resident(town)
    for n in range(12):
        registered(town, who=who, now=MONDAY - n * HOUR, matter="路灯不亮，请修。")
    client.force_login(town.lin)
    page = client.post("/search/suggestions/", {"q": "路灯不亮"}).content.decode()
    assert page.count('role="option"') == 9
    assert "/search/?q=" in page
    assert client.post("/search/suggestions/", {"q": ""}).content.decode().count('role="option"') == 0
