"""Where the identity is hidden, its name stands nowhere a receptionist or a paper would carry it on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client, override_settings

from cases.actions.inform import inform
from cases.models import Case
from tests.builders import Town
from tests.followups.stories import drawn_signature
from tests.matters import MONDAY, reported


@pytest.fixture(autouse=True)
def _files_of_the_test_alone(tmp_path: Path) -> Iterator[None]:
    with override_settings(MEDIA_ROOT=tmp_path):
        yield


@pytest.fixture
def informed(town: Town) -> Case:
    """Wang Xiulan, whose identity is hidden, was told at the desk and signed on the tablet."""
    case = reported(town, identity="hidden")
    return inform(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=MONDAY + timedelta(hours=2),
        means="desk",
        text="屋顶已经修好。",
        signature=drawn_signature(),
        told_to="王秀兰",
    )


def test_who_was_told_is_left_out_of_the_record_for_who_may_not_know(client: Client, town: Town, informed: Case):
    for staff, knows in ((town.mei, False), (town.zhao, False), (town.wang, True), (town.chen, True)):
        client.force_login(staff)
        page = client.get(f"/cases/{informed.number}/").content.decode()
        assert "屋顶已经修好。" in page
        assert ("王秀兰" in page) is knows, staff.name


def test_the_signature_is_neither_shown_nor_given_to_who_may_not_know(client: Client, town: Town, informed: Case):
    signature = informed.attachments.get(kind="signature")
    address = f"/files/{signature.public_id}/"
    for staff, knows in ((town.mei, False), (town.zhao, False), (town.wang, True), (town.chen, True)):
        client.force_login(staff)
        assert (address in client.get(f"/cases/{informed.number}/").content.decode()) is knows, staff.name
        assert client.get(address).status_code == (200 if knows else 404), staff.name


def test_the_paper_for_the_department_never_names_them_whoever_prints_it(client: Client, town: Town, informed: Case):
    slip = informed.slips.get()
    for staff in (town.chen, town.wang, town.lin):
        client.force_login(staff)
        assert "王秀兰" not in client.get(f"/slips/{slip.pk}/print/").content.decode(), staff.name
