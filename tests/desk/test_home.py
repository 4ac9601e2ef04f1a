from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cases.actions.bar import bar
from cases.delays import tell_delays
from cases.models import Case, CaseDeadline
from foundation.notifications.actions import notify
from foundation.organization.models import Role, Staff
from tests.builders import Town, on_shift, person
from tests.desk.matters import (
    MONDAY,
    accepted,
    answered,
    declined,
    informed,
    investigating,
    issued,
    registered,
    reported,
    signed,
)
from web.desk.verbs import CASE_VERBS, SLIP_VERBS, offered

pytestmark = pytest.mark.usefixtures("monday")

HOME = "/desk/"
HOUR = timedelta(hours=1)


def rows(client: Client, staff: Staff) -> list[Any]:
    client.force_login(staff)
    return list(client.get(HOME).context["rows"])


def numbers(client: Client, staff: Staff) -> list[str]:
    return [row.case.number for row in rows(client, staff)]


def buttons(client: Client, staff: Staff) -> dict[str, str | None]:
    return {row.case.number: row.verb.name if row.verb else None for row in rows(client, staff)}


def test_what_is_due_first_stands_first(client: Client, town: Town) -> None:
    late = reported(town, now=MONDAY - timedelta(days=10))
    urgent = registered(town, urgency="urgent", now=MONDAY - timedelta(minutes=10))
    today = registered(town, now=MONDAY - 20 * HOUR)
    fresh = registered(town)
    assert numbers(client, town.lin) == [late.number, urgent.number, today.number, fresh.number]


def test_every_row_says_what_is_waited_for_and_its_button_does_it(client: Client, town: Town) -> None:
    expected = {
        registered(town).number: "accept",
        registered(town, nature="complaint", now=MONDAY - HOUR).number: "confirm",
        accepted(town).number: "transfer",
        reported(town).number: "inform",
        informed(town, by=town.mei).number: "attempt_follow_up",
        declined(town).number: "tell_declined",
        issued(town, town.hall_itself).case.number: "sign_in",
        issued(town, town.waterworks).case.number: "sign_in",
    }
    assert buttons(client, town.lin) == expected


def test_the_button_of_a_row_is_the_first_next_step_the_fsm_offers(client: Client, town: Town) -> None:
    """The rows derive it from state and clock; the FSM must agree, or the button would lead to a refusal."""
    for make in (registered, accepted, reported, informed, declined):
        make(town)
    slips = [issued(town, town.hall_itself), issued(town, town.waterworks), signed(town, town.lin, town.hall_itself)]
    shown = rows(client, town.lin)
    assert len(shown) == 5 + len(slips)
    for row in shown:
        subject = row.clock.slip or row.case
        verbs = SLIP_VERBS if row.clock.slip else CASE_VERBS
        subject = type(subject).objects.get(pk=subject.pk)
        first = next(verb for verb in offered(subject, town.lin, verbs) if verb.is_next_step)
        assert row.verb is first, row.case.state
        assert client.get(row.url).status_code == 200, row.url


def test_only_the_first_button_is_strong(client: Client, town: Town) -> None:
    registered(town)
    registered(town)
    client.force_login(town.lin)
    assert client.get(HOME).content.count(b"btn-primary") == 1


def test_what_waits_for_a_department_does_not_wait_for_the_desk(client: Client, town: Town) -> None:
    issued(town)
    investigating(town)
    assert numbers(client, town.lin) == []


def test_a_slip_of_the_hall_that_mei_took_waits_for_mei_alone(client: Client, town: Town) -> None:
    slip = signed(town, town.mei, town.hall_itself)
    assert numbers(client, town.lin) == []
    assert numbers(client, town.mei) == [slip.case.number]


def test_lin_is_not_asked_to_follow_up_what_she_answered_herself(client: Client, town: Town) -> None:
    case = answered(town, by=town.lin)
    assert numbers(client, town.lin) == []
    assert numbers(client, town.mei) == [case.number]


def test_director_chen_has_the_desks_work_only_while_no_receptionist_is_on_duty(client: Client, town: Town) -> None:
    case = registered(town)
    assert numbers(client, town.chen) == [case.number]
    on_shift(town.mei, town.north, MONDAY - HOUR)
    assert numbers(client, town.chen) == []


def test_whom_no_message_reaches_waits_to_be_told_that_it_takes_longer(client: Client, town: Town) -> None:
    case = investigating(town, now=MONDAY - timedelta(days=20)).case
    assert buttons(client, town.lin) == {}
    tell_delays(now=MONDAY)
    assert buttons(client, town.lin) == {case.number: "tell_delay"}
    [row] = rows(client, town.lin)
    assert client.get(row.url).status_code == 200
    page = client.get("/cases/?waits=tell")
    assert [one.case.number for one in page.context["rows"]] == [case.number]
    bar(case_id=case.pk, staff=town.lin, reason="被投诉", actor=None, now=MONDAY)
    assert rows(client, town.lin) == []


def test_a_result_is_told_rather_than_that_it_takes_longer(client: Client, town: Town) -> None:
    case = reported(town, now=MONDAY - timedelta(days=20))
    tell_delays(now=MONDAY)
    assert Case.objects.get(pk=case.pk).delay_due_at is not None
    assert buttons(client, town.lin) == {case.number: "inform"}


def test_chen_follows_up_what_the_only_receptionist_on_duty_answered(client: Client, town: Town) -> None:
    on_shift(town.lin, town.north, MONDAY - HOUR)
    case = answered(town, by=town.lin)
    assert buttons(client, town.chen) == {case.number: "attempt_follow_up"}


def test_what_was_referred_waits_for_the_director_not_for_the_desk(client: Client, town: Town) -> None:
    on_shift(town.mei, town.north, MONDAY - HOUR)
    case = accepted(town)
    case.is_referred = True
    case.save()
    assert numbers(client, town.lin) == []
    assert buttons(client, town.chen) == {case.number: "coordinate"}


def test_the_directors_button_opens_what_only_a_receptionist_can_press(client: Client, town: Town) -> None:
    case = registered(town)
    [row] = rows(client, town.chen)
    assert row.verb is None
    assert row.url == f"/cases/{case.number}/"


def test_a_row_tells_who_and_what_happened_last(client: Client, town: Town) -> None:
    reported(town, now=MONDAY - HOUR)
    [row] = rows(client, town.lin)
    assert row.who == "王秀兰"
    assert town.works.name in row.last


def test_names_are_kept_back_where_the_identity_is_hidden_or_unknown(client: Client, town: Town) -> None:
    hidden = registered(town, identity="hidden")
    registered(town, identity="anonymous", channel="web")
    page = _page(client, town.lin)
    assert "王秀兰" not in page
    assert numbers(client, town.chen)[0] == hidden.number
    assert "王秀兰" in _page(client, town.chen)


def _page(client: Client, staff: Staff) -> str:
    client.force_login(staff)
    return client.get(HOME).content.decode()


def test_whoever_a_complaint_is_about_finds_it_nowhere_whatever_roles_they_hold(client: Client, town: Town) -> None:
    ma = person("ma", Role.RECEPTIONIST, Role.DIRECTOR, Role.SUPERVISOR, Role.MONITOR, hall=town.north)
    case = registered(town, nature="complaint", now=MONDAY - timedelta(days=3), matter="马某态度恶劣，多次刁难居民。")
    bar(case_id=case.pk, staff=ma, reason="投诉对象", actor=town.lin, now=MONDAY)
    client.force_login(ma)
    response = client.get(HOME)
    assert case.number not in response.content.decode()
    assert response.context["waiting_count"] == "0"
    assert [figure.count for figure in response.context["figures"]] == ["0", "0", "0", "0"]


def test_the_other_halls_matters_are_not_shown(client: Client, town: Town) -> None:
    registered(town, hall=town.south)
    assert numbers(client, town.lin) == []
    assert len(numbers(client, town.lu)) == 1


@pytest.mark.parametrize("name", ["wang", "zhao", "feng", "tang", "gu", "he"])
def test_the_desk_is_for_receptionists_and_directors(client: Client, town: Town, name: str) -> None:
    client.force_login(getattr(town, name))
    assert client.get(HOME).status_code == 403


def test_matters_met_first_say_who_has_them_now_and_how_they_stand(client: Client, town: Town) -> None:
    signed(town)
    overdue = registered(town, now=MONDAY - timedelta(days=5))
    registered(town, by=town.mei)
    client.force_login(town.lin)
    own = client.get(HOME).context["own_rows"]
    assert [row.case.first_contact_owner for row in own] == [town.lin, town.lin]
    assert own[0].case.number == overdue.number
    assert own[0].card == "red"
    assert "Wang" in own[1].who
    assert town.works.name in own[1].who
    assert own[1].card == ""


def test_a_matter_near_its_limit_is_marked_in_words(client: Client, town: Town) -> None:
    registered(town, now=MONDAY - 20 * HOUR)
    client.force_login(town.lin)
    assert [row.card for row in client.get(HOME).context["own_rows"]] == ["yellow"]


def test_every_figure_equals_the_list_behind_it(client: Client, town: Town) -> None:
    registered(town)
    answered(town)
    answered(town, now=MONDAY - timedelta(days=1))
    issued(town)
    issued(town, now=MONDAY - timedelta(days=30))
    registered(town, now=MONDAY - timedelta(days=6))
    client.force_login(town.lin)
    figures = client.get(HOME).context["figures"]
    assert [figure.count for figure in figures] == ["3", "1", "1", "2"]
    for figure in figures:
        assert client.get(figure.url).context["count"] == figure.count, figure.url


def test_all_of_what_waits_is_one_press_away(client: Client, town: Town) -> None:
    for _number in range(12):
        registered(town)
    registered(town, nature="complaint")
    client.force_login(town.lin)
    page = client.get(HOME)
    assert len(page.context["rows"]) == 8
    assert page.context["waiting_count"] == "13"
    assert client.get("/cases/?waits=desk").context["count"] == "13"


def test_the_greeting_tells_the_day_who_is_on_duty_and_until_when(client: Client, town: Town) -> None:
    on_shift(town.lin, town.north, MONDAY - HOUR)
    on_shift(town.mei, town.north, MONDAY - HOUR)
    client.force_login(town.lin)
    client.cookies["django_language"] = "en"
    page = client.get(HOME)
    assert page.context["greeting"] == "Good morning, Lin"
    words = page.context["today"]
    assert "working day" in words
    assert "on duty: you, Mei" in words
    assert words[-1].startswith("open until ")


def test_on_a_public_holiday_it_says_so(client: Client, town: Town, monday: Any) -> None:
    monday.move_to(MONDAY.replace(month=5, day=1))
    client.force_login(town.lin)
    client.cookies["django_language"] = "en"
    words = client.get(HOME).context["today"]
    assert "no working day" in words
    assert words[-2:] == ["nobody is on duty", "closed now"]


def test_the_latest_alerts_stand_beside(client: Client, town: Town) -> None:
    notify(recipients=[town.lin], key="one", level="red", text="Something is late", hall=town.north, now=MONDAY)
    client.force_login(town.lin)
    assert [alert.key for alert in client.get(HOME).context["alerts"]] == ["one"]


def test_an_empty_desk_says_what_will_appear(client: Client, town: Town) -> None:
    client.force_login(town.lin)
    client.cookies["django_language"] = "en"
    page = client.get(HOME).content.decode()
    assert "Nothing waits for the desk." in page


def test_thirty_matters_cost_no_more_queries_than_three(queries: Any, town: Town) -> None:
    def work(times: int) -> None:
        for _number in range(times):
            registered(town)
            reported(town)
            issued(town, town.waterworks)
            registered(town, identity="hidden")

    work(1)
    few = {staff: queries(staff, HOME) for staff in (town.lin, town.chen)}
    work(7)
    assert {staff: queries(staff, HOME) for staff in (town.lin, town.chen)} == few
    assert max(few.values()) <= 12
    assert CaseDeadline.objects.running().count() > 60
    assert Case.objects.count() == 32
