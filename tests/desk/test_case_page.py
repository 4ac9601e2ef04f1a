"""The case page, its papers and the resident's status page open in every stage."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions.return_slip import return_unsigned
from cases.actions.transfer import transfer
from cases.models import Case
from tests import matters
from tests.builders import Town, make_town


@pytest.fixture
def town(db: None) -> Town:
    return make_town()


STAGES = [
    matters.registered,
    matters.accepted,
    matters.transferred,
    matters.investigating,
    matters.reported,
    matters.informed,
]


@pytest.mark.parametrize("make", STAGES, ids=lambda make: make.__name__)
def test_the_receptionist_opens_a_case_in_each_stage(town: Town, client: Client, make):
    made = make(town)
    case: Case = made if isinstance(made, Case) else made.case
    client.force_login(town.lin)
    page = client.get(reverse("desk:case_detail", args=[case.number]))
    assert page.status_code == 200
    assert case.title in page.content.decode()
    assert "138****6021" in page.content.decode()
    receipt = client.get(reverse("desk:print_receipt", args=[case.number]))
    assert receipt.status_code == (200 if case.accepted_at else 404)
    for slip in case.slips.all():
        assert client.get(reverse("desk:print_slip", args=[slip.pk])).status_code == 200
    for clock in case.deadlines.all():
        assert client.get(reverse("desk:clock_detail", args=[clock.pk])).status_code == 200


def test_the_case_page_keeps_its_number_of_queries_however_long_the_story(
    town: Town, client: Client, django_assert_max_num_queries
):
    case = matters.informed(town)
    client.force_login(town.lin)
    address = reverse("desk:case_detail", args=[case.number])
    client.get(address)
    with django_assert_max_num_queries(16):
        client.get(address)


def test_the_resident_sees_how_far_it_is_with_code_and_digits_and_no_names(town: Town, client: Client):
    case = matters.reported(town)
    address = reverse("portal:status", args=[town.north.code, case.tracking_code.lower()])
    assert case.title not in client.get(address).content.decode()
    wrong = client.post(address, {"digits": "0000"})
    assert case.title not in wrong.content.decode()
    page = client.post(address, {"digits": "6021"}).content.decode()
    assert case.title in page
    for staff in (town.lin, town.wang):
        assert staff.name not in page


def test_a_department_prints_its_own_slip_and_is_not_offered_those_of_others(town: Town, client: Client):
    slip = matters.transferred(town)
    return_unsigned(
        slip_id=slip.pk, transition_no=slip.transition_no, actor=town.zhao, now=matters.MONDAY, reason="属物业管理。"
    )
    case = Case.objects.get(pk=slip.case_id)
    other = transfer(
        case_id=case.pk,
        transition_no=case.transition_no,
        actor=town.lin,
        now=matters.MONDAY,
        department=town.property,
        instruction="请处理。",
    )
    client.force_login(town.sun)
    page = client.get(reverse("desk:case_detail", args=[case.number])).content.decode()
    assert reverse("desk:print_slip", args=[other.pk]) in page
    assert reverse("desk:print_slip", args=[slip.pk]) not in page


def test_a_caller_answered_at_once_is_answered_by_phone(town: Town, client: Client):
    case = matters.accepted(town, channel="phone")
    client.force_login(town.lin)
    address = reverse("desk:case_verb", args=[case.number, "answer_on_the_spot"])
    form = client.get(address).context["form"]
    posted = client.post(
        address,
        {
            "transition_no": case.transition_no,
            "submission_key": str(form.initial["submission_key"]),
            "text": "请带身份证到一楼窗口办理。",
            "signature_kind": "none",
            "unsigned_reason": "电话答复",
        },
    )
    assert posted.status_code == 302
    assert case.answers.get().means == "phone"
