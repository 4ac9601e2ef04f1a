"""What the resident reads behind the QR of the receipt."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from cases.actions.decline import decline
from cases.models import Case
from tests.builders import Town
from tests.matters import MONDAY, a_resident, accepted, registered


def address(town: Town, case: Case) -> str:
    return reverse("portal:status", args=[town.north.code, case.tracking_code])


def test_an_anonymous_resident_reads_why_it_was_declined_and_where_to_go(client: Client, town: Town) -> None:
    case = registered(town, identity="anonymous", channel="web")
    page = client.get(address(town, case)).content.decode()
    assert "请到区人民法院立案庭" not in page
    decline(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=MONDAY,
        ground="court",
        advice="请到区人民法院立案庭办理。",
    )
    page = client.get(address(town, case)).content.decode()
    assert "请到区人民法院立案庭" in page
    assert "诉讼" in page


def test_digits_typed_in_full_width_are_the_same_digits(client: Client, town: Town) -> None:
    case = registered(town)
    assert case.title in client.post(address(town, case), {"digits": "６０２１"}).content.decode()


def test_the_receipt_promises_no_look_up_by_a_phone_nobody_gave(client: Client, town: Town) -> None:
    client.force_login(town.lin)
    for phone, promised in (("13805716021", True), ("", False)):
        case = accepted(town, resident=a_resident(town, phone=phone))
        page = client.get(f"/cases/{case.number}/receipt/").content.decode()
        assert ("后四位" in page) is promised
