"""Declined at the desk: on a listed ground, with advice."""

from __future__ import annotations

from django.test import Client

from tests.builders import Town
from tests.desk.contacts import clock_outcomes, contact, nothing_is_written, only_case, press


def test_declined_on_a_ground_the_clock_for_telling_starts(desk: Client, town: Town) -> None:
    response = press(desk, "decline", contact(town, ground="court", advice="请到区法院立案庭"))
    assert response.status_code == 302, response.content.decode()
    case = only_case()
    assert (case.state, case.decline_ground) == ("declined", "court")
    assert clock_outcomes(case) == {"dispatch": "met", "decline_notice": ""}


def test_without_ground_and_advice_nothing_is_written(desk: Client, town: Town) -> None:
    response = press(desk, "decline", contact(town, advice=" "))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"ground", "advice"}
    assert nothing_is_written()


def test_a_ground_that_is_not_listed_is_refused(desk: Client, town: Town) -> None:
    response = press(desk, "decline", contact(town, ground="too_much_work", advice="改天再来"))
    assert set(response.context["form"].errors) == {"ground"}
    assert nothing_is_written()
