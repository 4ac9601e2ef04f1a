"""The administrator's pages: what they show, to whom, and what they say when something is wrong."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.test import Client
from django.urls import reverse

from foundation.deadlines.calendar import DayKind
from foundation.deadlines.models import AnnouncedYear, CalendarDay, LadderStep, Term
from foundation.deadlines.terms import seed_ladder
from foundation.ledger.actions import hall_chain
from foundation.ledger.models import Entry
from foundation.organization.models import Category, Hall, OpeningHours, Staff

PAGES = ["term", "calendarday", "announcedyear", "ladderstep", "openinghours"]
CLOCKS_STAY = "Those that run already keep the dates they have."
CLOCKS_FOLLOW = "reaches running time limits within a minute or two"


def page(name: str, action: str, *args: int) -> str:
    label = "organization" if name == "openinghours" else "deadlines"
    return reverse(f"admin:{label}_{name}_{action}", args=args)


@pytest.fixture
def browser(client: Client, he: Staff) -> Client:
    he.language = "en"
    he.save()
    client.force_login(he)
    client.cookies["django_language"] = "en"
    return client


def errors(browser: Client, url: str, data: dict[str, object]) -> str:
    response = browser.post(url, {name: "" if value is None else value for name, value in data.items()})
    assert response.status_code == 200, "the form comes back"
    return str(response.context["errors"])


def kinds(hall: Hall) -> list[str]:
    return list(Entry.objects.filter(chain=hall_chain(hall)).order_by("seq").values_list("kind", flat=True))


def term(hall: Hall, **fields: object) -> dict[str, object]:
    return {"hall": hall.pk, "kind": "handle", "length": 5, "unit": "working_days", **fields}


def day(hall: Hall, **fields: object) -> dict[str, object]:
    return {"hall": hall.pk, "date": "2026-03-03", "kind": "closure", "name": "停电", **fields}


@pytest.mark.parametrize("name", PAGES)
def test_receptionist_lin_has_no_such_page(client: Client, lin: Staff, name: str) -> None:
    client.force_login(lin)
    assert client.get(page(name, "changelist")).status_code in (302, 403)
    assert client.get(page(name, "add")).status_code in (302, 403)


@pytest.mark.parametrize("name", PAGES)
def test_administrator_he_can_open_list_and_form(browser: Client, name: str) -> None:
    assert browser.get(page(name, "changelist")).status_code == 200
    assert browser.get(page(name, "add")).status_code == 200


@pytest.mark.parametrize("name", ["term", "calendarday", "ladderstep", "openinghours"])
def test_the_pages_say_whether_running_clocks_follow(browser: Client, name: str) -> None:
    """A rule holds from the next clock on; calendar, opening hours and ladder reach those that run."""
    for action in ("changelist", "add"):
        shown = browser.get(page(name, action)).content.decode()
        assert (CLOCKS_STAY in shown, CLOCKS_FOLLOW in shown) == (name == "term", name != "term")


def test_the_lists_lead_to_what_has_moved(browser: Client) -> None:
    assert 'href="/recomputations/"' in browser.get(page("calendarday", "changelist")).content.decode()


def test_adding_a_rule_makes_it_and_records_it(browser: Client, north: Hall) -> None:
    response = browser.post(page("term", "add"), term(north))
    assert response.status_code == 302
    assert Term.objects.get().length == 5
    assert kinds(north) == ["term.added"]


def test_changing_and_deleting_a_rule_is_recorded(browser: Client, north: Hall) -> None:
    row = Term.objects.create(hall=north, kind="handle", length=5, unit="working_days")
    assert browser.post(page("term", "change", row.pk), term(north, length=4)).status_code == 302
    assert Term.objects.get().length == 4
    assert browser.post(page("term", "delete", row.pk), {"post": "yes"}).status_code == 302
    assert kinds(north) == ["term.changed", "term.removed"]


def test_several_rules_cannot_be_deleted_at_one_stroke(browser: Client, north: Hall) -> None:
    rows = [Term.objects.create(hall=north, kind=kind, length=5, unit="days") for kind in ("handle", "plan")]
    browser.post(
        page("term", "changelist"),
        {"action": "delete_selected", "_selected_action": [row.pk for row in rows], "post": "yes"},
    )
    assert Term.objects.count() == 2


def test_a_term_of_zero_gets_a_clear_message(browser: Client, north: Hall) -> None:
    assert "between 1 and 10,000" in errors(browser, page("term", "add"), term(north, length=0))
    assert not Term.objects.exists()


def test_a_rule_that_exists_gets_a_clear_message_when_added_and_when_changed_into(browser: Client, north: Hall) -> None:
    Term.objects.create(hall=north, kind="handle", length=5, unit="working_days")
    other = Term.objects.create(hall=north, kind="plan", length=5, unit="working_days")
    assert "already a rule for exactly this" in errors(browser, page("term", "add"), term(north))
    assert "already a rule for exactly this" in errors(browser, page("term", "change", other.pk), term(north))


def test_a_holiday_entered_twice_gets_a_clear_message(browser: Client, north: Hall) -> None:
    assert browser.post(page("calendarday", "add"), day(north)).status_code == 302
    assert "already in the calendar" in errors(browser, page("calendarday", "add"), day(north, kind="extra_day"))
    assert CalendarDay.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "changed_hours", "opens": "12:00", "closes": "09:00"}, "must close after it opens"),
        ({"kind": "changed_hours", "opens": "09:00"}, "need both times"),
        ({"kind": "closure", "opens": "09:00", "closes": "12:00"}, "A closed day has no opening hours"),
        ({"kind": "extra_day", "opens": "09:00"}, "Give both times"),
    ],
)
def test_times_that_make_no_sense_get_a_clear_message(
    browser: Client, north: Hall, fields: dict[str, object], message: str
) -> None:
    assert message in errors(browser, page("calendarday", "add"), day(north, **fields))
    assert not CalendarDay.objects.exists()


def test_opening_hours_backwards_or_overlapping_get_a_clear_message(browser: Client, north: Hall) -> None:
    hours = {"hall": north.pk, "weekday": 0, "opens": "11:00", "closes": "13:00"}
    url = page("openinghours", "add")
    assert "overlap" in errors(browser, url, hours)
    assert "must close after it opens" in errors(browser, url, {**hours, "closes": "10:00"})
    assert browser.post(url, {**hours, "weekday": 5}).status_code == 302
    assert OpeningHours.objects.filter(hall=north, weekday=5, opens=time(11)).exists()
    assert kinds(north) == ["opening_hours.added"]


def test_a_year_is_marked_and_never_edited(browser: Client, north: Hall) -> None:
    assert browser.post(page("announcedyear", "add"), {"hall": north.pk, "year": 2060}).status_code == 302
    row = AnnouncedYear.objects.get()
    assert browser.post(page("announcedyear", "change", row.pk), {"year": 2061}).status_code == 403
    assert browser.post(page("announcedyear", "delete", row.pk), {"post": "yes"}).status_code == 302
    assert kinds(north) == ["announced_year.added", "announced_year.removed"]


def test_a_step_of_the_ladder_is_edited(browser: Client, north: Hall) -> None:
    seed_ladder(north)
    step = LadderStep.objects.get(position=4)
    fields = {"hall": north.pk, "position": 4, "anchor": "due", "offset_length": 2, "offset_unit": "hours"}
    url = page("ladderstep", "change", step.pk)
    assert browser.post(url, {**fields, "audience": "director"}).status_code == 302
    step.refresh_from_db()
    assert (step.offset_length, step.offset_unit) == (2, "hours")
    assert "already a step" in errors(browser, url, {**fields, "audience": "director", "position": 1})


class TestOtherHalls:
    @pytest.fixture
    def theirs(self, south: Hall) -> CalendarDay:
        return CalendarDay.objects.create(hall=south, date=date(2026, 3, 3), kind=DayKind.CLOSURE, name="装修")

    def test_rows_of_the_south_hall_are_not_listed_nor_opened(self, browser: Client, theirs: CalendarDay) -> None:
        assert "装修" not in browser.get(page("calendarday", "changelist")).content.decode()
        assert browser.get(page("calendarday", "change", theirs.pk)).status_code == 302
        assert browser.post(page("calendarday", "delete", theirs.pk), {"post": "yes"}).status_code == 302
        assert CalendarDay.objects.filter(pk=theirs.pk).exists()

    def test_nothing_can_be_added_to_the_south_hall(self, browser: Client, south: Hall) -> None:
        assert "valid choice" in errors(browser, page("calendarday", "add"), day(south))

    def test_a_category_of_the_south_hall_is_not_offered(self, browser: Client, north: Hall, south: Hall) -> None:
        foreign = Category.objects.create(hall=south, name="环境")
        assert "valid choice" in errors(browser, page("term", "add"), term(north, category=foreign.pk))

    def test_a_row_is_never_moved_to_another_hall(
        self, client: Client, xu: Staff, north: Hall, theirs: CalendarDay
    ) -> None:
        client.force_login(xu)
        assert client.post(page("calendarday", "change", theirs.pk), day(north, name="粉刷")).status_code == 302
        theirs.refresh_from_db()
        assert (theirs.hall.code, theirs.name) == ("STH", "粉刷")
