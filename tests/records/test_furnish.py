import re
from datetime import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from foundation.deadlines.models import ClockKind, LadderStep, Term
from foundation.organization.models import Category, Department, Hall, Role, Staff
from records.standard import furnish_hall
from tests.builders import make_hall

ANSWERS = {
    "HALL_CODE": "GHP",
    "HALL_NAME": "光华坪社区居民接待厅",
    "DIRECTOR_USERNAME": "chen",
    "DIRECTOR_NAME": "陈主任",
    "DIRECTOR_PASSWORD": "lotus-pond-47",
}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in ANSWERS.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def create() -> str:
    out = StringIO()
    call_command("create_first_hall", stdout=out)
    return out.getvalue()


def test_the_first_hall_stands_with_a_director_who_can_do_everything_to_begin_with(
    db: None, answers: pytest.MonkeyPatch
) -> None:
    assert "chen" in create()
    hall = Hall.objects.get()
    director = Staff.objects.get()
    assert (hall.code, hall.name) == ("GHP", "光华坪社区居民接待厅")
    for role in (Role.DIRECTOR, Role.RECEPTIONIST, Role.ADMINISTRATOR):
        assert director.holds(role, hall=hall)
    assert not director.is_superuser
    assert director.check_password("lotus-pond-47")


def test_the_first_hall_is_made_once(db: None, answers: pytest.MonkeyPatch) -> None:
    create()
    answers.setenv("HALL_CODE", "OTHER")
    with pytest.raises(CommandError):
        create()
    assert Hall.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HALL_CODE", "ghp"),
        ("HALL_CODE", "G"),
        ("HALL_NAME", " " * 90),
        ("DIRECTOR_PASSWORD", "12345678"),
        ("DIRECTOR_PASSWORD", "chen"),
    ],
)
def test_a_wrong_answer_is_refused_by_its_name_and_nothing_is_left_behind(
    db: None, answers: pytest.MonkeyPatch, name: str, value: str
) -> None:
    answers.setenv(name, value)
    with pytest.raises(CommandError, match=name):
        create()
    assert not Hall.objects.exists()
    assert not Staff.objects.exists()


def test_without_a_terminal_a_missing_answer_is_named(db: None, answers: pytest.MonkeyPatch) -> None:
    answers.delenv("DIRECTOR_NAME")
    with pytest.raises(CommandError, match="DIRECTOR_NAME"):
        create()


def test_a_new_hall_is_open_monday_to_friday_with_a_lunch_break(db: None) -> None:
    hall = make_hall()
    hours = [(row.weekday, row.opens, row.closes) for row in hall.opening_hours.all()]
    assert hours == [
        (weekday, opens, closes)
        for weekday in range(5)
        for opens, closes in ((time(9), time(12)), (time(13, 30), time(17, 30)))
    ]


def test_every_category_that_can_be_chosen_has_a_usual_department_of_the_hall(db: None) -> None:
    hall = make_hall()
    items = Category.objects.filter(hall=hall).exclude(parent=None)
    assert items.count() >= 60
    assert not items.filter(default_department=None).exists()
    assert Department.objects.get(hall=hall, kind="hall").name == "接待大厅"


def test_themes_are_chinese_and_have_three_to_six_categories(db: None) -> None:
    hall = make_hall()
    for theme in Category.objects.filter(hall=hall, parent=None):
        assert re.fullmatch(r"[一-鿿、]+", theme.name)
        assert 3 <= theme.children.count() <= 6


def test_safety_is_followed_up_within_two_days_and_leaks_within_three(db: None) -> None:
    hall = make_hall()
    terms = Term.objects.filter(hall=hall, kind=ClockKind.FOLLOW_UP).exclude(category=None)
    days = {term.category.name: (term.length, term.unit) for term in terms if term.category}
    assert days["消防与安全"] == (2, "days")
    assert days["燃气泄漏与隐患"] == (2, "days")
    assert days["室内上下水渗漏"] == (3, "days")
    assert {length for length, _ in days.values()} == {2, 3}


def test_results_about_staff_and_money_need_the_heads_approval(db: None) -> None:
    hall = make_hall()
    needing = set(Category.objects.filter(hall=hall, needs_approval=True).values_list("name", flat=True))
    assert {"服务态度", "违规收费与廉洁问题", "最低生活保障"} <= needing
    assert "楼道堆物" not in needing


def test_furnishing_again_changes_nothing_and_brings_nothing_back(db: None) -> None:
    hall = make_hall()
    Category.objects.filter(hall=hall, name="供暖").delete()
    Term.objects.filter(hall=hall, kind=ClockKind.FOLLOW_UP, category=None).update(length=10)
    before = [model.objects.filter(hall=hall).count() for model in (Category, Department, Term, LadderStep)]
    furnish_hall(hall)
    assert [model.objects.filter(hall=hall).count() for model in (Category, Department, Term, LadderStep)] == before
    assert not Category.objects.filter(hall=hall, name="供暖").exists()
    assert Term.objects.get(hall=hall, kind=ClockKind.FOLLOW_UP, category=None).length == 10
