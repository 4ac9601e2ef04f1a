"""The hall's public page: when it is open, who receives, what a matter goes through and how long it may take."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from cases.vocabulary import DeclineGround, Nature
from foundation.deadlines.models import CalendarDay, Term
from foundation.organization.models import Hall, OpeningHours, Role
from tests.builders import Town, on_shift, person
from tests.postings import drafted, published
from web.portal.procedure import grounds, natures

# The furnished hall opens Monday to Friday, 9:00 to 12:00 and 13:30 to 17:30, in Shanghai.
TUESDAY = date(2026, 3, 3)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A wall-clock time of the hall."""
    return datetime.combine(day, time(hour, minute), tzinfo=UTC) - timedelta(hours=8)


def page_of(client: Client, hall: Hall, moment: datetime, name: str = "portal:home") -> str:
    with time_machine.travel(moment, tick=False):
        answer = client.get(reverse(name, args=[hall.code]), headers={"accept-language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at(TUESDAY, 8, 59), "Closed now; opens today at 09:00."),
        (at(TUESDAY, 9), "Open now, until 12:00 and again from 13:30."),
        (at(TUESDAY, 12), "Closed now; opens today at 13:30."),
        (at(TUESDAY, 17, 29), "Open now, until 17:30."),
        (at(TUESDAY, 17, 30), "Closed now; opens tomorrow at 09:00."),
        (at(date(2026, 3, 6), 18), "Closed now; opens on March 9 (Monday) at 09:00."),
        # Spring Festival 2026: 15 to 23 February.
        (at(date(2026, 2, 14), 18), "Closed now; opens on Feb. 24 (Tuesday) at 09:00."),
    ],
)
def test_whether_the_hall_is_open_now_and_when_it_opens_next(
    client: Client, town: Town, moment: datetime, words: str
) -> None:
    assert words in page_of(client, town.north, moment)


def test_a_hall_in_another_time_zone_opens_by_its_own_clock(client: Client, town: Town) -> None:
    Hall.objects.filter(pk=town.north.pk).update(timezone="Asia/Urumqi")
    assert "Closed now; opens today at 09:00." in page_of(client, town.north, at(TUESDAY, 10))


def test_a_hall_without_opening_hours_asks_to_be_called(client: Client, town: Town) -> None:
    OpeningHours.objects.filter(hall=town.north).delete()
    assert "please ask by telephone" in page_of(client, town.north, at(TUESDAY, 10))


def test_days_out_of_the_ordinary_are_announced_with_their_reason(client: Client, town: Town) -> None:
    CalendarDay.objects.create(hall=town.north, date=date(2026, 3, 10), kind="closure", name="Power works")
    CalendarDay.objects.create(
        hall=town.north, date=date(2026, 3, 12), kind="changed_hours", name="", opens=time(10), closes=time(15)
    )
    page = page_of(client, town.north, at(TUESDAY, 10))
    assert "March 10 (Tuesday): closed (Power works)" in page
    assert "March 12 (Thursday): 10:00–15:00" in page
    assert "March 13" not in page


def test_holidays_and_make_up_workdays_ahead_are_announced(client: Client, town: Town) -> None:
    # The notice for 2026: 15 to 23 February off, 14 and 28 February worked.
    page = page_of(client, town.north, at(date(2026, 2, 10), 10))
    assert "Feb. 14 (Saturday): 09:00–12:00, 13:30–17:30 (make-up workday)" in page
    assert "Feb. 15 (Sunday) to Feb. 23 (Monday): closed (Spring Festival)" in page
    assert "Feb. 28 (Saturday): 09:00–12:00, 13:30–17:30 (make-up workday)" in page


def test_who_is_on_duty_is_named_and_nobody_else(client: Client, town: Town) -> None:
    on_shift(town.lin, town.north, at(TUESDAY, 9), hours=8)
    on_shift(town.mei, town.north, at(TUESDAY, 13), hours=4)
    # On the roster or on call, but nobody the public asks for.
    on_shift(town.chen, town.north, at(TUESDAY, 9), hours=8)
    on_shift(town.wang, town.north, at(TUESDAY, 9), hours=8, on_call=True)
    on_shift(person("ren", Role.RECEPTIONIST, hall=town.north), town.north, at(TUESDAY, 9) + timedelta(days=1))
    on_shift(town.lu, town.south, at(TUESDAY, 9), hours=8)
    page = page_of(client, town.north, at(TUESDAY, 10))
    shown = re.findall(r'<dt>(On duty [a-z]+)</dt><dd>(.+?)<span class="stretch"> (.+?)</span>', page)
    assert shown == [("On duty now", "Lin", "(09:00–17:00)"), ("On duty today", "Mei", "(13:00–17:00)")]


def test_nobody_is_on_duty_now_while_the_hall_is_closed(client: Client, town: Town) -> None:
    on_shift(town.lin, town.north, at(TUESDAY, 9), hours=8)
    assert "On duty now" not in page_of(client, town.north, at(TUESDAY, 12, 30))
    assert "<dd>Lin" not in page_of(client, town.north, at(TUESDAY, 17, 1))


def test_staff_phones_are_not_public(client: Client, town: Town) -> None:
    town.lin.phone = "13811112222"
    town.lin.save()
    on_shift(town.lin, town.north, at(TUESDAY, 9), hours=8)
    page = page_of(client, town.north, at(TUESDAY, 10))
    assert "13811112222" not in page
    assert "tel:010-12345678" in page


def test_urgent_matters_are_sent_to_who_can_help_at_night(client: Client, town: Town) -> None:
    page = page_of(client, town.north, at(TUESDAY, 23))
    for number in ("110", "119", "120", "13900000000"):
        assert f'href="tel:{number}"' in page
    Hall.objects.filter(pk=town.north.pk).update(on_call_phone="")
    assert "on-call number" not in page_of(client, town.north, at(TUESDAY, 23))


def test_what_the_hall_does_is_in_its_own_words_where_it_has_some(client: Client, town: Town) -> None:
    assert "Bring us whatever troubles you" in page_of(client, town.north, at(TUESDAY, 10))
    Hall.objects.filter(pk=town.north.pk).update(introduction="北苑的事，进门就办。\n<b>免费</b>")
    page = page_of(client, town.north, at(TUESDAY, 10))
    assert "北苑的事，进门就办。" in page
    assert "<b>免费" not in page
    assert "Bring us whatever troubles you" not in page


def test_limits_are_the_halls_own(client: Client, town: Town) -> None:
    page = page_of(client, town.north, at(TUESDAY, 10))
    assert "consultation: <b>1 working day</b>" in page
    assert "request, suggestion, praise: <b>7 working days</b>" in page
    Term.objects.filter(hall=town.north, kind="promise", nature="complaint").update(length=12)
    Term.objects.filter(hall=town.north, kind="confirm").update(length=20)
    page = page_of(client, town.north, at(TUESDAY, 10))
    assert "complaint: <b>12 working days</b>" in page
    assert "report of wrongdoing: <b>15 working days</b>" in page
    procedure = page_of(client, town.north, at(TUESDAY, 10), "portal:procedure")
    assert "Within 20 hours we confirm with you" in procedure
    assert "within 7 working days" in procedure
    assert "Within 24 hours we confirm" in page_of(client, town.south, at(TUESDAY, 10), "portal:procedure")


def test_a_limit_the_hall_has_no_rule_for_is_left_out(client: Client, town: Town) -> None:
    Term.objects.filter(hall=town.north, kind="contact").delete()
    procedure = page_of(client, town.north, at(TUESDAY, 10), "portal:procedure")
    assert "of signing" not in procedure
    assert "The department signs for it within 1 working day." in procedure


def test_what_can_be_brought_and_what_is_declined_is_told_in_full() -> None:
    assert [pair.what for pair in natures()] == [str(nature.label) for nature in Nature]
    assert [pair.what for pair in grounds()] == [str(ground.label) for ground in DeclineGround]


def test_a_closed_hall_has_no_public_page_and_is_not_listed(client: Client, town: Town) -> None:
    Hall.objects.filter(pk=town.south.pk).update(is_active=False)
    listed = client.get("/h/").content.decode()
    assert town.north.name in listed
    assert town.south.name not in listed
    for name in ("portal:home", "portal:procedure"):
        assert client.get(reverse(name, args=[town.south.code])).status_code == 404
        assert client.get(reverse(name, args=["NOPE"])).status_code == 404


def test_the_log_in_page_leads_residents_to_the_halls(client: Client, town: Town) -> None:
    assert 'href="/h/"' in client.get("/login/").content.decode()


def test_the_first_page_asks_few_questions(
    client: Client, town: Town, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for person_ in (town.lin, town.mei):
        on_shift(person_, town.north, at(TUESDAY, 9), hours=8)
    page_of(client, town.north, at(TUESDAY, 10))
    with django_assert_max_num_queries(12):
        page_of(client, town.north, at(TUESDAY, 10))


def test_the_poster_carries_the_public_address_as_a_qr_code(client: Client, town: Town, settings: Settings) -> None:
    settings.PUBLIC_BASE_URL = "http://testserver.example"
    poster = page_of(client, town.north, at(TUESDAY, 10), "portal:poster")
    assert "http://testserver.example/h/NTH/" in poster
    assert "<svg" in poster
    assert "Monday to Friday: 09:00–12:00, 13:30–17:30" in poster
    assert "010-12345678" in poster


def test_desk_and_administrator_find_the_poster(client: Client, town: Town) -> None:
    client.force_login(town.lin)
    assert 'href="/h/NTH/poster/"' in client.get("/desk/").content.decode()
    client.force_login(town.he)
    form = client.get(f"/admin/organization/hall/{town.north.pk}/change/").content.decode()
    assert 'href="/h/NTH/poster/"' in form
    assert 'name="introduction"' in form


def test_the_newest_postings_of_the_board_are_on_the_first_page(client: Client, town: Town) -> None:
    assert "everything on the board" not in page_of(client, town.north, at(TUESDAY, 10))
    first, *newest = (
        published(town, title=title) for title in ("路灯已修好", "楼道已粉刷", "电梯已年检", "车库已排水")
    )
    drafted(town, title="还没发布的草稿")
    page = page_of(client, town.north, at(TUESDAY, 10))
    places = [page.index(posting.title) for posting in reversed(newest)]
    assert places == sorted(places)
    assert first.title not in page
    assert "还没发布的草稿" not in page
    assert newest[0].title not in page_of(client, town.south, at(TUESDAY, 10))
