"""A complaint by whatever door: phone, letter, e-mail, suggestion box, handed down. One procedure, the same clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from complaints.models import Complaint
from reception.models import Channel
from tests.builders import Town
from tests.desk.contacts import contact, only_case, photo, press

RECEIVED = datetime(2026, 1, 5, 0, 15, tzinfo=UTC)
"""A quarter past eight by the hall's clock, written down later."""
DAY = timedelta(hours=24)


@pytest.mark.parametrize("channel", [door for door in Channel.values if door != Channel.WEB])
def test_every_door_lodges_the_complaint_and_starts_its_clocks(desk: Client, town: Town, channel: str) -> None:
    letter = SimpleUploadedFile("letter.jpg", photo(), content_type="image/jpeg")
    given = contact(
        town,
        nature="complaint",
        channel=channel,
        about="物业公司",
        received_at="2026-01-05T08:15",
        about_staff=[town.wang.pk],
        files=[letter],
    )
    response = press(desk, "register", given)
    assert response.status_code == 302, response.content.decode()
    case = only_case()
    complaint = Complaint.objects.get(case=case)
    assert (complaint.lodged_at, complaint.about) == (RECEIVED, "物业公司")
    # From when it was received; what the desk sat on meanwhile is not given back.
    assert case.deadlines.get(kind="confirm").due_at == RECEIVED + DAY
    assert case.deadlines.filter(kind="dispatch", outcome="").exists()
    assert case.bars(town.wang)
    assert [file.name for file in case.attachments.all()] == ["letter.jpg"]


def test_a_letter_without_a_name_is_lodged_and_waits_for_nobodys_confirmation(desk: Client, town: Town) -> None:
    nobody = dict.fromkeys(("name", "sex", "birth_date", "employer", "phone", "estate", "building", "unit", "room"), "")
    given = contact(town, nature="complaint", channel="letter", identity="anonymous", about="物业公司", **nobody)
    response = press(desk, "register", given)
    assert response.status_code == 302, response.content.decode()
    assert Complaint.objects.get().case.is_anonymous
    assert not only_case().deadlines.filter(kind="confirm").exists()
