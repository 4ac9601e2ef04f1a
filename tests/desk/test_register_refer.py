"""Registered, accepted and referred to the director in one press."""

from __future__ import annotations

from django.test import Client

from tests.builders import Town
from tests.desk.contacts import clock_outcomes, contact, nothing_is_written, only_case, press


def test_in_one_press_the_case_is_accepted_and_the_directors(desk: Client, town: Town) -> None:
    response = press(desk, "refer", contact(town, referral="房屋和物业都有份。"))
    assert response.status_code == 302, response.content.decode()
    case = only_case()
    assert (case.state, case.is_referred, case.responsible_staff) == ("accepted", True, town.chen)
    assert clock_outcomes(case) == {"dispatch": "", "promise": ""}


def test_without_a_reason_nothing_is_written(desk: Client, town: Town) -> None:
    response = press(desk, "refer", contact(town, referral=" "))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"referral"}
    assert nothing_is_written()
