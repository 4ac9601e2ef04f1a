"""The bar leaves out what has no address, so its addresses must be there."""

from __future__ import annotations

import pytest
from django.test import override_settings
from django.urls import reverse

from tests.design.gallery import draw


@pytest.mark.parametrize(
    "name",
    [
        "home",
        "desk:hall_switch",
        "desk:shortcuts_switch",
        "desk:alert_list",
        "password_change",
        "logout",
        "set_language",
    ],
)
def test_address_of_the_bar_exists(name: str) -> None:
    with override_settings(ROOT_URLCONF="config.urls"):
        assert reverse(name).startswith("/")


def test_one_hall_needs_no_switch() -> None:
    switch = 'action="/hall/"'
    assert switch in draw("desk")
    assert switch not in draw("desk", halls=[])


@pytest.mark.parametrize(("language", "tag"), [("zh-hans", "zh-hans"), ("en", "en")])
def test_pages_say_their_language_and_offer_the_other_in_its_own_name(language: str, tag: str) -> None:
    for name in ("desk", "login", "track"):
        html = draw(name, language)
        assert f'<html lang="{tag}">' in html
        other = "English" if language == "zh-hans" else "简体中文"
        assert f">{other}</button>" in html


def test_unread_alerts_are_counted_in_words_for_who_cannot_see_the_badge() -> None:
    assert "3 unread" in draw("desk", "en")
    assert "unread" not in draw("desk", "en", unread_alerts=0)
