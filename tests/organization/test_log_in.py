from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from foundation.organization.models import Role, Staff
from tests.builders import PASSWORD, Town, person

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def log_in(client: Client, username: str, password: str = PASSWORD, **fields: str):
    return client.post(reverse("login"), {"username": username, "password": password, **fields})


def is_logged_in(client: Client) -> bool:
    return client.get(reverse("session_state")).status_code == 204


def test_lin_logs_in_and_lands_on_the_start_page(client: Client, town: Town) -> None:
    response = log_in(client, "lin")
    assert response.status_code == 302
    assert response["Location"] == reverse("home")
    assert is_logged_in(client)


def test_a_wrong_password_is_said_at_the_form_and_the_name_is_kept(client: Client, town: Town) -> None:
    response = log_in(client, "lin", "wrong")
    assert response.status_code == 422
    assert 'value="lin"' in response.content.decode()
    assert not is_logged_in(client)


def test_a_closed_account_cannot_log_in(client: Client, town: Town) -> None:
    Staff.objects.filter(pk=town.lin.pk).update(is_active=False)
    assert log_in(client, "lin").status_code == 422


def test_closing_an_account_ends_its_open_log_in(client: Client, town: Town) -> None:
    log_in(client, "lin")
    Staff.objects.filter(pk=town.lin.pk).update(is_active=False)
    assert not is_logged_in(client)


def test_after_five_wrong_passwords_even_the_right_one_waits_a_quarter_of_an_hour(client: Client, town: Town) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        for _ in range(4):
            assert log_in(client, "lin", "wrong").status_code == 422
        assert log_in(client, "lin", "wrong").status_code == 429
        response = log_in(client, "lin")
        assert response.status_code == 429
        assert "15" in response.content.decode()
        assert log_in(Client(), "mei").status_code == 302
        clock.shift(16 * MINUTE)
        assert log_in(client, "lin").status_code == 302


def test_after_logging_in_one_is_where_one_wanted_to_be(client: Client, town: Town) -> None:
    wanted = reverse("desk:duty_list") + "?week=2026-03-02"
    answer = client.get(wanted)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("login") + "?")
    page = client.get(answer["Location"])
    assert f'value="{wanted}"' in page.content.decode()
    assert log_in(client, "lin", next=wanted)["Location"] == wanted


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
def test_the_log_in_leads_to_no_other_site(client: Client, town: Town, elsewhere: str) -> None:
    assert log_in(client, "lin", next=elsewhere)["Location"] == reverse("home")


def test_a_form_sent_without_a_session_comes_back_to_its_page_with_a_word_about_what_was_typed(
    client: Client, town: Town
) -> None:
    form_page = reverse("desk:duty_list") + "?week=2026-03-02"
    answer = client.post(
        reverse("desk:duty_add"), {"staff": town.lin.pk}, headers={"Referer": f"http://testserver{form_page}"}
    )
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    assert page.context["kept"]
    assert page.context["next"] == form_page


def test_a_form_from_another_site_comes_back_to_the_start_page(client: Client, db: None) -> None:
    answer = client.post(reverse("desk:duty_add"), headers={"Referer": "https://example.org/desk/"})
    assert client.get(answer["Location"]).context["next"] == reverse("home")


def test_a_part_of_a_page_asked_for_without_a_session_takes_the_whole_page_to_the_log_in(
    client: Client, db: None
) -> None:
    answer = client.get(
        reverse("desk:alert_list"),
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{reverse('desk:duty_list')}"},
    )
    assert answer.status_code == 200
    assert answer["HX-Redirect"].startswith(reverse("login"))


def test_half_an_hour_without_a_click_ends_the_log_in(client: Client, town: Town) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        log_in(client, "lin")
        clock.shift(29 * MINUTE)
        assert client.get(reverse("desk:duty_list")).status_code == 200
        clock.shift(29 * MINUTE)
        assert client.get(reverse("desk:duty_list")).status_code == 200
        clock.shift(31 * MINUTE)
        assert client.get(reverse("desk:duty_list")).status_code == 302
        assert client.get(reverse("login")).context["ended"]


def test_what_a_script_asks_by_itself_does_not_keep_the_log_in_alive(client: Client, town: Town) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        log_in(client, "lin")
        for _ in range(3):
            clock.shift(11 * MINUTE)
            client.get(reverse("session_state"))
            client.get(reverse("desk:duty_list"), headers={"X-Background": "1"})
        assert not is_logged_in(client)


def test_eight_hours_end_every_log_in(client: Client, town: Town) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        log_in(client, "lin")
        for _ in range(24):
            clock.shift(20 * MINUTE)
            assert client.get(reverse("desk:duty_list")).status_code == 200
        clock.shift(20 * MINUTE)
        assert client.get(reverse("desk:duty_list")).status_code == 302


def test_logging_out_takes_a_press_not_a_link(client: Client, town: Town) -> None:
    log_in(client, "lin")
    assert client.get(reverse("logout")).status_code == 405
    assert is_logged_in(client)
    assert client.post(reverse("logout")).status_code == 302
    assert not is_logged_in(client)


def test_a_new_password_logs_out_the_other_browsers_only(town: Town) -> None:
    here, there = Client(), Client()
    log_in(here, "lin")
    log_in(there, "lin")
    new = "heron-by-the-gate-8"
    answer = here.post(
        reverse("password_change"), {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )
    assert answer.status_code == 302
    assert is_logged_in(here)
    assert not is_logged_in(there)
    assert log_in(there, "lin", new).status_code == 302


def test_the_old_password_is_asked_for(client: Client, town: Town) -> None:
    log_in(client, "lin")
    new = "heron-by-the-gate-8"
    answer = client.post(
        reverse("password_change"), {"old_password": "guess", "new_password1": new, "new_password2": new}
    )
    assert answer.status_code == 422
    assert log_in(Client(), "lin").status_code == 302


def test_the_language_is_kept_with_the_account(client: Client, town: Town) -> None:
    log_in(client, "lin")
    client.post(reverse("set_language"), {"language": "en", "next": "/duty/"})
    assert "Duty roster" in client.get(reverse("desk:duty_list")).content.decode()
    elsewhere = Client()
    log_in(elsewhere, "lin")
    assert "Duty roster" in elsewhere.get(reverse("desk:duty_list")).content.decode()


def test_an_unknown_language_changes_nothing(client: Client, town: Town) -> None:
    log_in(client, "lin")
    client.post(reverse("set_language"), {"language": "xx", "next": "https://example.org/"})
    town.lin.refresh_from_db()
    assert town.lin.language == "zh-hans"


def test_a_person_with_roles_in_two_halls_works_in_one_at_a_time(client: Client, town: Town) -> None:
    deputy = person("ma", Role.RECEPTIONIST, hall=town.south)
    deputy.memberships.create(role=Role.DIRECTOR, hall=town.north)
    client.force_login(deputy)
    page = client.get(reverse("desk:duty_list"))
    assert page.context["request"].hall == town.north
    assert page.context["may_edit"]
    client.post(reverse("desk:hall_switch"), {"hall": town.south.pk})
    page = client.get(reverse("desk:duty_list"))
    assert page.context["request"].hall == town.south
    assert not page.context["may_edit"]


@pytest.mark.parametrize("forged", ["south", "-1", "", "x"])
def test_nobody_switches_to_a_hall_that_is_not_theirs(client: Client, town: Town, forged: str) -> None:
    client.force_login(town.lin)
    value = str(town.south.pk) if forged == "south" else forged
    assert client.post(reverse("desk:hall_switch"), {"hall": value}).status_code == 403
    assert client.get(reverse("desk:duty_list")).context["request"].hall == town.north


def test_a_hall_chosen_earlier_is_gone_when_the_role_in_it_has_ended(client: Client, town: Town) -> None:
    deputy = person("ma", Role.RECEPTIONIST, hall=town.north)
    there = deputy.memberships.create(role=Role.RECEPTIONIST, hall=town.south)
    client.force_login(deputy)
    client.post(reverse("desk:hall_switch"), {"hall": town.south.pk})
    there.ended_at = MORNING
    there.save()
    assert client.get(reverse("desk:duty_list")).context["request"].hall == town.north


def test_the_street_office_chooses_among_all_halls(client: Client, town: Town) -> None:
    client.force_login(town.tang)
    for hall in (town.south, town.north):
        assert client.post(reverse("desk:hall_switch"), {"hall": hall.pk}).status_code == 302
        assert client.get(reverse("desk:alert_list")).context["request"].hall == hall
