from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from cases.actions.bar import bar
from cases.filters import filtered
from cases.models import Case, CaseDeadline, Part
from foundation.ledger.models import Chain
from foundation.organization.models import Category, Role, Staff
from foundation.residents.models import LookupLog
from tests.builders import Town, person
from tests.desk.matters import (
    MONDAY,
    accepted,
    answered,
    declined,
    informed,
    issued,
    registered,
    reported,
    resident,
    signed,
)

pytestmark = pytest.mark.usefixtures("monday")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def listed(client: Client, staff: Staff, **asked: object) -> Any:
    client.force_login(staff)
    response = client.get(f"/cases/?{urlencode(asked)}")
    assert response.status_code == 200
    return response.context


def numbers(client: Client, staff: Staff, **asked: object) -> list[str]:
    context = listed(client, staff, **asked)
    shown = [row.case.number for row in context["rows"]]
    assert context["count"] == str(len(shown))
    return shown


def test_the_newest_stands_first(client: Client, town: Town) -> None:
    cases = [registered(town, now=MONDAY - n * HOUR) for n in (3, 1, 2)]
    assert numbers(client, town.lin) == [cases[1].number, cases[2].number, cases[0].number]


def test_by_time_left_the_nearest_limit_stands_first_and_what_has_none_last(client: Client, town: Town) -> None:
    archived = informed(town)
    Case.objects.filter(pk=archived.pk).update(next_due_at=None)
    late, soon = registered(town, now=MONDAY - 5 * DAY), registered(town, urgency="urgent")
    assert numbers(client, town.lin, order="due") == [late.number, soon.number, archived.number]


def test_another_order_is_offered_only_where_there_is_one(client: Client, town: Town) -> None:
    registered(town)
    client.cookies["django_language"] = "en"
    client.force_login(town.lin)
    for address, offered in (("", "By time left"), ("?order=due", "Newest first")):
        page = client.get(f"/cases/{address}")
        assert f'href="{page.context["other_order_url"]}">{offered}<' in page.content.decode()
    for address in ("?waits=desk", "?waits=desk&order=due"):
        drawn = client.get(f"/cases/{address}").content.decode()
        assert "by time left" in drawn
        assert "Newest first" not in drawn
        assert "By time left" not in drawn


def test_departments_see_what_they_have_a_slip_of_and_nothing_else(client: Client, town: Town) -> None:
    registered(town)
    works = issued(town).case
    issued(town, town.property)
    issued(town, town.south_works, hall=town.south)
    assert numbers(client, town.wang) == [works.number]
    assert numbers(client, town.zhao) == [works.number]
    assert len(numbers(client, town.lin)) == 3
    assert len(numbers(client, town.feng)) == 3


def test_supervisor_tang_of_the_street_sees_the_hall_she_works_in(client: Client, town: Town) -> None:
    north, south = registered(town), registered(town, hall=town.south)
    assert numbers(client, town.tang) == [north.number]
    client.post("/hall/", {"hall": town.south.pk})
    assert [row.case.number for row in client.get("/cases/").context["rows"]] == [south.number]


@pytest.mark.parametrize("name", ["gu", "he", "xu"])
def test_monitors_and_administrators_see_no_list(client: Client, town: Town, name: str) -> None:
    client.force_login(getattr(town, name))
    assert client.get("/cases/").status_code == 403


def test_each_filter_keeps_what_it_says(client: Client, town: Town) -> None:
    new, taken = registered(town, by=town.mei, nature="complaint"), accepted(town, channel="phone")
    out, back = issued(town, town.property).case, reported(town)
    closed = declined(town)
    theme = Category.objects.get(pk=new.category_id).parent
    asked = {
        "state=registered": [new],
        "state=open": [new, taken, out, back],
        "state=declined": [closed],
        f"department={town.property.pk}": [out],
        f"department={town.works.pk}": [back],
        "channel=phone": [taken],
        f"category={new.category_id}": [new, taken, out, back, closed],
        f"category={theme.pk if theme else 0}": [new, taken, out, back, closed],
        "owner=me": [taken, out, back, closed],
        f"resident={new.resident_id}": [new],
        "waits=desk": [new, taken, back, closed],
        f"state=open&owner=me&department={town.works.pk}": [back],
        "state=none&category=x&department=999999&channel=&card=green": [new, taken, out, back, closed],
    }
    client.force_login(town.lin)
    for query, expected in asked.items():
        shown = {row.case.number for row in client.get(f"/cases/?{query}").context["rows"]}
        assert shown == {case.number for case in expected}, query


def test_cards_are_told_by_the_clocks(client: Client, town: Town) -> None:
    late, near = registered(town, now=MONDAY - 5 * DAY), registered(town, now=MONDAY - 20 * HOUR)
    registered(town)
    refused = declined(town, now=MONDAY - 40 * DAY)
    assert set(numbers(client, town.lin, card="red")) == {late.number, refused.number}
    assert numbers(client, town.lin, card="yellow") == [near.number]


def test_a_card_is_also_a_departments(client: Client, town: Town) -> None:
    late = signed(town, now=MONDAY - 30 * DAY).case
    assert numbers(client, town.wang, card="red") == [late.number]


def test_todays_lists_end_at_midnight_of_the_halls_own_clock(client: Client, town: Town) -> None:
    midnight = MONDAY.replace(hour=0)
    inside = registered(town, now=midnight)
    registered(town, now=midnight - timedelta(seconds=1))
    assert numbers(client, town.lin, period="today") == [inside.number]


def test_due_today_counts_every_clock_also_beside_one_that_is_overdue(client: Client, town: Town) -> None:
    due = registered(town, now=MONDAY - 23 * HOUR)
    registered(town)
    # Its dispatch is overdue since last week, and signing in is due today.
    both = issued(town, now=MONDAY - 3 * DAY, urgency="urgent").case
    CaseDeadline.objects.filter(case=both, kind="sign_in").update(due_at=MONDAY + HOUR)
    assert set(numbers(client, town.lin, period="due_today")) == {due.number, both.number}


def test_clocks_of_one_kind_met_late_or_overdue(client: Client, town: Town) -> None:
    met, overdue = accepted(town), registered(town, now=MONDAY - 5 * DAY)
    issued(town)
    late = issued(town, now=MONDAY - 5 * DAY).case
    asked = {"clock": "overdue", "kind": "dispatch"}
    assert numbers(client, town.lin, **asked) == [overdue.number]
    assert numbers(client, town.lin, clock="overdue", kind="sign_in") == [late.number]
    assert len(numbers(client, town.lin, clock="met", kind="dispatch")) == 2
    assert met.number not in numbers(client, town.lin, clock="met")


def test_chips_name_every_filter_and_take_it_away(client: Client, town: Town) -> None:
    registered(town)
    accepted(town)
    context = listed(client, town.lin, state="registered", owner="me", period="today", after="")
    assert len(context["chips"]) == 3
    assert "state" not in context["chips"][0].url
    assert "owner=me" in context["chips"][0].url
    assert len(client.get("/cases/" + context["chips"][0].url).context["rows"]) == 2


# Searching


def test_a_number_is_found_whole_by_its_last_digits_and_by_a_slips(client: Client, town: Town) -> None:
    case, other = registered(town), registered(town)
    digits = case.number[-6:]
    assert numbers(client, town.lin, q=case.number) == [case.number]
    assert numbers(client, town.lin, q=case.number.lower()) == [case.number]
    assert numbers(client, town.lin, q=f"{case.number}-1") == [case.number]
    assert numbers(client, town.lin, q=digits) == [case.number]
    assert numbers(client, town.lin, q=str(int(digits))) == [case.number]
    assert other.number not in numbers(client, town.lin, q=f" {digits} ")


def test_words_are_found_in_open_and_recent_cases_as_they_stand_and_in_older_ones_on_request(
    client: Client, town: Town
) -> None:
    closed_long_ago = declined(town, now=MONDAY - 120 * DAY, matter="楼顶漏水，无人管。")
    closed_lately = declined(town, now=MONDAY - 80 * DAY, matter="楼顶漏水，没人修。")
    old_and_open = registered(town, now=MONDAY - 100 * DAY, matter="楼顶漏水，还在漏。")
    leak = registered(town, matter="三栋楼顶漏水，卧室发霉。已有半年。")
    registered(town, matter="水管漏气，楼顶积雪。")
    now = [leak.number, closed_lately.number, old_and_open.number]
    assert numbers(client, town.lin, q="楼顶漏水") == now
    assert numbers(client, town.lin, q="楼顶漏水", older=1) == [*now, closed_long_ago.number]
    assert numbers(client, town.lin, q="半年") == [leak.number]
    assert numbers(client, town.lin, q="漏水 发霉") == [leak.number]
    assert numbers(client, town.lin, q="顶漏发") == []
    assert numbers(client, town.lin, q="'\\:* | & !") == []


def test_a_resident_is_found_by_name_initials_and_the_end_of_the_phone_number(client: Client, town: Town) -> None:
    chen = resident(town, name="陈国强", phone="13912347788")
    case = registered(town, who=chen)
    closed = declined(town, who=chen)
    registered(town)
    for typed in ("陈国强", "cgq", "7788", "13912347788"):
        assert set(numbers(client, town.lin, q=typed)) == {case.number, closed.number}, typed
    assert LookupLog.objects.filter(staff=town.lin).count() == 4


def test_who_may_not_look_residents_up_finds_nobody_by_name(client: Client, town: Town) -> None:
    issued(town)
    for staff in (town.wang, town.zhao, town.feng, town.tang):
        assert numbers(client, staff, q="王秀兰") == []
        assert numbers(client, staff, q="6021") == []
    assert not LookupLog.objects.exists()


def test_a_hidden_identity_is_not_found_by_name_but_by_who_may_know_it(client: Client, town: Town) -> None:
    hidden = registered(town, identity="hidden")
    assert numbers(client, town.lin, q="王秀兰") == []
    assert numbers(client, town.lin, resident=hidden.resident_id) == []
    assert numbers(client, town.chen, q="王秀兰") == [hidden.number]
    Part.objects.create(case=hidden, staff=town.lin, role="contact", started_at=MONDAY)
    assert numbers(client, town.lin, q="王秀兰") == [hidden.number]


def test_names_in_the_list_are_kept_back_where_they_are_not_to_be_known(client: Client, town: Town) -> None:
    registered(town, identity="hidden")
    registered(town, identity="anonymous", channel="web")
    client.force_login(town.lin)
    assert "王秀兰" not in client.get("/cases/").content.decode()
    client.force_login(town.chen)
    assert "王秀兰" in client.get("/cases/").content.decode()


def test_looking_up_without_end_is_stopped_in_words(client: Client, town: Town) -> None:
    LookupLog.objects.bulk_create(
        LookupLog(hall=town.north, staff=town.lin, kind="name", found=1, at=MONDAY) for _number in range(60)
    )
    registered(town, matter="王秀兰家楼顶漏水。")
    context = listed(client, town.lin, q="王秀兰")
    assert len(context["notes"]) == 1
    assert len(context["rows"]) == 1


def test_whoever_a_complaint_is_about_finds_it_by_no_way_whatever_roles_they_hold(client: Client, town: Town) -> None:
    ma = person("ma", Role.RECEPTIONIST, Role.DIRECTOR, Role.SUPERVISOR, hall=town.north)
    case = issued(town, nature="complaint", matter="马某态度恶劣。", now=MONDAY - 5 * DAY).case
    bar(case_id=case.pk, staff=ma, reason="投诉对象", actor=town.lin, now=MONDAY)
    for asked in (
        {},
        {"q": case.number},
        {"q": "态度恶劣"},
        {"q": "王秀兰"},
        {"resident": case.resident_id},
        {"card": "red"},
        {"state": "transferred"},
        {"department": town.works.pk},
        {"clock": "overdue"},
    ):
        context = listed(client, ma, **asked)
        assert (context["rows"], context["count"]) == ([], "0"), asked


# Long lists


def test_pages_go_on_without_gap_or_repetition_also_when_many_came_at_the_same_moment(
    client: Client, town: Town
) -> None:
    who = resident(town)
    all_numbers = {registered(town, who=who).number for _number in range(53)}
    context = listed(client, town.lin, state="open")
    shown = [row.case.number for row in context["rows"]]
    while context["page"].older_url:
        assert "state=open" in context["page"].older_url
        context = client.get("/cases/" + context["page"].older_url).context
        shown += [row.case.number for row in context["rows"]]
    assert len(shown) == 53
    assert set(shown) == all_numbers
    back = client.get("/cases/" + context["page"].newer_url).context
    assert [row.case.number for row in back["rows"]] == shown[25:50]


def test_the_count_stops_at_a_thousand(client: Client, town: Town) -> None:
    one = answered(town)
    copies = []
    for number in range(1001):
        copy = Case.objects.get(pk=one.pk)
        copy.pk = None
        copy.number, copy.tracking_code = f"NTH-2025-{number:06d}", f"{number:013d}"
        copies.append(copy)
    with_chains(copies, town)
    Case.objects.bulk_create(copies)
    assert listed(client, town.lin)["count"] == "1,000+"


def with_chains(copies: list[Case], town: Town) -> None:
    chains = Chain.objects.bulk_create(
        Chain(hall=town.north, number=10_000 + place, seq=0, head=b"0" * 32) for place in range(len(copies))
    )
    for copy, chain in zip(copies, chains, strict=True):
        copy.chain = chain


def test_thirty_cases_cost_no_more_queries_than_three(queries: Any, town: Town) -> None:
    addresses = ["/cases/", "/cases/?state=open&card=red&order=due", "/cases/?q=漏水&period=today"]
    for _number in range(3):
        issued(town)
    few = {(staff, url): queries(staff, url) for staff in (town.feng, town.wang) for url in addresses}
    few[town.lin, addresses[0]] = queries(town.lin, addresses[0])
    for _number in range(9):
        registered(town)
        issued(town, identity="hidden")
        reported(town)
    assert {(staff, url): queries(staff, url) for staff, url in few} == few
    assert max(few.values()) <= 8


def test_empty_lists_say_what_to_do(client: Client, town: Town) -> None:
    client.force_login(town.lin)
    client.cookies["django_language"] = "en"
    assert "There is no case yet." in client.get("/cases/").content.decode()
    assert "Nothing matches." in client.get("/cases/?card=red").content.decode()


# Filters and their address


def test_every_filter_comes_back_from_its_own_chip_and_is_taken_away_alone(client: Client, town: Town) -> None:
    case = registered(town, nature="complaint")
    Case.objects.filter(pk=case.pk).update(round=2, route="coordinated")
    asked = {
        "state": "registered",
        "category": case.category_id,
        "nature": "complaint",
        "channel": "walk_in",
        "period": "month",
        "from": "2026-03-01",
        "to": "2026-03-02",
        "owner": town.lin.pk,
        "round": 2,
        "route": "coordinated",
        "q": "漏水",
    }
    context = listed(client, town.lin, **asked)
    assert [row.case.number for row in context["rows"]] == [case.number]
    # From and to are one filter.
    assert len(context["chips"]) == len(asked) - 1
    assert context["notes"] == []
    for chip in context["chips"]:
        shorter = client.get(f"/cases/{chip.url}").context
        assert {other.label for other in shorter["chips"]} == {one.label for one in context["chips"]} - {chip.label}


def test_filters_narrow_by_what_they_name(client: Client, town: Town) -> None:
    complaint, request = registered(town, nature="complaint"), registered(town, by=town.mei)
    old = registered(town, now=MONDAY - 40 * DAY)
    sunday = registered(town, now=MONDAY - DAY)
    Case.objects.filter(pk=old.pk).update(round=2, route="coordinated")
    assert numbers(client, town.lin, nature="complaint") == [complaint.number]
    assert numbers(client, town.lin, owner=town.mei.pk) == [request.number]
    assert numbers(client, town.lin, round=2) == [old.number]
    assert numbers(client, town.lin, route="coordinated") == [old.number]
    assert set(numbers(client, town.lin, period="week")) == {complaint.number, request.number}
    assert set(numbers(client, town.lin, period="month")) == {complaint.number, request.number, sunday.number}
    assert numbers(client, town.lin, **{"from": "2026-01-21", "to": "2026-01-21"}) == [old.number]
    assert numbers(client, town.lin, to="2026-02-28") == [old.number]
    assert numbers(client, town.lin, **{"from": "2026-03-01", "to": "2026-03-01"}) == [sunday.number]


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "lost"},
        {"category": "x"},
        {"category": "99999999999999999999"},
        {"nature": "gossip"},
        {"department": "-1"},
        {"channel": "pigeon"},
        {"period": "century"},
        {"card": "green"},
        {"owner": "nobody"},
        {"round": "0"},
        {"route": "around"},
        {"resident": "王"},
        {"clock": "stopped"},
        {"from": "yesterday"},
        {"to": "2026-02-30"},
        {"from": "2026-03-02", "to": "2026-03-01"},
    ],
    ids=str,
)
def test_what_nobody_could_have_chosen_is_left_out_with_a_word(
    client: Client, town: Town, wrong: dict[str, str]
) -> None:
    case = registered(town)
    context = listed(client, town.lin, **wrong)
    assert [row.case.number for row in context["rows"]] == [case.number]
    assert context["chips"] == []
    assert context["notes"]


def test_another_halls_department_category_and_people_are_not_known_here(client: Client, town: Town) -> None:
    case = registered(town)
    there = registered(town, hall=town.south)
    for asked in ({"department": town.south_works.pk}, {"category": there.category_id}, {"owner": town.lu.pk}):
        context = listed(client, town.lin, **asked)
        assert [row.case.number for row in context["rows"]] == [case.number]
        assert len(context["notes"]) == 1


def test_departments_choose_among_their_own_departments_only(client: Client, town: Town) -> None:
    works = issued(town).case
    context = listed(client, town.wang, department=town.property.pk)
    assert [row.case.number for row in context["rows"]] == [works.number]
    assert len(context["notes"]) == 1
    [offered] = [one for one in context["selections"] if one.name == "department"]
    assert [choice.value for choice in offered.choices] == [str(town.works.pk)]


def test_words_go_together_with_filters_and_are_marked(client: Client, town: Town) -> None:
    wanted = accepted(town, matter="路灯不亮，请修。")
    registered(town, matter="路灯不亮，请修。")
    accepted(town)
    context = listed(client, town.lin, q="路灯不亮", state="accepted")
    [row] = context["rows"]
    assert row.case == wanted
    assert ("路灯不亮", True) in row.snippet
    assert "state=accepted" in context["older_url"]


def test_what_a_list_asks_for_can_be_asked_by_whoever_exports_it(town: Town) -> None:
    wanted = registered(town, nature="complaint", matter="路灯不亮，请修。")
    registered(town, nature="complaint")
    registered(town, matter="路灯不亮，请修。")
    cases, chips = filtered(
        Case.objects.visible_to(town.lin), {"nature": "complaint", "q": "路灯"}, town.north, town.lin, MONDAY
    )
    assert list(cases) == [wanted]
    assert [chip.names for chip in chips] == [("nature",), ("q", "older")]
