from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from cases.actions.bar import bar
from cases.models import Case, Part
from foundation.ledger.models import Entry
from foundation.ledger.verify import verify
from foundation.organization.models import Staff
from tests.builders import Town
from tests.desk.matters import MONDAY, issued, registered

pytestmark = pytest.mark.usefixtures("monday")

PHONE = "13805716021"


def reveal(client: Client, staff: Staff, case: Case, **changes: Any) -> Any:
    client.force_login(staff)
    headers = changes.pop("headers", {})
    return client.post(
        f"/cases/{case.number}/reveal/", {"field": "phone", "reason": "回访电话", **changes}, headers=headers
    )


def traces(case: Case) -> list[tuple[int | None, str]]:
    return [
        (entry.actor_id, entry.data["field"])
        for entry in Entry.objects.filter(chain=case.chain, kind="resident.revealed")
    ]


def test_receptionist_lin_sees_the_number_once_and_the_record_says_so(client: Client, town: Town) -> None:
    case = registered(town)
    answer = reveal(client, town.lin, case)
    assert answer.status_code == 200
    assert PHONE in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert traces(case) == [(town.lin.pk, "phone")]
    assert list(verify()) == []
    assert PHONE not in client.get(f"/cases/{case.number}/reveal/").content.decode()
    assert PHONE not in client.get(f"/cases/{case.number}/").content.decode()


def test_nothing_is_shown_without_a_reason_or_for_a_field_that_does_not_exist(client: Client, town: Town) -> None:
    case = registered(town)
    for data in ({"reason": ""}, {"reason": "   "}, {"field": "name"}, {"field": ""}):
        answer = reveal(client, town.lin, case, **data)
        assert answer.status_code == 422
        assert PHONE not in answer.content.decode()
    assert traces(case) == []


def test_what_was_never_recorded_is_said_to_be_missing(client: Client, town: Town) -> None:
    assert reveal(client, town.lin, registered(town), field="id_number").status_code == 422


def test_the_value_never_travels_in_an_address(client: Client, town: Town) -> None:
    case = registered(town)
    client.force_login(town.lin)
    page = client.get(f"/cases/{case.number}/reveal/?field=phone&reason=x")
    assert PHONE not in page.content.decode()
    assert traces(case) == []


def test_a_page_that_asks_by_htmx_gets_the_value_alone(client: Client, town: Town) -> None:
    answer = reveal(client, town.lin, registered(town), headers={"HX-Request": "true"})
    assert answer.content.decode().strip() == f'<b class="revealed">{PHONE}</b>'
    assert "no-store" in answer["Cache-Control"]


def test_handler_wang_may_for_a_case_of_his_department_only(client: Client, town: Town) -> None:
    mine, other, south = issued(town).case, issued(town, town.property).case, registered(town, hall=town.south)
    assert PHONE in reveal(client, town.wang, mine).content.decode()
    assert reveal(client, town.wang, other).status_code == 404
    assert reveal(client, town.wang, south).status_code == 404
    assert reveal(client, town.lin, south).status_code == 404
    assert (traces(other), traces(south)) == ([], [])


@pytest.mark.parametrize("name", ["feng", "tang"])
def test_supervisors_see_the_case_but_not_the_number(client: Client, town: Town, name: str) -> None:
    case = registered(town)
    assert reveal(client, getattr(town, name), case).status_code == 403
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert "/reveal/" not in page
    assert traces(case) == []


def test_a_hidden_identity_is_shown_to_director_and_named_contact_only(client: Client, town: Town) -> None:
    case = registered(town, identity="hidden")
    assert reveal(client, town.lin, case).status_code == 403
    assert PHONE in reveal(client, town.chen, case).content.decode()
    Part.objects.create(case=case, staff=town.lin, role="contact", started_at=MONDAY)
    assert PHONE in reveal(client, town.lin, case).content.decode()


def test_an_anonymous_case_has_nobody_to_show(client: Client, town: Town) -> None:
    assert reveal(client, town.lin, registered(town, identity="anonymous", channel="web")).status_code == 403


def test_a_barred_director_finds_no_such_page(client: Client, town: Town) -> None:
    case = registered(town, nature="complaint")
    bar(case_id=case.pk, staff=town.chen, reason="投诉对象", actor=town.lin, now=MONDAY)
    assert reveal(client, town.chen, case).status_code == 404
    assert traces(case) == []
