from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cases.actions.bar import bar
from cases.models import Case, Part
from followups.models import Evaluation, FollowUpAttempt, RectificationNotice, UnevaluatedRound
from foundation.organization.models import Membership, Role, Staff
from tests.builders import Town, person
from tests.desk.matters import MONDAY, answered, informed, registered

pytestmark = pytest.mark.usefixtures("monday")

LIST = "/follow-ups/"
DAY = timedelta(days=1)
HAPPY = {"channel": "phone", "contacted": "yes", "solved": "yes", "satisfaction": "satisfied"}
UNHAPPY = {"channel": "phone", "contacted": "no", "solved": "no", "satisfaction": "dissatisfied"}


def page_of(case: Case) -> str:
    return f"/cases/{case.number}/attempt_follow_up/"


def send(client: Client, staff: Staff, case: Case, **data: Any) -> Any:
    client.force_login(staff)
    fresh = Case.objects.get(pk=case.pk)
    return client.post(
        page_of(case), {"transition_no": fresh.transition_no, "submission_key": str(uuid.uuid4()), **data}
    )


def listed(client: Client, staff: Staff) -> list[str]:
    client.force_login(staff)
    return [row["case"].number for row in client.get(LIST).context["rows"]]


def test_the_worklist_is_ordered_by_limit(client: Client, town: Town) -> None:
    later, first = informed(town), informed(town, now=MONDAY - 3 * DAY)
    assert listed(client, town.mei) == [first.number, later.number]


def test_nobody_is_asked_to_follow_up_what_they_handled(client: Client, town: Town) -> None:
    case = answered(town, by=town.lin)
    assert listed(client, town.lin) == []
    assert listed(client, town.mei) == [case.number]


def test_barred_and_other_halls_receptionists_find_nothing(client: Client, town: Town) -> None:
    case = informed(town)
    bar(case_id=case.pk, staff=town.mei, reason="投诉对象", actor=town.lin, now=MONDAY)
    assert listed(client, town.mei) == []
    assert listed(client, town.lu) == []
    client.force_login(town.mei)
    assert client.get(page_of(case)).status_code == 404
    assert send(client, town.lu, case, **HAPPY).status_code == 404
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize(("name", "status"), [("lin", 200), ("chen", 200), ("zhao", 200), ("feng", 200), ("tang", 200)])
def test_the_worklist_is_for_the_desk_and_who_stands_in(client: Client, town: Town, name: str, status: int) -> None:
    client.force_login(getattr(town, name))
    assert client.get(LIST).status_code == status


@pytest.mark.parametrize("name", ["wang", "gu", "he"])
def test_handlers_monitors_and_administrators_have_no_worklist(client: Client, town: Town, name: str) -> None:
    client.force_login(getattr(town, name))
    assert client.get(LIST).status_code == 403


def test_the_page_says_what_to_say_and_shows_the_phone_masked(client: Client, town: Town) -> None:
    case = informed(town)
    client.force_login(town.mei)
    client.cookies["django_language"] = "en"
    response = client.get(page_of(case))
    page = response.content.decode()
    assert "13805716021" not in page
    assert "138****6021" in page
    assert "Good day, this is Mei of 北苑社区居民接待厅." in page
    assert "已修好" in page


def test_who_handled_the_case_is_refused_in_clear_words(client: Client, town: Town) -> None:
    case = answered(town, by=town.lin)
    client.force_login(town.lin)
    client.cookies["django_language"] = "en"
    answer = client.get(page_of(case), follow=True)
    assert answer.redirect_chain == [(f"/cases/{case.number}/", 302)]
    assert "whoever handled a matter never does" in answer.content.decode()
    assert send(client, town.lin, case, **HAPPY).status_code == 403
    assert not Evaluation.objects.exists()


def test_a_department_does_not_follow_up_while_the_desk_can(client: Client, town: Town) -> None:
    case = informed(town)
    client.force_login(town.zhao)
    assert client.get(page_of(case))["Location"] == f"/cases/{case.number}/"
    assert send(client, town.zhao, case, **HAPPY).status_code == 403


def test_the_head_stands_in_where_no_receptionist_is_left(client: Client, town: Town) -> None:
    case = informed(town)
    Membership.objects.filter(role=Role.RECEPTIONIST, hall=town.north).update(ended_at=MONDAY)
    assert listed(client, town.zhao) == [case.number]
    assert send(client, town.zhao, case, **HAPPY).status_code == 302
    assert Evaluation.objects.get().stood_in == "head"


def test_a_satisfied_resident_archives_the_case(client: Client, town: Town) -> None:
    case = informed(town)
    answer = send(client, town.mei, case, **HAPPY)
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    assert Case.objects.get(pk=case.pk).state == "archived"
    said = Evaluation.objects.get()
    assert (said.is_contacted, said.solved, said.satisfaction, said.recorded_by) == (True, "yes", "satisfied", town.mei)


def test_a_dissatisfied_one_begins_a_new_round_and_the_page_leads_to_the_case(client: Client, town: Town) -> None:
    case = informed(town)
    answer = send(client, town.mei, case, **UNHAPPY, reasons="又漏了")
    assert answer["Location"] == f"/cases/{case.number}/"
    fresh = Case.objects.get(pk=case.pk)
    assert (fresh.state, fresh.round) == ("accepted", 2)
    assert Evaluation.objects.get().is_contacted is False
    assert RectificationNotice.objects.get().reasons == "又漏了"


def test_reasons_are_asked_for_and_what_was_typed_stays(client: Client, town: Town) -> None:
    case = informed(town)
    answer = send(client, town.mei, case, **UNHAPPY, remark="打了两次")
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"reasons"}
    assert "打了两次" in answer.content.decode()
    assert not Evaluation.objects.exists()


def test_every_question_must_be_asked(client: Client, town: Town) -> None:
    answer = send(client, town.mei, informed(town), channel="phone")
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"contacted", "solved", "satisfaction"}


def test_nobody_reached_is_one_press_and_the_case_stays_on_the_list(client: Client, town: Town) -> None:
    case = informed(town)
    assert send(client, town.mei, case, action="not_reached", remark="占线").status_code == 302
    attempt = FollowUpAttempt.objects.get()
    assert (attempt.means, attempt.is_reached, attempt.remark, attempt.by) == ("phone", False, "占线", town.mei)
    assert listed(client, town.mei) == [case.number]
    send(client, town.mei, case, action="not_at_home")
    assert FollowUpAttempt.objects.order_by("pk").last().means == "visit"  # type: ignore[union-attr]


def test_the_buttons_on_the_page_send_what_they_say(client: Client, town: Town) -> None:
    """Sent with exactly what the page holds, as a browser would."""
    case = informed(town)
    client.force_login(town.mei)
    page = client.get(page_of(case)).content.decode()
    form = next(part for part in page.split("<form")[1:] if 'value="not_reached"' in part)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', form))
    assert client.post(page_of(case), {**hidden, "action": "not_reached"}).status_code == 302
    assert FollowUpAttempt.objects.count() == 1
    assert client.post(page_of(case), {**hidden, "action": "not_reached"}).status_code == 409
    assert FollowUpAttempt.objects.count() == 1


def test_only_three_days_make_unreachable(client: Client, town: Town, monday: Any) -> None:
    case = informed(town)
    for day in range(3):
        monday.move_to(MONDAY + day * DAY)
        assert send(client, town.mei, case, action="unreachable").status_code == 422
        send(client, town.mei, case, action="not_reached")
    client.force_login(town.mei)
    assert client.get(page_of(case)).context["is_unreachable"]
    assert send(client, town.mei, case, action="unreachable").status_code == 302
    assert Case.objects.get(pk=case.pk).state == "archived"
    assert UnevaluatedRound.objects.get().because == "unreachable"


def test_the_row_tells_how_often_it_was_tried(client: Client, town: Town, monday: Any) -> None:
    case = informed(town)
    send(client, town.mei, case, action="not_reached")
    send(client, town.mei, case, action="not_reached")
    monday.move_to(MONDAY + DAY)
    send(client, town.mei, case, action="not_reached")
    [row] = client.get(LIST).context["rows"]
    assert (row["case"].attempts, row["case"].days_tried) == (3, 2)


def test_an_anonymous_matter_is_closed_by_who_has_looked_at_it(client: Client, town: Town) -> None:
    case = informed(town, identity="anonymous", channel="web")
    client.force_login(town.mei)
    assert 'name="satisfaction"' not in client.get(page_of(case)).content.decode()
    assert send(client, town.mei, case, action="anonymous").status_code == 302
    assert UnevaluatedRound.objects.get().because == "anonymous"


def test_a_known_resident_cannot_be_closed_as_anonymous(client: Client, town: Town) -> None:
    case = informed(town)
    assert send(client, town.mei, case, action="anonymous").status_code == 422
    assert Case.objects.get(pk=case.pk).state == "follow_up"


def test_a_hidden_identity_stays_hidden_on_both_pages(client: Client, town: Town) -> None:
    case = informed(town, identity="hidden")
    client.force_login(town.mei)
    for address in (LIST, page_of(case)):
        page = client.get(address).content.decode()
        assert "王秀兰" not in page
        assert "6021" not in page
    Part.objects.create(case=case, staff=town.mei, role="contact", started_at=MONDAY)
    assert "王秀兰" in client.get(LIST).content.decode()
    assert "138****6021" in client.get(page_of(case)).content.decode()


def test_a_case_that_does_not_wait_for_it_says_where_it_stands(client: Client, town: Town) -> None:
    case = registered(town)
    client.force_login(town.mei)
    answer = client.get(page_of(case))
    assert answer["Location"] == f"/cases/{case.number}/"


def test_the_case_page_leads_here(client: Client, town: Town) -> None:
    case = informed(town)
    client.force_login(town.mei)
    page = client.get(f"/cases/{case.number}/")
    assert page.context["next_verb"].name == "attempt_follow_up"
    assert f'href="{page_of(case)}"' in page.content.decode()


def test_thirty_follow_ups_cost_no_more_queries_than_three(queries: Any, town: Town) -> None:
    for _number in range(3):
        informed(town)
    few = {staff: queries(staff, LIST) for staff in (town.mei, town.chen, town.zhao)}
    for _number in range(9):
        informed(town)
        informed(town, identity="hidden")
        informed(town, identity="anonymous", channel="web")
    assert {staff: queries(staff, LIST) for staff in (town.mei, town.chen, town.zhao)} == few
    assert max(few.values()) <= 8


def test_an_empty_worklist_says_what_will_come(client: Client, town: Town) -> None:
    client.force_login(town.lin)
    client.cookies["django_language"] = "en"
    assert "Nobody waits for a call." in client.get(LIST).content.decode()


def test_long_worklists_go_on_page_by_page(client: Client, town: Town) -> None:
    for _number in range(27):
        informed(town)
    client.force_login(town.mei)
    first = client.get(LIST).context
    second = client.get(LIST + first["page"].older_url).context
    assert (first["count"], len(first["rows"]), len(second["rows"])) == ("27", 25, 2)


def test_somebody_with_every_role_who_is_barred_sees_no_count(client: Client, town: Town) -> None:
    ma = person("ma", Role.RECEPTIONIST, Role.DIRECTOR, Role.SUPERVISOR, hall=town.north)
    case = informed(town)
    bar(case_id=case.pk, staff=ma, reason="投诉对象", actor=town.lin, now=MONDAY)
    client.force_login(ma)
    assert client.get(LIST).context["count"] == "0"
