"""The feedback sheet carries the questions: for the resident, and never out of the hands of who handled the matter."""

from __future__ import annotations

from django.test import Client

from followups.models import EvaluationLink
from foundation.organization.models import Membership, Role, Staff
from tests.builders import Town
from tests.followups.stories import evaluated
from tests.followups.test_rectify import UNHAPPY, told_of_coordination
from tests.matters import informed, reported

TITLE = "QR code of the three questions"


def sheet(client: Client, town: Town, reader: Staff, number: str) -> str:
    client.force_login(Staff.objects.get(pk=reader.pk))
    client.cookies["django_language"] = "en"
    answer = client.get(f"/cases/{number}/papers/feedback/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_sheet_of_who_was_told_carries_the_questions(client: Client, town: Town) -> None:
    case = informed(town)
    assert TITLE in sheet(client, town, town.lin, case.number)
    assert TITLE in sheet(client, town, town.mei, case.number)
    assert EvaluationLink.objects.get().round == 1


def test_before_there_is_an_answer_nothing_is_asked(client: Client, town: Town) -> None:
    assert TITLE not in sheet(client, town, town.lin, reported(town).number)
    assert not EvaluationLink.objects.exists()


def test_who_handled_it_prints_the_sheet_without_them(client: Client, town: Town) -> None:
    case = informed(town)
    assert TITLE not in sheet(client, town, town.wang, case.number)
    Membership.objects.create(staff=town.wang, role=Role.RECEPTIONIST, hall=town.north)
    assert TITLE not in sheet(client, town, town.wang, case.number)


def test_once_archived_the_sheet_asks_no_more(client: Client, town: Town) -> None:
    case = evaluated(informed(town), actor=town.mei)
    assert TITLE not in sheet(client, town, town.lin, case.number)


def test_the_notice_names_who_assisted_and_they_may_read_it(client: Client, town: Town) -> None:
    case = evaluated(told_of_coordination(town, property_reports=True), actor=town.mei, **UNHAPPY)
    client.force_login(town.zhou)
    page = client.get(f"/notices/{case.number}-R1/print/")
    assert page.status_code == 200
    assert town.works.name in page.content.decode()
    assert town.property.name in page.content.decode()
