"""Only registering, and accepting: the contact is written down as it was told."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cases.models import Attachment, Case
from complaints.models import Complaint
from foundation.residents.actions import register_resident
from foundation.residents.models import Resident
from reception.models import Channel, Visit
from tests.builders import Town
from tests.desk.contacts import clock_outcomes, contact, only_case, photo, press

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_the_contact_is_written_down_with_every_field_of_the_form(desk: Client, town: Town) -> None:
    data = contact(
        town,
        id_number="330102195903021222",
        grid="7",
        address_note="东门进",
        email="wang@example.org",
        headcount="4",
        received_at="2026-01-05T09:30",
        is_verified="on",
    )
    response = press(desk, "register", data)
    case = only_case()
    assert response.status_code == 302, response.content.decode()
    assert response["Location"] == reverse("desk:case_detail", args=[case.number])
    assert (case.state, case.nature, case.urgency, case.headcount) == ("registered", "request", "normal", 4)
    assert case.first_contact_owner == town.lin
    assert set(clock_outcomes(case)) == {"dispatch"}
    visit = Visit.objects.get()
    assert (visit.channel, visit.is_verified, visit.registered_by) == ("walk_in", True, town.lin)
    # Half past nine by the hall's clock, which is Shanghai's.
    assert visit.received_at == datetime(2026, 1, 5, 1, 30, tzinfo=UTC)
    resident = Resident.objects.get()
    assert case.resident == visit.resident == resident
    assert (resident.name, resident.sex, resident.birth_date) == ("王秀兰", "female", date(1959, 3, 2))
    assert (resident.estate, resident.building, resident.unit, resident.room, resident.grid) == (
        "桂花苑",
        "3",
        "2",
        "501",
        "7",
    )
    assert (resident.employer, resident.address_note, resident.email) == ("退休", "东门进", "wang@example.org")
    assert (resident.masked_phone, resident.masked_id_number) == ("138****6021", "3301************22")


@pytest.mark.parametrize("channel", [value for value in Channel.values if value != "web"])
def test_every_door_but_the_public_form_is_offered_and_kept(desk: Client, town: Town, channel: str) -> None:
    press(desk, "register", contact(town, channel=channel))
    assert only_case().channel == channel


def test_the_web_is_the_public_forms_door(desk: Client, town: Town) -> None:
    assert press(desk, "register", contact(town, channel="web")).status_code == 422
    assert not Case.objects.exists()


def test_a_matter_handed_down_keeps_the_number_and_the_date_from_above(desk: Client, town: Town) -> None:
    data = contact(town, channel="handed_down", outside_number="12345-20260301-7", outside_due_at="2037-03-02T17:00")
    press(desk, "accept", data)
    case = only_case()
    assert case.outside_number == "12345-20260301-7"
    assert case.promise_due_at == datetime(2037, 3, 2, 9, tzinfo=UTC)


def test_accepting_starts_the_promise_and_offers_the_receipt(desk: Client, town: Town) -> None:
    response = desk.post(reverse("desk:register"), contact(town, do="accept"), follow=True)
    case = only_case()
    assert case.state == "accepted"
    assert clock_outcomes(case) == {"dispatch": "", "promise": ""}
    assert f'<a href="{reverse("desk:print_receipt", args=[case.number])}">' in response.content.decode()
    # The draft in the browser goes by this.
    assert "data-draft-done" in response.content.decode()


def test_what_is_only_registered_has_no_receipt_yet(desk: Client, town: Town) -> None:
    response = desk.post(reverse("desk:register"), contact(town, do="register"), follow=True)
    assert reverse("desk:print_receipt", args=[only_case().number]) not in response.content.decode()


def test_files_are_filed_with_the_case(desk: Client, town: Town) -> None:
    data = contact(town, files=[SimpleUploadedFile("墙面.jpg", photo()), SimpleUploadedFile("屋顶.jpg", photo(50))])
    press(desk, "register", data)
    assert sorted(Attachment.objects.values_list("name", "kind")) == [
        ("墙面.jpg", "resident"),
        ("屋顶.jpg", "resident"),
    ]


def test_an_anonymous_contact_has_no_resident(desk: Client, town: Town) -> None:
    nobody = dict.fromkeys(
        ["name", "sex", "birth_date", "phone", "estate", "building", "unit", "room", "employer"], None
    )
    press(desk, "register", contact(town, identity="anonymous", **nobody))
    assert only_case().resident is None
    assert not Resident.objects.exists()


def test_anonymous_with_a_name_is_asked_about_instead_of_losing_the_name(desk: Client, town: Town) -> None:
    response = press(desk, "register", contact(town, identity="anonymous"))
    assert response.status_code == 422
    assert "王秀兰" in response.content.decode()
    assert not Case.objects.exists()


def test_whom_a_complaint_is_about_never_sees_it(desk: Client, town: Town, client: Client) -> None:
    data = contact(town, nature="complaint", about_staff=[town.wang.pk, town.zhao.pk], about="态度差", is_verified="on")
    press(desk, "accept", data)
    case = only_case()
    assert case.barred_ids == {town.wang.pk, town.zhao.pk}
    complaint = Complaint.objects.get()
    assert (complaint.about, complaint.case) == ("态度差", case)
    # Read back at the desk: confirmed with the complainant.
    assert complaint.confirmed_by == town.lin
    assert clock_outcomes(case) == {"dispatch": "", "confirm": "met", "promise": ""}


def test_a_complaint_without_words_of_its_own_is_about_the_matter(desk: Client, town: Town) -> None:
    press(desk, "register", contact(town, nature="complaint"))
    assert Complaint.objects.get().about == "楼顶漏水，卧室墙面大片发霉，已经跟物业说过两次。"
    assert clock_outcomes(only_case()) == {"dispatch": "", "confirm": ""}


def test_a_complaint_about_lin_is_registered_by_a_colleague(desk: Client, town: Town) -> None:
    response = press(desk, "register", contact(town, nature="complaint", about_staff=[town.lin.pk]))
    assert response.status_code == 422
    assert "about_staff" in response.context["form"].errors
    assert not Case.objects.exists()


def test_a_request_bars_nobody_even_if_somebody_was_ticked_before(desk: Client, town: Town) -> None:
    press(desk, "register", contact(town, about_staff=[town.wang.pk]))
    assert only_case().barred_ids == set()


def test_a_chosen_resident_stays_who_they_are_and_only_what_changed_is_changed(desk: Client, town: Town) -> None:
    wang = register_resident(
        hall=town.north,
        actor=town.lin,
        now=NOW,
        name="王秀兰",
        phone="13805716021",
        estate="桂花苑",
        room="501",
        employer="纺织厂",
    )
    data = contact(town, resident=wang.pk, phone="", unit="", room="", building="", estate="桂花苑", employer="退休")
    press(desk, "register", data)
    wang = Resident.objects.get()
    assert only_case().resident == wang
    assert (wang.employer, wang.room, wang.masked_phone) == ("退休", "501", "138****6021")


def test_a_changed_name_is_asked_about_before_a_resident_is_renamed(desk: Client, town: Town) -> None:
    wang = register_resident(hall=town.north, actor=town.lin, now=NOW, name="王秀蓝", phone="13805716021")
    data = contact(town, resident=wang.pk)
    response = press(desk, "register", data)
    assert response.status_code == 422
    assert "is_renamed" in response.content.decode()
    assert Resident.objects.get().name == "王秀蓝"
    press(desk, "register", data | {"is_renamed": "on"})
    assert Resident.objects.get().name == "王秀兰"
    assert only_case().resident_id == wang.pk


def test_the_same_name_with_the_same_phone_is_the_same_resident(desk: Client, town: Town) -> None:
    press(desk, "register", contact(town))
    press(desk, "register", contact(town, phone="138 0571 6021", matter="又漏了"))
    assert Resident.objects.count() == 1
    assert Case.objects.count() == 2


def test_a_namesake_with_another_phone_is_somebody_else(desk: Client, town: Town) -> None:
    press(desk, "register", contact(town))
    press(desk, "register", contact(town, phone="13900001111"))
    assert Resident.objects.count() == 2


def test_two_at_one_telephone_with_one_name_but_two_id_numbers_are_two(desk: Client, town: Town) -> None:
    press(desk, "register", contact(town, id_number="330102195903021222"))
    press(desk, "register", contact(town, id_number="11010519491231002X", birth_date=None))
    assert Resident.objects.count() == 2


def test_sent_twice_it_is_one_contact_and_leads_to_its_case(desk: Client, town: Town) -> None:
    data = contact(town)
    press(desk, "register", data)
    response = desk.post(reverse("desk:register"), data | {"do": "register"}, follow=True)
    case = only_case()
    assert response.redirect_chain[0][0] == reverse("desk:case_detail", args=[case.number])
    assert Visit.objects.count() == Resident.objects.count() == 1
    assert "data-draft-done" in response.content.decode()


def test_another_matter_on_a_page_gone_back_to_is_not_swallowed(desk: Client, town: Town) -> None:
    data = contact(town)
    press(desk, "register", data)
    response = press(desk, "register", data | {"matter": "路灯不亮"})
    assert response.status_code == 422
    assert Case.objects.count() == 1
    key = response.context["form"]["submission_key"].value()
    assert key != data["submission_key"]
    assert "路灯不亮" in response.content.decode()
    press(desk, "register", data | {"matter": "路灯不亮", "submission_key": key})
    assert Case.objects.count() == 2


def test_htmx_is_told_to_go_to_the_case(desk: Client, town: Town) -> None:
    response = press(desk, "register", contact(town), htmx=True)
    assert response.status_code == 200
    assert response["HX-Redirect"] == reverse("desk:case_detail", args=[only_case().number])
