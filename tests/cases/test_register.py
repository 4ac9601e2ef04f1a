"""A matter enters: numbered, owned by whom it was brought to, with a day to decide where it goes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils.translation import override

from cases.actions.register import register_case
from cases.models import Case
from foundation.refusals import NotAllowed, Refused, WrongState
from reception.actions import register_visit
from reception.models import Visit
from tests import matters
from tests.builders import Town, category, on_shift
from tests.cases.steps import kinds, last_entry, march, running, told
from tests.matters import LEAK, MONDAY, SHANGHAI

SATURDAY_EVENING = march(7, 22)


@pytest.fixture
def visit(town: Town) -> Visit:
    return brought(town)


def brought(town: Town, at: datetime = MONDAY, **more: Any) -> Visit:
    given = {"channel": "walk_in", "matter": LEAK, "resident": None, "identity": "anonymous"} | more
    return register_visit(hall=town.north, actor=town.lin, now=at, **given)


def test_who_registers_a_matter_is_its_first_contact_owner_and_responsible(town: Town):
    case = matters.registered(town)
    assert case.state == "registered"
    assert case.first_contact_owner == case.responsible_staff == town.lin
    assert [(part.staff, part.role) for part in case.active_parts] == [(town.lin, "owner")]


def test_where_it_goes_is_decided_within_a_day(town: Town):
    case = matters.registered(town)
    assert running(case) == {"dispatch": "03-03 09:30"}
    assert case.next_due_at == march(3, 9, 30)


def test_a_matter_of_friday_noon_is_decided_on_monday_at_the_same_time(town: Town):
    assert running(matters.registered(town, now=march(6, 12))) == {"dispatch": "03-09 12:00"}


def test_an_urgent_matter_is_decided_in_half_an_hour(town: Town):
    assert running(matters.registered(town, urgency="urgent")) == {"dispatch": "03-02 10:00"}


def test_an_urgent_matter_of_the_night_waits_for_the_opening_when_nobody_is_on_call(town: Town):
    case = matters.registered(town, now=SATURDAY_EVENING, urgency="urgent")
    assert running(case) == {"dispatch": "03-09 09:30"}


def test_an_urgent_matter_of_the_night_runs_at_once_for_whoever_is_on_call(town: Town):
    on_shift(town.mei, town.north, march(7, 18), hours=14, on_call=True)
    case = matters.registered(town, now=SATURDAY_EVENING, urgency="urgent")
    assert running(case) == {"dispatch": "03-07 22:30"}


def test_a_complaint_is_confirmed_within_a_day_of_its_receipt(town: Town):
    assert running(matters.registered(town, nature="complaint"))["confirm"] == "03-03 09:30"


def test_the_day_for_confirming_runs_from_the_arrival_of_a_letter_not_from_its_registration(town: Town):
    visit = brought(
        town,
        march(3, 14),
        channel="letter",
        resident=matters.a_resident(town),
        identity="named",
        received_at=march(3, 10),
    )
    case = register_case(
        visit=visit, actor=town.lin, now=march(3, 14), nature="complaint", category=category(town.north)
    )
    assert running(case) == {"dispatch": "03-04 14:00", "confirm": "03-04 10:00"}
    assert last_entry(case).happened_at == march(3, 10)


def test_nobody_can_be_asked_to_confirm_an_anonymous_complaint(town: Town):
    case = matters.registered(town, nature="complaint", identity="anonymous")
    assert set(running(case)) == {"dispatch"}


def test_numbers_count_within_a_hall_and_a_year(town: Town, visit: Visit):
    first = register_case(visit=visit, actor=town.lin, now=MONDAY, nature="request", category=category(town.north))
    second = matters.registered(town)
    southern = register_case(
        visit=register_visit(
            hall=town.south,
            actor=town.lu,
            now=MONDAY,
            channel="phone",
            matter=LEAK,
            resident=None,
            identity="anonymous",
        ),
        actor=town.lu,
        now=MONDAY,
        nature="request",
        category=category(town.south),
    )
    assert [case.number for case in (first, second, southern)] == [
        "NTH-2026-000001",
        "NTH-2026-000002",
        "STH-2026-000001",
    ]


def test_the_year_of_a_number_is_that_of_the_halls_own_calendar(town: Town):
    # New Year's Eve in Greenwich, half past midnight of New Year's Day in Shanghai.
    case = matters.registered(town, now=datetime(2026, 12, 31, 16, 30, tzinfo=UTC))
    assert case.number == "NTH-2027-000001"


def test_the_tracking_code_has_thirteen_characters_that_cannot_be_confused(town: Town):
    codes = {matters.registered(town, identity="anonymous").tracking_code for _each in range(3)}
    assert len(codes) == 3
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{13}", code) for code in codes)


@pytest.mark.parametrize(
    ("matter", "title"),
    [
        ("三栋楼顶漏水，卧室发霉。请尽快处理。", "三栋楼顶漏水"),
        ("漏水，请来看看。谢谢", "漏水，请来看看。谢谢"),
        ("路灯不亮\n天黑以后看不见路", "路灯不亮 天黑以后看不见路"),
        ("长" * 60, "长" * 39 + "…"),
    ],
)
def test_the_title_is_the_first_sentence_of_what_was_said(town: Town, matter: str, title: str):
    assert matters.registered(town, matter=matter).title == title


def test_the_record_begins_with_what_was_said_and_nobody_is_alerted(town: Town):
    case = matters.registered(town)
    entry = last_entry(case)
    assert kinds(case) == ["case.registered"]
    assert entry.actor == town.lin
    assert entry.texts["matter"] == LEAK
    assert entry.payload["clocks"] == [
        {"kind": "dispatch", "event": "started", "due_at": march(3, 9, 30).astimezone(UTC).isoformat()}
    ]
    assert told(case, MONDAY) == set()


def test_what_was_handed_down_keeps_its_number_and_its_date(town: Town):
    visit = brought(town, channel="handed_down", outside_number="12345-0077", outside_due_at=march(4, 12))
    case = register_case(visit=visit, actor=town.lin, now=MONDAY, nature="request", category=category(town.north))
    assert (case.outside_number, case.outside_due_at) == ("12345-0077", march(4, 12))


@pytest.mark.parametrize("who", ["wang", "zhao", "feng", "gu", "he", "lu", "tang"])
def test_only_the_desk_of_the_hall_registers(town: Town, visit: Visit, who: str):
    with pytest.raises(NotAllowed):
        register_case(
            visit=visit, actor=getattr(town, who), now=MONDAY, nature="request", category=category(town.north)
        )
    assert not Case.objects.exists()


def test_a_resident_registers_over_the_web_and_the_receptionist_on_duty_owns_it(town: Town):
    visit = register_visit(
        hall=town.north, actor=None, now=MONDAY, channel="web", matter=LEAK, resident=matters.a_resident(town)
    )
    case = register_case(
        visit=visit, actor=None, owner=town.mei, now=MONDAY, nature="request", category=category(town.north)
    )
    assert case.first_contact_owner == town.mei
    assert last_entry(case).actor is None


def test_a_matter_from_the_web_without_an_owner_is_refused(town: Town, visit: Visit):
    with override("en"), pytest.raises(Refused, match="first-contact owner"):
        register_case(visit=visit, actor=None, now=MONDAY, nature="request", category=category(town.north))


def test_one_visit_becomes_one_case(town: Town, visit: Visit):
    register_case(visit=visit, actor=town.lin, now=MONDAY, nature="request", category=category(town.north))
    with pytest.raises(WrongState):
        register_case(visit=visit, actor=town.lin, now=MONDAY, nature="request", category=category(town.north))
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"nature": "wish"}, "nature"), ({"urgency": "very"}, "urgency"), ({"category": "southern"}, "category")],
)
def test_words_that_are_not_in_the_lists_are_refused_at_their_field(
    town: Town, visit: Visit, wrong: dict[str, Any], field: str
):
    screening: dict[str, Any] = {"nature": "request", "urgency": "normal", "category": category(town.north)} | wrong
    if screening["category"] == "southern":
        screening["category"] = category(town.south)
    with pytest.raises(Refused) as refusal:
        register_case(visit=visit, actor=town.lin, now=MONDAY, **screening)
    assert refusal.value.field == field
    assert not Case.objects.exists()


def test_the_moment_of_registration_is_kept_whatever_the_zone_it_is_told_in(town: Town):
    case = matters.registered(town, now=MONDAY.astimezone(UTC))
    assert case.registered_at.astimezone(SHANGHAI) == MONDAY
