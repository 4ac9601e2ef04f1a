"""What was typed wrongly is told at its field; everything typed stays, and nothing is written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.residents.actions import register_resident
from foundation.residents.models import Resident
from reception.models import Visit
from tests.builders import Town
from tests.desk.contacts import contact, nothing_is_written, photo, press

TOMORROW = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%d")
WINDOWS_PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(4000)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "1380571abcd"),
        ("id_number", "330102195903021227"),
        ("id_number", "33010219590302"),
        ("birth_date", TOMORROW),
        ("birth_date", "1899-12-31"),
        ("email", "wang at home"),
        ("matter", "   "),
        ("name", ""),
        ("name", "13805716021"),
        ("headcount", "0"),
        ("headcount", "-2"),
        ("received_at", f"{TOMORROW}T09:00"),
        ("channel", "pigeon"),
        ("nature", "gossip"),
        ("nature", None),
        ("urgency", "at once"),
        ("category", ""),
        ("category", "999999999999999999999"),
        ("identity", "somebody"),
        ("sex", "x"),
        ("building", "3" * 41),
    ],
)
def test_it_is_told_at_its_field(desk: Client, town: Town, field: str, value: str | None) -> None:
    response = press(desk, "transfer", contact(town, employer="纺织厂", **{field: value}))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    page = response.content.decode()
    # Everything else stands where it was typed.
    for kept in ("纺织厂", "桂花苑", "501"):
        assert f'value="{kept}"' in page
    if value and value.strip() and field not in ("channel", "nature", "urgency", "identity", "sex", "category"):
        assert f'value="{value}"' in page
    assert nothing_is_written()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("屋顶.jpg", b"\xff\xd8\xff" + bytes(20 * 1024 * 1024)),
        ("照片.jpg", WINDOWS_PROGRAM),
        ("空.pdf", b""),
        ("断.jpg", photo(400)[:300]),
    ],
)
def test_a_file_that_cannot_be_kept_is_told_by_its_name(desk: Client, town: Town, name: str, content: bytes) -> None:
    response = press(desk, "register", contact(town, files=SimpleUploadedFile(name, content)))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["files"]
    assert name in response.content.decode()
    assert nothing_is_written()


def test_ten_files_are_too_many(desk: Client, town: Town) -> None:
    files = [SimpleUploadedFile(f"{number}.jpg", photo(20 + number)) for number in range(10)]
    response = press(desk, "register", contact(town, files=files))
    assert response.status_code in (400, 422)
    assert nothing_is_written()


def test_a_press_that_is_no_button_registers_nothing(desk: Client, town: Town) -> None:
    for button in ("", "explode", "join"):
        assert press(desk, button, contact(town)).status_code == 422
    assert nothing_is_written()


def test_a_form_without_its_key_registers_nothing(desk: Client, town: Town) -> None:
    assert press(desk, "register", contact(town, submission_key=None)).status_code == 422
    assert nothing_is_written()


def test_what_an_action_refuses_is_told_and_the_resident_is_not_kept_either(desk: Client, town: Town) -> None:
    given: dict[str, Any] = {"text": "三天内派人", "signature_kind": "paper", "satisfaction": "satisfied"}
    response = press(desk, "answer", contact(town, **given))
    assert list(response.context["form"].errors) == ["solved"]
    assert "三天内派人" in response.content.decode()
    assert nothing_is_written()


def test_a_resident_of_another_hall_cannot_be_chosen(desk: Client, town: Town) -> None:
    now = timezone.now()
    other = register_resident(hall=town.south, actor=town.lu, now=now, name="王秀兰", phone="13805716021")
    response = press(desk, "register", contact(town, resident=other.pk, employer="改了"))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["name"]
    assert Resident.objects.get().employer == ""
    assert not Visit.objects.exists()
    looked = desk.post(reverse("desk:register_residents"), {"resident": other.pk, "pick": "1"})
    assert looked.status_code == 404


def test_an_error_in_a_folded_section_opens_it(desk: Client, town: Town) -> None:
    page = press(desk, "register", contact(town, id_number="123")).content.decode()
    assert '<details class="further" open' in page


def test_the_section_that_was_sent_stays_open(desk: Client, town: Town) -> None:
    page = press(desk, "answer", contact(town, text="", signature_kind="paper")).content.decode()
    assert 'data-section="answer" data-open' in page
    assert 'data-section="decline" data-open' not in page
