"""A contact about what is open already becomes its nth contact."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cases.models import Attachment, Case, CaseVisit
from foundation.notifications.models import Alert
from foundation.residents.models import Resident
from reception.models import Visit
from tests.builders import Town
from tests.desk.contacts import contact, only_case, photo, press


def opened(desk: Client, town: Town) -> Case:
    press(desk, "transfer", contact(town))
    Alert.objects.all().delete()
    return only_case()


NEIGHBOUR = {"name": "李大山", "phone": "13911112222", "sex": "male", "birth_date": "", "room": "601"}


def test_the_contact_is_kept_counted_and_told_to_the_handlers(desk: Client, town: Town) -> None:
    case = opened(desk, town)
    data = contact(town, **NEIGHBOUR, matter="我家也漏水", headcount="3", nature=None, category=None, urgency=None)
    response = press(desk, f"join-{case.pk}", data)
    assert response.status_code == 302, response.content.decode()
    assert response["Location"] == reverse("desk:case_detail", args=[case.number])
    case = only_case()
    assert list(CaseVisit.objects.filter(case=case).values_list("ordinal", "visit__matter"))[1] == (2, "我家也漏水")
    assert case.headcount == 3
    assert Resident.objects.count() == 2
    assert set(Alert.objects.values_list("recipient__username", flat=True)) == {"wang", "qian", "zhao"}


def test_files_go_along(desk: Client, town: Town) -> None:
    case = opened(desk, town)
    press(desk, f"join-{case.pk}", contact(town, **NEIGHBOUR, files=[SimpleUploadedFile("漏水.jpg", photo())]))
    assert Attachment.objects.get().case == case


def test_joining_twice_with_one_form_is_joining_once(desk: Client, town: Town) -> None:
    case = opened(desk, town)
    data = contact(town, **NEIGHBOUR)
    press(desk, f"join-{case.pk}", data)
    response = press(desk, f"join-{case.pk}", data)
    assert response["Location"] == reverse("desk:case_detail", args=[case.number])
    assert Visit.objects.count() == 2


def test_the_matter_is_needed_here_too(desk: Client, town: Town) -> None:
    case = opened(desk, town)
    response = press(desk, f"join-{case.pk}", contact(town, **NEIGHBOUR, matter=""))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"matter"}
    assert Visit.objects.count() == 1


def test_a_hidden_identity_is_never_put_under_somebody_elses_case(desk: Client, town: Town) -> None:
    case = opened(desk, town)
    response = press(desk, f"join-{case.pk}", contact(town, **NEIGHBOUR, identity="hidden"))
    assert set(response.context["form"].errors) == {"identity"}
    assert Visit.objects.count() == 1


def test_a_closed_case_is_not_joined(desk: Client, town: Town) -> None:
    press(desk, "decline", contact(town, ground="court", advice="请到法院"))
    case = only_case()
    response = press(desk, f"join-{case.pk}", contact(town, **NEIGHBOUR))
    assert response.status_code == 422
    assert Visit.objects.count() == 1


def test_a_case_of_another_hall_is_not_there(desk: Client, town: Town, client: Client) -> None:
    case = opened(desk, town)
    desk.force_login(town.lu)
    response = press(desk, f"join-{case.pk}", contact(town, **NEIGHBOUR))
    assert response.status_code == 422
    assert Visit.objects.count() == 1


def test_a_case_lin_is_barred_from_is_not_there_for_her(desk: Client, town: Town) -> None:
    desk.force_login(town.mei)
    press(desk, "register", contact(town, nature="complaint", about_staff=[town.lin.pk]))
    case = only_case()
    desk.force_login(town.lin)
    assert press(desk, f"join-{case.pk}", contact(town, **NEIGHBOUR)).status_code == 422
    assert press(desk, "join-x", contact(town, **NEIGHBOUR)).status_code == 422
    assert Visit.objects.count() == 1
