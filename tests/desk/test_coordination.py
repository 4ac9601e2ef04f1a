"""Coordination on the pages: what each of the five people sees, reads and can press."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from cases.models import Case, TransferSlip
from foundation.notifications.models import Alert
from foundation.organization.models import Staff
from tests import coordination_matters, matters
from tests.builders import Town
from tests.cases.coordination_steps import all_begun, done, hand_up, recall
from tests.cases.steps import fresh, give_back, report, transfer

pytestmark = pytest.mark.usefixtures("monday")


def page(client: Client, staff: Staff, address: str) -> str:
    client.force_login(staff)
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def send(client: Client, staff: Staff, row: Case | TransferSlip, verb: str, **data: Any) -> Any:
    client.force_login(staff)
    row = type(row).objects.get(pk=row.pk)
    at = f"/cases/{row.number}/{verb}/" if isinstance(row, Case) else f"/slips/{row.pk}/{verb}/"
    key = "00000000-0000-4000-8000-000000000001"
    return client.post(at, {"transition_no": row.transition_no, "submission_key": key, **data})


def test_lin_refers_and_chen_coordinates_with_a_word_to_one_department(client: Client, town: Town) -> None:
    case = matters.accepted(town)
    assert send(client, town.lin, case, "refer", reason="两家都有份。").status_code == 302
    assert f"/cases/{case.number}/coordinate/" in page(client, town.chen, f"/cases/{case.number}/")
    own = {f"for_{town.property.pk}": "请提供维修记录。"}
    sent = send(
        client, town.chen, case, "coordinate",
        lead=town.works.pk, assisting=[town.property.pk, town.waterworks.pk], instruction="联合查明。", **own,
    )  # fmt: skip
    assert sent.status_code == 302
    slips = case.slips.order_by("pk")
    assert [(slip.department, slip.kind) for slip in slips] == [
        (town.works, "lead"),
        (town.property, "assisting"),
        (town.waterworks, "assisting"),
    ]
    assert "请提供维修记录。" in slips[1].instruction


def test_a_word_to_a_department_that_was_not_chosen_is_pointed_out_and_kept(client: Client, town: Town) -> None:
    case = matters.referred(town)
    own = {f"for_{town.waterworks.pk}": "请关阀。"}
    sent = send(
        client, town.chen, case, "coordinate",
        lead=town.works.pk, assisting=[town.property.pk], instruction="联合查明。", **own,
    )  # fmt: skip
    assert sent.status_code == 422
    assert set(sent.context["form"].errors) == {f"for_{town.waterworks.pk}"}
    assert "请关阀。" in sent.content.decode()
    assert fresh(case).state == "accepted"


def test_without_assisting_departments_the_page_says_so_at_the_field(client: Client, town: Town) -> None:
    sent = send(client, town.chen, matters.referred(town), "coordinate", lead=town.works.pk, instruction="查明。")
    assert sent.status_code == 422
    assert set(sent.context["form"].errors) == {"assisting"}


def test_the_lead_reads_whom_it_waits_for_instead_of_a_button(client: Client, town: Town) -> None:
    lead, assisting = all_begun(town, matters.coordinated(town))
    html = page(client, town.wang, f"/cases/{lead.case.number}/")
    (row,) = [one for one in client.get(f"/cases/{lead.case.number}/").context["slips"] if one.slip.pk == lead.pk]
    assert row.waits_for == [town.property.name]
    assert f"/slips/{lead.pk}/report/" not in html
    assert f"/slips/{lead.pk}/record_plan/" in html
    report(assisting, town.sun, result="物业有维修记录。")
    html = page(client, town.wang, f"/slips/{lead.pk}/report/")
    assert "物业有维修记录。" in html


def test_the_inbox_shows_the_leg_and_until_when_the_plan_is_due(client: Client, town: Town) -> None:
    lead = coordination_matters.lead_signed(town)
    client.force_login(town.wang)
    (row,) = client.get("/inbox/").context["rows"]
    assert row.slip.pk == lead.pk
    assert row.plan_clock is not None
    assert row.plan_clock.kind == "plan"
    assert str(row.slip.get_kind_display()) in page(client, town.wang, "/inbox/")


def test_the_directors_home_has_what_waits_for_the_director(client: Client, town: Town) -> None:
    referred = matters.referred(town)
    asked = coordination_matters.asked_to_return(town, identity="anonymous")
    lead, assisting = matters.coordinated(town, identity="anonymous")
    done(assisting, town.zhou, town.sun)
    done(lead, town.zhao, town.wang)
    gone, _other = matters.coordinated(town, identity="anonymous")
    give_back(gone, town.zhao)
    client.force_login(town.chen)
    shown = {row.case.number: (row.verb.name, row.url) for row in client.get("/desk/").context["rows"]}
    assert {number: verb for number, (verb, _url) in shown.items()} == {
        referred.number: "coordinate",
        asked.case.number: "return_signed",
        lead.case.number: "inform",
        gone.case.number: "add_department",
    }
    for _verb, url in shown.values():
        assert client.get(url).status_code == 200
    client.force_login(town.lin)
    assert client.get("/desk/").context["rows"] == []


def test_chen_reads_why_a_department_asks_to_return_its_slip(client: Client, town: Town) -> None:
    slip = coordination_matters.asked_to_return(town)
    reason = "漏点在自来水公司的管道上。"
    for address in (f"/cases/{slip.case.number}/", f"/slips/{slip.pk}/return_signed/"):
        assert reason in page(client, town.chen, address)
    assert send(client, town.chen, slip, "return_signed").status_code == 302
    assert fresh(slip).state == "accepted"


@pytest.mark.parametrize("address", ["/cases/{number}/", "/cases/{number}/inform/", "/slips/{pk}/report/"])
def test_a_link_to_a_slip_that_is_gone_leads_to_the_inbox_with_a_word(client: Client, town: Town, address: str) -> None:
    slip = coordination_matters.recalled(town)
    client.force_login(town.wang)
    response = client.get(address.format(number=slip.case.number, pk=slip.pk), follow=True)
    assert response.redirect_chain[-1] == ("/inbox/", 302)
    assert slip.number in response.content.decode()


def test_what_was_typed_into_a_report_while_the_slip_was_recalled_leads_there_too(client: Client, town: Town) -> None:
    slip = matters.investigating(town)
    recall(slip, town.lin)
    sent = send(client, town.wang, slip, "report", result="查明。", remedy="修好。")
    assert (sent.status_code, sent["Location"]) == (302, "/inbox/")


def test_whoever_never_had_a_slip_of_it_still_finds_nothing(client: Client, town: Town) -> None:
    slip = coordination_matters.recalled(town)
    client.force_login(town.sun)
    assert client.get(f"/cases/{slip.case.number}/").status_code == 404


def test_an_alert_that_was_taken_back_opens_calmly_for_whom_it_concerned(client: Client, town: Town) -> None:
    slip = matters.transferred(town)
    alert = Alert.objects.get(recipient=town.qian)
    recall(slip, town.lin)
    client.force_login(town.qian)
    response = client.get(f"/alerts/{alert.pk}/open/", follow=True)
    assert response.status_code == 200
    assert response.redirect_chain == [("/alerts/", 302)]
    client.force_login(town.sun)
    assert client.get(f"/alerts/{alert.pk}/open/").status_code == 404


def test_what_mei_enters_from_paper_stands_in_the_record_under_both_names(client: Client, town: Town) -> None:
    slip = transfer(matters.accepted(town), town.lin, town.waterworks)
    client.force_login(town.mei)
    form = client.get(f"/slips/{slip.pk}/sign_in/").context["form"]
    assert set(form.fields) >= {"attachments"}
    assert "handler" not in form.fields
    assert send(client, town.mei, slip, "sign_in").status_code == 302
    client.get(f"/cases/{slip.case.number}/")
    (entry, *_older) = client.get(f"/cases/{slip.case.number}/").context["entries"]
    assert town.waterworks.name in entry.by
    assert town.mei.name in entry.by
    assert entry.by != f"{town.waterworks.name} {town.mei.name}"


def test_nobody_is_offered_the_street_office_for_a_transfer_but_the_director_hands_up(
    client: Client, town: Town
) -> None:
    case = matters.accepted(town)
    assert "街道办事处" not in page(client, town.lin, f"/cases/{case.number}/transfer/")
    assert "街道办事处" not in page(client, town.lin, "/register/")
    assert send(client, town.chen, case, "hand_up", instruction="请街道答复。").status_code == 302
    slip = case.slips.get()
    assert f"/slips/{slip.pk}/sign_in/" in page(client, town.tang, f"/cases/{case.number}/")


def test_the_street_office_reports_itself(client: Client, town: Town) -> None:
    slip = hand_up(matters.referred(town), town.chen)
    assert send(client, town.tang, slip, "sign_in").status_code == 302
    assert TransferSlip.objects.get(pk=slip.pk).state == "signed"


def test_the_page_of_a_coordinated_case_keeps_its_number_of_queries(client: Client, town: Town, queries: Any) -> None:
    lead, *_others = all_begun(town, matters.coordinated(town))
    address = f"/cases/{lead.case.number}/"
    counted = {person.username: queries(person, address) for person in (town.lin, town.wang, town.chen)}
    assert all(count <= 20 for count in counted.values()), counted
