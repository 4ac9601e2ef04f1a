"""Beside the form: who it may be, what it may be, until when; and the page itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case, Part
from foundation.residents.lookup import PER_MINUTE
from foundation.residents.models import LookupLog, Resident
from tests.builders import Town, category
from tests.desk.contacts import ELECTRIC_BIKES, ROOF, contact, only_case, press
from web.desk.register_lookup import marked, promised

KEEPS_RECORD = ("SAVEPOINT", "RELEASE SAVEPOINT")


def residents(desk: Client, **typed: str) -> str:
    return desk.post(reverse("desk:register_residents"), typed, headers={"HX-Request": "true"}).content.decode()


def similar(desk: Client, matter: str) -> str:
    return desk.post(reverse("desk:register_similar"), {"matter": matter}).content.decode()


def asked_of_database(desk: Client, url_name: str, data: dict[str, Any] | None = None) -> int:
    """How many questions to the database, without the brackets of transactions."""
    url = reverse(url_name)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = desk.get(url) if data is None else desk.post(url, data)
    assert response.status_code == 200
    return sum(not query["sql"].startswith(KEEPS_RECORD) for query in captured)


@pytest.mark.parametrize("typed", ["王秀", "wxl", "6021", "13805716021"])
def test_who_comes_again_is_found_masked(desk: Client, town: Town, typed: str) -> None:
    press(desk, "register", contact(town))
    page = residents(desk, name=typed)
    assert "王秀兰" in page
    assert "138****6021" in page
    assert "13805716021" not in page.replace(f'data-query="{typed}"', "")
    assert "501" not in page


def test_how_often_they_came_and_what_is_open_is_told(desk: Client, town: Town) -> None:
    press(desk, "register", contact(town))
    press(desk, "decline", contact(town, ground="court", advice="请到法院"))
    desk.cookies.load({"django_language": "en"})
    page = residents(desk, name="6021")
    assert "Came 2 times" in page
    assert "1 open case" in page


def test_neither_hidden_contacts_nor_barred_cases_are_counted(desk: Client, town: Town) -> None:
    press(desk, "register", contact(town))
    press(desk, "register", contact(town, identity="hidden"))
    desk.force_login(town.mei)
    press(desk, "register", contact(town, nature="complaint", about_staff=[town.lin.pk]))
    desk.force_login(town.lin)
    desk.cookies.load({"django_language": "en"})
    page = residents(desk, name="6021")
    assert "Came once" in page
    assert "1 open case" in page


def test_one_character_and_half_a_number_ask_nothing(desk: Client, town: Town) -> None:
    press(desk, "register", contact(town))
    for typed in ("王", "w", "13805"):
        assert "王秀兰" not in residents(desk, name=typed)
    assert not LookupLog.objects.exists()


def test_too_many_look_ups_are_told_in_words(desk: Client, town: Town) -> None:
    for _time in range(PER_MINUTE):
        residents(desk, name="6021")
    desk.cookies.load({"django_language": "en"})
    assert "Wait a little" in residents(desk, name="6021")


def test_the_chosen_one_fills_what_may_be_shown(desk: Client, town: Town) -> None:
    press(desk, "register", contact(town))
    page = residents(desk, resident=str(Resident.objects.get().pk), pick="1")
    assert 'data-fill-name="王秀兰"' in page
    assert 'data-fill-birth_date="1959-03-02"' in page
    assert 'data-held-phone="138****6021"' in page
    assert "501" not in page


def test_after_a_reload_the_chosen_one_is_shown_and_fills_nothing(desk: Client, town: Town) -> None:
    press(desk, "register", contact(town))
    page = residents(desk, resident=str(Resident.objects.get().pk))
    assert "data-chosen" in page
    assert "data-fill" not in page


def test_an_open_case_alike_is_shown_with_what_they_share(desk: Client, town: Town) -> None:
    press(desk, "register", contact(town, matter="三栋楼顶漏水"))
    press(desk, "register", contact(town, matter="路灯不亮，晚上看不见"))
    page = similar(desk, "楼顶又漏水了，墙面发霉")
    assert "<mark>楼顶</mark>" in page.replace("<mark>楼顶漏水</mark>", "<mark>楼顶</mark>")
    assert f'value="join-{Case.objects.order_by("pk")[0].pk}"' in page
    assert "路灯" not in page


def test_a_case_with_hidden_identity_shows_no_name(desk: Client, town: Town) -> None:
    press(desk, "register", contact(town, identity="hidden", matter="三栋楼顶漏水"))
    page = similar(desk, "楼顶漏水")
    assert only_case().number in page
    assert "王秀兰" not in page


def test_neither_barred_cases_nor_those_of_another_hall_are_alike(desk: Client, town: Town) -> None:
    press(desk, "register", contact(town, matter="三栋楼顶漏水"))
    case = only_case()
    Part.objects.create(case=case, staff=town.mei, role="barred", started_at=datetime(2026, 1, 5, tzinfo=UTC))
    for name in ("mei", "lu"):
        desk.force_login(getattr(town, name))
        page = similar(desk, "楼顶漏水")
        assert case.number not in page
        assert "data-suggested" not in page


def test_the_category_most_similar_matters_have_is_suggested_with_counts(desk: Client, town: Town) -> None:
    for floor in "一二三":
        press(desk, "register", contact(town, matter=f"{floor}栋楼顶漏水，墙面发霉", phone=""))
    press(desk, "decline", contact(town, matter="楼顶漏水，墙面发霉", ground="court", advice="请到法院"))
    other = category(town.north, ELECTRIC_BIKES)
    press(desk, "register", contact(town, matter="楼顶漏水墙面发霉", category=other.pk))
    press(desk, "register", contact(town, matter="楼道里停满电动车", category=other.pk))
    desk.cookies.load({"django_language": "en"})
    page = similar(desk, "楼顶漏水，墙面发霉")
    assert f'data-suggested="{category(town.north, ROOF).pk}"' in page
    assert "4 of 5 similar ones" in page


def test_where_similar_matters_do_not_agree_nothing_is_suggested(desk: Client, town: Town) -> None:
    press(desk, "register", contact(town, matter="楼顶漏水"))
    press(desk, "register", contact(town, matter="楼顶漏水", category=category(town.north, ELECTRIC_BIKES).pk))
    assert "data-suggested" not in similar(desk, "楼顶漏水")


def test_a_consultation_is_promised_for_the_next_working_day_at_closing_time(town: Town) -> None:
    monday = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)  # half past nine in Shanghai
    until = promised(
        hall=town.north,
        nature="consultation",
        category=category(town.north, ROOF),
        urgency="normal",
        set_from_above=None,
        now=monday,
    )
    assert until is not None
    assert until.astimezone(town.north.zone).strftime("%Y-%m-%d") == "2026-03-03"


def test_the_date_from_above_goes_before_the_promise(town: Town) -> None:
    monday, above = datetime(2026, 3, 2, 1, 30, tzinfo=UTC), datetime(2026, 3, 20, 9, tzinfo=UTC)
    roof = category(town.north, ROOF)
    until = promised(
        hall=town.north, nature="complaint", category=roof, urgency="normal", set_from_above=above, now=monday
    )
    assert until == above


def test_the_promise_shown_is_the_promise_kept(desk: Client, town: Town) -> None:
    chosen = {"nature": "request", "category": str(category(town.north, ROOF).pk), "urgency": "normal"}
    page = desk.post(reverse("desk:register_promise"), chosen)
    assert page.context["promise"] is not None
    press(desk, "transfer", contact(town))
    # Seven working days end at a closing time: the minute between the two presses does not show.
    assert only_case().promise_due_at == page.context["promise"]


@pytest.mark.parametrize("missing", ["nature", "category", "urgency"])
def test_nothing_is_promised_while_something_is_not_chosen(desk: Client, town: Town, missing: str) -> None:
    chosen = {"nature": "request", "category": str(category(town.north, ROOF).pk), "urgency": "normal"} | {missing: "x"}
    page = desk.post(reverse("desk:register_promise"), chosen | {"outside_due_at": "2026-99-99T00:00"})
    assert page.status_code == 200
    assert page.context["promise"] is None


def test_pieces_are_marked_where_pairs_overlap() -> None:
    assert marked("三栋楼顶漏水了", ["楼顶", "顶漏", "漏水"]) == [("三栋", False), ("楼顶漏水", True), ("了", False)]
    assert marked("WIFI坏", ["wifi"]) == [("WIFI", True), ("坏", False)]
    assert marked("", ["楼顶"]) == []


def test_without_scripts_a_resident_is_looked_up_taken_and_let_go_by_buttons(desk: Client, town: Town) -> None:
    press(desk, "register", contact(town))
    wang = Resident.objects.get()
    typed = contact(town, name="6021", phone="", estate="", employer="", sex=None, matter="楼顶还在漏水")
    page = press(desk, "find", typed)
    assert page.status_code == 200
    assert f'value="pick-{wang.pk}"' in page.content.decode()
    assert "楼顶还在漏水" in page.content.decode()
    page = press(desk, f"pick-{wang.pk}", typed)
    form = page.context["form"]
    assert (form["name"].value(), form["estate"].value(), str(form["resident"].value())) == (
        "王秀兰",
        "桂花苑",
        str(wang.pk),
    )
    assert 'placeholder="138****6021"' in page.content.decode()
    page = press(desk, "drop", typed | {"name": "王秀兰", "resident": wang.pk})
    assert page.context["form"]["resident"].value() == ""
    # Nothing was sent: one contact stays one contact.
    assert Case.objects.count() == 1


def test_the_page_asks_the_database_at_most_twelve_times(desk: Client, town: Town) -> None:
    assert asked_of_database(desk, "desk:register") <= 12


def test_what_is_shown_while_typing_does_not_cost_more_with_more_rows(desk: Client, town: Town) -> None:
    """Session, account and memberships are three; a look-up of residents locks, counts twice and logs besides.

    Similar cases ask which words are rare, which cases are the likest, and what is shown of them.
    """
    asked = {
        "desk:register_residents": ({"name": "王秀"}, 11),
        "desk:register_similar": ({"matter": "楼顶漏水"}, 8),
        "desk:register_promise": (
            {"nature": "request", "category": str(category(town.north, ROOF).pk), "urgency": "normal"},
            6,
        ),
    }
    press(desk, "register", contact(town))
    few = {url_name: asked_of_database(desk, url_name, data) for url_name, (data, _most) in asked.items()}
    for number in range(4):
        press(desk, "register", contact(town, name=f"王秀{number}甲", phone=f"1390000111{number}"))
    many = {url_name: asked_of_database(desk, url_name, data) for url_name, (data, _most) in asked.items()}
    assert many == few
    assert {url_name: count for url_name, count in many.items() if count > asked[url_name][1]} == {}
